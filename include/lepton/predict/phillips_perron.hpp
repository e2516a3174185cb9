// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <lepton/predict/dickey_fuller_table.hpp>
#include <lepton/predict/small_least_squares.hpp>
#include <lepton/predict/test_result.hpp>

namespace lepton::predict {

/// Test of Phillips and Perron (Biometrika 75, 1988), statistic Z(t). Null hypothesis: the series
/// has a unit root; a small p-value speaks against differencing.
///
/// The t value of a regression of the value on the one before, corrected for autocorrelation of the
/// residuals by their long-run variance over `lags` lags, floor(4 (n/100)^¼) by default. Missing
/// values are left out. Errors as of `augmented_dickey_fuller`. O(n · lags).
[[nodiscard]] inline auto phillips_perron(std::span<const double> values,
                                          deterministic terms = deterministic::trend,
                                          std::optional<std::size_t> lags = std::nullopt)
    -> expected<test_result> {
  const auto there = detail::present(values, 6, "Phillips-Perron");
  if (!there) return unexpected{there.error()};
  const auto& y = *there;
  const std::size_t rows = y.size() - 1;
  const auto n = static_cast<double>(rows);
  test_result r;
  r.observations = rows;
  r.lags = lags ? *lags : static_cast<std::size_t>(4 * std::pow(n / 100, 0.25) + 1e-9);
  std::vector<std::vector<double>> x(terms == deterministic::trend ? 3 : 2,
                                     std::vector<double>(rows, 1));
  for (std::size_t i = 0; i < rows; ++i) {
    x[1][i] = y[i];
    if (x.size() == 3) x[2][i] = static_cast<double>(i) - n / 2;
  }
  const auto fit = detail::solve_least_squares(x, {y.begin() + 1, y.end()});
  if (!fit.full_rank || !(fit.errors[1] > 0))
    return failure("Phillips-Perron: a series without noise, there is nothing to test");
  const double variance = fit.squares / n;
  const double whole = detail::long_run_variance(fit.residuals, r.lags);
  if (!(whole > 0)) return failure("Phillips-Perron: the residuals' long-run variance is 0");
  const double deviation = std::sqrt(fit.squares / (n - static_cast<double>(x.size())));
  r.statistic = std::sqrt(variance / whole) * (fit.coefficients[1] - 1) / fit.errors[1] -
                (whole - variance) / (2 * std::sqrt(whole)) * n * fit.errors[1] / deviation;
  r.p_value = detail::dickey_fuller_p(r.statistic, rows, terms);
  return r;
}

}  // namespace lepton::predict
