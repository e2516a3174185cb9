// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::schedule {

/// How the plan of a `conservative_scheduler` follows what happens.
enum class plan_upkeep : std::uint8_t {
  /// What is given back is offered by planned start; promised starts hold (Mu'alem and Feitelson
  /// 2001).
  compress_by_start,
  /// What is given back is offered in the order of the queue; promised starts hold. With the order
  /// of submission this is how the simulator pyss does it; with other orders it favours what comes
  /// first in them (Lindsay, Galloway-Carson, Johnson, Bunde, Leung, "Backfilling with guarantees
  /// granted upon job submission", 2011).
  compress_by_order,
  /// The plan is made anew in the order of the queue at each pass in which something may have
  /// changed: a later task may delay an earlier one if the order says so, and starts are forecasts,
  /// not promises. (In advance reservations they are promises still, kept as by
  /// `compress_by_order`.)
  replan
};

}  // namespace lepton::schedule
