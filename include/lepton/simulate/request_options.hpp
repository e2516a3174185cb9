// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/server_farm.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// What becomes of the requests of a server that fails.
enum class lost_requests : std::uint8_t {
  retry,  ///< they are sent again, from their beginning; their latency runs on
  lose,   ///< they end without an answer
};

/// Settings of a request simulation.
struct request_options {
  std::size_t warm_up = 0;  ///< requests at the beginning that are not measured
  std::uint32_t queue_limit = server_farm::no_limit;  ///< requests that may wait at a server
  std::vector<server_change> changes{};               ///< by rising time
  lost_requests on_failure = lost_requests::retry;
  bool follow_keys = false;   ///< measure what changes move: for policies that go by the key
  bool keep_curves = false;   ///< keep the tail of the latencies, and samples of what is in flight
  bool measure_picks = true;  ///< how fast the policy picks
};

/// Whether servers and options make sense.
[[nodiscard]] inline auto check_servers(std::span<const server_spec> servers) -> status {
  if (servers.empty()) return failure("there are no servers; give at least one");
  for (const auto& s : servers) {
    if (!(s.speed > 0 && s.speed <= 1e6))
      return failure("server " + s.name + ": the speed must be above 0 and at most 1,000,000");
    if (s.slots < 1 || s.slots > 1'000'000)
      return failure("server " + s.name + ": it must have 1 to 1,000,000 slots");
  }
  return {};
}
[[nodiscard]] inline auto check_changes(std::span<const server_change> changes, std::size_t servers)
    -> status {
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (changes[i].server >= servers)
      return failure("change " + std::to_string(i + 1) + " names server " +
                     std::to_string(changes[i].server) + ", but the last is server " +
                     std::to_string(servers - 1));
    if (i > 0 && changes[i].when < changes[i - 1].when)
      return failure("change " + std::to_string(i + 1) +
                     " comes before the one ahead of it; sort them by time");
  }
  return {};
}

}  // namespace lepton::simulate
