// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/runtime_bounds.hpp>

namespace lepton::schedule {

/// Knows how long a task runs (a member `run`): the bound for all predictors, for simulations.
struct perfect_runtime {
  template <class Task>
  [[nodiscard]] constexpr auto predict(const Task& t, time_point) const noexcept -> duration {
    static_assert(
        requires { duration{t.run}; },
        "lepton: perfect_runtime needs tasks that say how long they run: a member "
        "`run`, a duration");
    return detail::within_estimate(t.run, estimate_of(t));
  }
  template <class Task>
  constexpr void observe(const Task&, duration, time_point) const noexcept {}
  template <class Task>
  [[nodiscard]] constexpr auto correct(const Task& t, duration ran, duration) const noexcept
      -> duration {
    return detail::within_rest(duration::max(), ran, estimate_of(t));
  }
};

}  // namespace lepton::schedule
