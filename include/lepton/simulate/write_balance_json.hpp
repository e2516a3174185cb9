// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/json_lines.hpp>
#include <lepton/simulate/timings.hpp>

namespace lepton::simulate {

/// One result as a JSON object: `policy`, `seed`, `servers`, `requests`, the latencies `mean`,
/// `p50`, `p95`, `p99`, `p999`, `max` and `mean_wait` in milliseconds, `imbalance`, `jain`,
/// `utilisation`, `completed`, `rejected`, `lost`, `retried`, `moved` and `moved_excess` (null if
/// nothing was measured), `simulated_seconds`, `per_server` (list of `name`, `requests`,
/// `utilisation`, `mean`), and the timings `seconds` and `picks_per_second`.
[[nodiscard]] inline auto to_json(const balance_result& r, timings measured = timings::include)
    -> nlohmann::ordered_json {
  using json = nlohmann::ordered_json;
  const auto or_null = [](const std::optional<double>& x) { return x ? json(*x) : json(nullptr); };
  json object{{"policy", r.policy},
              {"seed", r.seed},
              {"servers", r.servers},
              {"requests", r.requests},
              {"mean", r.latency.mean},
              {"p50", r.latency.p50},
              {"p95", r.latency.p95},
              {"p99", r.latency.p99},
              {"p999", r.latency.p999},
              {"max", r.latency.max},
              {"mean_wait", r.mean_wait},
              {"imbalance", r.imbalance},
              {"jain", r.jain},
              {"utilisation", r.utilisation},
              {"completed", r.completed},
              {"rejected", r.rejected},
              {"lost", r.lost},
              {"retried", r.retried},
              {"moved", or_null(r.moved)},
              {"moved_excess", or_null(r.moved_excess)},
              {"simulated_seconds", r.simulated_seconds}};
  auto servers = json::array();
  for (const auto& s : r.per_server) {
    servers.push_back(json{{"name", s.name},
                           {"requests", s.requests},
                           {"utilisation", s.utilisation},
                           {"mean", s.mean}});
  }
  object["per_server"] = std::move(servers);
  if (measured == timings::include) {
    object["seconds"] = r.seconds;
    object["picks_per_second"] = r.picks_per_second;
  }
  return object;
}

/// The results as a JSON array, one result a line.
[[nodiscard]] inline auto to_json_text(std::span<const balance_result> results,
                                       timings measured = timings::include) -> std::string {
  return json_lines(results, [&](const balance_result& r) { return to_json(r, measured); });
}

}  // namespace lepton::simulate
