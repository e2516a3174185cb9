// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lepton/model/expected.hpp>
#include <lepton/predict/arima.hpp>
#include <lepton/predict/fit_report.hpp>

#include "forecast_options.hpp"
#include "forecast_series.hpp"

namespace lepton_sim {

/// A model fitted to a series, and what it forecasts.
struct fitted_series {
  std::string model{};
  std::string description{};            ///< "ARIMA(0,1,1)(0,1,1)12", "ETS(M,Ad,M)"
  std::vector<std::size_t> order{};     ///< p, d, q of an ARIMA model
  std::vector<std::size_t> seasonal{};  ///< P, D, Q and the season, if there is one
  std::vector<std::pair<std::string, double>> coefficients{};
  std::vector<double> errors{};  ///< standard errors of the coefficients, if known
  double sigma2 = std::numeric_limits<double>::quiet_NaN();
  lepton::predict::fit_report report{};
  std::vector<double> levels{};
  std::vector<double> mean{};       ///< of each step
  std::vector<double> error{};      ///< standard errors of the steps
  std::vector<double> quantiles{};  ///< step by step
};

/// Adds what a fitted ARIMA model tells of itself.
void tell_arima(const lepton::predict::arima& model, fitted_series& into);

[[nodiscard]] auto fit_series(const forecast_series& series, const forecast_fit_options& options)
    -> lepton::expected<fitted_series>;

/// `model`, `order`, `coefficients`, `sigma2`, `loglik`, `aic`, `aicc`, `forecast` ...
[[nodiscard]] auto fitted_json(const fitted_series& fitted, const forecast_series& series)
    -> nlohmann::ordered_json;
/// The same for people.
[[nodiscard]] auto fitted_text(const fitted_series& fitted, const forecast_series& series)
    -> std::string;

}  // namespace lepton_sim
