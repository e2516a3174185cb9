// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/ets_fit.hpp>
#include <lepton/predict/ets_start.hpp>
#include <lepton/predict/fit_report.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/nelder_mead.hpp>
#include <lepton/predict/seasonal_indices.hpp>

namespace lepton::predict {

/// How `theta` is fitted.
struct theta_options {
  std::size_t period = 1;  ///< values in a season, if the series turns out to have one
  bool optimised = false;  ///< also the share of the slope, instead of one half
  bool additive = false;   ///< the season is added, even if all values are above 0
};

namespace detail {

/// The method without the season, at a moment.
struct theta_line {
  double level = 0;
  double alpha = 0;
  double weight = 0.5;   ///< share of the line: 1 - 1 / theta
  double slope = 0;      ///< of the straight line
  double intercept = 0;  ///< of the line at time 0, the first value being at 1; 0 for the standard
  double decay = 1;      ///< (1 - alpha)^(values so far)
  double variance = 0;
  bool optimised = false;
  bool additive = false;

  /// The forecast h + 1 steps ahead.
  [[nodiscard]] auto ahead(std::size_t h) const noexcept -> double {
    const double faded = optimised ? decay * (1 - alpha) : decay;
    return level +
           weight * (intercept * decay + slope * (static_cast<double>(h) + (1 - faded) / alpha));
  }
  template <class Archive>
  void persist(Archive& a) {
    a(level, alpha, weight, slope, intercept, decay, variance, optimised, additive);
    if constexpr (Archive::reads) {
      if (!std::isfinite(level) || !(alpha >= 0 && alpha <= 1) || !(weight >= 0 && weight < 1) ||
          !std::isfinite(slope) || !std::isfinite(intercept) || !(decay >= 0 && decay <= 1) ||
          !(variance >= 0) || std::isinf(variance))
        a.reject();
    }
  }
};

struct theta_fitted {
  theta_line line;
  std::vector<double> season;
  std::uint64_t place = 0;
  last_value naive;
  bool fitted = false;
  fit_report report;
};

/// Smoothing with the share of the line that fits best: for a given alpha, first level and share
/// enter linearly, so they are solved for, and alpha is searched. Sum of squared errors.
struct theta_profile {
  std::span<const double> y;
  straight_line line;  // index 0 is the first value

  struct result {
    double squares = std::numeric_limits<double>::infinity();
    double first = 0;
    double weight = 0;
    double level = 0;
  };
  [[nodiscard]] auto at(double alpha) const noexcept -> result {
    if (!(alpha > 1e-4 && alpha < 0.9999)) return {};
    const double keep = 1 - alpha;
    const double intercept = line.intercept - line.slope;
    // e_t = r_t - first · u_t - weight · v_t, r from a first level of 0.
    double uu = 0;
    double uv = 0;
    double vv = 0;
    double ur = 0;
    double vr = 0;
    double rr = 0;
    double level = 0;
    double u = 1;  // (1 - alpha)^(t - 1)
    double fade = 1;
    for (const double x : y) {
      const double v = fade * intercept + line.slope * (1 - fade * keep) / alpha;
      fade *= keep;
      if (std::isnan(x)) continue;
      const double r = x - level;
      uu += u * u;
      uv += u * v;
      vv += v * v;
      ur += u * r;
      vr += v * r;
      rr += r * r;
      level += alpha * r;
      u *= keep;
    }
    result best;
    const double det = uu * vv - uv * uv;
    best.weight = det > 1e-12 * uu * vv ? (uu * vr - uv * ur) / det : 0;
    best.weight = std::clamp(best.weight, 0.0, 0.9999);
    best.first = (ur - best.weight * uv) / uu;
    const double f = best.first;
    const double w = best.weight;
    best.squares = rr - 2 * f * ur - 2 * w * vr + f * f * uu + 2 * f * w * uv + w * w * vv;
    best.level = level + f * u;
    return best;
  }
};

[[nodiscard]] inline auto fit_theta(const theta_options& o, std::span<const double> values)
    -> expected<theta_fitted> {
  if (o.period == 0)
    return failure("theta: the period is the number of values in a season, at least 1");
  theta_fitted result;
  auto naive = result.naive.fit(values);
  if (!naive) return unexpected{error{"theta: " + naive.error().message}};
  std::vector<double> y(values.begin(), values.end());
  bool positive = true;
  for (const double x : y) positive = positive && !(x <= 0);
  const bool additive = o.additive || !positive;
  if (has_seasonal_autocorrelation(y, o.period)) {
    result.season = seasonal_indices(y, o.period, !additive);
    // A factor near 0 cannot be divided by.
    if (!additive)
      for (const double s : result.season)
        if (!(s > 1e-4)) {
          result.season.clear();
          break;
        }
    for (std::size_t t = 0; t < y.size() && !result.season.empty(); ++t) {
      const double s = result.season[t % o.period];
      y[t] = additive ? y[t] - s : y[t] / s;
    }
    if (!result.season.empty()) result.place = y.size() % o.period;
  }
  theta_line& line = result.line;
  line.additive = additive;
  line.optimised = o.optimised;
  auto smoothed = fit_ets(ets_options{}, y, nullptr);
  if (!smoothed || !smoothed->fitted) {
    result.report = *naive;
    result.report.fallback = last_value::model_name;
    result.season.clear();
    result.place = 0;
    return result;
  }
  result.fitted = true;
  result.report = smoothed->report;
  ++result.report.parameters;  // the slope
  line.level = smoothed->state.level;
  line.alpha = smoothed->state.p.alpha;
  line.variance = smoothed->state.variance;
  const straight_line trend{y};
  line.slope = trend.slope;
  const std::size_t observed = smoothed->report.observations;
  if (o.optimised && observed >= 6) {
    const theta_profile profile{y, trend};
    // The centre of the series changes nothing but rounding: the line's share is of order one.
    double alpha = line.alpha;
    double least = std::numeric_limits<double>::infinity();
    for (double start = 0.05; start < 1; start += 0.1) {
      const double squares = profile.at(start).squares;
      if (squares < least) {
        least = squares;
        alpha = start;
      }
    }
    nelder_mead_options search;
    search.step = 0.03;
    search.tolerance = 1e-12 * std::fabs(least);
    const auto found = nelder_mead(
        [&](std::span<const double> x) { return profile.at(x[0]).squares; }, {&alpha, 1}, search);
    const auto best = profile.at(alpha);
    line.alpha = alpha;
    line.weight = best.weight;
    line.level = best.level;
    line.intercept = trend.intercept - trend.slope;
    line.variance = std::max(best.squares, 0.0) / static_cast<double>(observed - 3);
    result.report.parameters += 1;
    result.report.converged = found.converged;
    result.report.iterations = found.calls;
    result.report.loglik = -0.5 * static_cast<double>(observed) * std::log(best.squares);
  } else {
    line.optimised = false;
  }
  line.decay = std::pow(1 - line.alpha, static_cast<double>(y.size()));
  return result;
}

}  // namespace detail
}  // namespace lepton::predict
