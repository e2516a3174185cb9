// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <nlohmann/json.hpp>

#include "report_summary.hpp"

namespace lepton_sim {

/// The last state of each policy's run that kept one, for the page's script to draw:
///
///     layouts  nodes, once for all policies that share them:
///              names, types (names of device types), type (index into types), devices (count)
///     states   policy (index), layout (index), seed, and numbers as text, two digits of base 64
///              each: used (milli, device by device), cpu and memory (per mille, node by node)
[[nodiscard]] auto cluster_json(std::span<const policy_summary> policies) -> nlohmann::ordered_json;

}  // namespace lepton_sim
