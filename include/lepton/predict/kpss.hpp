// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>

#include <lepton/predict/test_result.hpp>

namespace lepton::predict {

/// Test of Kwiatkowski, Phillips, Schmidt and Shin (J. Econometrics 54, 1992). Null hypothesis: the
/// series is stationary around a level (or a line); a small p-value speaks for differencing.
///
/// The long-run variance takes Bartlett's weights over `lags` lags, by default
/// floor(3 sqrt(n) / 13); floor(4 (n/100)^¼) is the other usual choice. The p-value is interpolated
/// in the paper's table 1, so it lies between 0.01 and 0.1. Missing values are left out, as if the
/// rest were adjacent. An error if fewer than 3 values are there, all are the same, or one is
/// infinite. O(n · lags).
[[nodiscard]] inline auto kpss(std::span<const double> values,
                               deterministic terms = deterministic::level,
                               std::optional<std::size_t> lags = std::nullopt)
    -> expected<test_result> {
  auto there = detail::present(values, 3, "kpss");
  if (!there) return unexpected{there.error()};
  const auto n = static_cast<double>(there->size());
  test_result r;
  r.observations = there->size();
  r.lags = lags ? *lags : static_cast<std::size_t>(3 * std::sqrt(n) / 13);
  const auto e = detail::detrended(*std::move(there), terms);
  double sum = 0;
  double squares = 0;
  for (const double x : e) {
    sum += x;
    squares += sum * sum;
  }
  const double variance = detail::long_run_variance(e, r.lags);
  if (!(variance > 0))
    return failure("kpss: the series is a straight line, there is nothing to test");
  r.statistic = squares / (n * n) / variance;
  constexpr std::array<double, 4> level{0.347, 0.463, 0.574, 0.739};
  constexpr std::array<double, 4> trend{0.119, 0.146, 0.176, 0.216};
  constexpr std::array<double, 4> p{0.1, 0.05, 0.025, 0.01};
  r.p_value = detail::interpolated(terms == deterministic::level ? level : trend, p, r.statistic);
  return r;
}

}  // namespace lepton::predict
