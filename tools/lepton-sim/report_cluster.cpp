// SPDX-License-Identifier: Apache-2.0
#include "report_cluster.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/devices.hpp>

namespace lepton_sim {
namespace {

using lepton::device_milli;
using lepton::simulate::node_snapshot;
using lepton::simulate::placement_result;
using nlohmann::ordered_json;

void append_number(std::string& text, unsigned value) {
  // None of these needs an escape in JSON or HTML.
  constexpr std::string_view digits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
  value = std::min(value, 64U * 64U - 1U);
  text += digits[value / 64];
  text += digits[value % 64];
}

auto per_mille(double percent) -> unsigned {
  return percent > 0 ? static_cast<unsigned>(std::lround(std::min(percent, 400.0) * 10)) : 0U;
}

auto devices_of(const node_snapshot& node) -> std::size_t {
  return std::min(node.devices, lepton::max_devices);
}

auto same_nodes(const std::vector<node_snapshot>& a, const std::vector<node_snapshot>& b) -> bool {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& two) {
    return one.name == two.name && one.device_type == two.device_type && one.devices == two.devices;
  });
}

auto layout_json(const std::vector<node_snapshot>& nodes) -> ordered_json {
  std::vector<std::string> types;
  auto names = ordered_json::array();
  auto type = ordered_json::array();
  auto devices = ordered_json::array();
  for (const auto& node : nodes) {
    const auto known = std::find(types.begin(), types.end(), node.device_type);
    type.push_back(known - types.begin());
    if (known == types.end()) types.push_back(node.device_type);
    names.push_back(node.name);
    devices.push_back(devices_of(node));
  }
  return {{"types", types}, {"names", names}, {"type", type}, {"devices", devices}};
}

auto state_json(const placement_result& run) -> ordered_json {
  std::string used;
  std::string cpu;
  std::string memory;
  for (const auto& node : run.final_state) {
    for (std::size_t i = 0; i < devices_of(node); ++i) {
      append_number(
          used, static_cast<unsigned>(device_milli - std::min(node.device_free[i], device_milli)));
    }
    append_number(cpu, per_mille(node.cpu_percent));
    append_number(memory, per_mille(node.memory_percent));
  }
  return {{"seed", std::to_string(run.seed)}, {"used", used}, {"cpu", cpu}, {"memory", memory}};
}

}  // namespace

auto cluster_json(std::span<const policy_summary> policies) -> ordered_json {
  std::vector<const placement_result*> layouts;  // a run with the nodes of each layout
  auto states = ordered_json::array();
  for (std::size_t i = 0; i < policies.size(); ++i) {
    const auto* run = policies[i].last_state;
    if (run == nullptr) continue;
    const auto known = std::find_if(layouts.begin(), layouts.end(), [&](const auto* other) {
      return same_nodes(other->final_state, run->final_state);
    });
    auto state = state_json(*run);
    state["policy"] = i;
    state["layout"] = known - layouts.begin();
    states.push_back(std::move(state));
    if (known == layouts.end()) layouts.push_back(run);
  }
  auto layouts_json = ordered_json::array();
  for (const auto* run : layouts) layouts_json.push_back(layout_json(run->final_state));
  return {{"layouts", std::move(layouts_json)}, {"states", std::move(states)}};
}

}  // namespace lepton_sim
