// SPDX-License-Identifier: Apache-2.0
#include "forecast_command.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/json_lines.hpp>
#include <lepton/simulate/write_file.hpp>

#include "command_support.hpp"
#include "exit_code.hpp"
#include "forecast_compare.hpp"
#include "forecast_fit.hpp"
#include "forecast_models.hpp"
#include "forecast_report.hpp"
#include "forecast_series.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;

/// The models asked for; those that need a season only where there is one, if "all" are.
auto models_of(const forecast_compare_options& options)
    -> lepton::expected<std::vector<std::string>> {
  std::vector<std::string_view> names;
  std::vector<std::string_view> all;
  for (const auto& m : forecast_models()) {
    names.push_back(m.name);
    if (m.common && (!m.seasonal || options.series.season > 1)) all.push_back(m.name);
  }
  auto chosen = chosen_policies(options.models, names, all, forecast_models_text());
  if (!chosen) return chosen;
  for (const auto& name : *chosen) {
    if (find_forecast_model(name)->seasonal && options.series.season < 2)
      return lepton::failure(name + " needs a season; give its length with --season");
  }
  return chosen;
}

}  // namespace

auto run_forecast_fit(const forecast_fit_options& options) -> int {
  if (const auto good = check_target(options.json); !good)
    return report_failure(good.error(), exit_failed);
  const auto series = load_series(options.series);
  if (!series) return report_failure(series.error(), exit_bad_input);
  const auto fitted = fit_series(*series, options);
  if (!fitted) return report_failure(fitted.error(), exit_bad_input);
  if (options.json != "-") fmt::print("{}", fitted_text(*fitted, *series));
  if (!options.json.empty()) {
    const auto text = fitted_json(*fitted, *series).dump(2) + '\n';
    if (const auto done = simulate::write_file(options.json, text); !done)
      return report_failure(done.error(), exit_failed);
  }
  return finish_output();
}

auto run_forecast_compare(const forecast_compare_options& options) -> int {
  auto models = models_of(options);
  if (!models) return report_failure(models.error(), exit_bad_input);
  if (const auto good = check_target(options.json); !good)
    return report_failure(good.error(), exit_failed);
  const auto series = load_series(options.series);
  if (!series) return report_failure(series.error(), exit_bad_input);

  const experiment_plan plan{*std::move(models), {0}, thread_count(options.threads)};
  const auto results = run_all<forecast_result>(plan, [&](const std::string& model, std::uint64_t) {
    return evaluate(*find_forecast_model(model), *series, options);
  });
  if (!results) return report_failure(results.error(), exit_bad_input);

  auto* const talk = options.json == "-" ? stderr : stdout;
  if (talk == stdout) {
    const auto& rolling = results->front().rolling;
    fmt::print(talk, "{}\n{} origins from value {} on, {} ahead\n\n{}", series_text(*series),
               rolling.origins.size(), rolling.origins.front(), options.horizon,
               forecast_table(*results, options));
  }
  if (!options.json.empty()) {
    const auto text =
        simulate::json_lines(std::span<const forecast_result>{*results}, forecast_json);
    if (const auto done = simulate::write_file(options.json, text); !done)
      return report_failure(done.error(), exit_failed);
  }
  if (!options.report.empty()) {
    if (const auto done = write_forecast_report(options.report, {*series, options, *results});
        !done)
      return report_failure(done.error(), exit_failed);
    fmt::print(talk, "\nReport: {}\n",
               (std::filesystem::path{options.report} / "index.html").string());
  }
  return finish_output();
}

}  // namespace lepton_sim
