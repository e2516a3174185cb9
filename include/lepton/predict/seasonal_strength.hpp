// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/stl.hpp>

namespace lepton::predict {

/// From which `seasonal_strength` on a series should be differenced by season (Wang, Smith and
/// Hyndman; the bound with the best forecasts of the M3 series in Hyndman's experiments).
inline constexpr double seasonal_bound = 0.64;

namespace detail {

/// Variance of f(i) where it is not NaN.
template <class F>
[[nodiscard]] auto variance_of(std::size_t n, F f) noexcept -> double {
  double mean = 0;
  double squares = 0;
  double count = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = f(i);
    if (std::isnan(x)) continue;
    ++count;
    const double d = x - mean;
    mean += d / count;
    squares += d * (x - mean);
  }
  return count > 1 ? squares / (count - 1) : 0;
}

}  // namespace detail

/// How much of what the trend leaves over is the season's: 1 - var(remainder) / var(remainder +
/// seasonal) of the decomposition, cut to [0, 1] (Wang, Smith and Hyndman, Data Mining and
/// Knowledge Discovery 13, 2006). 0 if nothing is left over.
[[nodiscard]] inline auto seasonal_strength(const decomposition& d) noexcept -> double {
  const std::size_t n = d.remainder.size();
  const double rest = detail::variance_of(n, [&](std::size_t i) { return d.remainder[i]; });
  const double both =
      detail::variance_of(n, [&](std::size_t i) { return d.remainder[i] + d.seasonal[i]; });
  return both > 0 ? std::clamp(1 - rest / both, 0.0, 1.0) : 0;
}

/// Likewise for the trend: 1 - var(remainder) / var(remainder + trend), cut to [0, 1].
[[nodiscard]] inline auto trend_strength(const decomposition& d) noexcept -> double {
  const std::size_t n = d.remainder.size();
  const double rest = detail::variance_of(n, [&](std::size_t i) { return d.remainder[i]; });
  const double both =
      detail::variance_of(n, [&](std::size_t i) { return d.remainder[i] + d.trend[i]; });
  return both > 0 ? std::clamp(1 - rest / both, 0.0, 1.0) : 0;
}

/// Strength of the season of a series, by `stl` with its default options; errors as of `stl`.
[[nodiscard]] inline auto seasonal_strength(std::span<const double> values, std::size_t season)
    -> expected<double> {
  const auto d = stl(values, season);
  if (!d) return unexpected{d.error()};
  return seasonal_strength(*d);
}

}  // namespace lepton::predict
