// SPDX-License-Identifier: Apache-2.0
#include "place_command.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/load_experiment.hpp>
#include <lepton/simulate/named_policies.hpp>
#include <lepton/simulate/timed_replay.hpp>
#include <lepton/simulate/write_csv.hpp>
#include <lepton/simulate/write_file.hpp>
#include <lepton/simulate/write_json.hpp>

#include "closest_name.hpp"
#include "exit_code.hpp"
#include "load_workload.hpp"
#include "place_summary.hpp"
#include "progress_bar.hpp"
#include "report.hpp"
#include "run_parallel.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using lepton::expected;
using lepton::failure;
using lepton::status;
using lepton::unexpected;

// --- what is asked for ---------------------------------------------------------------------------

auto unknown_policy(std::string_view name) -> unexpected<lepton::error> {
  const auto names = simulate::policy_names();
  const auto closest = closest_name(name, names);
  return failure(
      fmt::format("there is no policy '{}'{} The policies are: {}; all stands for them all", name,
                  closest.empty() ? "." : fmt::format("; did you mean '{}'?", closest),
                  fmt::join(names, ", ")));
}

/// The policies in the order asked for, each once.
auto chosen_policies(const place_options& options) -> expected<std::vector<std::string>> {
  std::vector<std::string> chosen;
  const auto add = [&](std::string_view name) {
    if (std::find(chosen.begin(), chosen.end(), name) == chosen.end()) chosen.emplace_back(name);
  };
  for (const auto& name : options.policies) {
    if (name == "all") {
      for (const auto each : simulate::policy_names()) add(each);
    } else if (simulate::is_policy_name(name)) {
      add(name);
    } else {
      return unknown_policy(name);
    }
  }
  if (chosen.empty()) return failure("--policy names no policy; give some, or all");
  return chosen;
}

/// The timed replay of most policies does not depend on the seed, hence one of them will do.
auto chosen_seeds(const place_options& options) -> std::vector<std::uint64_t> {
  if (options.seed) return {*options.seed};
  std::vector<std::uint64_t> seeds(options.seeds.value_or(options.timed ? 1 : default_seeds));
  for (std::size_t i = 0; i < seeds.size(); ++i) seeds[i] = i;
  return seeds;
}

auto check(const place_options& options) -> status {
  if (options.json == "-" && options.csv == "-")
    return failure("--json - and --csv - would share the standard output; give one of them a file");
  if (options.timed && !(options.json + options.csv + options.report + options.explain).empty()) {
    return failure("--timed prints a table only; leave out --json, --csv, --report and --explain");
  }
  return {};
}

/// Whether a file could be written there, found out before the work and not after it.
auto check_target(const std::string& path) -> status {
  namespace fs = std::filesystem;
  const auto folder = fs::path{path}.parent_path();
  std::error_code ignored;
  if (path.empty() || path == "-" || folder.empty() || fs::is_directory(folder, ignored)) return {};
  return unexpected{
      lepton::error{"cannot be written: there is no folder " + folder.string(), path, 0}};
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

struct experiment_plan {
  const simulate::workload& w;
  std::vector<std::string> policies;
  std::vector<std::uint64_t> seeds;
  std::size_t threads;
};

/// Calls `run(policy, seed)` for each pair, in parallel. The results are in the order of the plan,
/// whatever the number of threads; so is the first error.
template <class Result, class Run>
auto run_all(const experiment_plan& plan, Run run) -> expected<std::vector<Result>> {
  const auto count = plan.policies.size() * plan.seeds.size();
  std::vector<std::optional<expected<Result>>> found(count);
  {
    progress_bar bar{count};
    run_parallel(
        count, plan.threads,
        [&](std::size_t i) {
          found[i].emplace(
              run(plan.policies[i / plan.seeds.size()], plan.seeds[i % plan.seeds.size()]));
        },
        [&](std::size_t done) { bar.show(done); });
  }
  std::vector<Result> results;
  results.reserve(count);
  for (auto& one : found) {
    if (!*one) return unexpected{one->error()};
    results.push_back(std::move(**one));
  }
  return results;
}

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

auto seeds_line(const std::vector<std::uint64_t>& seeds) -> std::string {
  return seeds.size() == 1 ? fmt::format("seed {}", seeds.front())
                           : fmt::format("means of {} seeds", seeds.size());
}

auto finish_output() -> int {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_good;
  std::fputs("lepton-sim: the standard output cannot be written\n", stderr);
  return exit_failed;
}

auto run_load_experiments(const place_options& options, const experiment_plan& plan) -> int {
  const simulate::recorded_task* explained = nullptr;
  if (!options.explain.empty()) {
    const auto task = find_task(plan.w, options.explain);
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
        return simulate::run_load_experiment(policy, plan.w, load);
      });
  if (!results) return report_failure(results.error(), exit_bad_input);

  // What people read goes to the standard output, unless a program reads that.
  auto* const talk = options.json == "-" || options.csv == "-" ? stderr : stdout;
  if (talk == stdout) {
    fmt::print(talk,
               "{}\nTasks arrive until they ask for {:g} % of the GPUs, none leaves; {}.\n\n{}",
               describe(plan.w), options.load * 100, seeds_line(plan.seeds),
               summarise(*results, plan.seeds.size()));
  }
  if (explained != nullptr) {
    fmt::print(talk, "\n{} after {}, seed {}: {}\n", explained->name, plan.policies.front(),
               plan.seeds.front(), explanation);
  }
  if (const auto done = write_outputs(options, plan.w, *results); !done) {
    return report_failure(done.error(), exit_failed);
  }
  if (!options.report.empty()) {
    fmt::print(talk, "\nReport: {}\n",
               (std::filesystem::path{options.report} / "index.html").string());
  }
  return finish_output();
}

auto run_timed_replays(const experiment_plan& plan) -> int {
  const auto results =
      run_all<simulate::replay_result>(plan, [&](const std::string& policy, std::uint64_t seed) {
        return simulate::run_timed_replay(policy, plan.w, seed);
      });
  if (!results) return report_failure(results.error(), exit_bad_input);
  fmt::print("{}\nTasks come and go at their recorded times; {}.\n\n{}", describe(plan.w),
             seeds_line(plan.seeds), summarise(*results, plan.seeds.size()));
  return finish_output();
}

}  // namespace

auto run_place(const place_options& options) -> int {
  if (const auto good = check(options); !good) return report_failure(good.error(), exit_bad_input);
  auto policies = chosen_policies(options);
  if (!policies) return report_failure(policies.error(), exit_bad_input);
  for (const auto& target : {options.json, options.csv}) {
    if (const auto good = check_target(target); !good) {
      return report_failure(good.error(), exit_failed);
    }
  }
  const auto w = load_workload({options.nodes, options.tasks, options.data, options.skip_bad});
  if (!w) return report_failure(w.error(), exit_bad_input);

  const auto threads =
      options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  const experiment_plan plan{*w, *std::move(policies), chosen_seeds(options), threads};
  return options.timed ? run_timed_replays(plan) : run_load_experiments(options, plan);
}

}  // namespace lepton_sim
