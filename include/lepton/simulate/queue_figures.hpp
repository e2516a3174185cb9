// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/simulate/queue_summary.hpp>
#include <lepton/simulate/value_summary.hpp>

namespace lepton::simulate {

/// One figure for people: its name in tables, its unit, what it means, its value.
struct queue_figure {
  std::string name;
  std::string unit;
  std::string definition;
  double value = 0;
};

namespace queue_detail {

inline void add_summary(const std::string& what, const std::string& unit,
                        const std::string& definition, const value_summary& of,
                        std::vector<queue_figure>& into) {
  const auto percentile = [&](const char* p, double value) {
    into.push_back({"p" + std::string{p} + "_" + what, unit,
                    "the smallest that at least " + std::string{p} +
                        " % of the jobs do not exceed (nearest rank); " + definition,
                    value});
  };
  into.push_back({"mean_" + what, unit, "mean over the jobs; " + definition, of.mean});
  percentile("50", of.p50);
  percentile("95", of.p95);
  percentile("99", of.p99);
  into.push_back({"max_" + what, unit, "largest of the jobs; " + definition, of.max});
}

}  // namespace queue_detail

/// The figures of a summary with their definitions, those of jobs first. The same names and order
/// whatever the values.
[[nodiscard]] inline auto figures_of(const queue_summary& s) -> std::vector<queue_figure> {
  std::vector<queue_figure> all;
  const auto count = [&](const char* name, const char* definition, std::size_t value) {
    all.push_back({name, "jobs", definition, static_cast<double>(value)});
  };
  auto tau = std::to_string(s.tau);
  tau.erase(tau.find_last_not_of('0') + 1);
  if (tau.back() == '.') tau.pop_back();

  count("jobs", "that count and ended", s.jobs);
  all.push_back(
      {"sum_wait", "s", "sum of the waits",
       static_cast<double>(s.sum_wait) + static_cast<double>(s.sum_wait_nanoseconds) / 1e9});
  queue_detail::add_summary("wait", "s", "wait = start - submission", s.wait, all);
  queue_detail::add_summary("turnaround", "s", "turnaround = end - submission", s.turnaround, all);
  queue_detail::add_summary("slowdown", "", "slowdown = turnaround / run", s.slowdown, all);
  queue_detail::add_summary("bounded_slowdown", "",
                            "bounded slowdown = max(1, turnaround / max(run, " + tau + " s))",
                            s.bounded_slowdown, all);
  queue_detail::add_summary("per_processor_bounded_slowdown", "",
                            "per-processor bounded slowdown = max(1, turnaround / (processors * "
                            "max(run, " +
                                tau + " s)))",
                            s.per_processor_bounded_slowdown, all);
  all.push_back({"makespan", "s", "from the first submission to the last end", s.makespan});
  all.push_back({"utilisation", "",
                 "busy processor seconds / (processors * makespan): weighted by time",
                 s.utilisation});
  all.push_back({"throughput", "1/h", "jobs that ended / makespan", s.throughput});
  all.push_back({"mean_queue", "jobs", "jobs waiting: mean over time", s.mean_queue});
  count("max_queue", "jobs waiting: most at a time", s.max_queue);
  count("backfilled", "that started while an earlier one of the order went on waiting",
        s.backfilled);
  count("completed", "that ran to their end", s.completed);
  count("killed", "that ran into their estimate", s.killed);
  count("rejected", "that could never start", s.rejected);
  count("waiting", "that had not started when the simulation ended", s.waiting);
  count("submitted", "that count: submitted between warm-up and cool-down", s.submitted);
  count("trimmed", "that do not count: warm-up and cool-down", s.trimmed);
  all.push_back({"tenants", "", "owners of the jobs that ended", static_cast<double>(s.tenants)});
  all.push_back({"jain", "",
                 "Jain's index of the owners' mean bounded slowdowns x: (sum x)^2 / (n sum x^2); 1 "
                 "if all have the same",
                 s.jain});
  return all;
}

}  // namespace lepton::simulate
