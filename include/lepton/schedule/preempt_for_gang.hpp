// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/schedule/gang_placement.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/preemption_plan.hpp>
#include <lepton/schedule/preemption_policy.hpp>
#include <lepton/schedule/running_task.hpp>
#include <lepton/schedule/transaction.hpp>

namespace lepton::schedule {

/// A gang that starts, and who had to go for it.
struct gang_preemption {
  gang_placement gang{};
  std::vector<running_task> victims{};
  std::size_t violations = 0;
};

/// Places a gang with evictions: its first `spec.minimum` tasks, each where there is room or where
/// `preemption` makes some; all of them, or nothing is placed and nobody goes (`busy`). Nobody is
/// evicted for tasks above the minimum. Placements and evictions stay in the transaction.
///
/// Task by task, so that the victims are few for each, not always as few as could be for the whole
/// gang. O(minimum · plan).
///
/// @param fits_there  as for `preemption_policy`
template <class Cluster, class Place, class Preemption, class Tasks, class Fits,
          class May = any_victim>
[[nodiscard]] auto preempt_for_gang(transaction<Cluster>& tx, Place& place, Preemption& preemption,
                                    const Tasks& tasks, const gang_spec& spec, Fits&& fits_there,
                                    std::span<const running_task> running,
                                    std::span<const std::int64_t> allowed = {}, May may_evict = {})
    -> gang_preemption {
  const auto before = tx.mark();
  gang_preemption done;
  std::vector<std::int64_t> left{allowed.begin(), allowed.end()};
  const auto fail = [&]() -> gang_preemption {
    tx.roll_back_to(before);
    return {};
  };
  if (spec.minimum > tasks.size() || spec.minimum > spec.maximum) return fail();
  for (std::size_t k = 0; k < spec.minimum; ++k) {
    auto d = place.pick(tasks[k], tx.nodes());
    if (!d) {
      const auto plan = preemption.plan(tasks[k], tx, fits_there, running,
                                        std::span<const std::int64_t>{left}, may_evict);
      if (!plan) return fail();
      evict(tx, *plan);
      for (const auto& v : plan->victims) {
        for (const auto b : v.budgets) {
          if (b < left.size()) --left[b];
        }
        done.victims.push_back(v);
      }
      done.violations += plan->violations;
      d = place.pick(tasks[k], tx.nodes());
      if (!d) return fail();
    }
    const auto receipt = tx.allocate(tasks[k], d);
    LEPTON_ASSERT(receipt.has_value(),
                  "the placement policy named a node that cannot take the task");
    if (!receipt) return fail();
    done.gang.members.push_back({k, d, *receipt});
  }
  done.gang.outcome = verdict::placed;
  return done;
}

}  // namespace lepton::schedule
