// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/normal.hpp>

namespace lepton::predict {

/// What each place of a season is above the trend (or, `multiplicative`, as a multiple of it), by
/// classical decomposition: the trend is the centred moving average of one season, an index the
/// mean distance of its place from it; indices sum to 0 (have the mean 1). Place i is that of
/// values i, i + period ... Missing values are left out. O(length). Needs two periods; empty
/// otherwise. (R's `decompose`.)
[[nodiscard]] inline auto seasonal_indices(std::span<const double> y, std::size_t period,
                                           bool multiplicative) -> std::vector<double> {
  const std::size_t n = y.size();
  if (period < 2 || n < 2 * period) return {};
  // Sums of values and how many there are, from the start.
  std::vector<double> sums(n + 1, 0.0);
  std::vector<double> counts(n + 1, 0.0);
  for (std::size_t t = 0; t < n; ++t) {
    const bool there = !std::isnan(y[t]);
    sums[t + 1] = sums[t] + (there ? y[t] : 0);
    counts[t + 1] = counts[t] + (there ? 1 : 0);
  }
  const std::size_t half = period / 2;
  const bool even = period % 2 == 0;
  std::vector<double> index(period, 0.0);
  std::vector<double> seen(period, 0.0);
  for (std::size_t t = half; t + half < n; ++t) {
    if (std::isnan(y[t])) continue;
    double sum = sums[t + half + 1] - sums[t - half];
    double count = counts[t + half + 1] - counts[t - half];
    if (even) {  // the ends are the same place of the season: half each
      for (const std::size_t end : {t - half, t + half}) {
        if (std::isnan(y[end])) continue;
        sum -= 0.5 * y[end];
        count -= 0.5;
      }
    }
    if (count < 0.5 * static_cast<double>(period)) continue;
    const double trend = sum / count;
    if (multiplicative && !(trend > 0)) continue;
    index[t % period] += multiplicative ? y[t] / trend : y[t] - trend;
    seen[t % period] += 1;
  }
  double mean = 0;
  for (std::size_t i = 0; i < period; ++i) {
    index[i] = seen[i] > 0 ? index[i] / seen[i] : multiplicative ? 1 : 0;
    mean += index[i] / static_cast<double>(period);
  }
  for (double& x : index) x = multiplicative ? x / mean : x - mean;
  return index;
}

/// Whether a series has a season of `period` values: its autocorrelation at that lag is above its
/// 90 % limit given those at smaller lags (Bartlett), the test of the Theta method. False for less
/// than two seasons and one value, or a constant series. O(length · period).
[[nodiscard]] inline auto has_seasonal_autocorrelation(std::span<const double> y,
                                                       std::size_t period) noexcept -> bool {
  const std::size_t n = y.size();
  if (period < 2 || n <= 2 * period) return false;
  double mean = 0;
  double count = 0;
  for (const double x : y) {
    if (std::isnan(x)) continue;
    count += 1;
    mean += (x - mean) / count;
  }
  const auto correlation = [&](std::size_t lag) {
    double sum = 0;
    for (std::size_t t = lag; t < n; ++t) {
      const double product = (y[t] - mean) * (y[t - lag] - mean);
      if (!std::isnan(product)) sum += product;
    }
    return sum;
  };
  const double variance = correlation(0);
  if (!(variance > 1e-24 * count * mean * mean)) return false;
  double squares = 0;
  for (std::size_t lag = 1; lag < period; ++lag) {
    const double r = correlation(lag) / variance;
    squares += r * r;
  }
  const double limit = normal_quantile(0.95) * std::sqrt((1 + 2 * squares) / count);
  return std::fabs(correlation(period) / variance) > limit;
}

}  // namespace lepton::predict
