// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule {

/// A quota that can say who must give back what.
template <class Quota, class Task>
concept reclaimable_quota = requires(const Quota& q, const Task& t) {
  q.reclaim(tenant_of(t), demand_of(t));
};

/// Which running tasks must be stopped so that the quota lets a task start: tasks of tenants that
/// borrowed what the task's own tenant is guaranteed, whatever their priority, those who must give
/// back most first; or, if nobody has to give anything back, tasks of its own tenant of lower
/// priority. Of a tenant, the lowest priority goes first, then the latest start. Empty if that is
/// not enough. (Kueue's reclaimWithinCohort: Any, withinClusterQueue: LowerPriority.)
///
/// A victim cannot reclaim its place in turn: with it, its tenant used more than its guarantee.
///
/// @param task_of  gives the task that an entry of `running` stands for
/// @param may_go   who may be stopped at all
///
/// O(running log running), and a copy of the quota.
template <class Quota, class Task, class TaskOf, class May>
[[nodiscard]] auto quota_victims(Quota quota, const Task& t, std::span<const running_task> running,
                                 TaskOf task_of, May may_go) -> std::vector<running_task> {
  const auto claims = quota.reclaim(tenant_of(t), demand_of(t));
  const auto rank = [&](const running_task& r) {
    for (std::size_t k = 0; k < claims.size(); ++k) {
      if (claims[k].tenant == r.tenant) return k;
    }
    return claims.size();
  };
  std::vector<running_task> candidates;
  for (const auto& r : running) {
    const auto own = claims.empty() && r.tenant == tenant_of(t) && r.priority < priority_of(t);
    if ((own || rank(r) < claims.size()) && may_go(r)) candidates.push_back(r);
  }
  std::sort(candidates.begin(), candidates.end(), [&](const auto& a, const auto& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (a.priority != b.priority) return a.priority < b.priority;
    return a.started != b.started ? a.started > b.started : a.id > b.id;
  });
  std::vector<running_task> victims;
  auto left = claims;
  for (const auto& r : candidates) {
    if (quota.may_start(t)) break;
    const auto& what = task_of(r);
    if (!claims.empty()) {
      auto& claim = left[rank(r)].amounts;
      const auto& gives = demand_of(what);
      auto useful = false;
      for (std::size_t d = 0; d < gives.size(); ++d) {
        useful = useful || (claim[d] > 0 && gives[d] > 0);
        claim[d] -= gives[d];
      }
      if (!useful) {
        claim += gives;
        continue;
      }
    }
    quota.ended(what);
    victims.push_back(r);
  }
  // The last ones may have made earlier ones superfluous.
  for (auto k = victims.size(); k-- > 0;) {
    quota.started(task_of(victims[k]));
    if (quota.may_start(t)) {
      victims.erase(victims.begin() + static_cast<std::ptrdiff_t>(k));
    } else {
      quota.ended(task_of(victims[k]));
    }
  }
  if (!quota.may_start(t)) victims.clear();
  return victims;
}

}  // namespace lepton::schedule
