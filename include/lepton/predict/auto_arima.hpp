// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include <lepton/predict/arima.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/select_arima.hpp>

namespace lepton::predict {

/// An ARIMA model whose orders are chosen by `select_arima`. Else it is the `arima` that was
/// chosen: its updates, its forecasts, its memory.
///
/// `fit` takes some 20 to 120 fits of `arima`; `refit` searches only next to the orders it has.
/// Before any fit, and where the series is too short for a choice, it forecasts as `arima` does.
class auto_arima {
 public:
  static constexpr std::string_view model_name = "auto-arima";

  auto_arima() = default;
  explicit auto_arima(const auto_arima_options& options) : options_(options) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return choose(values, {}, false);
  }
  /// With inputs, a row for each value.
  [[nodiscard]] auto fit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return choose(values, inputs, false);
  }
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    return choose(values, {}, true);
  }
  [[nodiscard]] auto refit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return choose(values, inputs, true);
  }

  void update(double value) noexcept { model_.update(value); }
  void update(double value, std::span<const double> row) noexcept { model_.update(value, row); }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    model_.forecast(horizon, quantiles, out);
  }
  /// A row of inputs for each step.
  void forecast(matrix_view inputs, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    model_.forecast(inputs, quantiles, out);
  }
  void moments(std::span<double> mean, std::span<double> error) noexcept {
    model_.moments(mean, error);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return model_.peak_quantile(horizon, q);
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return model_.ready(); }

  /// The model that was chosen.
  [[nodiscard]] auto model() const noexcept -> const arima& { return model_; }
  [[nodiscard]] auto options() const noexcept -> const auto_arima_options& { return options_; }
  /// Criterion of the model chosen; infinite as long as there was no choice.
  [[nodiscard]] auto criterion() const noexcept -> double { return criterion_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_, model_, criterion_, fitted_);
  }

 private:
  auto choose(std::span<const double> values, matrix_view inputs, bool near) -> fit_result {
    const arima_options before = model_.options();
    const auto selection =
        select_arima(values, options_, inputs, near && fitted_ ? &before : nullptr);
    if (!selection) return unexpected{selection.error()};
    arima model{selection->orders};
    auto report = model.fit(values, inputs);
    if (!report) return report;
    model_ = std::move(model);
    criterion_ = selection->criterion;
    fitted_ = true;
    return report;
  }

  auto_arima_options options_{};
  arima model_{};
  double criterion_ = std::numeric_limits<double>::infinity();
  bool fitted_ = false;
};

}  // namespace lepton::predict
