// SPDX-License-Identifier: Apache-2.0
#include "forecast_fit.hpp"

#include <cmath>
#include <span>
#include <utility>

#include <fmt/format.h>

#include <lepton/predict/auto_arima.hpp>

#include "forecast_models.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace predict = lepton::predict;
using nlohmann::ordered_json;

/// Fits the model, and asks it for what all predictors tell.
template <class Model>
auto fit_and_forecast(Model& model, const forecast_series& series, const forecast_fit_options& o)
    -> lepton::expected<fitted_series> {
  const auto report = model.fit(std::span<const double>{series.values});
  if (!report) return lepton::unexpected{report.error()};
  fitted_series fitted;
  fitted.report = *report;
  fitted.levels = o.levels;
  fitted.mean.resize(o.horizon);
  fitted.error.resize(o.horizon);
  fitted.quantiles.resize(o.horizon * o.levels.size());
  model.moments(fitted.mean, fitted.error);
  model.forecast(o.horizon, fitted.levels, fitted.quantiles);
  return fitted;
}

auto fit_arima(const forecast_series& series, const forecast_fit_options& o)
    -> lepton::expected<fitted_series> {
  const auto season = o.seasonal.size() == 4 ? o.seasonal[3] : o.series.season;
  if (!o.search.empty() || (o.order.empty() && o.seasonal.empty())) {
    predict::auto_arima_options how;
    how.season = season;
    how.search = o.search == "exhaustive" ? predict::order_search_mode::exhaustive
                                          : predict::order_search_mode::stepwise;
    predict::auto_arima model{how};
    auto fitted = fit_and_forecast(model, series, o);
    if (fitted) tell_arima(model.model(), *fitted);
    return fitted;
  }
  predict::arima_options orders;
  if (o.order.size() == 3) {
    orders.p = o.order[0];
    orders.d = o.order[1];
    orders.q = o.order[2];
  }
  if (o.seasonal.size() >= 3) {
    orders.P = o.seasonal[0];
    orders.D = o.seasonal[1];
    orders.Q = o.seasonal[2];
    orders.season = season;
  }
  orders.mean = o.mean;
  orders.drift = o.trend;
  predict::arima model{orders};
  auto fitted = fit_and_forecast(model, series, o);
  if (fitted) tell_arima(model, *fitted);
  return fitted;
}

auto number(double x) -> ordered_json {
  return std::isfinite(x) ? ordered_json(x) : ordered_json(nullptr);
}

auto level_name(double level) -> std::string { return fmt::format("{:.12g}", level); }

}  // namespace

void tell_arima(const predict::arima& model, fitted_series& fitted) {
  const auto& o = model.options();
  fitted.order = {o.p, o.d, o.q};
  fitted.description = fmt::format("ARIMA({},{},{})", o.p, o.d, o.q);
  if (o.season > 1) {
    fitted.seasonal = {o.P, o.D, o.Q, o.season};
    fitted.description += fmt::format("({},{},{}){}", o.P, o.D, o.Q, o.season);
  }
  for (const auto& [name, value] : model.coefficients())
    fitted.coefficients.emplace_back(name, value);
  fitted.errors.assign(model.standard_errors().begin(), model.standard_errors().end());
  fitted.sigma2 = model.sigma2();
}

auto fit_series(const forecast_series& series, const forecast_fit_options& options)
    -> lepton::expected<fitted_series> {
  if (options.model == "arima") {
    auto fitted = fit_arima(series, options);
    if (fitted) fitted->model = "arima";
    return fitted;
  }
  const auto* const entry = find_forecast_model(options.model);
  if (entry == nullptr) return lepton::failure(unknown_model_text(options.model));
  for (const auto& [given, name] : {std::pair{!options.order.empty(), "--order"},
                                    {!options.seasonal.empty(), "--seasonal"},
                                    {!options.search.empty(), "--auto"},
                                    {options.mean, "--mean"},
                                    {options.trend, "--trend"}}) {
    if (given) {
      return lepton::failure(
          fmt::format("{} is for the model arima, not for {}; leave it out", name, options.model));
    }
  }
  auto model = entry->make(options.series.season);
  auto fitted = fit_and_forecast(model, series, options);
  if (!fitted) return fitted;
  fitted->model = options.model;
  fitted->description = entry->about;
  entry->describe(model, *fitted);
  return fitted;
}

auto fitted_json(const fitted_series& fitted, const forecast_series& series) -> ordered_json {
  ordered_json object{{"model", fitted.model}, {"description", fitted.description}};
  if (!fitted.order.empty()) object["order"] = fitted.order;
  if (!fitted.seasonal.empty()) object["seasonal"] = fitted.seasonal;
  object["coefficients"] = ordered_json::object();
  for (const auto& [name, value] : fitted.coefficients)
    object["coefficients"][name] = number(value);
  if (!fitted.errors.empty()) {
    object["standard_errors"] = ordered_json::object();
    for (std::size_t i = 0; i < fitted.errors.size() && i < fitted.coefficients.size(); ++i)
      object["standard_errors"][fitted.coefficients[i].first] = number(fitted.errors[i]);
  }
  object["sigma2"] = number(fitted.sigma2);
  object["loglik"] = number(fitted.report.loglik);
  object["aic"] = number(predict::aic(fitted.report));
  object["aicc"] = number(predict::aicc(fitted.report));
  object["parameters"] = fitted.report.parameters;
  object["observations"] = fitted.report.observations;
  object["converged"] = fitted.report.converged;
  object["iterations"] = fitted.report.iterations;
  if (!fitted.report.fallback.empty()) object["fallback"] = fitted.report.fallback;
  object["scale"] = series.scale.empty() ? "values" : series.scale;
  object["forecast"] = ordered_json::array();
  for (std::size_t h = 0; h < fitted.mean.size(); ++h) {
    auto quantiles = ordered_json::object();
    for (std::size_t i = 0; i < fitted.levels.size(); ++i)
      quantiles[level_name(fitted.levels[i])] =
          number(fitted.quantiles[h * fitted.levels.size() + i]);
    object["forecast"].push_back({{"h", h + 1},
                                  {"mean", number(fitted.mean[h])},
                                  {"se", number(fitted.error[h])},
                                  {"quantiles", std::move(quantiles)}});
  }
  return object;
}

auto fitted_text(const fitted_series& fitted, const forecast_series& series) -> std::string {
  auto text = fmt::format("{}\n{}\n", series_text(series), fitted.description);
  if (!fitted.report.fallback.empty())
    text +=
        fmt::format("There is too little to learn from: {} stands in.\n", fitted.report.fallback);
  if (!fitted.report.converged) text += "The search for the best parameters did not converge.\n";
  if (!fitted.coefficients.empty()) {
    text_table table{{"coefficient", "value"}};
    if (!fitted.errors.empty()) table.front().emplace_back("standard error");
    for (std::size_t i = 0; i < fitted.coefficients.size(); ++i) {
      const auto& [name, value] = fitted.coefficients[i];
      table.push_back({name, fmt::format("{:.8g}", value)});
      if (!fitted.errors.empty())
        table.back().push_back(i < fitted.errors.size() ? fmt::format("{:.3g}", fitted.errors[i])
                                                        : "");
    }
    text += '\n' + format_table(table);
  }
  if (!std::isnan(fitted.sigma2)) text += fmt::format("\nsigma^2  {:.9g}\n", fitted.sigma2);
  if (!std::isnan(fitted.report.loglik)) {
    text += fmt::format("log-likelihood {:.6f}, AIC {:.5f}, AICc {:.5f}\n", fitted.report.loglik,
                        predict::aic(fitted.report), predict::aicc(fitted.report));
  }
  if (fitted.mean.empty()) return text;
  text_table table{{"step", "mean", "se"}};
  for (const double level : fitted.levels)
    table.front().push_back(fmt::format("{:.6g} %", 100 * level));
  for (std::size_t h = 0; h < fitted.mean.size(); ++h) {
    table.push_back({fmt::format("{}", h + 1), fmt::format("{:.6g}", fitted.mean[h]),
                     std::isnan(fitted.error[h]) ? "-" : fmt::format("{:.6g}", fitted.error[h])});
    for (std::size_t i = 0; i < fitted.levels.size(); ++i)
      table.back().push_back(fmt::format("{:.6g}", fitted.quantiles[h * fitted.levels.size() + i]));
  }
  return text + '\n' + format_table(table);
}

}  // namespace lepton_sim
