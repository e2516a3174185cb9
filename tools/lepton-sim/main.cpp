// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include <lepton/version.hpp>

#include "balance_command.hpp"
#include "balance_options.hpp"
#include "exit_code.hpp"
#include "forecast_command.hpp"
#include "forecast_options.hpp"
#include "place_command.hpp"
#include "place_options.hpp"
#include "queue_command.hpp"
#include "queue_options.hpp"

namespace {

/// The subcommand that the arguments begin with, for "See ... --help".
auto command_in_use(const CLI::App& app, int argc, char** argv) -> std::string {
  std::string name = app.get_name();
  const auto* at = &app;
  for (int i = 1; i < argc; ++i) {
    const auto named = at->get_subcommands(
        [&](const CLI::App* command) { return command->get_name() == argv[i]; });
    if (named.empty()) break;
    at = named.front();
    name += " " + at->get_name();
  }
  return name;
}

auto run(int argc, char** argv) -> int {
  CLI::App app{"lepton-sim runs Lepton's policies on recorded and generated workloads.",
               "lepton-sim"};
  app.set_version_flag("--version", "lepton-sim " LEPTON_VERSION_STRING);
  app.require_subcommand(1);
  app.footer(
      "'lepton-sim place --help' (balance, queue, forecast) tells more.\n"
      "Exit codes: 0 good, 1 failed, 2 bad input or options.");
  lepton_sim::place_options place;
  lepton_sim::balance_options balance;
  lepton_sim::picks_options picks;
  lepton_sim::queue_options queue;
  lepton_sim::forecast_fit_options fit;
  lepton_sim::forecast_compare_options compare;
  auto* const place_command = lepton_sim::add_place_command(app, place);
  const auto balance_commands = lepton_sim::add_balance_command(app, balance, picks);
  auto* const queue_command = lepton_sim::add_queue_command(app, queue);
  const auto forecast_commands = lepton_sim::add_forecast_command(app, fit, compare);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    if (stop.get_exit_code() == 0) return app.exit(stop);  // --help, --version
    std::fprintf(stderr, "lepton-sim: %s\nSee %s --help.\n", stop.what(),
                 command_in_use(app, argc, argv).c_str());
    return lepton_sim::exit_bad_input;
  }
  if (place_command->parsed()) return lepton_sim::run_place(place);
  if (balance_commands.picks->parsed()) return lepton_sim::run_picks(picks);
  if (balance_commands.balance->parsed()) return lepton_sim::run_balance(balance);
  if (queue_command->parsed()) return lepton_sim::run_queue(queue);
  if (forecast_commands.fit->parsed()) return lepton_sim::run_forecast_fit(fit);
  if (forecast_commands.compare->parsed()) return lepton_sim::run_forecast_compare(compare);
  return lepton_sim::exit_bad_input;
}

}  // namespace

auto main(int argc, char** argv) -> int {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {  // out of memory, no more threads
    std::fprintf(stderr, "lepton-sim: %s\n", problem.what());
    return lepton_sim::exit_failed;
  }
}
