// SPDX-License-Identifier: Apache-2.0
#include "forecast_models.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include <lepton/predict/auto_arima.hpp>
#include <lepton/predict/auto_ets.hpp>
#include <lepton/predict/drift.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/mean_value.hpp>
#include <lepton/predict/seasonal_naive.hpp>
#include <lepton/predict/theta.hpp>

#include "closest_name.hpp"
#include "forecast_fit.hpp"
#include "forecast_learners.hpp"

namespace lepton_sim {
namespace {

namespace predict = lepton::predict;
using predict::any_predictor;

void say_nothing(any_predictor&, fitted_series&) {}

auto make_last(std::size_t) -> any_predictor { return any_predictor{predict::last_value{}}; }
auto make_mean(std::size_t) -> any_predictor { return any_predictor{predict::mean_value{}}; }
auto make_drift(std::size_t) -> any_predictor { return any_predictor{predict::drift{}}; }
auto make_seasonal(std::size_t season) -> any_predictor {
  return any_predictor{predict::seasonal_naive{season}};
}
auto make_theta(std::size_t season) -> any_predictor {
  predict::theta_options o;
  o.period = season;
  return any_predictor{predict::theta{o}};
}

// --- exponential smoothing -----------------------------------------------------------------------

auto make_ses(std::size_t) -> any_predictor { return any_predictor{predict::ets{}}; }
auto make_ets(std::size_t season) -> any_predictor {
  return any_predictor{predict::auto_ets{season}};
}
void tell_ets(const predict::ets& model, fitted_series& into) {
  into.description = predict::ets_name(model.form());
  for (const auto& [name, value] : model.coefficients())
    into.coefficients.emplace_back(name, value);
  into.sigma2 = model.sigma2();
}
void describe_ses(any_predictor& model, fitted_series& into) {
  tell_ets(*model.get_if<predict::ets>(), into);
}
void describe_ets(any_predictor& model, fitted_series& into) {
  tell_ets(model.get_if<predict::auto_ets>()->chosen(), into);
}

// --- arima -------------------------------------------------------------------------------------

auto make_arima(std::size_t season) -> any_predictor {
  predict::auto_arima_options how;
  how.season = season;
  return any_predictor{predict::auto_arima{how}};
}
void describe_arima(any_predictor& model, fitted_series& into) {
  tell_arima(model.get_if<predict::auto_arima>()->model(), into);
}

constexpr std::array models{
    forecast_model{"last", "the last value", make_last, say_nothing},
    forecast_model{"mean", "the mean of all values", make_mean, say_nothing, false},
    forecast_model{"drift", "the last value and the mean change", make_drift, say_nothing, false},
    forecast_model{"seasonal", "the value one season ago", make_seasonal, say_nothing, true, true},
    forecast_model{"ses", "simple exponential smoothing", make_ses, describe_ses},
    forecast_model{"theta", "the theta method", make_theta, say_nothing},
    forecast_model{"ets", "exponential smoothing, chosen by AICc", make_ets, describe_ets},
    forecast_model{"arima", "ARIMA, orders chosen by AICc", make_arima, describe_arima},
    forecast_model{"regression", "linear regression on the last 24 values", make_regression,
                   say_nothing},
    forecast_model{"ridge", "ridge regression on lags, rolling statistics and the season",
                   make_ridge, say_nothing, false},
    forecast_model{"tree", "a regression tree on lags", make_tree, say_nothing, false},
    forecast_model{"forest", "a random forest on lags", make_forest, say_nothing, false},
    forecast_model{"boosting", "gradient boosting on lags", make_boosting, say_nothing, false},
    forecast_model{"lstm", "a recurrent neural network", make_lstm, say_nothing, false},
    forecast_model{"hybrid", "all of it: features, selection, fusion, calibrated intervals",
                   make_hybrid, say_nothing},
};

auto names_of(bool all) -> std::vector<std::string_view> {
  std::vector<std::string_view> names;
  for (const auto& m : models) {
    if (all || m.common) names.push_back(m.name);
  }
  return names;
}

}  // namespace

auto forecast_models() -> std::span<const forecast_model> { return models; }

auto find_forecast_model(std::string_view name) -> const forecast_model* {
  const auto* const found =
      std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.name == name; });
  return found == models.end() ? nullptr : found;
}

auto unknown_model_text(std::string_view name) -> std::string {
  const auto names = names_of(true);
  const auto closest = closest_name(name, names);
  return fmt::format(
      "there is no model '{}'{} The models are {}.", name,
      closest.empty() ? std::string{"."} : fmt::format("; did you mean '{}'?", closest),
      forecast_models_text());
}
auto forecast_models_text() -> std::string {
  return fmt::format("{}", fmt::join(names_of(true), ", "));
}
auto common_forecast_models_text() -> std::string {
  return fmt::format("{} (seasonal only with a season)", fmt::join(names_of(false), ", "));
}

}  // namespace lepton_sim
