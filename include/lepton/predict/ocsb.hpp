// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/predict/small_least_squares.hpp>
#include <lepton/predict/test_result.hpp>

namespace lepton::predict {

/// What `ocsb` found. There is a seasonal unit root, at 5 %, if the statistic is above the bound.
struct ocsb_result {
  double statistic = std::numeric_limits<double>::quiet_NaN();
  double critical = std::numeric_limits<double>::quiet_NaN();  ///< at 5 %
  std::size_t lags = 0;
  std::size_t observations = 0;
};

/// Test of Osborn, Chui, Smith and Birchenhall (Oxford Bulletin 50, 1988). Null hypothesis: the
/// series has a seasonal unit root, that is, wants differencing by season.
///
/// Regresses the series differenced once and by season on `lags` of itself, on the seasonal
/// differences filtered by those lags, one value before, and on the plain differences likewise,
/// one season before; the statistic is the t value of the last. The bound for the season is the
/// smoothed one of the R package "forecast". Missing values are left out. An error if there are
/// too few values, all are the same, or one is infinite. O(n · lags²).
[[nodiscard]] inline auto ocsb(std::span<const double> values, std::size_t season,
                               std::size_t lags = 0) -> expected<ocsb_result> {
  if (season < 2) return failure("ocsb: the season must be 2 or more");
  const auto there = detail::present(values, 2 * season + 2 * lags + 5, "ocsb");
  if (!there) return unexpected{there.error()};
  const auto& y = *there;
  const std::size_t n = y.size();
  // Differences at time t: once, by season, both.
  const auto once = [&](std::size_t t) { return y[t] - y[t - 1]; };
  const auto seasonal = [&](std::size_t t) { return y[t] - y[t - season]; };
  const auto both = [&](std::size_t t) { return seasonal(t) - seasonal(t - 1); };

  std::vector<double> filter(lags);
  if (lags > 0) {
    const std::size_t first = season + 1 + lags;
    std::vector<std::vector<double>> x(lags);
    std::vector<double> target;
    for (std::size_t t = first; t < n; ++t) {
      target.push_back(both(t));
      for (std::size_t k = 0; k < lags; ++k) x[k].push_back(both(t - k - 1));
    }
    const auto fit = detail::solve_least_squares(x, target);
    if (!fit.full_rank) return failure("ocsb: too few values for the lags; take fewer lags");
    filter = fit.coefficients;
  }
  const auto filtered = [&](const auto& z, std::size_t t) {
    double value = z(t);
    for (std::size_t k = 0; k < lags; ++k) value -= filter[k] * z(t - k - 1);
    return value;
  };
  std::vector<std::vector<double>> x(lags + 2);
  std::vector<double> target;
  for (std::size_t t = season + 1 + lags; t < n; ++t) {
    target.push_back(both(t));
    for (std::size_t k = 0; k < lags; ++k) x[k].push_back(both(t - k - 1));
    x[lags].push_back(filtered(seasonal, t - 1));
    x[lags + 1].push_back(filtered(once, t - season));
  }
  const auto fit = detail::solve_least_squares(x, target);
  if (!fit.full_rank || !(fit.errors[lags + 1] > 0))
    return failure("ocsb: too few values for the lags, or a series without noise");
  const double m = std::log(static_cast<double>(season)) - 0.7656451;
  return ocsb_result{fit.t(lags + 1),
                     -0.2937411 * std::exp(-0.2850853 * m - 0.05983644 * m * m) - 1.652202, lags,
                     target.size()};
}

}  // namespace lepton::predict
