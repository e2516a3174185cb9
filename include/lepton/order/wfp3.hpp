// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>
#include <lepton/order/waited.hpp>

namespace lepton::order {

/// WFP3 (Tang, Lan, Desai and Buettner, Fault-aware, utility-based job scheduling on Blue Gene/P
/// systems, 2009; Argonne's Cobalt): the task with the largest
///
///     (wait / estimate)³ · size
///
/// is next: large tasks, and those that have waited long for how long they run. Timed. An estimate
/// of nothing counts as one nanosecond.
///
/// @tparam Size  `size(task)`: a number, e.g. of processors; the first dimension by default
template <class Size = by_request>
class wfp3 {
 public:
  wfp3() = default;
  constexpr explicit wfp3(Size size) : size_(std::move(size)) {}

  template <class Task>
  [[nodiscard]] constexpr auto priority(const queued<Task>& q, time_point now) const -> double {
    const auto run = std::max(by_estimate{}(q.what), duration{1});
    const double x = static_cast<double>(waited(q, now).count()) / static_cast<double>(run.count());
    return x * x * x * static_cast<double>(size_(q.what));
  }
  template <class Task>
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return lepton::detail::descending{priority(q, now)};
  }

 private:
  Size size_{};
};

}  // namespace lepton::order
