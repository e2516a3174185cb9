// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include <lepton/model/cluster.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/place/percent_scale.hpp>
#include <lepton/simulate/workload.hpp>

namespace lepton::simulate {

/// Capacity of all nodes of a workload.
struct total_capacity {
  amount cpu_milli = 0;
  amount memory_mib = 0;
  amount gpu_milli = 0;
};

[[nodiscard]] inline auto capacity_of_nodes(const workload& w) noexcept -> total_capacity {
  total_capacity sum;
  for (const auto& n : w.nodes) {
    sum.cpu_milli += n.capacity[0];
    sum.memory_mib += n.capacity[1];
    sum.gpu_milli += n.devices.capacity_milli();
  }
  return sum;
}

/// An empty cluster of the workload's nodes, in their order.
[[nodiscard]] inline auto cluster_of(const workload& w) -> expected<cluster<2>> {
  cluster<2> result;
  for (const auto& n : w.nodes) {
    if (auto added = result.add(n); !added) return unexpected<error>{added.error()};
  }
  return result;
}

/// 100 % for scores in percent: the CPU and the devices of the largest node. Memory is left out, as
/// in Weng et al. (USENIX ATC 2023).
[[nodiscard]] inline auto scale_of(const workload& w) noexcept -> place::percent_scale {
  place::percent_scale scale;
  for (const auto& n : w.nodes) {
    scale.resource[0] = std::max(scale.resource[0], n.capacity[0]);
    scale.devices = std::max(scale.devices, n.devices.capacity_milli());
  }
  return scale;
}

}  // namespace lepton::simulate
