// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/ets_options.hpp>

namespace lepton::predict::detail {

/// A straight line through values that are not missing, least squares: intercept at index 0 and
/// slope. With fewer than two values the slope is 0.
struct straight_line {
  double intercept = 0;
  double slope = 0;

  explicit straight_line(std::span<const double> y) noexcept {
    double n = 0;
    double mean_t = 0;
    double mean_y = 0;
    double tt = 0;
    double ty = 0;
    for (std::size_t t = 0; t < y.size(); ++t) {
      if (std::isnan(y[t])) continue;
      n += 1;
      const double off_t = static_cast<double>(t) - mean_t;
      const double off_y = y[t] - mean_y;
      mean_t += off_t / n;
      mean_y += off_y / n;
      tt += off_t * (static_cast<double>(t) - mean_t);
      ty += off_t * (y[t] - mean_y);
    }
    slope = tt > 0 ? ty / tt : 0;
    intercept = mean_y - slope * mean_t;
  }
  [[nodiscard]] auto operator()(double t) const noexcept -> double { return intercept + slope * t; }
};

/// Where the search for the states before the first value begins: level and slope of a straight
/// line through the first values, seasons from the mean distance of the first few periods from it.
/// Level, slope, seasons in order of use.
[[nodiscard]] inline auto ets_start(const ets_options& form, std::span<const double> y)
    -> std::vector<double> {
  std::vector<double> state(ets_states(form));
  const std::size_t m = has_season(form) ? form.period : 1;
  double* const seasons = state.data() + (has_trend(form) ? 2 : 1);
  // Whole periods, so that the season does not tilt the line; at least ten values.
  std::size_t used = has_season(form) ? 4 * m : 10;
  used = std::min(used, y.size() - y.size() % m);
  std::vector<double> head(y.begin(), y.begin() + static_cast<std::ptrdiff_t>(used));
  straight_line line{head};
  if (has_season(form)) {
    // The line of the periods' means.
    std::vector<double> means(used / m);
    for (std::size_t k = 0; k < means.size(); ++k) {
      double sum = 0;
      double count = 0;
      for (std::size_t i = k * m; i < (k + 1) * m; ++i) {
        if (std::isnan(y[i])) continue;
        sum += y[i];
        count += 1;
      }
      means[k] = count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    }
    const straight_line rough{means};
    line.slope = rough.slope / static_cast<double>(m);
    line.intercept = rough.intercept - line.slope * 0.5 * static_cast<double>(m - 1);
    const bool multiplies = season_multiplies(form);
    double centre = 0;
    for (std::size_t i = 0; i < m; ++i) {
      double sum = 0;
      double count = 0;
      for (std::size_t t = i; t < used; t += m) {
        const double level = line(static_cast<double>(t));
        if (std::isnan(y[t]) || (multiplies && !(level > 0))) continue;
        sum += multiplies ? y[t] / level : y[t] - level;
        count += 1;
      }
      seasons[i] = count > 0 ? sum / count : multiplies ? 1 : 0;
      if (multiplies) seasons[i] = std::max(seasons[i], 0.05);
      centre += seasons[i] / static_cast<double>(m);
    }
    for (std::size_t i = 0; i < m; ++i) {
      if (multiplies) {
        seasons[i] /= centre;
      } else {
        seasons[i] -= centre;
      }
    }
  }
  double level = line(-1);
  double slope = line.slope;
  if (!has_trend(form)) level = line(0.5 * static_cast<double>(used) - 0.5);
  if (needs_positive(form)) {
    // A line that falls below 0 is no start.
    double mean = 0;
    double count = 0;
    for (const double x : head) {
      if (std::isnan(x)) continue;
      count += 1;
      mean += (x - mean) / count;
    }
    if (!(level > 0.1 * mean) || !(line(static_cast<double>(used)) > 0.1 * mean)) {
      level = count > 0 ? mean : 1;
      slope = 0;
    }
  }
  state[0] = level;
  if (has_trend(form)) state[1] = trend_multiplies(form) ? 1 + slope / level : slope;
  return state;
}

}  // namespace lepton::predict::detail
