// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include <lepton/simulate/json_lines.hpp>
#include <lepton/simulate/results.hpp>
#include <lepton/simulate/timings.hpp>

namespace lepton::simulate {

/// One result as a JSON object: `policy`, `seed`, `nodes`, `tasks`, `capacity` (`cpu_milli`,
/// `memory_mib`, `gpu_milli`), `allocation` (list of `load`, `gpu_percent`, `cpu_percent`),
/// `fragmentation` (list of `load`, `percent_of_cluster`), `unplaced`, `decisions`, and the
/// timings `seconds` and `decisions_per_second`. Numbers are written so that they read back the
/// same.
[[nodiscard]] inline auto to_json(const placement_result& result,
                                  timings measured = timings::include) -> nlohmann::ordered_json {
  using json = nlohmann::ordered_json;
  auto allocation = json::array();
  for (const auto& p : result.allocation) {
    allocation.push_back(
        json{{"load", p.load}, {"gpu_percent", p.gpu_percent}, {"cpu_percent", p.cpu_percent}});
  }
  auto fragmentation = json::array();
  for (const auto& p : result.fragmentation) {
    fragmentation.push_back(json{{"load", p.load}, {"percent_of_cluster", p.percent_of_cluster}});
  }
  json object{{"policy", result.policy},
              {"seed", result.seed},
              {"nodes", result.nodes},
              {"tasks", result.tasks},
              {"capacity",
               {{"cpu_milli", result.cpu_milli},
                {"memory_mib", result.memory_mib},
                {"gpu_milli", result.gpu_milli}}},
              {"allocation", std::move(allocation)},
              {"fragmentation", std::move(fragmentation)},
              {"unplaced", result.unplaced},
              {"decisions", result.decisions}};
  if (measured == timings::include) {
    object["seconds"] = result.seconds;
    object["decisions_per_second"] = result.decisions_per_second();
  }
  return object;
}

/// The results as a JSON array, one result a line.
[[nodiscard]] inline auto to_json_text(std::span<const placement_result> results,
                                       timings measured = timings::include) -> std::string {
  return json_lines(results, [&](const placement_result& r) { return to_json(r, measured); });
}

}  // namespace lepton::simulate
