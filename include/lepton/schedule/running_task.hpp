// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <lepton/model/allocation.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/disruption_budget.hpp>
#include <lepton/schedule/gang_id.hpp>

namespace lepton::schedule {

/// What a preemption must know of a task that runs.
struct running_task {
  allocation_id allocation{};
  task_id id = 0;
  std::int64_t priority = 0;
  time_point started{};
  tenant_id tenant = 0;
  gang_id gang = 0;                            ///< the gang it belongs to; 0: none
  std::size_t gang_minimum = 0;                ///< with fewer members its gang cannot go on
  std::span<const budget_index> budgets = {};  ///< the disruption budgets that count it
};

}  // namespace lepton::schedule
