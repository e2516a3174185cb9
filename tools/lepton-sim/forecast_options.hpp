// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace lepton_sim {

/// Which series, of both subcommands of `lepton-sim forecast`.
struct forecast_series_options {
  std::string file{};
  std::string column{};  ///< name or number (from 1); empty: the first that holds no times
  std::size_t season = 1;
  bool log = false;    ///< natural logarithm of the values
  bool log10 = false;  ///< logarithm to the base 10
};

/// What the user asked of `lepton-sim forecast fit`.
struct forecast_fit_options {
  forecast_series_options series{};
  std::string model = "arima";
  std::vector<std::size_t> order{};     ///< p, d, q
  std::vector<std::size_t> seasonal{};  ///< P, D, Q and the season
  bool mean = false;
  bool trend = false;
  std::string search{};  ///< stepwise or exhaustive: --auto
  std::size_t horizon = 12;
  std::vector<double> levels{0.1, 0.5, 0.9};
  std::string json{};
};

/// What the user asked of `lepton-sim forecast compare`.
struct forecast_compare_options {
  forecast_series_options series{};
  std::vector<std::string> models{"all"};
  std::size_t horizon = 12;
  std::size_t step = 12;  ///< values from one origin to the next
  double train = 75;      ///< percent of the series before the first origin
  std::size_t refit = 0;  ///< origins between fits; 0: fitted once
  double interval = 80;   ///< percent that the intervals are to hold
  std::size_t threads = 0;
  std::string json{};
  std::string report{};
};

/// The subcommands of `forecast`.
struct forecast_commands {
  CLI::App* fit = nullptr;
  CLI::App* compare = nullptr;
};

/// Adds the subcommand `forecast`; parsing fills the options, which must outlive the app.
auto add_forecast_command(CLI::App& app, forecast_fit_options& fit,
                          forecast_compare_options& compare) -> forecast_commands;

}  // namespace lepton_sim
