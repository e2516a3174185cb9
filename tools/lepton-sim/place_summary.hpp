// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <lepton/simulate/results.hpp>
#include <lepton/simulate/timed_replay.hpp>
#include <lepton/simulate/workload.hpp>

namespace lepton_sim {

/// One line: what cluster and list of tasks this is.
auto describe(const lepton::simulate::workload& w) -> std::string;

/// A table with a row for each policy, means over its seeds, the best first. Results of a policy
/// stand together, `seeds` of each.
auto summarise(std::span<const lepton::simulate::placement_result> results, std::size_t seeds)
    -> std::string;
auto summarise(std::span<const lepton::simulate::replay_result> results, std::size_t seeds)
    -> std::string;

}  // namespace lepton_sim
