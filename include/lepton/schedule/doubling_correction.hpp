// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <lepton/model/time.hpp>
#include <lepton/schedule/runtime_bounds.hpp>

namespace lepton::schedule {

/// Each time that a task's guess expires, it is doubled: the task is expected to run on for as long
/// as it ran already. Asked late, it makes up for what it missed. O(1), no memory.
///
/// Source: the "recursive doubling" of Gaussier, Glesser, Reis, Trystram, "Improving backfilling by
/// using machine learning to predict running times", SC 2015.
struct doubling_correction {
  template <class Task>
  [[nodiscard]] constexpr auto correct(const Task&, duration ran, duration expired) const noexcept
      -> duration {
    auto guess = std::max(expired, duration{1});
    while (guess <= ran && guess < duration::max()) guess = detail::add_durations(guess, guess);
    return guess;
  }
};

}  // namespace lepton::schedule
