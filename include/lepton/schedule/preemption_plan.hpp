// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule {

/// Who has to go so that a task fits on a node.
struct preemption_plan {
  node_index node = 0;                  ///< where the task fits once they are gone
  std::vector<running_task> victims{};  ///< the most important first
  std::size_t violations = 0;           ///< victims whose disruption breaks a budget
};

/// Carries out the evictions of a plan, to be committed or rolled back with the rest.
template <class Transaction>
void evict(Transaction& tx, const preemption_plan& plan) {
  for (const auto& v : plan.victims) (void)tx.release(v.allocation);
}

/// What a plan costs, the cheaper the smaller (Kubernetes, `pickOneNodeForPreemption`): fewest
/// broken budgets, then the lowest highest priority of a victim, then the smallest sum of
/// priorities (2^31 added to each, so that more victims of negative priority are not cheaper), then
/// the fewest victims, then the latest start of the victims of the highest priority (of the
/// earliest of them).
class preemption_cost {
 public:
  /// There is at least one victim.
  preemption_cost(std::span<const running_task> victims, std::size_t violations) noexcept
      : violations_(violations), victims_(victims.size()), highest_(victims.front().priority) {
    for (const auto& v : victims) highest_ = std::max(highest_, v.priority);
    for (const auto& v : victims) {
      sum_ += wide{v.priority} + (wide{1} << 31);
      if (v.priority == highest_) earliest_ = std::min(earliest_, v.started);
    }
  }
  [[nodiscard]] auto violations() const noexcept -> std::size_t { return violations_; }
  [[nodiscard]] auto highest_priority() const noexcept -> std::int64_t { return highest_; }

  [[nodiscard]] friend auto operator<(const preemption_cost& a, const preemption_cost& b) noexcept
      -> bool {
    if (a.violations_ != b.violations_) return a.violations_ < b.violations_;
    if (a.highest_ != b.highest_) return a.highest_ < b.highest_;
    if (a.sum_ != b.sum_) return a.sum_ < b.sum_;
    if (a.victims_ != b.victims_) return a.victims_ < b.victims_;
    return a.earliest_ > b.earliest_;
  }

 private:
  __extension__ using wide = __int128;

  std::size_t violations_;
  std::size_t victims_;
  std::int64_t highest_;
  wide sum_ = 0;
  time_point earliest_ = time_point::max();
};

}  // namespace lepton::schedule
