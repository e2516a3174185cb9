// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/chosen_order.hpp>
#include <lepton/simulate/gang_machine.hpp>
#include <lepton/simulate/queue_policy_entry.hpp>
#include <lepton/simulate/queue_simulation.hpp>

namespace lepton::simulate {
namespace queue_policy_detail {

template <class Order>
auto on_nodes(Order order, const queue_policy_entry& policy, const queue_workload& w,
              std::int64_t node_size, const queue_simulation_options& o) -> expected<queue_run> {
  const auto held_up = policy.backfill == queue_backfill::gangs ? schedule::blocking::nobody
                                                                : schedule::blocking::everyone;
  gang_machine<Order> machine{static_cast<std::size_t>(w.processors / node_size), node_size,
                              std::move(order), held_up};
  return simulate_queue(w, machine, o);
}

}  // namespace queue_policy_detail

/// Runs a workload under a policy that places jobs on nodes of `node_size` processors: one that
/// fits on a node gets all its processors on one; a larger one is a gang. Fails when the policy is
/// not of these, and when the machine's processors are not whole nodes.
[[nodiscard]] inline auto run_gang_policy(const queue_policy_entry& policy,
                                          const queue_workload& workload, std::int64_t node_size,
                                          const queue_simulation_options& options = {})
    -> expected<queue_run> {
  namespace of = queue_policy_detail;
  if (!policy.has_nodes())
    return failure(std::string{policy.name} + " places nothing on nodes; run_queue_policy runs it");
  if (node_size < 1 || workload.processors % node_size != 0) {
    return failure("a machine of " + std::to_string(workload.processors) +
                   " processors is not a number of whole nodes of " + std::to_string(node_size));
  }
  switch (policy.order) {
    case queue_order::wfp3:
    case queue_order::unicef:
      return of::on_nodes(chosen_timed_order{policy.order}, policy, workload, node_size, options);
    case queue_order::fair_share:
    case queue_order::multifactor:
      return of::on_nodes(chosen_share_order{policy.order, workload}, policy, workload, node_size,
                          options);
    default:
      return of::on_nodes(chosen_fixed_order{policy.order}, policy, workload, node_size, options);
  }
}

}  // namespace lepton::simulate
