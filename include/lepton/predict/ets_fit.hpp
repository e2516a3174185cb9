// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/ets_options.hpp>
#include <lepton/predict/ets_search.hpp>
#include <lepton/predict/ets_state.hpp>
#include <lepton/predict/fit_report.hpp>
#include <lepton/predict/last_value.hpp>

namespace lepton::predict::detail {

/// A fitted model of the ETS family, at the end of the series.
struct ets_fitted {
  ets_options form;           ///< what was fitted; simpler than asked for if it had to be
  ets_state state;            ///< its parameters, and where it stands
  std::vector<double> ring;   ///< the season
  std::vector<double> start;  ///< states before the first value
  last_value naive;           ///< what stands in if nothing could be fitted
  bool fitted = false;        ///< false: `naive` stands in
  double mean_square = 0;     ///< mean squared error (relative if the error multiplies)
  fit_report report;
};

/// What is wrong with the options whatever the series, or nothing.
[[nodiscard]] inline auto check(const ets_options& o) -> status {
  if (o.error > ets_error::multiplicative || o.trend > ets_trend::multiplicative_damped ||
      o.season > ets_season::multiplicative || o.region > ets_region::both)
    return failure("ets: the error, trend, season or region is none of those there are");
  if (has_season(o) && o.period < 2)
    return failure("ets: a season needs a period of at least 2, this is " +
                   std::to_string(o.period));
  const auto within = [](double x, double low, double high) {
    return std::isnan(x) || (x >= low && x <= high);
  };
  if (!within(o.alpha, 0, 2) || !within(o.beta, -2, 4) || !within(o.gamma, 0, 2) ||
      !within(o.phi, 0, 1))
    return failure("ets: a smoothing parameter that was given lies outside of any region");
  return {};
}

/// Numbers that are estimated, the variance among them.
[[nodiscard]] inline auto ets_estimated(const ets_options& o) noexcept -> std::size_t {
  std::size_t k = ets_states(o) - (season_slides(o) ? 1U : 0U) + 1;
  k += std::isnan(o.alpha) ? 1U : 0U;
  k += has_trend(o) && std::isnan(o.beta) ? 1U : 0U;
  k += has_season(o) && std::isnan(o.gamma) ? 1U : 0U;
  k += is_damped(o) && std::isnan(o.phi) ? 1U : 0U;
  return k;
}

/// What stands in for the model asked for, if `form` is not that.
[[nodiscard]] inline auto fallback_name(const ets_options& asked, const ets_options& form,
                                        bool fitted) noexcept -> std::string_view {
  if (!fitted) return last_value::model_name;
  const bool season = has_season(asked) && !has_season(form);
  const bool trend = has_trend(asked) && !has_trend(form);
  return season && trend ? "ets without season and trend"
         : season        ? "ets without season"
         : trend         ? "ets without trend"
                         : std::string_view{};
}

/// The series in units in which it is about 1 in size (minus its mean, if nothing multiplies).
struct ets_scaled {
  std::vector<double> values;
  double centre = 0;
  double scale = 0;  ///< 0 if the series is constant
  std::size_t observed = 0;
};
[[nodiscard]] inline auto ets_scale(const ets_options& o, std::span<const double> y) -> ets_scaled {
  ets_scaled s;
  double largest = 0;
  for (const double x : y)
    if (!std::isnan(x)) largest = std::max(largest, std::fabs(x));
  double mean = 0;
  double squares = 0;
  for (const double x : y) {
    if (std::isnan(x)) continue;
    ++s.observed;
    const double off = x / largest - mean;
    mean += off / static_cast<double>(s.observed);
    squares += off * (x / largest - mean);
  }
  if (!(largest > 1e-290) || !(squares > 1e-28 * static_cast<double>(s.observed))) return s;
  s.scale = needs_positive(o) ? mean * largest
                              : std::sqrt(squares / static_cast<double>(s.observed)) * largest;
  if (!needs_positive(o)) s.centre = mean * largest;
  s.values.reserve(y.size());
  for (const double x : y) s.values.push_back((x - s.centre) / s.scale);
  return s;
}

/// Fits the model that the options describe, from the parameters `warm` if there are any; a simpler
/// one if there is too little history.
[[nodiscard]] inline auto fit_ets(const ets_options& options, std::span<const double> y,
                                  const ets_parameters* warm) -> expected<ets_fitted> {
  if (const auto good = check(options); !good) return unexpected{good.error()};
  ets_fitted result;
  result.form = options;
  ets_options& form = result.form;
  std::size_t observed = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (std::isinf(y[i]))
      return failure("ets: value " + std::to_string(i) +
                     " of the series is infinite; leave it out or mark it missing (NaN)");
    if (needs_positive(options) && y[i] <= 0)
      return failure("ets: value " + std::to_string(i) + " of the series is not above 0, as " +
                     ets_name(options) + " requires; use an additive model");
    observed += std::isnan(y[i]) ? 0U : 1U;
  }
  if (observed == 0) return failure("ets: the series has no value that is not missing");
  const auto enough = [&] {
    return observed >= ets_estimated(form) + 2 &&
           (!has_season(form) || y.size() >= 2 * form.period);
  };
  if (!enough()) form.season = ets_season::none;
  if (!enough()) form.trend = ets_trend::none;
  const auto scaled = ets_scale(form, y);
  const auto stand_in = [&]() -> expected<ets_fitted> {
    result.state = {};
    result.ring.clear();
    auto naive = result.naive.fit(y);
    if (!naive) return unexpected{naive.error()};
    result.report = *naive;
    result.report.fallback = last_value::model_name;
    return result;
  };
  if (!enough() || scaled.scale == 0) return stand_in();
  ets_search search{form, scaled.values};
  auto found = search.best(warm);
  ets_run sums;
  auto end = found.start;
  if (std::isinf(found.value) || !search.model().run(found.parameters, end, sums))
    return stand_in();
  const auto n = static_cast<double>(observed);
  const std::size_t first = has_trend(form) ? 2 : 1;
  const bool relative = form.error == ets_error::multiplicative;
  const auto unscale = [&](std::vector<double>& state) {
    state[0] = scaled.centre + scaled.scale * state[0];
    if (has_trend(form) && !trend_multiplies(form)) state[1] *= scaled.scale;
    if (form.season == ets_season::additive)
      for (std::size_t i = first; i < state.size(); ++i) state[i] *= scaled.scale;
  };
  unscale(found.start);
  unscale(end);
  ets_state& s = result.state;
  s.error = form.error;
  s.trend = form.trend;
  s.season = form.season;
  s.p = found.parameters;
  s.level = end[0];
  s.slope = has_trend(form) ? end[1] : 0;
  s.floor = needs_positive(form) ? 1e-6 * scaled.scale : 0;
  if (has_season(form)) {
    result.ring.assign(end.begin() + static_cast<std::ptrdiff_t>(first), end.end());
    s.period = form.period;
    s.place = y.size() % form.period;
  }
  const std::size_t k = ets_estimated(form);
  const double unit = relative ? 1 : scaled.scale * scaled.scale;
  s.variance = unit * sums.squares / (n - static_cast<double>(k - 1));
  result.mean_square = unit * sums.squares / n;
  if (!std::isfinite(s.variance) || !std::isfinite(s.level)) return stand_in();
  result.start = std::move(found.start);
  result.report.fallback = fallback_name(options, form, true);
  result.report.converged = found.converged;
  result.report.loglik = -n * (found.value + std::log(scaled.scale));
  result.report.parameters = k;
  result.report.observations = observed;
  result.report.iterations = found.iterations;
  result.fitted = true;
  return result;
}

}  // namespace lepton::predict::detail
