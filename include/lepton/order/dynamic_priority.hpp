// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/linear_ordering.hpp>

namespace lepton::order {

/// A priority that changes while a task waits: an object with `priority(q, now)`, or a callable of
/// the same; the larger, the earlier.
template <class P, class Task>
concept priority_function = requires(const P& p, const queued<Task>& q, time_point now) {
  { p.priority(q, now) } -> std::totally_ordered;
}
|| requires(const P& p, const queued<Task>& q, time_point now) {
  { p(q, now) } -> std::totally_ordered;
};

/// Dynamic priority in general: the task of the largest priority is next, whatever the priority is
/// made of. `dynamic_priority{ageing{5min}}`, `dynamic_priority{[](const auto& q, auto now)
/// {...}}`. Timed: all priorities are computed anew for each pass; linear if the priority says so.
template <class Priority>
class dynamic_priority {
 public:
  dynamic_priority() = default;
  constexpr explicit dynamic_priority(Priority priority) : priority_(std::move(priority)) {}

  template <class Task>
    requires priority_function<Priority, Task>
  [[nodiscard]] constexpr auto priority(const order::queued<Task>& q, time_point now) const {
    if constexpr (requires { priority_.priority(q, now); }) {
      return priority_.priority(q, now);
    } else {
      return priority_(q, now);
    }
  }
  template <class Task>
    requires priority_function<Priority, Task>
  [[nodiscard]] constexpr auto rank(const order::queued<Task>& q, time_point now) const {
    return lepton::detail::descending{priority(q, now)};
  }

  template <class Task>
    requires linear_ordering<Priority, Task>
  [[nodiscard]] constexpr auto line(const order::queued<Task>& q, time_point now) const
      -> priority_line {
    return priority_.line(q, now);
  }
  template <class Value>
    requires requires(const Priority& p, Value v) { p.ceiling(v); }
  [[nodiscard]] constexpr auto ceiling(Value value) const { return priority_.ceiling(value); }
  static constexpr bool by_tenant = requires { requires Priority::by_tenant; };

  template <class Task>
    requires requires(Priority& p, const order::queued<Task>& q, time_point now) {
      p.queued(q, now);
    }
  constexpr void queued(const order::queued<Task>& q, time_point now) { priority_.queued(q, now); }
  template <class Task>
    requires requires(Priority& p, const order::queued<Task>& q, time_point now) {
      p.started(q, now);
    }
  constexpr void started(const order::queued<Task>& q, time_point now) {
    priority_.started(q, now);
  }
  template <class Task>
    requires requires(Priority& p, const order::queued<Task>& q, time_point now) {
      p.ended(q, now);
    }
  constexpr void ended(const order::queued<Task>& q, time_point now) { priority_.ended(q, now); }

 private:
  Priority priority_{};
};

}  // namespace lepton::order
