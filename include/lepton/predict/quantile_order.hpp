// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace lepton::predict::detail {

/// Keeps the quantiles of one number from crossing: outwards from the level nearest the median,
/// whose quantile stays, none is nearer to it than those between. Levels need not rise. O(n²).
inline void put_in_order(std::span<const double> levels, std::span<double> quantiles) noexcept {
  const std::size_t n = quantiles.size();
  std::size_t middle = 0;
  for (std::size_t k = 1; k < n; ++k)
    if (std::fabs(levels[k] - 0.5) < std::fabs(levels[middle] - 0.5)) middle = k;
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      if (levels[middle] <= levels[j] && levels[j] <= levels[k]) {
        quantiles[k] = std::max(quantiles[k], quantiles[j]);
      } else if (levels[middle] >= levels[j] && levels[j] >= levels[k]) {
        quantiles[k] = std::min(quantiles[k], quantiles[j]);
      }
    }
  }
}

}  // namespace lepton::predict::detail
