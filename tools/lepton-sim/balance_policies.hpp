// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include <lepton/simulate/balance_policy_entry.hpp>

// The balancing policies by name, compiled once: they are many templates.

namespace lepton_sim {

[[nodiscard]] auto find_balance_policy(std::string_view name)
    -> const lepton::simulate::balance_policy_entry*;
[[nodiscard]] auto balance_policy_names() -> std::span<const std::string_view>;
[[nodiscard]] auto common_balance_policy_names() -> std::span<const std::string_view>;

}  // namespace lepton_sim
