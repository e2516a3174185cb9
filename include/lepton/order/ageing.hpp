// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/detail/descending.hpp>
#include <lepton/detail/saturate.hpp>
#include <lepton/detail/wide_integer.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/linear_ordering.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// A priority that grows with the wait, so that no task starves: the task with the largest
///
///     priority + min(wait, longest) / period
///
/// is next: one class up for each `period` waited, at most longest / period of them. Exact: the sum
/// is kept in units of 1 / period nanoseconds, so parts of a class count. A linear ordering of two
/// slopes. Without a `longest` time cancels, as all grow alike; then no task is ever overtaken by
/// those that come more than (difference of priorities · period) after it.
///
/// @tparam Priority  `priority(task)`: an integer; the task's `priority` by default
template <class Priority = by_priority>
class ageing {
 public:
  constexpr explicit ageing(duration period, duration longest = duration::max(),
                            Priority priority = {})
      : priority_(std::move(priority)), period_(period), longest_(longest) {
    LEPTON_ASSERT(period > duration::zero(), "ageing: the period must be longer than nothing");
    LEPTON_ASSERT(longest >= duration::zero(), "ageing: the longest wait must not be negative");
  }

  /// In units of 1 / period nanoseconds.
  template <class Task>
  [[nodiscard]] constexpr auto priority(const queued<Task>& q, time_point now) const
      -> lepton::detail::wide_integer {
    if (now <= q.submitted) return base(q);
    const auto wait = wide_time(now) - wide_time(q.submitted);
    return base(q) + (is_endless() || wait < longest_.count() ? wait : longest_.count());
  }
  template <class Task>
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return lepton::detail::descending{priority(q, now)};
  }
  template <class Task>
  [[nodiscard]] constexpr auto line(const queued<Task>& q, time_point now) const -> priority_line {
    if (now < q.submitted) return {base(q), 0, q.submitted};
    const auto since = q.submitted.time_since_epoch().count();
    const priority_line growing{base(q) - since, 1, time_point::max()};
    if (is_endless()) return growing;
    const auto ripe = at(duration{lepton::detail::add_saturating(since, longest_.count())});
    if (now >= ripe) return {base(q) + longest_.count(), 0, time_point::max()};
    return {growing.level, growing.slope, ripe};
  }

 private:
  template <class Task>
  [[nodiscard]] constexpr auto base(const queued<Task>& q) const -> lepton::detail::wide_integer {
    return lepton::detail::wide_integer::product(priority_(q.what), period_.count());
  }

  [[nodiscard]] static constexpr auto wide_time(time_point t) noexcept
      -> lepton::detail::wide_integer {
    return t.time_since_epoch().count();
  }
  [[nodiscard]] constexpr auto is_endless() const noexcept -> bool {
    return longest_ == duration::max();
  }

  Priority priority_;
  duration period_;
  duration longest_;
};

explicit ageing(duration)->ageing<>;
ageing(duration, duration)->ageing<>;

}  // namespace lepton::order
