// SPDX-License-Identifier: Apache-2.0
#include "balance_command.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <lepton/simulate/write_balance_csv.hpp>
#include <lepton/simulate/write_balance_json.hpp>
#include <lepton/simulate/write_file.hpp>

#include "balance_policies.hpp"
#include "balance_report.hpp"
#include "balance_summary.hpp"
#include "balance_workload.hpp"
#include "command_support.hpp"
#include "exit_code.hpp"

namespace lepton_sim {
namespace {

namespace simulate = lepton::simulate;
using simulate::balance_result;

constexpr std::size_t default_balance_seeds = 5;

auto setting_of(const balance_workload& w, std::uint64_t seed) -> simulate::balance_setting {
  return {w.servers.size(), seed, w.servers.front().zone};
}

auto write_outputs(const balance_options& options, const balance_workload& w,
                   std::span<const balance_result> results) -> lepton::status {
  if (!options.json.empty()) {
    auto done = simulate::write_file(options.json, simulate::to_json_text(results));
    if (!done) return done;
  }
  if (!options.csv.empty()) {
    auto done = simulate::write_file(options.csv, simulate::to_csv_text(results));
    if (!done) return done;
  }
  if (options.report.empty()) return {};
  return write_balance_report(options.report,
                              {w.about_servers, w.about_requests, w.load, w.servers, results});
}

/// Why a policy does not work with these servers.
auto objection(const std::string& policy, const balance_workload& w) -> lepton::status {
  simulate::pick_script none;
  for (const auto& s : w.servers) {
    lepton::balance::backend b;
    b.key = s.name;
    b.weight = s.weight;
    none.backends.push_back(std::move(b));
  }
  const auto* const entry = find_balance_policy(policy);
  const auto tried = entry->picks(setting_of(w, 0), none, entry->hash_of);
  if (tried) return {};
  return lepton::failure(policy + ": " + tried.error().to_string());
}

/// Takes out the policies that "all" brought in and that do not work here; names them.
auto leave_out_useless(const balance_options& options, const balance_workload& w,
                       std::vector<std::string>& policies) -> lepton::status {
  const auto asked = [&](const std::string& name) {
    return std::find(options.policies.begin(), options.policies.end(), name) !=
           options.policies.end();
  };
  std::vector<std::string> useful;
  for (const auto& name : policies) {
    const auto good = objection(name, w);
    if (good) {
      useful.push_back(name);
    } else if (asked(name)) {
      return good;
    } else {
      fmt::print(stderr, "lepton-sim: left out: {}\n", good.error().to_string());
    }
  }
  policies = std::move(useful);
  return {};
}

/// One simulation.
auto simulate_policy(const balance_options& options, const balance_workload& w,
                     const std::string& policy, std::uint64_t seed, bool keep_curves)
    -> lepton::expected<balance_result> {
  const auto* const entry = find_balance_policy(policy);
  auto run = w.run;
  run.follow_keys = entry->keyed;
  run.keep_curves = keep_curves;
  auto result =
      entry->run(setting_of(w, seed), w.servers, requests_of(w, options, seed), std::move(run));
  if (!result) return lepton::failure(policy + ": " + result.error().to_string());
  result->policy = policy;
  result->seed = seed;
  return result;
}

}  // namespace

auto run_balance(const balance_options& options) -> int {
  if (options.json == "-" && options.csv == "-") {
    return report_failure(
        lepton::error{
            "--json - and --csv - would share the standard output; give one of them a file"},
        exit_bad_input);
  }
  auto policies =
      chosen_policies(options.policies, balance_policy_names(), common_balance_policy_names());
  if (!policies) return report_failure(policies.error(), exit_bad_input);
  for (const auto& target : {options.json, options.csv}) {
    if (const auto good = check_target(target); !good)
      return report_failure(good.error(), exit_failed);
  }
  const auto w = load_balance_workload(options);
  if (!w) return report_failure(w.error(), exit_bad_input);

  if (const auto good = leave_out_useless(options, *w, *policies); !good)
    return report_failure(good.error(), exit_bad_input);
  const experiment_plan plan{
      *std::move(policies),
      chosen_seeds(options.seed, options.seeds.value_or(default_balance_seeds)),
      thread_count(options.threads)};
  const auto results =
      run_all<balance_result>(plan, [&](const std::string& policy, std::uint64_t seed) {
        return simulate_policy(options, *w, policy, seed, !options.report.empty());
      });
  if (!results) return report_failure(results.error(), exit_bad_input);

  // What people read goes to the standard output, unless a program reads that.
  auto* const talk = options.json == "-" || options.csv == "-" ? stderr : stdout;
  if (talk == stdout) {
    fmt::print(talk, "{}, load {:.4g} %: {}; {}.\n\n{}", w->about_servers, w->load * 100,
               w->about_requests, seeds_line(plan.seeds), summarise(*results, plan.seeds.size()));
  }
  if (const auto done = write_outputs(options, *w, *results); !done)
    return report_failure(done.error(), exit_failed);
  if (!options.report.empty()) {
    fmt::print(talk, "\nReport: {}\n",
               (std::filesystem::path{options.report} / "index.html").string());
  }
  return finish_output();
}

}  // namespace lepton_sim
