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

/// Seeds of a load experiment unless asked otherwise.
inline constexpr std::size_t default_seeds = 10;

/// What the user asked of `lepton-sim place`.
struct place_options {
  std::string nodes{};
  std::string tasks{};
  std::string data{};
  std::vector<std::string> policies{"all"};
  double load = 1.3;
  std::optional<std::size_t> seeds{};
  std::optional<std::uint64_t> seed{};
  std::size_t threads = 0;  ///< 0: as many as the machine has
  std::string json{};
  std::string csv{};
  std::string report{};
  std::string explain{};
  bool skip_bad = false;
  bool timed = false;
};

/// Adds the subcommand `place`; parsing fills `into`, which must outlive the app.
auto add_place_command(CLI::App& app, place_options& into) -> CLI::App*;

}  // namespace lepton_sim
