// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/run_gang_policy.hpp>

#include "queue_policies.hpp"

namespace lepton_sim {

auto run_on_nodes(const lepton::simulate::queue_policy_entry& policy,
                  const lepton::simulate::queue_workload& workload, std::int64_t node_size,
                  const lepton::simulate::queue_simulation_options& options)
    -> lepton::expected<lepton::simulate::queue_run> {
  return lepton::simulate::run_gang_policy(policy, workload, node_size, options);
}

}  // namespace lepton_sim
