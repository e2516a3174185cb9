// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/devices.hpp>
#include <lepton/model/resources.hpp>

namespace lepton::simulate {

/// What was allocated when the arrived device demand reached a load; percent of capacity.
struct allocation_point {
  int load = 0;  ///< arrived device demand in percent of the cluster's devices
  double gpu_percent = 0;
  double cpu_percent = 0;
};

/// Free device capacity that the typical tasks cannot use, at a load; percent of all devices.
struct fragmentation_point {
  int load = 0;
  double percent_of_cluster = 0;
};

/// One node at the end of an experiment, for pictures of the cluster.
struct node_snapshot {
  std::string name;
  std::string device_type;  ///< empty when it has no device
  std::size_t devices = 0;
  std::array<std::uint16_t, max_devices> device_free{};  ///< milli, for each device
  double cpu_percent = 0;                                ///< used
  double memory_percent = 0;                             ///< used
};

/// What one experiment (one policy, one seed) found.
struct placement_result {
  std::string policy;
  std::uint64_t seed = 0;
  std::size_t nodes = 0;
  std::size_t tasks = 0;  ///< tasks that arrived
  amount cpu_milli = 0;   ///< capacity of the cluster
  amount memory_mib = 0;
  amount gpu_milli = 0;
  std::vector<allocation_point> allocation{};
  std::vector<fragmentation_point> fragmentation{};
  std::size_t unplaced = 0;
  std::size_t decisions = 0;
  double seconds = 0;  ///< deciding only
  std::vector<node_snapshot> final_state{};

  [[nodiscard]] auto decisions_per_second() const noexcept -> double {
    return seconds > 0 ? static_cast<double>(decisions) / seconds : 0;
  }
};

}  // namespace lepton::simulate
