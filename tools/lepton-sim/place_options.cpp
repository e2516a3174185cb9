// SPDX-License-Identifier: Apache-2.0
#include "place_options.hpp"

#include <string_view>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "option_checks.hpp"
#include "place_command.hpp"

namespace lepton_sim {
namespace {

constexpr std::string_view examples = R"(Examples:
  lepton-sim place                                  every policy on the built-in cluster
  lepton-sim place --policy fgd,best-fit --seeds 3 --report out
  lepton-sim place --nodes nodes.csv --tasks pods.csv.gz --json results.json
  lepton-sim place --policy fgd --seed 7 --explain openb-pod-0042
  lepton-sim place --timed --nodes nodes.csv --tasks pods.csv)";

constexpr number_range load_range{0, 10, true, "above 0 and up to 10"};

}  // namespace

auto add_place_command(CLI::App& app, place_options& into) -> CLI::App* {
  auto* const place = app.add_subcommand(
      "place", "Places the tasks of a workload on its cluster and compares policies.");
  place->footer(std::string{examples});
  place->add_option("--nodes", into.nodes, "Node list in openb format, plain or .gz")
      ->type_name("FILE");
  place->add_option("--tasks", into.tasks, "Pod list in openb format, plain or .gz")
      ->type_name("FILE");
  place
      ->add_option("--data", into.data,
                   "Folder with openb/, whose lists are taken without --nodes and --tasks "
                   "(else LEPTON_DATA_DIR; without lists, built-in figures)")
      ->type_name("DIR");
  place
      ->add_option("--policy", into.policies,
                   fmt::format("Policies, separated by commas: all, {}",
                               fmt::join(place_policy_names(), ", ")))
      ->delimiter(',')
      ->type_name("NAME,...")
      ->capture_default_str();
  place
      ->add_option("--load", into.load,
                   "Tasks arrive until they ask for this multiple of the GPUs, up to 10")
      ->check(load_range)
      ->type_name("NUMBER")
      ->capture_default_str();
  auto* const seeds =
      place
          ->add_option("--seeds", into.seeds,
                       fmt::format("Number of seeds, counted from 0 (default {}; 1 with --timed)",
                                   default_seeds))
          ->check(CLI::Range(1, 10'000))
          ->type_name("COUNT");
  place->add_option("--seed", into.seed, "One seed")
      ->check(is_seed)
      ->excludes(seeds)
      ->type_name("NUMBER");
  place
      ->add_option("--threads", into.threads,
                   "Experiments at a time (default: as many as the machine has threads)")
      ->check(CLI::Range(1, 1024))
      ->type_name("COUNT");
  place->add_option("--json", into.json, "Write the results as JSON; - is the standard output")
      ->type_name("FILE");
  place->add_option("--csv", into.csv, "Write the results as CSV; - is the standard output")
      ->type_name("FILE");
  place->add_option("--report", into.report, "Write a report with plots, DIR/index.html")
      ->type_name("DIR");
  place
      ->add_option("--explain", into.explain,
                   "Say why this task (name, or position in the list) finds no node, or which one, "
                   "on the cluster that the first policy and seed leave")
      ->type_name("TASK");
  place->add_flag("--skip-bad", into.skip_bad,
                  "Name bad records and go on, instead of stopping at the first");
  place->add_flag("--timed", into.timed,
                  "Replay the recorded times of arrival and departure instead of a rising load");
  return place;
}

}  // namespace lepton_sim
