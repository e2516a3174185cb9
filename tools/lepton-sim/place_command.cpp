// SPDX-License-Identifier: Apache-2.0
#include "place_command.hpp"

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/load_experiment.hpp>
#include <lepton/simulate/named_policies.hpp>
#include <lepton/simulate/timed_replay.hpp>
#include <lepton/simulate/write_csv.hpp>
#include <lepton/simulate/write_file.hpp>
#include <lepton/simulate/write_json.hpp>

#include "command_support.hpp"
#include "exit_code.hpp"
#include "load_workload.hpp"
#include "place_summary.hpp"
#include "report.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using lepton::expected;
using lepton::failure;
using lepton::status;
using lepton::unexpected;

// --- what is asked for ---------------------------------------------------------------------------

/// The timed replay of most policies does not depend on the seed, hence one of them will do.
auto seeds_of(const place_options& options) -> std::vector<std::uint64_t> {
  return chosen_seeds(options.seed, options.seeds.value_or(options.timed ? 1 : default_seeds));
}

auto check(const place_options& options) -> status {
  if (options.json == "-" && options.csv == "-")
    return failure("--json - and --csv - would share the standard output; give one of them a file");
  if (options.timed && !(options.json + options.csv + options.report + options.explain).empty()) {
    return failure("--timed prints a table only; leave out --json, --csv, --report and --explain");
  }
  return {};
}

/// The task of that name, or at that position in the list.
auto find_task(const simulate::workload& w, const std::string& name)
    -> expected<const simulate::recorded_task*> {
  for (const auto& task : w.tasks) {
    if (task.name == name) return &task;
  }
  std::size_t index = 0;
  const auto* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, index);
  if (parsed.ec == std::errc{} && parsed.ptr == end && index < w.tasks.size())
    return &w.tasks[index];
  return failure(fmt::format(
      "--explain: there is no task '{}' in the list; give a name, or a position from 0 to {}", name,
      w.tasks.size() - 1));
}

// --- the work ------------------------------------------------------------------------------------

auto write_outputs(const place_options& options, const simulate::workload& w,
                   std::span<const simulate::placement_result> results) -> status {
  if (!options.json.empty()) {
    if (auto done = simulate::write_file(options.json, simulate::to_json_text(results)); !done) {
      return done;
    }
  }
  if (!options.csv.empty()) {
    if (auto done = simulate::write_file(options.csv, simulate::to_csv_text(results)); !done) {
      return done;
    }
  }
  if (!options.report.empty()) {
    return write_report(options.report, report_input{w.name, options.load, results});
  }
  return {};
}

auto run_load_experiments(const place_options& options, const simulate::workload& w,
                          const experiment_plan& plan) -> int {
  const simulate::recorded_task* explained = nullptr;
  if (!options.explain.empty()) {
    const auto task = find_task(w, options.explain);
    if (!task) return report_failure(task.error(), exit_bad_input);
    explained = *task;
  }
  std::string explanation;
  const auto results =
      run_all<simulate::placement_result>(plan, [&](const std::string& policy, std::uint64_t seed) {
        simulate::load_options load;
        load.load = options.load;
        load.seed = seed;
        load.snapshot =
            !options.report.empty() && seed == plan.seeds.front();  // one picture for each policy
        if (policy == plan.policies.front() && seed == plan.seeds.front()) {
          load.explain = explained;
          load.explanation = &explanation;
        }
        return simulate::run_load_experiment(policy, w, load);
      });
  if (!results) return report_failure(results.error(), exit_bad_input);

  // What people read goes to the standard output, unless a program reads that.
  auto* const talk = options.json == "-" || options.csv == "-" ? stderr : stdout;
  if (talk == stdout) {
    fmt::print(talk,
               "{}\nTasks arrive until they ask for {:g} % of the GPUs, none leaves; {}.\n\n{}",
               describe(w), options.load * 100, seeds_line(plan.seeds),
               summarise(*results, plan.seeds.size()));
  }
  if (explained != nullptr) {
    fmt::print(talk, "\n{} after {}, seed {}: {}\n", explained->name, plan.policies.front(),
               plan.seeds.front(), explanation);
  }
  if (const auto done = write_outputs(options, w, *results); !done) {
    return report_failure(done.error(), exit_failed);
  }
  if (!options.report.empty()) {
    fmt::print(talk, "\nReport: {}\n",
               (std::filesystem::path{options.report} / "index.html").string());
  }
  return finish_output();
}

auto run_timed_replays(const simulate::workload& w, const experiment_plan& plan) -> int {
  const auto results =
      run_all<simulate::replay_result>(plan, [&](const std::string& policy, std::uint64_t seed) {
        return simulate::run_timed_replay(policy, w, seed);
      });
  if (!results) return report_failure(results.error(), exit_bad_input);
  fmt::print("{}\nTasks come and go at their recorded times; {}.\n\n{}", describe(w),
             seeds_line(plan.seeds), summarise(*results, plan.seeds.size()));
  return finish_output();
}

}  // namespace

auto place_policy_names() -> std::span<const std::string_view> { return simulate::policy_names(); }

auto run_place(const place_options& options) -> int {
  if (const auto good = check(options); !good) return report_failure(good.error(), exit_bad_input);
  auto policies =
      chosen_policies(options.policies, simulate::policy_names(), simulate::policy_names());
  if (!policies) return report_failure(policies.error(), exit_bad_input);
  for (const auto& target : {options.json, options.csv}) {
    if (const auto good = check_target(target); !good) {
      return report_failure(good.error(), exit_failed);
    }
  }
  const auto w = load_workload({options.nodes, options.tasks, options.data, options.skip_bad});
  if (!w) return report_failure(w.error(), exit_bad_input);

  const experiment_plan plan{*std::move(policies), seeds_of(options),
                             thread_count(options.threads)};
  return options.timed ? run_timed_replays(*w, plan) : run_load_experiments(options, *w, plan);
}

}  // namespace lepton_sim
