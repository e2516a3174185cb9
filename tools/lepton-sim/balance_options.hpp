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

/// What the user asked of `lepton-sim balance`. Times are in milliseconds but for bursts and
/// changes, which are in seconds.
struct balance_options {
  std::vector<std::string> policies{"all"};
  std::size_t servers = 10;
  std::vector<double> speeds{1};  ///< of the servers, again and again
  std::uint32_t slots = 1;
  std::string servers_file{};
  std::uint32_t queue_limit = 0xffff'ffff;
  std::string load = "0.8";
  std::string arrivals{};  ///< empty: Poisson, or the trace
  double burst_ratio = 5;
  double burst_share = 0.1;
  double burst_length = 1;
  std::string trace{};
  std::string data{};
  std::string service = "exponential";
  double service_time = 10;
  double variation = 2;
  double shape = 2.5;
  double context_token_time = 0.25;
  double generated_token_time = 30;
  std::uint32_t keys = 10'000;
  double zipf = 0;
  std::optional<std::size_t> requests{};
  double warm_up = 10;
  std::vector<std::string> changes{};
  bool lose = false;
  std::optional<std::size_t> seeds{};
  std::optional<std::uint64_t> seed{};
  std::size_t threads = 0;  ///< 0: as many as the machine has
  std::string json{};
  std::string csv{};
  std::string report{};
  bool skip_bad = false;
};

/// What the user asked of `lepton-sim balance picks`.
struct picks_options {
  std::string policy{};
  std::vector<std::string> backends{};  ///< name or name=weight
  std::optional<std::size_t> count{};   ///< one for each key, or 10
  std::vector<std::string> keys{};
  bool hold = false;
  std::uint64_t seed = 0;
};

/// The subcommands, to ask which was given.
struct balance_commands {
  CLI::App* balance = nullptr;
  CLI::App* picks = nullptr;
};

/// Adds the subcommand `balance`; parsing fills the options, which must outlive the app.
auto add_balance_command(CLI::App& app, balance_options& into, picks_options& picks)
    -> balance_commands;

}  // namespace lepton_sim
