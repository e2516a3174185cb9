// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>

#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::schedule {

/// Guesses how long tasks run.
///
/// 1. `p.predict(task, now)` is the guess for a task that waits; more than 0, at most its estimate
///    (`estimate_of`), which is when it would be stopped.
/// 2. `p.observe(task, ran, now)`: it ended by itself after `ran`. May change later guesses.
/// 3. `p.correct(task, ran, expired)`: it has run for `ran`, and still runs, though the guess was
///    `expired` (at most `ran`, which is less than the estimate). The new guess, of the whole run
///    time: more than `ran`, at most the estimate.
/// 4. A guess out of these bounds is brought to the nearest one within.
template <class P, class Task>
concept runtime_predictor = requires(P& p, const Task& task, duration ran, duration expired,
                                     time_point now) {
  { p.predict(task, now) } -> std::convertible_to<duration>;
  p.observe(task, ran, now);
  { p.correct(task, ran, expired) } -> std::convertible_to<duration>;
};

/// What the task's owner asked for.
struct requested_time {
  template <class Task>
  [[nodiscard]] constexpr auto predict(const Task& task, time_point) const noexcept -> duration {
    return estimate_of(task);
  }
  template <class Task>
  constexpr void observe(const Task&, duration, time_point) const noexcept {}
  template <class Task>
  [[nodiscard]] constexpr auto correct(const Task& task, duration, duration) const noexcept
      -> duration {
    return estimate_of(task);
  }
};

}  // namespace lepton::schedule
