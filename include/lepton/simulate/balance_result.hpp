// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <lepton/simulate/latency_summary.hpp>

namespace lepton::simulate {

/// What one server did.
struct server_result {
  std::string name;
  std::uint64_t requests = 0;  ///< that it ended
  double utilisation = 0;      ///< busy part of its slots' time
  double mean = 0;             ///< latency of those requests, milliseconds
};

/// Requests in flight at a moment, at all servers.
struct flight_sample {
  double seconds = 0;
  std::size_t in_flight = 0;
};

/// What one simulation (one policy, one seed) found. Times are in milliseconds but where they are
/// named seconds. All but counts of `requests` leaves out the warm-up.
struct balance_result {
  std::string policy;
  std::uint64_t seed = 0;
  std::size_t servers = 0;
  std::size_t requests = 0;              ///< that arrived after the warm-up
  std::size_t completed = 0;             ///< of them
  std::size_t rejected = 0;              ///< no server could be picked, or its queue was full
  std::size_t lost = 0;                  ///< with a server that failed
  std::size_t retried = 0;               ///< sent again as their server failed
  latency_summary latency{};             ///< from the arrival to the end, of completed requests
  double mean_wait = 0;                  ///< from the arrival to the beginning of the service
  double imbalance = 0;                  ///< most over mean of the servers' requests per weight
  double jain = 0;                       ///< Jain's fairness index of the same
  double utilisation = 0;                ///< busy part of all slots' time
  std::optional<double> moved{};         ///< part of the keys that a change moves, on average
  std::optional<double> moved_excess{};  ///< of these, what moves between servers that stay
  std::vector<server_result> per_server{};
  double simulated_seconds = 0;          ///< from the first arrival to the last
  std::vector<tail_point> tail{};        ///< if asked for
  std::vector<flight_sample> flights{};  ///< if asked for
  double seconds = 0;                    ///< real time of the simulation
  double picks_per_second = 0;           ///< that the policy alone could do
};

}  // namespace lepton::simulate
