// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// What a statistical test of a series found.
struct test_result {
  double statistic = std::numeric_limits<double>::quiet_NaN();
  /// Probability of a statistic at least as extreme if the null hypothesis holds. Where it comes
  /// from a table it is cut off at the table's ends.
  double p_value = std::numeric_limits<double>::quiet_NaN();
  std::size_t lags = 0;          ///< lags that the test used
  std::size_t observations = 0;  ///< values that it is based on
};

/// What a series may contain besides its noise.
enum class deterministic : unsigned char {
  level,  ///< a constant
  trend,  ///< a constant and a straight line
};

namespace detail {

/// y at x on the straight lines through the points (xs rising), as at the nearer end outside.
[[nodiscard]] inline auto interpolated(std::span<const double> xs, std::span<const double> ys,
                                       double x) noexcept -> double {
  if (!(x > xs.front())) return ys.front();
  for (std::size_t i = 1; i < xs.size(); ++i)
    if (x < xs[i]) return ys[i - 1] + (ys[i] - ys[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1]);
  return ys.back();
}

/// The values that are there; an error if one is infinite or fewer than `least` are left, or all
/// are the same.
[[nodiscard]] inline auto present(std::span<const double> values, std::size_t least,
                                  const char* test) -> expected<std::vector<double>> {
  std::vector<double> out;
  out.reserve(values.size());
  bool varies = false;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i]))
      return failure(std::string(test) + ": value " + std::to_string(i) +
                     " of the series is infinite; leave it out or mark it missing (NaN)");
    if (std::isnan(values[i])) continue;
    out.push_back(values[i]);
    varies = varies || values[i] != out.front();
  }
  if (out.size() < least)
    return failure(std::string(test) + ": the series has " + std::to_string(out.size()) +
                   " values that are not missing, the test takes " + std::to_string(least));
  if (!varies)
    return failure(std::string(test) + ": the series is constant, there is nothing to test");
  return out;
}

/// Long-run variance of numbers of mean 0, with Bartlett's weights (Newey and West, 1987).
[[nodiscard]] inline auto long_run_variance(std::span<const double> e, std::size_t lags) noexcept
    -> double {
  const auto n = static_cast<double>(e.size());
  double sum = 0;
  for (const double x : e) sum += x * x;
  for (std::size_t k = 1; k <= lags && k < e.size(); ++k) {
    double product = 0;
    for (std::size_t i = k; i < e.size(); ++i) product += e[i] * e[i - k];
    sum += 2 * (1 - static_cast<double>(k) / static_cast<double>(lags + 1)) * product;
  }
  return sum / n;
}

/// Residuals after the constant, or the constant and the line.
[[nodiscard]] inline auto detrended(std::vector<double> values, deterministic terms)
    -> std::vector<double> {
  const auto n = static_cast<double>(values.size());
  double mean = 0;
  for (const double x : values) mean += x;
  mean /= n;
  double slope = 0;
  const double middle = (n - 1) / 2;
  if (terms == deterministic::trend) {
    for (std::size_t i = 0; i < values.size(); ++i)
      slope += (static_cast<double>(i) - middle) * (values[i] - mean);
    slope /= n * (n * n - 1) / 12;
  }
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] -= mean + slope * (static_cast<double>(i) - middle);
  return values;
}

}  // namespace detail
}  // namespace lepton::predict
