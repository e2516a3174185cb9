// SPDX-License-Identifier: Apache-2.0
#include "queue_command.hpp"

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/named_queue_policies.hpp>
#include <lepton/simulate/queue_metrics.hpp>
#include <lepton/simulate/write_file.hpp>
#include <lepton/simulate/write_queue_csv.hpp>
#include <lepton/simulate/write_queue_json.hpp>

#include "command_support.hpp"
#include "exit_code.hpp"
#include "queue_measures.hpp"
#include "queue_policies.hpp"
#include "queue_report.hpp"
#include "queue_summary.hpp"
#include "queue_workload.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using lepton::error;

auto check_options(const queue_options& o) -> lepton::status {
  if (o.json == "-" && o.starts == "-") {
    return lepton::failure(
        "--json - and --starts - would share the standard output; give one of them a file");
  }
  if (o.warm_up + o.cool_down >= 100)
    return lepton::failure(
        "--warm-up and --cool-down leave no job; together they must be below 100");
  return {};
}

/// Whether the machine is nodes, if a policy needs them.
auto check_nodes(const queue_options& o, std::int64_t processors,
                 std::span<const std::string> policies) -> lepton::status {
  if (processors % o.node_size == 0) return {};
  for (const auto& name : policies) {
    if (!simulate::find_queue_policy(name)->has_nodes()) continue;
    return lepton::failure(fmt::format(
        "{} places jobs on nodes of {}, and {} are no number of whole nodes; give another "
        "--procs or --node-size",
        name, o.node_size, processors));
  }
  return {};
}

auto starts_text(const loaded_queue& loaded, std::span<const queue_result> results) -> std::string {
  if (results.size() == 1) return simulate::to_starts_csv(loaded.workload, results.front().run);
  std::vector<simulate::named_run> runs;
  for (const auto& r : results) runs.push_back({r.summary.policy, &r.run});
  return simulate::to_starts_csv(loaded.workload, runs);
}

auto write_outputs(const queue_options& options, const loaded_queue& loaded,
                   std::span<const queue_result> results,
                   std::span<const simulate::queue_summary> summaries) -> lepton::status {
  if (!options.json.empty()) {
    auto done = simulate::write_file(options.json, simulate::to_json_text(summaries));
    if (!done) return done;
  }
  if (!options.starts.empty()) {
    auto done = simulate::write_file(options.starts, starts_text(loaded, results));
    if (!done) return done;
  }
  if (options.report.empty()) return {};
  return write_queue_report(options.report, {loaded, options, results});
}

/// One simulation.
auto simulate_policy(const queue_options& options, const loaded_queue& loaded,
                     const std::string& policy) -> lepton::expected<queue_result> {
  simulate::queue_simulation_options how;
  how.ties = options.ties == "m0" ? simulate::queue_ties::pass_per_event
                                  : simulate::queue_ties::pass_per_moment;
  const auto& entry = *simulate::find_queue_policy(policy);
  auto run = entry.has_nodes() ? run_on_nodes(entry, loaded.workload, options.node_size, how)
                               : run_on_processors(entry, loaded.workload, how);
  if (!run) return lepton::failure(policy + ": " + run.error().to_string());
  auto summary = simulate::summarise_queue(loaded.workload, *run, policy, measures_of(options));
  if (!summary) return lepton::failure(policy + ": " + summary.error().to_string());
  return queue_result{*std::move(run), *std::move(summary)};
}

auto machine_text(const loaded_queue& loaded) -> std::string {
  const auto n = loaded.workload.processors;
  return fmt::format("{} {}{}", grouped(static_cast<double>(n)), loaded.unit, n == 1 ? "" : "s");
}

}  // namespace

auto run_queue(const queue_options& options) -> int {
  if (const auto good = check_options(options); !good)
    return report_failure(good.error(), exit_bad_input);
  const auto usual = simulate::common_queue_policy_names();
  std::vector<std::string_view> all{usual.begin(), usual.end()};
  if (is_philly(options)) {
    const auto gangs = simulate::common_gang_policy_names();
    all.insert(all.end(), gangs.begin(), gangs.end());
  }
  auto policies =
      chosen_policies(options.policies, simulate::queue_policy_names(), all, queue_policies_text());
  if (!policies) return report_failure(policies.error(), exit_bad_input);
  for (const auto& target : {options.json, options.starts}) {
    if (const auto good = check_target(target); !good)
      return report_failure(good.error(), exit_failed);
  }
  const auto loaded = load_queue(options);
  if (!loaded) return report_failure(loaded.error(), exit_bad_input);

  if (const auto good = check_nodes(options, loaded->workload.processors, *policies); !good)
    return report_failure(good.error(), exit_bad_input);
  const experiment_plan plan{*std::move(policies), {0}, thread_count(options.threads)};
  const auto results = run_all<queue_result>(plan, [&](const std::string& policy, std::uint64_t) {
    return simulate_policy(options, *loaded, policy);
  });
  if (!results) return report_failure(results.error(), exit_bad_input);
  std::vector<simulate::queue_summary> summaries;
  for (const auto& r : *results) summaries.push_back(r.summary);

  // What people read goes to the standard output, unless a program reads that.
  auto* const talk = options.json == "-" || options.starts == "-" ? stderr : stdout;
  if (talk == stdout) {
    fmt::print(talk, "{}, load {:.4g} %: {}.\n\n{}", machine_text(*loaded), loaded->load * 100,
               loaded->about, summarise(summaries));
  }
  if (const auto done = write_outputs(options, *loaded, *results, summaries); !done)
    return report_failure(done.error(), exit_failed);
  if (!options.report.empty()) {
    fmt::print(talk, "\nReport: {}\n",
               (std::filesystem::path{options.report} / "index.html").string());
  }
  return finish_output();
}

}  // namespace lepton_sim
