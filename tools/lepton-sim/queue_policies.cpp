// SPDX-License-Identifier: Apache-2.0
#include "queue_policies.hpp"

#include <lepton/simulate/run_queue_policy.hpp>

namespace lepton_sim {

auto run_on_processors(const lepton::simulate::queue_policy_entry& policy,
                       const lepton::simulate::queue_workload& workload,
                       const lepton::simulate::queue_simulation_options& options)
    -> lepton::expected<lepton::simulate::queue_run> {
  return lepton::simulate::run_queue_policy(policy, workload, options);
}

}  // namespace lepton_sim
