// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace lepton::predict::detail {

/// Local regression on equally spaced points 0, 1, ..., n - 1 with tricube weights (Cleveland and
/// others, J. Official Statistics 6, 1990), as STL uses it.
struct loess {
  std::size_t window = 7;  ///< points that count, odd
  bool line = true;        ///< fit a line, not a constant
  std::size_t jump = 1;    ///< fitted at every jump-th point, interpolated between

  /// Fit at `x`, which may lie outside the points, from those in [left, right]; times `weights`
  /// if there are any. NaN if no point counts. O(right - left).
  [[nodiscard]] auto at(std::span<const double> y, double x, std::size_t left, std::size_t right,
                        std::span<const double> weights) const noexcept -> double {
    double reach = std::max(x - static_cast<double>(left), static_cast<double>(right) - x);
    const std::size_t beyond = window > y.size() ? (window - y.size()) / 2 : 0;
    reach += static_cast<double>(beyond);
    const auto weight = [&](std::size_t j) {
      const double r = std::fabs(static_cast<double>(j) - x);
      if (r > 0.999 * reach) return 0.0;
      double w = 1;
      if (r > 0.001 * reach) {
        const double u = r / reach;
        const double v = 1 - u * u * u;
        w = v * v * v;
      }
      return weights.empty() ? w : w * weights[j];
    };
    double all = 0;
    double moment = 0;
    double level = 0;
    for (std::size_t j = left; j <= right; ++j) {
      const double w = weight(j);
      all += w;
      moment += w * static_cast<double>(j);
      level += w * y[j];
    }
    if (!(all > 0)) return std::numeric_limits<double>::quiet_NaN();
    level /= all;
    if (!line || !(reach > 0)) return level;
    const double centre = moment / all;
    double spread = 0;
    double slope = 0;
    for (std::size_t j = left; j <= right; ++j) {
      const double w = weight(j);
      const double d = static_cast<double>(j) - centre;
      spread += w * d * d;
      slope += w * d * y[j];
    }
    if (!(std::sqrt(spread / all) > 0.001 * static_cast<double>(y.size() - 1))) return level;
    return level + slope / spread * (x - centre);
  }

  /// Smooths `y` into `out`, equally long. Where no point counts the value stays. O(n/jump ·
  /// window).
  void smooth(std::span<const double> y, std::span<const double> weights,
              std::span<double> out) const noexcept {
    const std::size_t n = y.size();
    if (n < 2) {
      std::copy(y.begin(), y.end(), out.begin());
      return;
    }
    const std::size_t step = std::min(jump, n - 1);
    const std::size_t half = (window + 1) / 2;
    std::size_t left = 0;
    std::size_t right = std::min(window, n) - 1;
    const auto fit = [&](std::size_t i) {
      if (window < n) {
        left = i + 1 < half ? 0 : std::min(i + 1 - half, n - window);
        right = left + window - 1;
      }
      const double z = at(y, static_cast<double>(i), left, right, weights);
      out[i] = std::isnan(z) ? y[i] : z;
    };
    const auto between = [&](std::size_t from, std::size_t to) {
      const double slope = (out[to] - out[from]) / static_cast<double>(to - from);
      for (std::size_t j = from + 1; j < to; ++j)
        out[j] = out[from] + slope * static_cast<double>(j - from);
    };
    fit(0);
    std::size_t last = 0;
    for (std::size_t i = step; i < n; i += step) {
      fit(i);
      between(last, i);
      last = i;
    }
    if (last != n - 1) {
      // The last stretch is shorter than the others; its end is fitted in the same window.
      const double z = at(y, static_cast<double>(n - 1), left, right, weights);
      out[n - 1] = std::isnan(z) ? y[n - 1] : z;
      between(last, n - 1);
    }
  }
};

}  // namespace lepton::predict::detail
