// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include <lepton/model/adapt.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/schedule/preemption_plan.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule {

/// Whether the task may preempt others at all: true unless it says otherwise by `preempts(t)` (of
/// `adapt` or a member), as Kubernetes' preemptionPolicy Never does.
template <class Task>
[[nodiscard]] constexpr auto may_preempt(const Task& t) noexcept -> bool {
  if constexpr (requires { adapt<Task>::preempts(t); }) {
    return static_cast<bool>(adapt<Task>::preempts(t));
  } else if constexpr (requires { t.preempts(); }) {
    return static_cast<bool>(t.preempts());
  } else if constexpr (requires { t.preempts; }) {
    return static_cast<bool>(t.preempts);
  } else {
    return true;
  }
}

/// Who may be evicted, apart from their priority: everybody.
struct any_victim {
  [[nodiscard]] constexpr auto operator()(const running_task&) const noexcept -> bool {
    return true;
  }
};

/// Who may be evicted: the tasks of some tenants, those that must give back what they borrowed.
struct victims_of {
  std::span<const tenant_id> tenants;
  [[nodiscard]] constexpr auto operator()(const running_task& r) const noexcept -> bool {
    for (const auto t : tenants) {
      if (t == r.tenant) return true;
    }
    return false;
  }
};

/// Whether a task fits where it is asked for, answered by a placement policy: it names some node.
/// To be asked right after victims were taken from that node, and only for tasks that had found
/// none before. Then it is that node, unless rules reach over nodes: a victim in one may make room
/// in another of its zone.
template <class Place>
class fits_by_placing {
 public:
  constexpr explicit fits_by_placing(Place& place) noexcept : place_(&place) {}
  template <class Task, class Cluster>
  [[nodiscard]] auto operator()(const Task& t, const Cluster& nodes, node_index) const -> bool {
    return place_->pick(t, nodes).is_placed();
  }

 private:
  Place* place_;
};

/// Chooses the tasks that make room for another.
///
/// 1. `p.plan(task, tx, fits, running, allowed, may_evict)` answers with a plan after whose
///    evictions the task fits, or with nothing if there is none or none is needed. It leaves the
///    transaction as it was.
/// 2. Victims are of strictly lower priority than the task, hold an allocation, and `may_evict`
///    holds of each. So no chain of preemptions comes back to where it began.
/// 3. `fits(task, cluster, node)` says whether the task fits on that node, with all its
///    constraints.
/// 4. `allowed[b]` is how many tasks of budget b may be disrupted.
/// 5. `P::enabled` is false for a policy that never has a plan; it need not be asked.
template <class P, class Task, class Transaction, class Fits>
concept preemption_policy = requires(P& p, const Task& t, Transaction& tx, Fits& fits,
                                     std::span<const running_task> running,
                                     std::span<const std::int64_t> allowed) {
  { P::enabled } -> std::convertible_to<bool>;
  {
    p.plan(t, tx, fits, running, allowed, any_victim{})
    } -> std::same_as<std::optional<preemption_plan>>;
};

}  // namespace lepton::schedule
