// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::order {

/// Earliest deadline first (Liu and Layland 1973): the task whose deadline comes first is next,
/// those without one last. A fixed order. On one machine, with tasks that may be interrupted, it
/// meets all deadlines whenever that is possible at all.
struct earliest_deadline {
  template <class Task>
  [[nodiscard]] constexpr auto key(const queued<Task>& q) const noexcept -> time_point {
    static_assert(has_deadline<Task>,
                  "lepton: earliest_deadline needs the tasks' deadlines: give the task a member "
                  "`deadline` (a time_point) or specialise lepton::adapt");
    return deadline_of(q.what);
  }
  template <class Task>
  [[nodiscard]] constexpr auto before(const queued<Task>& a, const queued<Task>& b) const noexcept
      -> bool {
    return key(a) < key(b);
  }
};

}  // namespace lepton::order
