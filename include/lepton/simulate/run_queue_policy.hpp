// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <lepton/model/expected.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/schedule/batch_scheduler.hpp>
#include <lepton/schedule/conservative_scheduler.hpp>
#include <lepton/schedule/corrected_runtime.hpp>
#include <lepton/schedule/easy.hpp>
#include <lepton/schedule/incremental_correction.hpp>
#include <lepton/schedule/no_backfill.hpp>
#include <lepton/schedule/perfect_runtime.hpp>
#include <lepton/schedule/recent_runs.hpp>
#include <lepton/schedule/runtime_regression.hpp>
#include <lepton/simulate/chosen_order.hpp>
#include <lepton/simulate/queue_policy_entry.hpp>
#include <lepton/simulate/queue_simulation.hpp>

namespace lepton::simulate {
namespace queue_policy_detail {

/// The user's last two jobs say how long the next one runs (EASY++).
using recent =
    schedule::corrected_runtime<schedule::recent_runs<>, schedule::incremental_correction>;
using regression =
    schedule::corrected_runtime<schedule::runtime_regression, schedule::incremental_correction>;

template <class Backfill, class Runtime = schedule::requested_time, class Order>
auto in_batches(Order order, const queue_workload& w, const queue_simulation_options& o)
    -> expected<queue_run> {
  schedule::batch_scheduler<queue_job, Order, Backfill, Runtime> scheduler{processors{w.processors},
                                                                           std::move(order)};
  return simulate_queue(w, scheduler, o);
}

template <class Order>
auto in_a_plan(Order order, schedule::plan_upkeep upkeep, const queue_workload& w,
               const queue_simulation_options& o) -> expected<queue_run> {
  schedule::conservative_scheduler<queue_job, Order> scheduler{
      processors{w.processors}, std::move(order), {upkeep}};
  return simulate_queue(w, scheduler, o);
}

/// Every order has these; the others below have first come, first served alone.
template <class Order>
auto run_any(Order order, queue_backfill backfill, const queue_workload& w,
             const queue_simulation_options& o) -> expected<queue_run> {
  switch (backfill) {
    case queue_backfill::none:
      return in_batches<schedule::no_backfill>(std::move(order), w, o);
    case queue_backfill::easy:
      return in_batches<schedule::easy<>>(std::move(order), w, o);
    case queue_backfill::sjbf:
      return in_batches<schedule::sjbf>(std::move(order), w, o);
    case queue_backfill::easy_plus_plus:
      return in_batches<schedule::sjbf, recent>(std::move(order), w, o);
    default:
      return in_a_plan(std::move(order), schedule::plan_upkeep::compress_by_order, w, o);
  }
}

inline auto run_fcfs(queue_backfill backfill, const queue_workload& w,
                     const queue_simulation_options& o) -> expected<queue_run> {
  switch (backfill) {
    case queue_backfill::regression:
      return in_batches<schedule::sjbf, regression>(order::fcfs{}, w, o);
    case queue_backfill::perfect:
      return in_batches<schedule::sjbf, schedule::perfect_runtime>(order::fcfs{}, w, o);
    case queue_backfill::conservative_by_start:
      return in_a_plan(order::fcfs{}, schedule::plan_upkeep::compress_by_start, w, o);
    default:
      return run_any(order::fcfs{}, backfill, w, o);
  }
}

}  // namespace queue_policy_detail

/// Runs a workload under a policy that is chosen by name, on a machine whose processors are all
/// alike. Fails when the policy needs nodes: see `run_gang_policy`.
[[nodiscard]] inline auto run_queue_policy(const queue_policy_entry& policy,
                                           const queue_workload& workload,
                                           const queue_simulation_options& options = {})
    -> expected<queue_run> {
  namespace of = queue_policy_detail;
  if (policy.has_nodes())
    return failure(std::string{policy.name} + " places jobs on nodes; run_gang_policy runs it");
  switch (policy.order) {
    case queue_order::fcfs:
      return of::run_fcfs(policy.backfill, workload, options);
    case queue_order::wfp3:
    case queue_order::unicef:
      return of::run_any(chosen_timed_order{policy.order}, policy.backfill, workload, options);
    case queue_order::fair_share:
    case queue_order::multifactor:
      return of::run_any(chosen_share_order{policy.order, workload}, policy.backfill, workload,
                         options);
    default:
      return of::run_any(chosen_fixed_order{policy.order}, policy.backfill, workload, options);
  }
}

}  // namespace lepton::simulate
