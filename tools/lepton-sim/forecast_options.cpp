// SPDX-License-Identifier: Apache-2.0
#include "forecast_options.hpp"

#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "forecast_models.hpp"
#include "option_checks.hpp"

namespace lepton_sim {
namespace {

constexpr std::string_view fit_examples = R"(Examples:
  lepton-sim forecast fit --series AirPassengers.txt --log --order 0,1,1 --seasonal 0,1,1,12
  lepton-sim forecast fit --series LakeHuron.txt --order 2,0,0 --mean --json -
  lepton-sim forecast fit --series cpu.csv.gz --column avg_cpu --auto stepwise --horizon 24
  lepton-sim forecast fit --series cpu.csv.gz --model ets --season 24)";

constexpr std::string_view compare_examples = R"(Examples:
  lepton-sim forecast compare --series cpu.csv.gz --models all --report out
  lepton-sim forecast compare --series cpu.csv --column avg_cpu --models last,ets,arima,hybrid --json -
  lepton-sim forecast compare --series load.txt --season 24 --horizon 24 --step 24 --refit 7)";

constexpr std::size_t longest = 100'000;

void add_series(CLI::App& app, forecast_series_options& into) {
  app.add_option("--series", into.file,
                 "The series, oldest first, plain or .gz: a number a line, or CSV; NA, NaN or "
                 "nothing is a missing value")
      ->required()
      ->type_name("FILE");
  app.add_option(
         "--column", into.column,
         "Of CSV: the column's name, or its number from 1 (default: the first that holds no times)")
      ->type_name("NAME");
  app.add_option("--season", into.season, "Values in a season, as 12 of monthly ones; 1: no season")
      ->check(CLI::Range(std::size_t{1}, longest))
      ->type_name("COUNT")
      ->capture_default_str();
  auto* const log = app.add_flag("--log", into.log,
                                 "Take the natural logarithm first; all results are on that scale");
  app.add_flag("--log10", into.log10, "The same, to the base 10")->excludes(log);
}

auto add_fit(CLI::App& forecast, forecast_fit_options& into) -> CLI::App* {
  auto* const fit = forecast.add_subcommand(
      "fit", "Fits a model to a series: coefficients, likelihood and forecasts.");
  fit->footer(std::string{fit_examples});
  add_series(*fit, into.series);
  fit->add_option("--model", into.model, "Model: " + forecast_models_text())
      ->type_name("NAME")
      ->capture_default_str();
  auto* const order = fit->add_option("--order", into.order, "Of arima: p,d,q")
                          ->delimiter(',')
                          ->expected(3)
                          ->type_name("P,D,Q");
  auto* const seasonal = fit->add_option("--seasonal", into.seasonal,
                                         "Of arima: P,D,Q,season (or P,D,Q with --season)")
                             ->delimiter(',')
                             ->expected(3, 4)
                             ->type_name("P,D,Q,S");
  fit->add_flag("--mean", into.mean, "Of arima without differences: estimate the mean");
  fit->add_flag("--trend", into.trend, "Of arima: estimate a linear trend (drift)");
  fit->add_option("--auto", into.search,
                  "Choose the orders of arima by AICc: stepwise looks at neighbours of the best so "
                  "far (the default without --order), exhaustive at all")
      ->check(CLI::IsMember({"stepwise", "exhaustive"}))
      ->excludes(order)
      ->excludes(seasonal)
      ->type_name("NAME");
  fit->add_option("--horizon", into.horizon, "Values to forecast")
      ->check(CLI::Range(std::size_t{0}, longest))
      ->type_name("COUNT")
      ->capture_default_str();
  fit->add_option("--quantiles", into.levels, "Levels of the quantiles to forecast")
      ->delimiter(',')
      ->check([](const std::string& text) {
        const auto fault = number_range{0, 1, true, "above 0 and below 1"}(text);
        return fault.empty() && std::strtod(text.c_str(), nullptr) >= 1
                   ? "'" + text + "' is not a number above 0 and below 1"
                   : fault;
      })
      ->type_name("NUMBER,...")
      ->capture_default_str();
  fit->add_option("--json", into.json, "Write the result as JSON; - is the standard output")
      ->type_name("FILE");
  return fit;
}

auto add_compare(CLI::App& forecast, forecast_compare_options& into) -> CLI::App* {
  auto* const compare = forecast.add_subcommand(
      "compare",
      "Compares models on the end of a series, which they forecast from one origin after the "
      "other.");
  compare->footer(std::string{compare_examples});
  add_series(*compare, into.series);
  compare
      ->add_option("--models", into.models,
                   "Models, separated by commas: " + forecast_models_text() + "; all stands for " +
                       common_forecast_models_text())
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  compare->add_option("--horizon", into.horizon, "Values to forecast at each origin")
      ->check(CLI::Range(std::size_t{1}, longest))
      ->type_name("COUNT")
      ->capture_default_str();
  compare->add_option("--step", into.step, "Values from one origin to the next")
      ->check(CLI::Range(std::size_t{1}, longest))
      ->type_name("COUNT")
      ->capture_default_str();
  compare->add_option("--train", into.train, "Percent of the series before the first origin")
      ->check(number_range{1, 99, false, "from 1 to 99"})
      ->type_name("PERCENT")
      ->capture_default_str();
  compare
      ->add_option("--refit", into.refit,
                   "Fit anew at every so many origins; 0: fit once, then only update")
      ->check(CLI::Range(std::size_t{0}, longest))
      ->type_name("COUNT")
      ->capture_default_str();
  compare->add_option("--interval", into.interval, "Percent that the intervals are to hold")
      ->check(number_range{1, 99, false, "from 1 to 99"})
      ->type_name("PERCENT")
      ->capture_default_str();
  compare
      ->add_option("--threads", into.threads,
                   "Models at a time (default: as many as the machine has threads)")
      ->check(CLI::Range(1, 1024))
      ->type_name("COUNT");
  compare->add_option("--json", into.json, "Write the results as JSON; - is the standard output")
      ->type_name("FILE");
  compare->add_option("--report", into.report, "Write a report with plots, DIR/index.html")
      ->type_name("DIR");
  return compare;
}

}  // namespace

auto add_forecast_command(CLI::App& app, forecast_fit_options& fit,
                          forecast_compare_options& compare) -> forecast_commands {
  auto* const forecast =
      app.add_subcommand("forecast", "Fits models to a series of numbers and compares forecasts.");
  forecast->require_subcommand(1);
  forecast->footer(
      "'lepton-sim forecast fit --help' and 'lepton-sim forecast compare --help' tell more.");
  return {add_fit(*forecast, fit), add_compare(*forecast, compare)};
}

}  // namespace lepton_sim
