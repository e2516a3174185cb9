// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/devices.hpp>
#include <lepton/model/node.hpp>
#include <lepton/model/task.hpp>
#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// One task of a recorded workload.
struct recorded_task {
  std::string name;
  task<2> what{};  ///< cpu in milli, memory in MiB, devices in milli
  std::optional<time_point>
      created{};  ///< when it was submitted; nothing if the record has no times
  std::optional<time_point> deleted{};  ///< when it ended
};

/// The nodes of a cluster and the tasks that came to it, as read from a trace or built in.
/// `tasks[i].what.id` is i.
struct workload {
  std::string name;  ///< shown in tables and reports
  std::vector<node_spec<2>> nodes{};
  std::vector<recorded_task> tasks{};
  std::vector<std::string> device_type_names{};  ///< index: `device_type`

  /// The number of the device type of that name; a new name gets the next free number, nothing when
  /// all `max_device_types` are taken.
  [[nodiscard]] auto device_type_of(std::string_view type_name) -> std::optional<device_type> {
    for (std::size_t i = 0; i < device_type_names.size(); ++i) {
      if (device_type_names[i] == type_name) return static_cast<device_type>(i);
    }
    if (device_type_names.size() == max_device_types) return std::nullopt;
    device_type_names.emplace_back(type_name);
    return static_cast<device_type>(device_type_names.size() - 1);
  }
};

}  // namespace lepton::simulate
