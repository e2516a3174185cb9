// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>

#include <lepton/predict/test_result.hpp>

namespace lepton::predict::detail {

/// Probability that Dickey and Fuller's t statistic is at most `statistic` if there is a unit root:
/// interpolated in the tables of Fuller (1976) for a regression with a constant, and of Banerjee
/// and others (1993, table 4.2) for one with a line too. Between 0.01 and 0.99.
[[nodiscard]] inline auto dickey_fuller_p(double statistic, std::size_t n,
                                          deterministic terms) noexcept -> double {
  constexpr std::array<double, 6> sizes{25, 50, 100, 250, 500, 1e5};
  constexpr std::array<double, 8> p{0.01, 0.025, 0.05, 0.1, 0.9, 0.95, 0.975, 0.99};
  using column = std::array<double, 6>;
  constexpr std::array<column, 8> level{{{-3.75, -3.58, -3.51, -3.46, -3.44, -3.43},
                                         {-3.33, -3.22, -3.17, -3.14, -3.13, -3.12},
                                         {-3.00, -2.93, -2.89, -2.88, -2.87, -2.86},
                                         {-2.63, -2.60, -2.58, -2.57, -2.57, -2.57},
                                         {-0.37, -0.40, -0.42, -0.42, -0.43, -0.44},
                                         {0.00, -0.03, -0.05, -0.06, -0.07, -0.07},
                                         {0.34, 0.29, 0.26, 0.24, 0.24, 0.23},
                                         {0.72, 0.66, 0.63, 0.62, 0.61, 0.60}}};
  constexpr std::array<column, 8> trend{{{-4.38, -4.15, -4.04, -3.99, -3.98, -3.96},
                                         {-3.95, -3.80, -3.73, -3.69, -3.68, -3.66},
                                         {-3.60, -3.50, -3.45, -3.43, -3.42, -3.41},
                                         {-3.24, -3.18, -3.15, -3.13, -3.13, -3.12},
                                         {-1.14, -1.19, -1.22, -1.23, -1.24, -1.25},
                                         {-0.80, -0.87, -0.90, -0.92, -0.93, -0.94},
                                         {-0.50, -0.58, -0.62, -0.64, -0.65, -0.66},
                                         {-0.15, -0.24, -0.28, -0.31, -0.32, -0.33}}};
  std::array<double, 8> at{};
  for (std::size_t i = 0; i < at.size(); ++i)
    at[i] = interpolated(sizes, terms == deterministic::level ? level[i] : trend[i],
                         static_cast<double>(n));
  return interpolated(at, p, statistic);
}

}  // namespace lepton::predict::detail
