// SPDX-License-Identifier: Apache-2.0
#include "balance_policies.hpp"

#include <lepton/simulate/named_balance_policies.hpp>

namespace lepton_sim {

auto find_balance_policy(std::string_view name) -> const lepton::simulate::balance_policy_entry* {
  return lepton::simulate::find_balance_policy(name);
}
auto balance_policy_names() -> std::span<const std::string_view> {
  return lepton::simulate::balance_policy_names();
}
auto common_balance_policy_names() -> std::span<const std::string_view> {
  return lepton::simulate::common_balance_policy_names();
}

}  // namespace lepton_sim
