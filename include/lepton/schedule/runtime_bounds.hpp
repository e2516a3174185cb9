// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include <lepton/model/time.hpp>

// Where the guesses of run-time predictors must lie.

namespace lepton::schedule::detail {

/// a + b for durations from 0 on, or the longest there is.
[[nodiscard]] constexpr auto add_durations(duration a, duration b) noexcept -> duration {
  return a > duration::max() - b ? duration::max() : a + b;
}

/// The nearest guess that is more than 0 and at most the estimate.
[[nodiscard]] constexpr auto within_estimate(duration guess, duration estimate) noexcept
    -> duration {
  return std::max(std::min(guess, estimate), duration{1});
}

/// The nearest new guess that is more than what it ran already and at most the estimate; just more
/// than what it ran if it outlived the estimate.
[[nodiscard]] constexpr auto within_rest(duration guess, duration ran, duration estimate) noexcept
    -> duration {
  return std::max(std::min(guess, estimate), add_durations(ran, duration{1}));
}

}  // namespace lepton::schedule::detail
