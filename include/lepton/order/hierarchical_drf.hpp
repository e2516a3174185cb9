// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/order/account_tree.hpp>
#include <lepton/order/contest.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/share_ratio.hpp>

namespace lepton::order {

/// Dominant resource fairness in a tree of accounts: from the root down, the child whose dominant
/// share, divided by its weight, is smallest; an account uses what its tenants use together. The
/// rule of Mesos' hierarchical sorter (and of YuniKorn's fair queues); shares are compared exactly.
/// Meets `share`.
///
/// Shares are of the whole capacity at every level. The rescaling and blocking of H-DRF
/// (Bhattacharya et al. 2013) is not done: an account one of whose tenants has much of a resource
/// that its other tenants do not want may keep these waiting while others go first.
///
/// A decision is O(depth × log children). An account's weight is its shares in the tree.
template <class Resources>
class hierarchical_drf {
  static_assert(resource_vector<Resources>,
                "lepton: hierarchical_drf divides up a resource vector: "
                "hierarchical_drf{resources<2>{cpus, memory}}");

 public:
  hierarchical_drf() = default;
  explicit hierarchical_drf(const Resources& capacity, account_tree accounts = {})
      : capacity_(capacity), tree_(std::move(accounts)) {
    grow();
  }

  void set_capacity(const Resources& capacity) {
    capacity_ = capacity;
    for (tenant_slot i = 0; i < used_.size(); ++i) refresh(i);
  }
  void set_weight(tenant_slot i, std::uint32_t weight) {
    tree_.set_shares(i, weight == 0 ? 1 : weight);
    refresh(i);
  }
  auto add_account(tenant_slot parent = account_tree::root, std::uint32_t weight = 1)
      -> expected<tenant_slot> {
    auto made = tree_.add_account(parent, weight == 0 ? 1 : weight);
    grow();
    return made;
  }
  auto add_tenant(tenant_id id, tenant_slot parent, std::uint32_t weight = 1)
      -> expected<tenant_slot> {
    auto made = tree_.add_tenant(id, parent, weight == 0 ? 1 : weight);
    grow();
    return made;
  }
  [[nodiscard]] auto accounts() const noexcept -> const account_tree& { return tree_; }
  [[nodiscard]] auto used(tenant_slot i) const noexcept -> const Resources& { return used_[i]; }
  [[nodiscard]] auto share_of(tenant_slot i) const noexcept -> share_ratio {
    return dominant_share(used_[i], capacity_, tree_[i].shares);
  }

  auto slot(tenant_id id) -> tenant_slot {
    const auto i = tree_.slot(id);
    if (used_.size() < tree_.size()) grow();
    return i;
  }
  void join(tenant_slot i) {
    joined_[i] = true;
    contest_.enter(tree_, i);
  }
  void leave(tenant_slot i) {
    joined_[i] = false;
    if (contest_.competes(tree_, i)) contest_.withdraw(tree_, i);
  }
  void begin_pass(time_point /*now*/) {
    for (const auto i : held_) {
      if (joined_[i] && !contest_.competes(tree_, i)) contest_.enter(tree_, i);
    }
    held_.clear();
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return contest_.first(); }
  void hold(tenant_slot i) {
    contest_.withdraw(tree_, i);
    held_.push_back(i);
  }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    const auto& demand = demand_of(q.what);
    for (; i != no_slot; i = tree_[i].parent) {
      used_[i] += demand;
      refresh(i);
    }
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    const auto& demand = demand_of(q.what);
    for (; i != no_slot; i = tree_[i].parent) {
      used_[i] -= demand;
      LEPTON_ASSERT(!any_negative(used_[i]), "hierarchical_drf: a task ended that was not charged");
      refresh(i);
    }
  }

 private:
  void grow() {
    contest_.fit(tree_);
    joined_.resize(tree_.size(), false);
    for (auto i = used_.size(); i < tree_.size(); ++i) {
      used_.emplace_back();
      refresh(static_cast<tenant_slot>(i));
    }
  }
  void refresh(tenant_slot i) { contest_.set_key(tree_, i, share_of(i)); }

  Resources capacity_{};
  account_tree tree_;
  std::vector<Resources> used_;  ///< by node, of all below it
  std::vector<bool> joined_;
  std::vector<tenant_slot> held_;
  contest<share_ratio> contest_;
};

}  // namespace lepton::order
