// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <lepton/schedule/backoff.hpp>
#include <lepton/schedule/disruption_budget.hpp>
#include <lepton/schedule/no_preemption.hpp>
#include <lepton/schedule/unlimited_quota.hpp>

namespace lepton::schedule {

/// Whom a task that finds no room holds up.
enum class blocking : std::uint8_t {
  nobody,   ///< later tasks may start before it
  everyone  ///< strictly in order: the pass ends with it
};

/// What a scheduler does beyond ordering and placing.
template <class Quota = unlimited_quota, class Preemption = no_preemption>
struct rules {
  explicit rules(Quota q = {}, Preemption p = {}) : quota(std::move(q)), preemption(std::move(p)) {}

  Quota quota;                   ///< a `quota_policy`
  Preemption preemption;         ///< who may be stopped for whom
  disruption_budgets budgets{};  ///< of groups of tasks, by label; add them before tasks
  backoff retry{};               ///< for tasks that found no room, were evicted, or lost their node
  blocking held_up = blocking::nobody;
};

}  // namespace lepton::schedule
