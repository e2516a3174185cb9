// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

#include <lepton/predict/autocorrelation.hpp>
#include <lepton/predict/chi_squared.hpp>
#include <lepton/predict/test_result.hpp>

namespace lepton::predict {

/// Portmanteau test of Ljung and Box (Biometrika 65, 1978). Null hypothesis: the first `lags`
/// autocorrelations are 0, as those of a good model's residuals are; a small p-value says that the
/// model left something over. `fitted` is the number of coefficients that were estimated, taken off
/// the degrees of freedom. Missing values are left out of the sums.
///
/// An error if there are not more lags than fitted coefficients, not more values than lags, the
/// series is constant, or a value is infinite. O(n · lags).
[[nodiscard]] inline auto ljung_box(std::span<const double> residuals, std::size_t lags,
                                    std::size_t fitted = 0) -> expected<test_result> {
  if (lags <= fitted)
    return failure("Ljung-Box: there must be more lags than coefficients that were fitted");
  const auto there = detail::present(residuals, lags + 1, "Ljung-Box");
  if (!there) return unexpected{there.error()};
  const auto r = autocorrelation(residuals, lags);
  const auto n = static_cast<double>(there->size());
  test_result result;
  result.lags = lags;
  result.observations = there->size();
  double sum = 0;
  for (std::size_t k = 1; k <= lags; ++k) sum += r[k] * r[k] / (n - static_cast<double>(k));
  result.statistic = n * (n + 2) * sum;
  result.p_value = chi_squared_tail(result.statistic, static_cast<double>(lags - fitted));
  return result;
}

}  // namespace lepton::predict
