// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/detail/saturate.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// Least laxity first (Mok 1983): the task that can wait least long and still be done in time,
///
///     laxity = deadline − now − run time.
///
/// Of tasks that wait, all laxities shrink alike, so time cancels: this is the fixed order by the
/// latest moment to start, deadline − run time. A task without a deadline is last; one that does
/// not say how long it runs (`duration::max()`) counts as if it took no time.
///
/// @tparam RunTime  `run(task)`: a duration; the task's own estimate by default
template <class RunTime = by_estimate>
class least_laxity {
 public:
  least_laxity() = default;
  constexpr explicit least_laxity(RunTime run) : run_(std::move(run)) {}

  /// The latest moment to start.
  template <class Task>
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const -> time_point {
    static_assert(has_deadline<Task>,
                  "lepton: least_laxity needs the tasks' deadlines: give the task a member "
                  "`deadline` (a time_point) or specialise lepton::adapt");
    const auto deadline = deadline_of(q.what);
    const duration run = run_(q.what);
    if (deadline == time_point::max() || run == duration::max()) return deadline;
    return at(duration{
        lepton::detail::subtract_saturating(deadline.time_since_epoch().count(), run.count())});
  }
  template <class Task>
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return key(a) < key(b);
  }

 private:
  RunTime run_{};
};

}  // namespace lepton::order
