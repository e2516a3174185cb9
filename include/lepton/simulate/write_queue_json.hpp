// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include <lepton/simulate/json_lines.hpp>
#include <lepton/simulate/queue_summary.hpp>
#include <lepton/simulate/timings.hpp>
#include <lepton/simulate/value_summary.hpp>

namespace lepton::simulate {

/// One summary as a JSON object, times in seconds: `policy`, `jobs`, `sum_wait` (whole number if it
/// is one), `mean_wait`, `mean_bounded_slowdown`, `p95_wait`, `makespan`, `utilisation`,
/// `backfilled`, the timings `seconds` and `jobs_per_second`, then the rest of `queue_summary`;
/// distributions as `mean_`, `p50_`, `p95_`, `p99_` and `max_` of their names.
[[nodiscard]] inline auto to_json(const queue_summary& s, timings measured = timings::include)
    -> nlohmann::ordered_json {
  using json = nlohmann::ordered_json;
  json object{{"policy", s.policy}, {"jobs", s.jobs}, {"sum_wait", s.sum_wait}};
  if (s.sum_wait_nanoseconds != 0) {
    object["sum_wait"] =
        static_cast<double>(s.sum_wait) + static_cast<double>(s.sum_wait_nanoseconds) / 1e9;
  }
  object["mean_wait"] = s.wait.mean;
  object["mean_bounded_slowdown"] = s.bounded_slowdown.mean;
  object["p95_wait"] = s.wait.p95;
  object["makespan"] = s.makespan;
  object["utilisation"] = s.utilisation;
  object["backfilled"] = s.backfilled;
  if (measured == timings::include) {
    object["seconds"] = s.seconds;
    object["jobs_per_second"] = s.jobs_per_second;
  }
  const auto add = [&](const std::string& name, const value_summary& of) {
    object["mean_" + name] = of.mean;
    object["p50_" + name] = of.p50;
    object["p95_" + name] = of.p95;
    object["p99_" + name] = of.p99;
    object["max_" + name] = of.max;
  };
  add("wait", s.wait);
  add("turnaround", s.turnaround);
  add("slowdown", s.slowdown);
  add("bounded_slowdown", s.bounded_slowdown);
  add("per_processor_bounded_slowdown", s.per_processor_bounded_slowdown);
  object["tau"] = s.tau;
  object["throughput"] = s.throughput;
  object["mean_queue"] = s.mean_queue;
  object["max_queue"] = s.max_queue;
  object["completed"] = s.completed;
  object["killed"] = s.killed;
  object["rejected"] = s.rejected;
  object["waiting"] = s.waiting;
  object["submitted"] = s.submitted;
  object["trimmed"] = s.trimmed;
  object["tenants"] = s.tenants;
  object["jain"] = s.jain;
  return object;
}

/// The summaries as a JSON array, one a line.
[[nodiscard]] inline auto to_json_text(std::span<const queue_summary> summaries,
                                       timings measured = timings::include) -> std::string {
  return json_lines(summaries, [&](const queue_summary& s) { return to_json(s, measured); });
}

}  // namespace lepton::simulate
