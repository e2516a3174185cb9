// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <lepton/detail/descending.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/measures.hpp>

namespace lepton::order {

/// The task with the most of a measure is next: longest first by the tasks' own estimates (the
/// default), largest first (`largest_first`), by anything else. Otherwise like `shortest_first`.
///
/// @tparam Measure  `measure(task)` or `measure(task, now)`, anything totally ordered
template <class Measure = by_estimate>
class longest_first {
 public:
  longest_first() = default;
  constexpr explicit longest_first(Measure measure) : measure_(std::move(measure)) {}

  template <class Task>
    requires requires(const Measure& m, const Task& t) { m(t); }
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const {
    return lepton::detail::descending{measure_(q.what)};
  }
  template <class Task>
    requires requires(const Measure& m, const Task& t) { m(t); }
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return measure_(b.what) < measure_(a.what);
  }
  template <class Task>
    requires requires(const Measure& m, const Task& t, time_point now) { m(t, now); }
  [[nodiscard]] constexpr auto rank(const queued<Task>& q, time_point now) const {
    return lepton::detail::descending{measure_(q.what, now)};
  }

 private:
  Measure measure_{};
};

/// The task that asks for most is next; of the first dimension unless told otherwise.
using largest_first = longest_first<by_request>;

}  // namespace lepton::order
