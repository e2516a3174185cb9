// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace lepton_sim {

/// What the user asked of `lepton-sim queue`.
struct queue_options {
  std::vector<std::string> policies{"all"};
  std::string trace{};     ///< a log in SWF, or the Philly list if it ends in .csv or .csv.gz
  std::string philly{};    ///< the Philly list
  std::string generate{};  ///< a model; without a trace "lublin"
  std::optional<std::int64_t> processors{};
  std::int64_t node_size = 8;  ///< of policies that place jobs on nodes
  std::string rules = "r1";
  std::string ties = "m1";
  std::optional<std::size_t> jobs{};
  std::string load = "recorded";
  std::uint64_t seed = 0;
  double tau = 10;          ///< of bounded slowdowns, seconds
  double warm_up = 0;       ///< percent of the jobs
  double cool_down = 0;     ///< percent of the jobs
  std::size_t threads = 0;  ///< 0: as many as the machine has
  std::string json{};
  std::string starts{};
  std::string report{};
  std::optional<double> gantt_from{};  ///< hours since the first submission
  double gantt_hours = 48;
  bool skip_bad = false;
};

/// The names of the policies, in words.
[[nodiscard]] auto queue_policies_text() -> std::string;

/// Adds the subcommand `queue`; parsing fills the options, which must outlive the app.
auto add_queue_command(CLI::App& app, queue_options& into) -> CLI::App*;

}  // namespace lepton_sim
