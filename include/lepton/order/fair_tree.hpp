// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <lepton/order/account_usage.hpp>
#include <lepton/order/contest.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/task_cost.hpp>

namespace lepton::order {

/// Slurm's Fair Tree: from the root down, the child of the largest level fair share
/// LF = (part of the shares) / (part of the usage) among its siblings is next, so that all tenants
/// of an account that is better off go before all of its sibling's (Cox and Morrison, in Slurm
/// since 14.11). What was used counts half after each half-life.
///
/// As a `share`, equal siblings go in the order in which they were added. As `factor(tenant, now)`,
/// a part of a priority formula (tell it `started` and `ended` then), the tenants are ranked as in
/// Slurm: equal ones get the same rank, the accounts of equal ones are ranked together.
///
/// A start or end is O(depth); a pass, or a factor, at a new moment is O(nodes log nodes).
///
/// @tparam Size  what a running task uses each second: see order/task_cost.hpp
template <class Size = task_size>
class fair_tree {
 public:
  explicit fair_tree(account_tree accounts = {}, duration half_life = std::chrono::hours{7 * 24},
                     Size size = {})
      : usage_(std::move(accounts), half_life), size_(std::move(size)) {}

  /// The tenant's rank in proportion to the number of tenants, from 1 for the first down. One that
  /// is not known comes before all.
  [[nodiscard]] auto factor(tenant_id id, time_point now) -> double {
    const auto i = usage_.tree().find(id);
    if (i == no_slot) return 1;
    if (ranks_.size() != usage_.tree().size() || ranked_ != now || stale_) rank_all(now);
    return static_cast<double>(ranks_[i]) / static_cast<double>(usage_.tree().tenant_count());
  }
  /// The usage of a node for each of its shares: who has least of its siblings has the largest LF.
  [[nodiscard]] auto used_by_share(tenant_slot i, time_point now) const noexcept -> double {
    const auto used = usage_.used(i, now);
    const auto shares = usage_.tree()[i].shares;
    if (shares == 0) return std::numeric_limits<double>::infinity();
    return used / static_cast<double>(shares);
  }
  /// To set it up; ranks are computed anew after it.
  [[nodiscard]] auto usage() noexcept -> account_usage& {
    stale_ = true;
    return usage_;
  }

  /// As a part of an ordering: a task starts to use what it asks for, and stops.
  template <class Task>
  void started(const queued<Task>& q, time_point now) {
    charge(slot(tenant_of(q.what)), q, now);
  }
  template <class Task>
  void ended(const queued<Task>& q, time_point now) {
    refund(slot(tenant_of(q.what)), q, now);
  }

  auto slot(tenant_id id) -> tenant_slot {
    const auto i = usage_.slot(id);
    if (joined_.size() < usage_.tree().size()) {
      contest_.fit(usage_.tree());
      joined_.resize(usage_.tree().size(), false);
    }
    return i;
  }
  void join(tenant_slot i) {
    joined_[i] = true;
    contest_.enter(usage_.tree(), i);
  }
  void leave(tenant_slot i) {
    joined_[i] = false;
    if (contest_.competes(usage_.tree(), i)) contest_.withdraw(usage_.tree(), i);
  }
  void begin_pass(time_point now) {
    const auto& tree = usage_.tree();
    for (const auto i : held_) {
      if (joined_[i] && !contest_.competes(tree, i)) contest_.enter(tree, i);
    }
    held_.clear();
    contest_.fit(tree);
    for (tenant_slot i = 1; i < tree.size(); ++i) contest_.set_key(tree, i, used_by_share(i, now));
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return contest_.first(); }
  void hold(tenant_slot i) {
    contest_.withdraw(usage_.tree(), i);
    held_.push_back(i);
  }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point now) {
    usage_.change_rate(i, static_cast<std::int64_t>(size_(q.what)), now);
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point now) {
    usage_.change_rate(i, -static_cast<std::int64_t>(size_(q.what)), now);
  }

 private:
  struct level_entry {
    double used = 0;  ///< by share
    tenant_slot node = 0;
  };

  void rank_all(time_point now) {
    ranked_ = now;
    stale_ = false;
    ranks_.assign(usage_.tree().size(), 0);
    left_ = last_ = usage_.tree().tenant_count();
    rank_below({account_tree::root}, false);
  }
  /// Ranks the tenants below some accounts; the first ones like the last before, if `tied`.
  void rank_below(const std::vector<tenant_slot>& accounts, bool tied) {
    std::vector<level_entry> level;
    for (const auto a : accounts) {
      for (const auto i : usage_.tree()[a].children)
        level.push_back({used_by_share(i, ranked_), i});
    }
    std::stable_sort(level.begin(), level.end(),
                     [](const auto& a, const auto& b) { return a.used < b.used; });
    std::vector<tenant_slot> group;
    for (std::size_t k = 0; k < level.size();) {
      auto end = k;
      group.clear();
      if (!tied) last_ = left_;
      tied = false;
      for (; end < level.size() && !(level[k].used < level[end].used); ++end) {
        const auto i = level[end].node;
        if (usage_.tree()[i].is_tenant) {
          ranks_[i] = last_;
          --left_;
        } else {
          group.push_back(i);
        }
      }
      if (!group.empty()) rank_below(group, true);
      k = end;
    }
  }

  account_usage usage_;
  Size size_;
  contest<double> contest_;
  std::vector<bool> joined_;
  std::vector<tenant_slot> held_;
  std::vector<std::size_t> ranks_;  ///< by node
  std::size_t left_ = 0;            ///< tenants without a rank
  std::size_t last_ = 0;            ///< the rank given last
  time_point ranked_{};
  bool stale_ = true;
};
fair_tree()->fair_tree<task_size>;

}  // namespace lepton::order
