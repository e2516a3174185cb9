// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// Priority classes: the task of the highest priority is next, within a class first come, first
/// served. A fixed order; low classes starve while there is work of higher ones (see `ageing`).
///
/// @tparam Class  `cls(task)`: its class, anything totally ordered; the task's `priority` by
/// default
template <class Class = by_priority>
class fixed_priority {
 public:
  fixed_priority() = default;
  constexpr explicit fixed_priority(Class cls) : class_(std::move(cls)) {}

  template <class Task>
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const {
    return lepton::detail::descending{class_(q.what)};
  }
  template <class Task>
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return class_(b.what) < class_(a.what);
  }

 private:
  Class class_{};
};

}  // namespace lepton::order
