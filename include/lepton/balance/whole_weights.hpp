// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace lepton::balance::detail {

/// Weights as whole numbers for the policies that count in integers. Whole numbers up to 2^32 - 1
/// stay as they are; otherwise all are scaled until the largest is 2^20, and rounded to at least 1
/// where they are positive (a relative error below 2^-20 of the largest).
[[nodiscard]] inline auto whole_weights(std::span<const double> weights)
    -> std::vector<std::uint32_t> {
  constexpr double most = 4'294'967'295.0;
  double largest = 0;
  bool whole = true;
  for (const double w : weights) {
    largest = std::max(largest, w);
    whole = whole && w <= most && std::floor(w) == w;
  }
  std::vector<std::uint32_t> result(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double w = weights[i];
    if (w <= 0) continue;
    result[i] =
        whole ? static_cast<std::uint32_t>(w)
              : std::max(1U, static_cast<std::uint32_t>(std::lround(w / largest * 1'048'576.0)));
  }
  return result;
}

}  // namespace lepton::balance::detail
