// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <lepton/simulate/balance_result.hpp>

namespace lepton_sim {

/// A table with a row for each policy, means over its seeds, the lowest 99th percentile first.
/// Results of a policy stand together, `seeds` of each.
auto summarise(std::span<const lepton::simulate::balance_result> results, std::size_t seeds)
    -> std::string;

}  // namespace lepton_sim
