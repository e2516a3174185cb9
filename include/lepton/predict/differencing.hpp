// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/augmented_dickey_fuller.hpp>
#include <lepton/predict/kpss.hpp>
#include <lepton/predict/ocsb.hpp>
#include <lepton/predict/phillips_perron.hpp>
#include <lepton/predict/seasonal_strength.hpp>

namespace lepton::predict {

/// Test by which `ndiffs` decides.
enum class unit_root_test : unsigned char { kpss, augmented_dickey_fuller, phillips_perron };
/// Test by which `nsdiffs` decides.
enum class seasonal_test : unsigned char { strength, ocsb };

/// Differences over `lag`, taken `times` times; each shortens the series by `lag`. NaN wherever one
/// of the values is missing; empty if nothing is left.
[[nodiscard]] inline auto differenced(std::span<const double> values, std::size_t lag,
                                      std::size_t times = 1) -> std::vector<double> {
  std::vector<double> y{values.begin(), values.end()};
  for (; times > 0 && lag > 0; --times) {
    if (y.size() <= lag) return {};
    for (std::size_t i = 0; i + lag < y.size(); ++i) y[i] = y[i + lag] - y[i];
    y.resize(y.size() - lag);
  }
  return y;
}

/// Whether all values that are there are the same (or there are none).
[[nodiscard]] inline auto is_constant(std::span<const double> values) noexcept -> bool {
  double first = std::numeric_limits<double>::quiet_NaN();
  for (const double x : values) {
    if (std::isnan(x)) continue;
    if (std::isnan(first)) first = x;
    if (std::fabs(x - first) > 1e-10 * (1 + std::fabs(first))) return false;
  }
  return true;
}

/// How many times to difference the series until the test at level `alpha` (0.01 to 0.1) sees no
/// unit root any more, at most `most` (the procedure of Hyndman and Khandakar, J. Statistical
/// Software 27, 2008). A series that is constant, or too short to be tested, is not differenced
/// further.
[[nodiscard]] inline auto ndiffs(std::span<const double> values,
                                 unit_root_test test = unit_root_test::kpss, double alpha = 0.05,
                                 std::size_t most = 2) -> std::size_t {
  std::vector<double> y;
  for (const double x : values)
    if (!std::isnan(x)) y.push_back(x);
  alpha = std::clamp(alpha, 0.01, 0.1);
  const auto root = [&] {
    if (test == unit_root_test::kpss) {
      const auto r = kpss(y);
      return r.has_value() && r->p_value < alpha;
    }
    const auto r = test == unit_root_test::phillips_perron
                       ? phillips_perron(y, deterministic::level)
                       : augmented_dickey_fuller(y, deterministic::level, 1);
    return r.has_value() && r->p_value > alpha;
  };
  std::size_t d = 0;
  while (d < most && !is_constant(y) && root()) {
    y = differenced(y, 1);
    ++d;
  }
  return d;
}

/// How many times to difference by season, at most `most`: as long as the season's strength is
/// above `seasonal_bound` (or `ocsb` with 3 lags sees a seasonal unit root). 0 for a season below 2
/// or fewer than two whole ones.
[[nodiscard]] inline auto nsdiffs(std::span<const double> values, std::size_t season,
                                  seasonal_test test = seasonal_test::strength,
                                  std::size_t most = 1) -> std::size_t {
  if (season < 2) return 0;
  std::vector<double> y{values.begin(), values.end()};
  const auto root = [&] {
    if (test == seasonal_test::strength) {
      const auto strength = seasonal_strength(y, season);
      return strength.has_value() && *strength > seasonal_bound;
    }
    const auto r = ocsb(y, season, 3);
    return r.has_value() && r->statistic > r->critical;
  };
  std::size_t d = 0;
  while (d < most && y.size() > 2 * season && !is_constant(y) && root()) {
    y = differenced(y, season);
    ++d;
  }
  return d;
}

}  // namespace lepton::predict
