// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>

#include <lepton/detail/wide_integer.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::order {

/// A priority that grows or falls evenly: at moment t it is level + slope · t, with t in
/// nanoseconds since the epoch, in a unit of the policy's choice.
struct priority_line {
  lepton::detail::wide_integer level{};
  std::int64_t slope = 0;
  time_point until = time_point::max();  ///< it holds before that moment

  [[nodiscard]] constexpr auto at(time_point t) const noexcept -> lepton::detail::wide_integer {
    return level + lepton::detail::wide_integer::product(slope, t.time_since_epoch().count());
  }
};

/// A timed ordering by a priority that is a piecewise linear function of time, with few different
/// slopes among the tasks.
///
/// 1. `o.line(q, now)` is the task's line from `now` on, up to its `until`, which is after `now`;
///    it changes at no other time but by `rekey`.
/// 2. The task of the largest value is next: what `o.rank` says, too.
/// 3. Or, if `o.ceiling(value)` exists, the lines are only near the priorities: of tasks whose line
///    is at most at `value`, `o.priority(q, now)` is at most that. `o.rank` decides. (For
///    priorities that are rounded.)
/// 4. It does not ask to be told of what starts.
template <class O, class Task>
concept linear_ordering = timed_ordering<O, Task> &&
    requires(const O& o, const queued<Task>& q, time_point now) {
  { o.line(q, now) } -> std::same_as<priority_line>;
} && !requires(O & o, const queued<Task>& q, time_point now) {
  o.started(q, now);
};

}  // namespace lepton::order
