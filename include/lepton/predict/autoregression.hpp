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

#include <lepton/predict/autoregression_options.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/feature_set.hpp>
#include <lepton/predict/horizon_errors.hpp>
#include <lepton/predict/lagged_model.hpp>
#include <lepton/predict/lags.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/past_window.hpp>
#include <lepton/predict/training_rows.hpp>

namespace lepton::predict {

/// Any regressor over any features of the past, made a predictor of series.
///
/// `fit` learns value(t) from features of the values before t, and what the errors of forecasts h
/// steps ahead are by forecasting parts of the history that were held out (blocked cross-validation
/// after Bergmeir and Benítez, "On the use of cross-validation for time series predictor
/// evaluation", 2012). Forecasts are recursive, direct, or both (`autoregression_options::direct`;
/// Taieb et al., "A review and comparison of strategies for multi-step ahead time series
/// forecasting", 2012). The intervals are quantiles of those errors, so nothing is assumed normal.
///
/// A regressor that is an `online_regressor` learns on in `update`. A missing value counts as its
/// own forecast from then on; in training, rows that need one are left to the regressor (most
/// leave them out), unless hardly any would remain: then the value before it is carried forward.
/// Forecasts stay within the range of the values seen, widened by its own size on both sides.
///
/// Too little history, or a constant series: `last_value` stands in. `update` costs what writing
/// the features costs, `forecast` that and a prediction for each step; neither allocates.
template <class Regressor = linear_regression, class Features = lags>
class autoregression {
  static_assert(regressor<Regressor>,
                "lepton: autoregression needs a regressor: fit(matrix_view, numbers), predict(row) "
                "noexcept and persist, see predict/concept.hpp");
  static_assert(feature<Features>,
                "lepton: autoregression needs features of the past, such as lags or a feature_set: "
                "width, reach, level, name and write, see predict/feature.hpp");

 public:
  static constexpr std::string_view model_name =
      detail::joined_name<detail::autoregression_name, Regressor, Features>::value;

  autoregression() : autoregression(Features{}) {}
  explicit autoregression(Features features, autoregression_options options = {},
                          Regressor prototype = Regressor{})
      : options_(at_least_one(options)),
        prototype_(std::move(prototype)),
        model_(std::move(features), static_cast<std::size_t>(options_.difference),
               static_cast<std::size_t>(options_.direct)),
        past_(model_.reach() + model_.leads()) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    autoregression fitted{model_.features, options_, prototype_};
    auto simple = fitted.fallback_.fit(values);
    if (!simple) return failure(std::string(model_name) + ": " + simple.error().message);
    for (const double v : values) {
      fitted.past_.push(v);
      if (!std::isnan(v)) fitted.model_.see(v);
    }
    fitted.time_ = values.size();
    fit_report report = simple.value();
    report.fallback = last_value::model_name;
    if (const auto learned = fitted.learn(values, report); !learned)
      return unexpected{learned.error()};
    *this = std::move(fitted);
    return report;
  }

  void update(double value) noexcept {
    if (!std::isfinite(value)) {
      fallback_.update(value);
      double filled = std::numeric_limits<double>::quiet_NaN();
      if (fitted()) {
        model_.begin(past_.values(), time_);
        filled = model_.next(0);
        ++gap_;
      }
      past_.push(filled);
    } else {
      if (fitted()) {
        follow_errors(value);
        model_.learn_on(past_.values(), time_, value);
      }
      fallback_.update(value);
      model_.see(value);
      past_.push(value);
      gap_ = 0;
    }
    ++time_;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    if (!fitted()) return fallback_.forecast(horizon, quantiles, out);
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    // The first row of `out` holds the scores until it is written, last of all.
    const std::size_t n = quantiles.size();
    if (horizon == 0 || n == 0) return;
    model_.begin(past_.values(), time_);
    const double first = model_.next(0);
    for (std::size_t i = 0; i < n; ++i) out[i] = normal_quantile(quantiles[i]);
    for (std::size_t h = 1; h < horizon; ++h) {
      const double mean = model_.next(h);
      for (std::size_t i = 0; i < n; ++i) out[h * n + i] = mean + error_quantile(h, out[i]);
    }
    for (std::size_t i = 0; i < n; ++i) out[i] = first + error_quantile(0, out[i]);
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    if (!fitted()) return fallback_.moments(mean, error);
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    model_.begin(past_.values(), time_);
    for (std::size_t h = 0; h < mean.size(); ++h) {
      mean[h] = model_.next(h);
      error[h] = errors_.rms(h + gap_) * scale_;
    }
  }

  /// From the errors that forecasts of the largest value of windows have had, not by simulation;
  /// at least the largest quantile of one step.
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!fitted()) return fallback_.peak_quantile(horizon, q);
    if (horizon == 0) return std::numeric_limits<double>::quiet_NaN();
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    const double score = std::clamp(normal_quantile(std::clamp(q, 0.0, 1.0)), -8.0, 8.0);
    double peak = lowest;
    double least = lowest;
    model_.begin(past_.values(), time_);
    for (std::size_t h = 0; h < horizon; ++h) {
      const double mean = model_.next(h);
      peak = std::max(peak, mean);
      least = std::max(least, mean + error_quantile(h, score));
    }
    return std::max(least, peak + scale_ * peak_errors_.quantile(horizon - 1 + gap_, score));
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return fallback_.ready(); }
  /// Whether the regression forecasts, not the fallback.
  [[nodiscard]] auto fitted() const noexcept -> bool { return !model_.regressors.empty(); }
  [[nodiscard]] auto features() const noexcept -> const Features& { return model_.features; }
  [[nodiscard]] auto options() const noexcept -> const autoregression_options& { return options_; }
  /// The regressor for `lead` + 1 steps ahead; there are `options().direct` once fitted.
  [[nodiscard]] auto regressor_for(std::size_t lead = 0) const noexcept -> const Regressor& {
    return model_.regressors[lead];
  }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.horizon, options_.direct, options_.difference, options_.folds, options_.origins,
      options_.adapt, prototype_, model_, errors_, peak_errors_, fallback_, scale_, time_, gap_);
    if constexpr (Archive::reads) {
      if (options_.horizon == 0 || options_.direct != model_.leads() ||
          model_.reach() > detail::longest_reach || !(scale_ > 0) ||
          (fitted() && (errors_.steps() == 0 || peak_errors_.steps() == 0)))
        return a.reject();
      past_ = detail::past_window{model_.reach() + model_.leads()};
    }
    past_.persist(a);
  }

 private:
  using error_lists = std::vector<std::vector<double>>;  // of each step ahead

  [[nodiscard]] static auto at_least_one(autoregression_options o) noexcept
      -> autoregression_options {
    o.direct = std::max<std::uint64_t>(o.direct, 1);
    o.horizon = std::max<std::uint64_t>(o.horizon, 1);
    return o;
  }

  [[nodiscard]] auto error_quantile(std::size_t h, double score) const noexcept -> double {
    return scale_ * errors_.quantile(h + gap_, score);
  }

  /// The scale of the intervals moves on by the size of the error just made.
  void follow_errors(double value) noexcept {
    const double usual = errors_.rms(0);
    if (options_.adapt == 0 || gap_ > 0 || !(usual > 0)) return;
    const double mean = model_.value(past_.values(), time_, 0);
    if (!std::isfinite(mean)) return;
    const double weight = 1 / static_cast<double>(options_.adapt);
    const double ratio = (value - mean) / usual;
    // One wild value must not widen all that follow beyond use.
    const double square = std::min(ratio * ratio, 100.0);
    scale_ = std::clamp(std::sqrt((1 - weight) * scale_ * scale_ + weight * square), 0.1, 10.0);
  }

  /// Leaves the model without regressors if there is too little to learn from.
  auto learn(std::span<const double> values, fit_report& report) -> status {
    const std::size_t leads = model_.leads();
    const std::size_t least = model_.features.width() + 10;  // rows
    const std::size_t start = model_.reach() + leads - 1;
    if (model_.features.width() == 0)
      return failure(std::string(model_name) + ": there are no features; name at least one");
    if (!model_.varied() || values.size() < start + least) return {};
    std::vector<double> carried;
    auto known = values;
    std::vector<detail::training_rows> rows;
    rows.emplace_back(model_.rows(), known, values, start, 0);
    const std::size_t whole = rows[0].complete();
    if (whole < least || 2 * whole < values.size() - start) {
      carried = detail::carried_forward(values);
      known = carried;
      rows[0] = {model_.rows(), known, values, start, 0};
      if (rows[0].complete() < least) return {};
    }
    for (std::size_t lead = 1; lead < leads; ++lead)
      rows.emplace_back(model_.rows(), known, values, start, lead);
    learn_errors(rows, known, values);
    if (errors_.steps() == 0 || peak_errors_.steps() == 0) return {};

    std::vector<Regressor> learned(leads, prototype_);
    for (std::size_t lead = 0; lead < leads; ++lead) {
      const auto result = rows[lead].fit(learned[lead], 0, 0);
      if (!result) return unexpected{result.error()};
      const bool converged = (lead == 0 || report.converged) && result.value().converged;
      if (lead == 0) report = result.value();
      report.converged = converged;
    }
    report.fallback = {};
    model_.regressors = std::move(learned);
    return {};
  }

  /// The errors of forecasts, each part of the history held out in turn.
  void learn_errors(const std::vector<detail::training_rows>& rows, std::span<const double> known,
                    std::span<const double> values) {
    const std::size_t start = rows[0].first;
    const std::size_t count = values.size() - start;
    const auto folds = static_cast<std::size_t>(
        options_.folds <= 1 || count < 8 * (rows[0].width + 10) ? 1 : options_.folds);
    error_lists errors(static_cast<std::size_t>(options_.horizon));
    error_lists peaks = errors;
    for (std::size_t f = 0; f < folds; ++f) {
      const std::size_t from = start + (folds == 1 ? count - count / 4 : count * f / folds);
      const std::size_t to = folds == 1 ? values.size() : start + count * (f + 1) / folds;
      model_.regressors.assign(rows.size(), prototype_);
      bool good = true;
      for (std::size_t lead = 0; lead < rows.size() && good; ++lead)
        good = rows[lead].fit(model_.regressors[lead], from, to).has_value();
      if (!good) continue;
      const std::size_t most =
          std::max<std::size_t>(1, static_cast<std::size_t>(options_.origins) / folds);
      const std::size_t stride = std::max<std::size_t>(1, (to - from + most - 1) / most);
      for (std::size_t origin = from; origin < to; origin += stride)
        hold_out(known.first(origin), values.subspan(origin, to - origin), errors, peaks);
    }
    model_.regressors.clear();
    errors_.learn(errors);
    peak_errors_.learn(peaks);
  }

  void hold_out(std::span<const double> past, std::span<const double> next, error_lists& errors,
                error_lists& peaks) {
    if (past.empty() || std::isnan(past.back())) return;
    model_.begin(past, past.size());
    double forecast_peak = -std::numeric_limits<double>::infinity();
    double peak = forecast_peak;
    for (std::size_t h = 0; h < std::min(errors.size(), next.size()); ++h) {
      const double mean = model_.next(h);
      forecast_peak = std::max(forecast_peak, mean);
      if (!std::isnan(next[h])) {
        errors[h].push_back(next[h] - mean);
        peak = std::max(peak, next[h]);
      }
      if (std::isfinite(peak)) peaks[h].push_back(peak - forecast_peak);
    }
  }

  autoregression_options options_;
  Regressor prototype_;
  detail::lagged_model<Regressor, Features> model_;
  detail::horizon_errors errors_;
  detail::horizon_errors peak_errors_;
  last_value fallback_;
  double scale_ = 1;
  std::uint64_t time_ = 0;
  std::uint64_t gap_ = 0;
  detail::past_window past_;
};

}  // namespace lepton::predict
