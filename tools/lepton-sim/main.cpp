// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include <lepton/version.hpp>

#include "exit_code.hpp"
#include "place_command.hpp"
#include "place_options.hpp"

namespace {

auto run(int argc, char** argv) -> int {
  CLI::App app{"lepton-sim replays recorded workloads through Lepton's scheduling policies.",
               "lepton-sim"};
  app.set_version_flag("--version", "lepton-sim " LEPTON_VERSION_STRING);
  app.require_subcommand(1);
  app.footer(
      "'lepton-sim place --help' tells more.\n"
      "Exit codes: 0 good, 1 failed, 2 bad input or options.");
  lepton_sim::place_options place;
  auto* const place_command = lepton_sim::add_place_command(app, place);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    if (stop.get_exit_code() == 0) return app.exit(stop);  // --help, --version
    std::fprintf(stderr, "lepton-sim: %s\nSee lepton-sim place --help.\n", stop.what());
    return lepton_sim::exit_bad_input;
  }
  return place_command->parsed() ? lepton_sim::run_place(place) : lepton_sim::exit_bad_input;
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
