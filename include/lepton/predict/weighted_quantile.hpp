// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

namespace lepton::predict::detail {

/// The smallest value whose share of the weights, with that of all smaller ones, is at least q.
/// `values` are pairs of value and weight, not empty; they are put into order. O(n log n).
[[nodiscard]] inline auto weighted_quantile(std::vector<std::pair<double, double>>& values,
                                            double q) -> double {
  std::sort(values.begin(), values.end());
  double total = 0;
  for (const auto& v : values) total += v.second;
  const double least = q * total * (1 - 1e-12);
  double sum = 0;
  for (const auto& v : values) {
    sum += v.second;
    if (sum >= least) return v.first;
  }
  return values.back().first;
}

}  // namespace lepton::predict::detail
