// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_policy_entry.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_simulation.hpp>

// Files of their own, as they make many kinds of schedulers.

namespace lepton_sim {

[[nodiscard]] auto run_on_processors(const lepton::simulate::queue_policy_entry& policy,
                                     const lepton::simulate::queue_workload& workload,
                                     const lepton::simulate::queue_simulation_options& options)
    -> lepton::expected<lepton::simulate::queue_run>;

[[nodiscard]] auto run_on_nodes(const lepton::simulate::queue_policy_entry& policy,
                                const lepton::simulate::queue_workload& workload,
                                std::int64_t node_size,
                                const lepton::simulate::queue_simulation_options& options)
    -> lepton::expected<lepton::simulate::queue_run>;

}  // namespace lepton_sim
