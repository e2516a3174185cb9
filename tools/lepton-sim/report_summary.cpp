// SPDX-License-Identifier: Apache-2.0
#include "report_summary.hpp"

#include <algorithm>
#include <utility>

namespace lepton_sim {
namespace {

using lepton::simulate::allocation_point;
using lepton::simulate::fragmentation_point;
using lepton::simulate::placement_result;
using runs = std::vector<const placement_result*>;

auto spread_of(const std::vector<double>& values) -> seed_spread {
  if (values.empty()) return {};
  double sum = 0;
  for (const double value : values) sum += value;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {sum / static_cast<double>(values.size()), *low, *high};
}

auto median_of(std::vector<double> values) -> double {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

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

}  // namespace lepton_sim
