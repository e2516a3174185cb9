// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/loess.hpp>

namespace lepton::predict {

/// Widths of the smoothers of `stl`, in values; 0 stands for the authors' advice.
struct stl_options {
  std::size_t seasonal_window = 11;  ///< periods over which the season may change; odd, at least 3
  std::size_t trend_window = 0;      ///< 0: the odd number after 1.5 season / (1 - 1.5/seasonal)
  std::size_t low_pass_window = 0;   ///< 0: the odd number from the season on
  std::size_t inner = 2;             ///< passes of the inner loop
  std::size_t outer = 0;  ///< passes that give outliers less weight (robust: 15 with inner 1)
};

/// A series taken apart: value = trend + seasonal + remainder.
struct decomposition {
  std::vector<double> trend;
  std::vector<double> seasonal;
  std::vector<double> remainder;  ///< NaN where the value is missing
};

namespace detail {

[[nodiscard]] constexpr auto odd_from(std::size_t x) noexcept -> std::size_t {
  return x % 2 == 0 ? x + 1 : x;
}

/// Missing values filled by straight lines between their neighbours, at the ends by the nearest.
inline void fill_gaps(std::vector<double>& y) noexcept {
  std::size_t last = y.size();  // the last value that was there; none yet
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(y[i])) continue;
    const std::size_t from = last == y.size() ? 0 : last + 1;
    for (std::size_t j = from; j < i; ++j)
      y[j] = last == y.size() ? y[i]
                              : y[last] + (y[i] - y[last]) * static_cast<double>(j - last) /
                                              static_cast<double>(i - last);
    last = i;
  }
  if (last == y.size()) return;
  for (std::size_t j = last + 1; j < y.size(); ++j) y[j] = y[last];
}

/// Means of `width` neighbours: y.size() - width + 1 numbers.
[[nodiscard]] inline auto moving_means(std::span<const double> y, std::size_t width)
    -> std::vector<double> {
  std::vector<double> out(y.size() - width + 1);
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += y[i];
    if (i + 1 < width) continue;
    out[i + 1 - width] = sum / static_cast<double>(width);
    sum -= y[i + 1 - width];
  }
  return out;
}

/// Smooths the values of each season's place among themselves, one period longer at both ends.
inline void smooth_cycles(std::span<const double> y, std::size_t season, const loess& smoother,
                          std::span<const double> weights, std::span<double> out) {
  std::vector<double> cycle;
  std::vector<double> w;
  std::vector<double> smooth;
  for (std::size_t place = 0; place < season; ++place) {
    cycle.clear();
    w.clear();
    for (std::size_t i = place; i < y.size(); i += season) {
      cycle.push_back(y[i]);
      if (!weights.empty()) w.push_back(weights[i]);
    }
    const std::size_t k = cycle.size();
    const std::size_t window = std::min(smoother.window, k);
    smooth.resize(k + 2);
    smoother.smooth(cycle, w, std::span{smooth}.subspan(1, k));
    const double before = smoother.at(cycle, -1, 0, window - 1, w);
    const double after = smoother.at(cycle, static_cast<double>(k), k - window, k - 1, w);
    smooth[0] = std::isnan(before) ? smooth[1] : before;
    smooth[k + 1] = std::isnan(after) ? smooth[k] : after;
    for (std::size_t m = 0; m < k + 2; ++m) out[m * season + place] = smooth[m];
  }
}

/// Bisquare weights of residuals: 0 beyond six median absolute deviations.
inline void robust_weights(std::vector<double>& r, std::span<double> weights) {
  for (std::size_t i = 0; i < r.size(); ++i) weights[i] = r[i];
  std::sort(r.begin(), r.end());
  const double bound = 3 * (r[(r.size() - 1) / 2] + r[r.size() / 2]);
  for (auto& w : weights) {
    const double u = bound > 0 ? w / bound : 0;
    const double v = 1 - u * u;
    w = w <= 0.001 * bound ? 1 : w <= 0.999 * bound ? v * v : 0;
  }
}

}  // namespace detail

/// Seasonal and trend decomposition by loess (Cleveland, Cleveland, McRae and Terpenning,
/// J. Official Statistics 6, 1990), with the smoothers fitted at every tenth of their width and
/// interpolated between, as the authors' program does. Values that are missing (NaN) count for
/// nothing; the trend and the season are there all the same.
///
/// An error if the season is less than 2, there are not more than two seasons of values, or one
/// is infinite, or none is there. O(n · (seasonal window + 10)) a pass.
[[nodiscard]] inline auto stl(std::span<const double> values, std::size_t season,
                              const stl_options& o = {}) -> expected<decomposition> {
  const std::size_t n = values.size();
  if (season < 2 || n <= 2 * season)
    return failure("stl: a season of " + std::to_string(season) + " and " + std::to_string(n) +
                   " values; it takes a season of 2 or more and more than two of them");
  std::vector<double> y{values.begin(), values.end()};
  std::vector<double> presence;  // 0 for missing ones; empty if there is none
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isinf(y[i]))
      return failure("stl: value " + std::to_string(i) +
                     " of the series is infinite; leave it out or mark it missing (NaN)");
    if (!std::isnan(y[i])) continue;
    presence.resize(n, 1);
    presence[i] = 0;
  }
  detail::fill_gaps(y);
  if (std::isnan(y[0])) return failure("stl: the series has no value that is not missing");

  const auto tenth = [](std::size_t window) { return (window + 9) / 10; };
  const std::size_t s = detail::odd_from(std::max<std::size_t>(o.seasonal_window, 3));
  const double advised =
      std::ceil(1.5 * static_cast<double>(season) / (1 - 1.5 / static_cast<double>(s)));
  const std::size_t t = detail::odd_from(std::max<std::size_t>(
      o.trend_window != 0 ? o.trend_window : static_cast<std::size_t>(advised), 3));
  const std::size_t l = detail::odd_from(
      std::max<std::size_t>(o.low_pass_window != 0 ? o.low_pass_window : season, 3));
  const detail::loess cycles{s, false, tenth(s)};
  const detail::loess trends{t, true, tenth(t)};
  const detail::loess low_pass{l, true, tenth(l)};

  decomposition d;
  d.trend.assign(n, 0);
  d.seasonal.assign(n, 0);
  d.remainder.assign(n, 0);
  std::vector<double> work(n);
  std::vector<double> longer(n + 2 * season);
  std::vector<double> weights = presence;
  for (std::size_t pass = 0;; ++pass) {
    for (std::size_t k = 0; k < std::max<std::size_t>(o.inner, 1); ++k) {
      for (std::size_t i = 0; i < n; ++i) work[i] = y[i] - d.trend[i];
      detail::smooth_cycles(work, season, cycles, weights, longer);
      const auto means = detail::moving_means(
          detail::moving_means(detail::moving_means(longer, season), season), 3);
      low_pass.smooth(means, {}, work);
      for (std::size_t i = 0; i < n; ++i) {
        d.seasonal[i] = longer[season + i] - work[i];
        work[i] = y[i] - d.seasonal[i];
      }
      trends.smooth(work, weights, d.trend);
    }
    if (pass == o.outer) break;
    for (std::size_t i = 0; i < n; ++i) work[i] = std::fabs(y[i] - d.trend[i] - d.seasonal[i]);
    weights.resize(n);
    detail::robust_weights(work, weights);
    for (std::size_t i = 0; i < presence.size(); ++i) weights[i] *= presence[i];
  }
  for (std::size_t i = 0; i < n; ++i) d.remainder[i] = values[i] - d.trend[i] - d.seasonal[i];
  return d;
}

}  // namespace lepton::predict
