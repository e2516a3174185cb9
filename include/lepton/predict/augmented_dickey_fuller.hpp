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

/// Test of Said and Dickey (Biometrika 71, 1984). Null hypothesis: the series has a unit root; a
/// small p-value speaks against differencing.
///
/// The statistic is the t value of the level before in a regression of the change on it, `lags`
/// earlier changes and a constant (and a line); by default floor((n - 1)^⅓) lags. Missing values
/// are left out. An error if there are too few values, all are the same, one is infinite, or the
/// regression is collinear. O(n · lags²).
[[nodiscard]] inline auto augmented_dickey_fuller(std::span<const double> values,
                                                  deterministic terms = deterministic::trend,
                                                  std::optional<std::size_t> lags = std::nullopt)
    -> expected<test_result> {
  const auto there = detail::present(values, 4, "augmented Dickey-Fuller");
  if (!there) return unexpected{there.error()};
  const auto& y = *there;
  const std::size_t n = y.size();
  test_result r;
  r.lags = lags ? *lags : static_cast<std::size_t>(std::cbrt(static_cast<double>(n - 1)) + 1e-9);
  if (n < r.lags + 2)
    return failure("augmented Dickey-Fuller: more lags than the series has values; take fewer");
  const std::size_t rows = n - 1 - r.lags;
  r.observations = rows;
  const bool line = terms == deterministic::trend;
  std::vector<std::vector<double>> x(2 + (line ? 1U : 0U) + r.lags, std::vector<double>(rows, 1));
  std::vector<double> change(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t t = i + r.lags + 1;  // the change is from t - 1 to t
    change[i] = y[t] - y[t - 1];
    x[1][i] = y[t - 1];
    std::size_t column = 2;
    if (line) x[column++][i] = static_cast<double>(t);
    for (std::size_t k = 1; k <= r.lags; ++k) x[column++][i] = y[t - k] - y[t - k - 1];
  }
  const auto fit = detail::solve_least_squares(x, change);
  if (!fit.full_rank || !(fit.errors[1] > 0))
    return failure(
        "augmented Dickey-Fuller: too few values for the lags, or a series without "
        "noise; take fewer lags");
  r.statistic = fit.t(1);
  r.p_value = detail::dickey_fuller_p(r.statistic, n - 1, terms);
  return r;
}

}  // namespace lepton::predict
