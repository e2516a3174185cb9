// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace lepton::predict {

/// Autocovariances at lags 0 to `lags`: sums of products of deviations from the mean, divided by
/// the number of values that are there (so that they make a positive definite sequence when none is
/// missing). Products with a missing value (NaN) are left out. All 0 without values or for a
/// constant series; lags from the length on are 0. O(n · lags).
[[nodiscard]] inline auto autocovariance(std::span<const double> values, std::size_t lags)
    -> std::vector<double> {
  std::vector<double> c(lags + 1);
  std::vector<double> y{values.begin(), values.end()};
  double mean = 0;
  double count = 0;
  for (const double x : y) {
    if (!std::isfinite(x)) continue;
    ++count;
    mean += (x - mean) / count;
  }
  if (count == 0) return c;
  for (auto& x : y) x = std::isfinite(x) ? x - mean : 0;
  for (std::size_t k = 0; k <= lags && k < y.size(); ++k) {
    double sum = 0;
    for (std::size_t i = k; i < y.size(); ++i) sum += y[i] * y[i - k];
    c[k] = sum / count;
  }
  return c;
}

/// Autocorrelations at lags 0 (always 1) to `lags`; 0 beyond lag 0 for a constant series.
[[nodiscard]] inline auto autocorrelation(std::span<const double> values, std::size_t lags)
    -> std::vector<double> {
  auto r = autocovariance(values, lags);
  const double variance = r[0];
  for (auto& x : r) x = variance > 0 ? x / variance : 0;
  r[0] = 1;
  return r;
}

/// Partial autocorrelations at lags 1 to `lags` (element k - 1 is that of lag k), by the recursion
/// of Durbin (1960) and Levinson (1947) on the autocorrelations. O(n · lags + lags²).
[[nodiscard]] inline auto partial_autocorrelation(std::span<const double> values, std::size_t lags)
    -> std::vector<double> {
  const auto r = autocorrelation(values, lags);
  std::vector<double> partial(lags);
  std::vector<double> phi(lags + 1);
  std::vector<double> before(lags + 1);
  double left = 1;  // of the variance, after k lags
  for (std::size_t k = 1; k <= lags && left > 0; ++k) {
    double sum = r[k];
    for (std::size_t j = 1; j < k; ++j) sum -= before[j] * r[k - j];
    phi[k] = sum / left;
    for (std::size_t j = 1; j < k; ++j) phi[j] = before[j] - phi[k] * before[k - j];
    left *= 1 - phi[k] * phi[k];
    partial[k - 1] = phi[k];
    before = phi;
  }
  return partial;
}

}  // namespace lepton::predict
