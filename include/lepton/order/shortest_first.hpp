// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// The task with the least of a measure is next: shortest job first by the tasks' own estimates
/// (the default), by a predicted run time, smallest first by what they ask for (`by_request`) ...
///
/// A measure of a task gives a fixed order, which must not change while tasks wait; one of a task
/// and `now` (a predictor that learns) a timed one. It starves long tasks while short ones come.
///
/// @tparam Measure  `measure(task)` or `measure(task, now)`, anything totally ordered
template <class Measure = by_estimate>
class shortest_first {
 public:
  shortest_first() = default;
  constexpr explicit shortest_first(Measure measure) : measure_(std::move(measure)) {}

  template <class Task>
    requires requires(const Measure& m, const Task& t) { m(t); }
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const { return measure_(q.what); }
  template <class Task>
    requires requires(const Measure& m, const Task& t) { m(t); }
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return measure_(a.what) < measure_(b.what);
  }
  template <class Task>
    requires requires(const Measure& m, const Task& t, time_point now) { m(t, now); }
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return measure_(q.what, now);
  }

 private:
  Measure measure_{};
};

/// The task that asks for least is next; of the first dimension unless told otherwise.
using smallest_first = shortest_first<by_request>;

}  // namespace lepton::order
