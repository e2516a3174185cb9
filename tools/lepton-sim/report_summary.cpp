// SPDX-License-Identifier: Apache-2.0
#include "report_summary.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "ranked_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::allocation_point;
using lepton::simulate::fragmentation_point;
using lepton::simulate::placement_result;
using runs = std::vector<const placement_result*>;

/// The mean curve over runs. A run counts with its last point up to a load, so that a load that
/// one of the runs jumped over makes no dent.
template <class Point>
auto mean_curve(const runs& of, std::vector<Point> placement_result::*points, double Point::*value)
    -> curve {
  std::vector<int> loads;
  for (const auto* run : of) {
    for (const auto& point : run->*points) loads.push_back(point.load);
  }
  std::sort(loads.begin(), loads.end());
  loads.erase(std::unique(loads.begin(), loads.end()), loads.end());

  std::vector<std::size_t> passed(of.size(), 0);  // points of each run up to the load
  curve mean;
  mean.reserve(loads.size());
  std::vector<double> values;
  for (const int load : loads) {
    values.clear();
    for (std::size_t i = 0; i < of.size(); ++i) {
      const auto& own = of[i]->*points;
      while (passed[i] < own.size() && own[passed[i]].load <= load) ++passed[i];
      if (passed[i] > 0) values.push_back(own[passed[i] - 1].*value);
    }
    mean.push_back({load, spread_of(values)});
  }
  return mean;
}

auto summary_of(std::string name, const runs& of) -> policy_summary {
  policy_summary summary;
  summary.name = std::move(name);
  summary.gpu = mean_curve(of, &placement_result::allocation, &allocation_point::gpu_percent);
  summary.cpu = mean_curve(of, &placement_result::allocation, &allocation_point::cpu_percent);
  summary.fragmentation =
      mean_curve(of, &placement_result::fragmentation, &fragmentation_point::percent_of_cluster);
  std::vector<double> unplaced;
  std::vector<double> speed;
  for (const auto* run : of) {
    summary.seeds.push_back(run->seed);
    unplaced.push_back(static_cast<double>(run->unplaced));
    if (run->seconds > 0) speed.push_back(run->decisions_per_second());
    if (summary.last_state == nullptr && !run->final_state.empty()) summary.last_state = run;
  }
  summary.unplaced = spread_of(unplaced);
  summary.decisions_per_second = median_of(std::move(speed));
  return summary;
}

}  // namespace

auto summarize(std::span<const placement_result> results) -> std::vector<policy_summary> {
  std::vector<std::pair<std::string, runs>> by_policy;
  for (const auto& result : results) {
    const auto known = std::find_if(by_policy.begin(), by_policy.end(), [&](const auto& entry) {
      return entry.first == result.policy;
    });
    if (known != by_policy.end()) {
      known->second.push_back(&result);
    } else {
      by_policy.push_back({result.policy, {&result}});
    }
  }
  std::vector<policy_summary> summaries;
  summaries.reserve(by_policy.size());
  for (auto& [name, of] : by_policy) summaries.push_back(summary_of(std::move(name), of));
  return summaries;
}

auto value_at(const curve& points, int load) -> std::optional<seed_spread> {
  const auto after =
      std::upper_bound(points.begin(), points.end(), load,
                       [](int wanted, const curve_point& point) { return wanted < point.load; });
  if (after == points.begin()) return std::nullopt;
  return std::prev(after)->value;
}

auto final_load(std::span<const policy_summary> policies) -> int {
  int last = 0;
  for (const auto& policy : policies) {
    if (!policy.gpu.empty()) last = std::max(last, policy.gpu.back().load);
  }
  return last;
}

auto ranking(std::span<const policy_summary> policies) -> std::vector<std::size_t> {
  const auto in_the_end = [&](std::size_t i) {
    const auto& gpu = policies[i].gpu;
    return gpu.empty() ? -1.0 : gpu.back().value.mean;
  };
  std::vector<std::size_t> order(policies.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return in_the_end(a) > in_the_end(b); });
  return order;
}

}  // namespace lepton_sim
