// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/forecast_scores.hpp>
#include <lepton/predict/metrics.hpp>

namespace lepton::predict {

/// How `rolling_origin` goes through a series.
struct rolling_options {
  /// Share of the series before the first origin: the first value to be forecast has the index
  /// floor(train · n). Ignored if `first` is not 0.
  double train = 0.75;
  std::size_t first = 0;     ///< index of the first value to be forecast; 0: by `train`
  std::size_t step = 12;     ///< values from one origin to the next
  std::size_t horizon = 12;  ///< values forecast at each origin
  /// 0: fitted once, before the first origin, and then only updated; k: also fitted anew at every
  /// k-th origin.
  std::size_t refit_every = 0;
  std::size_t window = 0;  ///< 0: fits see all that came; else at most that many last values
  bool partial = false;    ///< also origins with fewer than `horizon` values left
  std::size_t season = 1;  ///< of the naive forecast that scales MASE
  double interval = 0.8;   ///< share of the values that the central interval is to hold
  /// Levels of the quantiles to forecast. The median and the ends of the interval are added.
  std::vector<double> quantiles{0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95};
};

/// What came of a rolling-origin evaluation.
struct rolling_result {
  forecast_scores summary;                 ///< over all errors of all origins
  std::vector<forecast_scores> by_origin;  ///< one for each origin
  std::vector<forecast_scores> by_step;    ///< one for each step ahead
  std::vector<std::size_t> origins;        ///< index of the first value forecast
  std::vector<double> quantiles;           ///< levels, rising
  /// The quantiles: number (o · horizon + h) · quantiles.size() + i is quantile i, h + 1 steps
  /// ahead, at origin o. Steps beyond the end of the series included.
  std::vector<double> forecasts;
  std::size_t horizon = 0;
  std::size_t median = 0;  ///< place of 0.5 among the levels
  std::size_t lower = 0;   ///< place of the lower end of the interval
  std::size_t upper = 0;   ///< place of the upper end of the interval
  double scale = std::numeric_limits<double>::quiet_NaN();  ///< what MASE is divided by
  std::size_t fits = 0;                                     ///< times that the model was fitted
  std::size_t fallbacks = 0;    ///< fits in which a simpler model stood in
  std::size_t unconverged = 0;  ///< fits whose search did not end at an optimum

  /// Quantile i of the value h + 1 steps ahead at origin o.
  [[nodiscard]] auto at(std::size_t o, std::size_t h, std::size_t i) const noexcept -> double {
    return forecasts[(o * horizon + h) * quantiles.size() + i];
  }
};

namespace detail {

/// Puts `level` among the rising levels if it is not there, and tells its place.
inline void add_level(std::vector<double>& levels, double level) {
  for (const double x : levels)
    if (std::fabs(x - level) < 1e-12) return;
  levels.insert(std::upper_bound(levels.begin(), levels.end(), level), level);
}
[[nodiscard]] inline auto place_of(const std::vector<double>& levels, double level) noexcept
    -> std::size_t {
  std::size_t i = 0;
  while (i + 1 < levels.size() && levels[i] < level - 1e-12) ++i;
  return i;
}

/// The levels asked for, rising and without repeats, or what is wrong with the options.
[[nodiscard]] inline auto rolling_levels(const rolling_options& o, std::size_t n, std::size_t first)
    -> expected<std::vector<double>> {
  if (o.step == 0 || o.horizon == 0)
    return failure("rolling_origin: step and horizon must be at least 1");
  if (!(o.interval > 0 && o.interval < 1))
    return failure("rolling_origin: the interval must hold more than 0 and less than 1");
  if (first == 0 || first >= n || (!o.partial && n - first < o.horizon))
    return failure("rolling_origin: the first origin is at " + std::to_string(first) + " of " +
                   std::to_string(n) + " values, which leaves nothing to learn from or no " +
                   std::to_string(o.horizon) + " values to forecast; move it");
  std::vector<double> levels;
  for (const double q : o.quantiles) {
    if (!(q > 0 && q < 1))
      return failure("rolling_origin: quantile levels must lie between 0 and 1, without the ends");
    add_level(levels, q);
  }
  for (const double q : {(1 - o.interval) / 2, 0.5, (1 + o.interval) / 2}) add_level(levels, q);
  return levels;
}

}  // namespace detail

/// Rolling-origin evaluation ("time series cross-validation", Tashman, Int. J. Forecasting 16,
/// 2000): stands at one place of the series after the other, forecasts from what came before, and
/// compares with what came. The median is the point forecast.
///
/// The model is fitted to the values before the first origin (a predictor that cannot be fitted
/// takes them in one by one), then updated with every value, and fitted again as the options say
/// (`refit` where it has it). Errors are means over all values forecast, all origins and steps
/// alike; values that are missing are left out and counted. With the default options the origins
/// are floor(0.75 n), 12 values later, and so on, as long as 12 values are left, and MASE is scaled
/// by the mean absolute change from value to value before the first origin. An error of a fit is
/// an error of the evaluation.
template <predictor P>
[[nodiscard]] auto rolling_origin(P model, std::span<const double> values,
                                  const rolling_options& o = {}) -> expected<rolling_result> {
  const std::size_t n = values.size();
  const double train = o.train > 0 ? std::min(o.train, 1.0) : 0;  // not for NaN
  const std::size_t first =
      o.first != 0 ? o.first : static_cast<std::size_t>(train * static_cast<double>(n) + 1e-9);
  auto levels = detail::rolling_levels(o, n, first);
  if (!levels) return unexpected{levels.error()};

  rolling_result r;
  r.quantiles = std::move(*levels);
  r.horizon = o.horizon;
  r.median = detail::place_of(r.quantiles, 0.5);
  r.lower = detail::place_of(r.quantiles, (1 - o.interval) / 2);
  r.upper = detail::place_of(r.quantiles, (1 + o.interval) / 2);
  const std::size_t width = r.quantiles.size();

  const auto history = [&](std::size_t end) {
    const std::size_t length = o.window == 0 ? end : std::min(end, o.window);
    return values.subspan(end - length, length);
  };
  const auto fit = [&](std::size_t end, bool again) -> fit_result {
    if constexpr (refittable<P>) {
      if (again) return model.refit(history(end));
    }
    if constexpr (trainable<P>) {
      static_cast<void>(again);
      return model.fit(history(end));
    } else {
      if (!again)
        for (const double x : history(end)) model.update(x);
      return fit_report{};
    }
  };
  r.scale = naive_error(history(first), o.season);

  score_sums all;
  std::vector<score_sums> steps(o.horizon);
  std::vector<double> out(o.horizon * width);
  for (std::size_t origin = first; origin < n; origin += o.step) {
    if (!o.partial && n - origin < o.horizon) break;
    const std::size_t count = r.origins.size();
    const bool again = trainable<P> && o.refit_every != 0 && count % o.refit_every == 0;
    if (count == 0 || again) {
      const auto report = fit(origin, count != 0);
      if (!report) return unexpected{report.error()};
      ++r.fits;
      if (!report->fallback.empty()) ++r.fallbacks;
      if (!report->converged) ++r.unconverged;
    }
    model.forecast(o.horizon, r.quantiles, out);
    score_sums here;
    for (std::size_t h = 0; h < o.horizon && origin + h < n; ++h) {
      const auto quantiles = std::span<const double>{out}.subspan(h * width, width);
      for (score_sums* sums : {&all, &here, &steps[h]})
        sums->add(values[origin + h], r.quantiles, quantiles, r.median, r.lower, r.upper);
    }
    r.origins.push_back(origin);
    r.by_origin.push_back(here.means(r.scale));
    r.forecasts.insert(r.forecasts.end(), out.begin(), out.end());
    for (std::size_t i = origin; i < std::min(n, origin + o.step); ++i) model.update(values[i]);
  }
  r.summary = all.means(r.scale);
  for (const auto& s : steps) r.by_step.push_back(s.means(r.scale));
  return r;
}

}  // namespace lepton::predict
