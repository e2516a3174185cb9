// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/model/concepts.hpp>

namespace lepton::place {

/// A shape of tasks (one resource and devices) and how often it occurs.
struct typical_task {
  amount demand = 0;  ///< of the resource that `typical_tasks` was asked to look at
  device_request devices{};
  std::uint64_t count = 0;
  friend auto operator==(const typical_task&, const typical_task&) -> bool = default;
};

/// The most frequent shapes of a workload that together make up at least `cover` percent of it, the
/// most frequent first (equals by demand, then devices).
///
/// @param dimension  the resource that counts besides the devices, usually 0 (CPU)
/// O(tasks · log tasks).
template <class Tasks, class Read>
[[nodiscard]] auto typical_tasks(const Tasks& tasks, Read task_of, std::uint32_t cover = 95,
                                 std::size_t dimension = 0) -> std::vector<typical_task> {
  std::vector<typical_task> shapes;
  for (const auto& entry : tasks) {
    const auto& t = task_of(entry);
    const auto& demand = demand_of(t);
    shapes.push_back({demand[dimension], devices_of(t), 1});
  }
  const auto by_shape = [](const typical_task& a, const typical_task& b) {
    if (a.demand != b.demand) return a.demand < b.demand;
    if (a.devices.count() != b.devices.count()) return a.devices.count() < b.devices.count();
    if (a.devices.milli() != b.devices.milli()) return a.devices.milli() < b.devices.milli();
    return a.devices.acceptable().bits() < b.devices.acceptable().bits();
  };
  std::sort(shapes.begin(), shapes.end(), by_shape);
  const auto total = shapes.size();
  std::vector<typical_task> merged;
  for (const auto& s : shapes) {
    if (!merged.empty() && merged.back().demand == s.demand && merged.back().devices == s.devices) {
      ++merged.back().count;
    } else {
      merged.push_back(s);
    }
  }
  std::stable_sort(merged.begin(), merged.end(),
                   [](const auto& a, const auto& b) { return a.count > b.count; });
  std::uint64_t covered = 0;
  std::size_t kept = 0;
  while (kept < merged.size() && covered * 100 < std::uint64_t{total} * cover)
    covered += merged[kept++].count;
  merged.resize(kept);
  return merged;
}

}  // namespace lepton::place
