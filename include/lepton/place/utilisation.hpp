// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/model/concepts.hpp>
#include <lepton/place/size_measure.hpp>

namespace lepton::place::detail {

/// Calls `visit(requested, capacity, weight)` for each dimension that counts and that the node has;
/// `requested` includes the task, as if it were placed. Devices count by their milli.
template <class Task, class Node, class Visit>
void for_each_dimension(const Task& t, const Node& n, const dimension_weights& weights,
                        Visit visit) {
  const auto& demand = demand_of(t);
  const auto& free = free_of(n);
  const auto& capacity = capacity_of(n);
  for (std::size_t i = 0; i < demand.size(); ++i) {
    const auto weight = weights.resource[std::min<std::size_t>(i, 7)];
    if (weight != 0 && capacity[i] != 0)
      visit(capacity[i] - free[i] + demand[i], capacity[i], weight);
  }
  if (weights.devices != 0) {
    const auto& devices = devices_of(n);
    const auto all = devices.capacity_milli();
    if (all != 0)
      visit(all - devices.free_milli() + devices_of(t).total_milli(), all, weights.devices);
  }
}

/// The weighted mean of `of(requested, capacity)` over the dimensions, rounded down; 0 if none
/// counts.
template <class Task, class Node, class Of>
[[nodiscard]] auto weighted_mean(const Task& t, const Node& n, const dimension_weights& weights,
                                 Of of) -> std::int32_t {
  std::int64_t sum = 0;
  std::int64_t total = 0;
  for_each_dimension(t, n, weights, [&](amount requested, amount capacity, std::int32_t weight) {
    sum += of(requested, capacity) * weight;
    total += weight;
  });
  return total == 0 ? 0 : static_cast<std::int32_t>(sum / total);
}

}  // namespace lepton::place::detail
