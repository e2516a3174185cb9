// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/order/concept.hpp>

namespace lepton::order {

/// First come, first served: all tasks are equal, so the order of submission decides.
struct fcfs {
  template <class Task>
  [[nodiscard]] constexpr auto before(const queued<Task>&, const queued<Task>&) const noexcept
      -> bool {
    return false;
  }
};

}  // namespace lepton::order
