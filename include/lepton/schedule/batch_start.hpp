// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/fwd.hpp>

namespace lepton::schedule {

/// A scheduling pass starts a task now.
struct batch_start {
  task_id id = 0;
  bool backfilled =
      false;  ///< it starts while one that comes before it in the order goes on waiting

  friend auto operator==(const batch_start&, const batch_start&) -> bool = default;
};

}  // namespace lepton::schedule
