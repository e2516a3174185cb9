// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/order/concept.hpp>

namespace lepton::schedule {

/// First come, first served: the order of a batch scheduler that is given none.
struct submission_order {
  template <class Task>
  [[nodiscard]] constexpr auto before(const order::queued<Task>&,
                                      const order::queued<Task>&) const noexcept -> bool {
    return false;
  }
};

}  // namespace lepton::schedule
