// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/quota_ledger.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/order/account_tree.hpp>
#include <lepton/order/contest.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/share_ratio.hpp>

namespace lepton::order {

/// What a tenant or cohort of `kueue_share` has, and how much of it others may have.
template <class Resources>
struct kueue_terms {
  static constexpr amount unlimited = lepton::detail::quota_ledger<Resources>::unlimited;

  Resources nominal{};  ///< its own quota
  Resources borrow_limit = Resources::filled(unlimited);
  Resources lend_limit = Resources::filled(unlimited);
  std::uint32_t weight = 1;  ///< 0: borrows only after all others
};

/// Kueue's fair sharing: tenants (cluster queues) in a tree of cohorts have nominal quotas and
/// borrow from each other. From the root down, the child whose share would be smallest if its next
/// task started: the largest part, over the resources, of what the parent can lend that the child
/// has borrowed beyond its quota, divided by its weight. Equal ones go in the order in which they
/// were added. Meets `share`, and looks at the tenants' next tasks.
///
/// Who is within its quota has the share 0. Shares are exact fractions; Kueue rounds them to
/// thousandths. It does not say whether a task may start: give the scheduler a `quota` for that.
/// A tenant that is new comes below the root without a quota. A turn is O(depth × log children).
template <class Resources>
class kueue_share {
 public:
  using terms = kueue_terms<Resources>;

  /// @param root  what the root cohort has itself, besides its children's quotas
  explicit kueue_share(const terms& root = {}) { add_node(ledger::none, root); }

  /// Before the first task comes. Fails if there is no such cohort.
  auto add_cohort(tenant_slot parent, const terms& t) -> expected<tenant_slot> {
    const auto made = tree_.add_account(parent, t.weight);
    if (made) add_node(parent, t);
    return made;
  }
  auto add_tenant(tenant_id id, tenant_slot parent, const terms& t) -> expected<tenant_slot> {
    const auto made = tree_.add_tenant(id, parent, t.weight);
    if (made) add_node(parent, t);
    return made;
  }

  /// The node's dominant share if `more` were used by a task below it as well.
  [[nodiscard]] auto share_of(tenant_slot i, const Resources& more = {}) const noexcept
      -> share_ratio {
    if (i == account_tree::root) return {};
    const auto& n = books_[i];
    Resources borrowed;
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      const auto over = n.used[d] + more[d] - n.pool[d];
      borrowed[d] = over > 0 && lendable_[n.parent][d] > 0 ? over : 0;
    }
    return dominant_share(borrowed, lendable_[n.parent], tree_[i].shares);
  }
  [[nodiscard]] auto cohorts() const noexcept -> const account_tree& { return tree_; }
  [[nodiscard]] auto used(tenant_slot i) const noexcept -> const Resources& {
    return books_[i].total;
  }

  auto slot(tenant_id id) -> tenant_slot {
    const auto i = tree_.slot(id);
    if (i == books_.size()) add_node(account_tree::root, {});
    return i;
  }
  void join(tenant_slot i) {
    joined_[i] = true;
    contest_.enter(tree_, i);
    refresh(i);
  }
  void leave(tenant_slot i) {
    joined_[i] = false;
    next_[i] = {};
    withdraw(i);
  }
  void begin_pass(time_point /*now*/) {
    for (const auto i : held_) {
      if (!joined_[i] || contest_.competes(tree_, i)) continue;
      contest_.enter(tree_, i);
      refresh(i);
    }
    held_.clear();
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return contest_.first(); }
  void hold(tenant_slot i) {
    withdraw(i);
    held_.push_back(i);
  }
  template <class Task>
  void head(tenant_slot i, const queued<Task>& q) {
    next_[i] = demand_of(q.what);
    refresh(i);
  }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    books_.use(i, demand_of(q.what));
    refresh(i);
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    books_.use(i, Resources{} - demand_of(q.what));
    LEPTON_ASSERT(!any_negative(books_[i].total), "kueue_share: a task ended that was not charged");
    refresh(i);
  }

 private:
  using ledger = lepton::detail::quota_ledger<Resources>;

  void add_node(std::uint32_t parent, const terms& t) {
    typename ledger::node n;
    n.parent = parent;
    n.nominal = t.nominal;
    n.borrow_limit = t.borrow_limit;
    n.lend_limit = t.lend_limit;
    books_.add(n);
    next_.emplace_back();
    joined_.push_back(false);
    contest_.fit(tree_);
    lendable_.resize(books_.size());
    for (std::uint32_t i = 0; i < books_.size(); ++i) {
      for (std::size_t d = 0; d < Resources::size(); ++d)
        lendable_[i][d] = books_.potential(i, d).amount;
    }
    for (std::uint32_t i = 0; i < books_.size(); ++i) contest_.set_key(tree_, i, share_of(i));
  }
  void withdraw(tenant_slot i) {
    if (!contest_.competes(tree_, i)) return;
    contest_.withdraw(tree_, i);
    refresh(tree_[i].parent);
  }
  /// The keys from a node up: what each would be if the first task below it started.
  void refresh(tenant_slot i) {
    for (; i != account_tree::root; i = tree_[i].parent) {
      const auto leaf = tree_[i].is_tenant ? i : contest_.first(i);
      contest_.set_key(tree_, i, leaf == no_slot ? share_of(i) : share_of(i, borne(leaf, i)));
    }
  }
  /// What of a tenant's next task would count against the pool of a node above it.
  [[nodiscard]] auto borne(tenant_slot leaf, tenant_slot above) const noexcept -> Resources {
    auto more = next_[leaf];
    for (auto i = leaf; i != above; i = tree_[i].parent) {
      const auto& n = books_[i];
      for (std::size_t d = 0; d < Resources::size(); ++d) {
        const auto kept = n.kept[d] > n.used[d] ? n.kept[d] - n.used[d] : 0;
        more[d] = more[d] > kept ? more[d] - kept : 0;
      }
    }
    return more;
  }

  account_tree tree_;
  ledger books_;                     ///< by node, numbered as in the tree
  std::vector<Resources> lendable_;  ///< by node: what it has in all, its borrowing included
  std::vector<Resources> next_;      ///< by tenant: demand of the next task
  std::vector<bool> joined_;
  std::vector<tenant_slot> held_;
  contest<share_ratio> contest_;
};

}  // namespace lepton::order
