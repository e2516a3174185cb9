// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/node_copies.hpp>
#include <lepton/schedule/preemption_plan.hpp>
#include <lepton/schedule/preemption_policy.hpp>
#include <lepton/schedule/running_task.hpp>
#include <lepton/schedule/transaction.hpp>
#include <lepton/schedule/victim_units.hpp>

namespace lepton::schedule {

/// Kubernetes' choice of a node and its victims (kube-scheduler's default preemption).
///
/// On each node where it can help, all tasks of lower priority are taken away; if the task then
/// fits, as many as possible stay: first those whose eviction breaks a disruption budget, then the
/// others, each by importance (higher priority, then earlier start). What is left are the victims.
/// Of the nodes, the cheapest wins (`preemption_cost`), the first of equals. A victim counts as
/// breaking a budget if those before it, in order of importance, and it are more than the budget
/// allows, reprieved ones included.
///
/// Of a gang the node's tasks may go one by one as far as it stays at its minimum; beyond that it
/// goes as a whole, wherever its members are, and only if all of them may. At equal priority it
/// stays before single tasks do, the larger gang first.
///
/// All nodes are candidates, where Kubernetes stops at a tenth of them; and so the choice does not
/// depend on where the search begins. O(running + nodes), and then for each node where room could
/// be made by evicting tasks of no higher priority than those of the best plan so far, three steps
/// and a test of `fits` for each task there.
class kubernetes_preemption {
 public:
  static constexpr bool enabled = true;

  /// See `preemption_policy`.
  template <class Task, class Transaction, class Fits, class May = any_victim>
  [[nodiscard]] auto plan(const Task& t, Transaction& tx, Fits&& fits_there,
                          std::span<const running_task> running,
                          std::span<const std::int64_t> allowed = {}, May may_evict = {})
      -> std::optional<preemption_plan> {
    if (!may_preempt(t)) return std::nullopt;
    take_up(t, tx.nodes(), running, may_evict);
    find_candidates(t, tx.nodes());

    std::optional<preemption_plan> best;
    std::optional<preemption_cost> least;
    node_index where = 0;
    for (const auto& c : candidates_) {
      if (least && least->violations() == 0 && c.priority > least->highest_priority()) break;
      auto found = dry_run(t, tx, fits_there, c.node, allowed);
      if (!found) continue;
      const preemption_cost cost{found->victims, found->violations};
      if (least && !(cost < *least) && (*least < cost || c.node > where)) continue;
      best = std::move(found);
      least = cost;
      where = c.node;
    }
    return best;
  }

  /// The same on one node: who would have to go for the task to fit there.
  template <class Task, class Transaction, class Fits, class May = any_victim>
  [[nodiscard]] auto plan_on(node_index i, const Task& t, Transaction& tx, Fits&& fits_there,
                             std::span<const running_task> running,
                             std::span<const std::int64_t> allowed = {}, May may_evict = {})
      -> std::optional<preemption_plan> {
    if (!may_preempt(t) || i >= tx.nodes().size()) return std::nullopt;
    take_up(t, tx.nodes(), running, may_evict);
    if (victims_of_.on(i).empty() || !tx.nodes()[i].accepting()) return std::nullopt;
    return dry_run(t, tx, fits_there, i, allowed);
  }

 private:
  struct candidate {
    std::int64_t priority;  ///< some victim has at least this one
    node_index node;
  };

  template <class Task, class Cluster, class May>
  void take_up(const Task& t, const Cluster& nodes, std::span<const running_task> running,
               May may_evict) {
    running_ = running;
    steps_.assign(running.size(), {});
    victims_of_.take_up(nodes, running, priority_of(t), may_evict);
  }

  /// The nodes where evictions can make room, by the priority up to which they must reach.
  template <class Task, class Cluster>
  void find_candidates(const Task& t, const Cluster& nodes) {
    candidates_.clear();
    const auto& demand = demand_of(t);
    for (node_index i = 0; i < nodes.size(); ++i) {
      const auto tasks = victims_of_.on(i);
      if (tasks.empty() || !nodes[i].accepting()) continue;
      auto room = nodes[i].free();
      for (const auto k : tasks) room += nodes.find(running_[k].allocation)->demand;
      if (!fits(demand, room) || detail::copies_when_empty(t, nodes[i]) == 0) continue;
      // Whoever the victims are, one of them is of the priority at which there is room first.
      by_priority_.assign(tasks.begin(), tasks.end());
      std::sort(by_priority_.begin(), by_priority_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return running_[a].priority < running_[b].priority;
      });
      room = nodes[i].free();
      auto reach = running_[by_priority_.front()].priority;
      for (const auto k : by_priority_) {
        if (fits(demand, room)) break;
        room += nodes.find(running_[k].allocation)->demand;
        reach = running_[k].priority;
      }
      candidates_.push_back({reach, i});
    }
    std::sort(candidates_.begin(), candidates_.end(), [](const candidate& a, const candidate& b) {
      return a.priority != b.priority ? a.priority < b.priority : a.node < b.node;
    });
  }

  /// What becomes of node i if all its evictable tasks go, and as many as possible come back.
  template <class Task, class Transaction, class Fits>
  auto dry_run(const Task& t, Transaction& tx, Fits& fits_there, node_index i,
               std::span<const std::int64_t> allowed) -> std::optional<preemption_plan> {
    const auto& units = victims_of_.units(i);
    count_violations(units, allowed);
    const auto before = tx.mark();
    for (const auto& u : units) {
      release(tx, u.core);
      release(tx, u.spare);
    }
    std::optional<preemption_plan> found;
    if (has_room(t, tx.nodes()[i]) && fits_there(t, tx.nodes(), i)) {
      evicted_.clear();
      for (const auto violating : {true, false}) {
        for (const auto& u : units) {
          if (is_violating(u) == violating) reprieve(t, tx, fits_there, i, u);
        }
      }
      if (!evicted_.empty()) found = as_plan(i);
    }
    tx.roll_back_to(before);
    return found;
  }

  void count_violations(const std::vector<detail::victim_unit>& units,
                        std::span<const std::int64_t> allowed) {
    if (allowed.empty()) return;
    left_.resize(allowed.size());
    const auto for_each_budget = [&](auto visit) {
      for (const auto& u : units) {
        for (const auto tasks : {u.core, u.spare}) {
          for (const auto k : tasks) {
            for (const auto b : running_[k].budgets) {
              if (b < allowed.size()) visit(k, b);
            }
          }
        }
      }
    };
    for_each_budget([&](std::uint32_t k, budget_index b) {
      left_[b] = allowed[b];
      steps_[k].violating = false;
    });
    for_each_budget([&](std::uint32_t k, budget_index b) {
      if (--left_[b] < 0) steps_[k].violating = true;
    });
  }
  [[nodiscard]] auto is_violating(const detail::victim_unit& u) const noexcept -> bool {
    return std::any_of(u.core.begin(), u.core.end(),
                       [this](std::uint32_t k) { return steps_[k].violating; });
  }

  template <class Transaction>
  void release(Transaction& tx, std::span<const std::uint32_t> tasks) {
    for (const auto k : tasks) {
      steps_[k].before = tx.mark();
      (void)tx.release(running_[k].allocation);
    }
  }

  /// Lets a unit stay, or part of it, if the task fits all the same.
  template <class Task, class Transaction, class Fits>
  void reprieve(const Task& t, Transaction& tx, Fits& fits_there, node_index i,
                const detail::victim_unit& u) {
    const auto core_stays = stays(t, tx, fits_there, i, u.core);
    if (!core_stays) evicted_.insert(evicted_.end(), u.core.begin(), u.core.end());
    for (const auto& k : u.spare) {
      if (!core_stays || !stays(t, tx, fits_there, i, {&k, 1})) evicted_.push_back(k);
    }
  }
  template <class Task, class Transaction, class Fits>
  [[nodiscard]] auto stays(const Task& t, Transaction& tx, Fits& fits_there, node_index i,
                           std::span<const std::uint32_t> tasks) -> bool {
    const auto before = tx.mark();
    for (const auto k : tasks) tx.reprieve(steps_[k].before);
    if (has_room(t, tx.nodes()[i]) && fits_there(t, tx.nodes(), i)) return true;
    tx.roll_back_to(before);
    return false;
  }
  template <class Task, class Node>
  [[nodiscard]] static auto has_room(const Task& t, const Node& n) noexcept -> bool {
    return fits(demand_of(t), n.free()) && n.devices().fits(devices_of(t));
  }

  [[nodiscard]] auto as_plan(node_index i) -> preemption_plan {
    std::sort(evicted_.begin(), evicted_.end());
    std::stable_sort(evicted_.begin(), evicted_.end(), [this](std::uint32_t a, std::uint32_t b) {
      return detail::more_important(running_[a], running_[b]);
    });
    preemption_plan plan;
    plan.node = i;
    for (const auto k : evicted_) {
      plan.victims.push_back(running_[k]);
      plan.violations += std::size_t{steps_[k].violating};
    }
    return plan;
  }

  struct step {
    savepoint before{};      ///< its release
    bool violating = false;  ///< its eviction breaks a budget
  };

  std::span<const running_task> running_;
  detail::victim_units victims_of_;
  std::vector<step> steps_;
  std::vector<candidate> candidates_;
  std::vector<std::uint32_t> by_priority_;
  std::vector<std::uint32_t> evicted_;
  std::vector<std::int64_t> left_;  ///< of each budget, while the victims of a node are counted
};

}  // namespace lepton::schedule
