// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>

#include "progress_bar.hpp"
#include "run_parallel.hpp"

// What the subcommands that run experiments share.

namespace lepton_sim {

/// The policies in the order asked for, each once; "all" stands for those in `all`. Fails on a name
/// that is not in `names`, and says what was meant and, unless there are other words, which there
/// are.
[[nodiscard]] auto chosen_policies(std::span<const std::string> asked,
                                   std::span<const std::string_view> names,
                                   std::span<const std::string_view> all,
                                   std::string_view which_there_are = {})
    -> lepton::expected<std::vector<std::string>>;

/// The one seed that was asked for, or `count` of them from 0 on.
[[nodiscard]] auto chosen_seeds(std::optional<std::uint64_t> seed, std::size_t count)
    -> std::vector<std::uint64_t>;
/// "seed 7" or "means of 10 seeds".
[[nodiscard]] auto seeds_line(std::span<const std::uint64_t> seeds) -> std::string;

/// As many as asked for; 0 stands for as many as the machine has.
[[nodiscard]] auto thread_count(std::size_t asked) -> std::size_t;

/// Whether a file could be written there, found out before the work and not after it.
[[nodiscard]] auto check_target(const std::string& path) -> lepton::status;

/// The exit code when all is printed.
[[nodiscard]] auto finish_output() -> int;

/// One experiment for each policy and seed.
struct experiment_plan {
  std::vector<std::string> policies{};
  std::vector<std::uint64_t> seeds{};
  std::size_t threads = 1;
};

/// Calls `run(policy, seed)` for each pair, in parallel. The results are in the order of the plan,
/// whatever the number of threads; so is the first error.
template <class Result, class Run>
[[nodiscard]] auto run_all(const experiment_plan& plan, Run run)
    -> lepton::expected<std::vector<Result>> {
  const auto count = plan.policies.size() * plan.seeds.size();
  std::vector<std::optional<lepton::expected<Result>>> found(count);
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
    if (!*one) return lepton::unexpected{one->error()};
    results.push_back(std::move(**one));
  }
  return results;
}

}  // namespace lepton_sim
