// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/order/account_tree.hpp>
#include <lepton/order/decayed_usage.hpp>

namespace lepton::order {

/// What the tenants and, with them, the accounts of a tree have used: units × seconds, half of them
/// forgotten after each half-life, accruing while tasks run. A start or an end is O(depth).
class account_usage {
 public:
  explicit account_usage(account_tree tree = {}, duration half_life = {})
      : tree_(std::move(tree)), forgetting_(half_life) {
    grow();
  }

  [[nodiscard]] auto tree() const noexcept -> const account_tree& { return tree_; }
  auto add_account(tenant_slot parent, std::uint32_t shares) -> expected<tenant_slot> {
    auto made = tree_.add_account(parent, shares);
    grow();
    return made;
  }
  auto add_tenant(tenant_id id, tenant_slot parent, std::uint32_t shares) -> expected<tenant_slot> {
    auto made = tree_.add_tenant(id, parent, shares);
    grow();
    return made;
  }
  void set_shares(tenant_slot i, std::uint32_t shares) noexcept { tree_.set_shares(i, shares); }
  auto slot(tenant_id id) -> tenant_slot {
    const auto i = tree_.slot(id);
    if (usage_.size() < tree_.size()) grow();
    return i;
  }

  /// Units × seconds of a node at a moment.
  [[nodiscard]] auto used(tenant_slot i, time_point now) const noexcept -> double {
    return usage_[i].at(now, forgetting_);
  }
  /// Units of a node in use.
  [[nodiscard]] auto running(tenant_slot i) const noexcept -> std::int64_t {
    return usage_[i].rate();
  }
  /// So many units more, or fewer, are in use from now on.
  void change_rate(tenant_slot i, std::int64_t by, time_point now) noexcept {
    for (; i != no_slot; i = tree_[i].parent) {
      usage_[i].change_rate(by, now, forgetting_);
      LEPTON_ASSERT(usage_[i].rate() >= 0, "fair share: a task ended that was not charged");
    }
  }
  /// Adds usage that was not seen to accrue: of an earlier run of the program, say.
  void add(tenant_slot i, double units_times_seconds, time_point now) noexcept {
    for (; i != no_slot; i = tree_[i].parent) usage_[i].add(units_times_seconds, now, forgetting_);
  }

 private:
  void grow() { usage_.resize(tree_.size()); }

  account_tree tree_;
  forgetting forgetting_;
  std::vector<decayed_usage> usage_;  ///< by node, of all below it
};

}  // namespace lepton::order
