// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/order/concept.hpp>

namespace lepton::order {

/// Last come, first served: the task that was submitted last is next. A fixed order.
struct lifo {
  template <class Task>
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const noexcept -> std::uint64_t {
    return ~q.sequence;
  }
  template <class Task>
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const noexcept
      -> bool {
    return key(a) < key(b);
  }
};

}  // namespace lepton::order
