// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include <lepton/order/account_usage.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/task_cost.hpp>
#include <lepton/order/tenant_heap.hpp>

namespace lepton::order {

/// Fair share by past usage, Slurm's classic formula: the tenant of the largest factor
/// F = 2^(-U/(S d)) is next. S is its part of the machine: its shares in proportion to its
/// siblings', times those of the accounts above. U is its effective usage: of an account below the
/// root, its part of all that was used; further down,
/// U = A + (U of the parent - A) × shares / (shares of all siblings), with the node's actual part
/// A. What was used counts half after each half-life. Equal factors go by tenant id.
///
/// A `share`, and as `factor(tenant, now)` a part of a priority formula; then tell it `started` and
/// `ended`. Usage accrues while tasks run: a start or end is O(depth); a pass at a new moment is
/// O(waiting tenants × depth), as all factors move. In double precision, the same on all machines
/// that do not fuse multiplications and additions.
///
/// @tparam Size  what a running task uses each second: see order/task_cost.hpp
template <class Size = task_size>
class fair_share {
 public:
  struct options {
    duration half_life = std::chrono::hours{7 * 24};  ///< not positive: nothing is forgotten
    double dampening = 1;                             ///< d: larger ones make factors differ less
  };

  fair_share() : fair_share(account_tree{}) {}
  explicit fair_share(account_tree accounts, options o = {}, Size size = {})
      : usage_(std::move(accounts), o.half_life), dampening_(o.dampening), size_(std::move(size)) {}

  /// The factor of a tenant, from 0 to 1; 0.5 if it used just its share. One that is not known has
  /// used nothing. O(depth).
  [[nodiscard]] auto factor(tenant_id id, time_point now) const noexcept -> double {
    const auto i = usage_.tree().find(id);
    return i == no_slot ? 1 : factor_of(i, now);
  }
  /// The same of a node of the tree.
  [[nodiscard]] auto factor_of(tenant_slot i, time_point now) const noexcept -> double {
    const auto u = over_use(i, now);
    return u > 0 ? lepton::detail::decay(u / dampening_ * forgetting::ln_2) : 1;
  }
  /// The part of the machine that is the node's.
  [[nodiscard]] auto normalised_shares(tenant_slot i) const noexcept -> double {
    const auto& tree = usage_.tree();
    double part = 1;
    for (; i != account_tree::root; i = tree[i].parent) part *= part_of_parent(i);
    return part;
  }
  [[nodiscard]] auto effective_usage(tenant_slot i, time_point now) const noexcept -> double {
    const auto all = usage_.used(account_tree::root, now);
    return all > 0 ? effective(i, now, all) : 0;
  }
  [[nodiscard]] auto usage() noexcept -> account_usage& { return usage_; }
  [[nodiscard]] auto usage() const noexcept -> const account_usage& { return usage_; }

  /// As a part of an ordering: a task starts to use what it asks for, and stops.
  template <class Task>
  void started(const queued<Task>& q, time_point now) {
    charge(slot(tenant_of(q.what)), q, now);
  }
  template <class Task>
  void ended(const queued<Task>& q, time_point now) {
    refund(slot(tenant_of(q.what)), q, now);
  }

  auto slot(tenant_id id) -> tenant_slot { return usage_.slot(id); }
  void join(tenant_slot i) { heap_.join(i, usage_.tree()[i].id, over_use(i, now_)); }
  void leave(tenant_slot i) { heap_.leave(i); }
  void begin_pass(time_point now) {
    now_ = now;
    const auto key = [this](tenant_slot i) { return over_use(i, now_); };
    heap_.end_holds([](tenant_slot) { return 0.0; });
    heap_.change_all(key);
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return heap_.first(); }
  void hold(tenant_slot i) { heap_.hold(i, usage_.tree()[i].id); }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point now) {
    usage_.change_rate(i, static_cast<std::int64_t>(size_(q.what)), now);
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point now) {
    usage_.change_rate(i, -static_cast<std::int64_t>(size_(q.what)), now);
  }

 private:
  [[nodiscard]] auto part_of_parent(tenant_slot i) const noexcept -> double {
    const auto& n = usage_.tree()[i];
    const auto all = usage_.tree()[n.parent].children_shares;
    return all == 0 ? 0 : static_cast<double>(n.shares) / static_cast<double>(all);
  }
  [[nodiscard]] auto effective(tenant_slot i, time_point now, double all) const noexcept -> double {
    if (i == account_tree::root) return 1;
    const auto actual = usage_.used(i, now) / all;
    const auto parent = usage_.tree()[i].parent;
    if (parent == account_tree::root) return actual;
    return actual + (effective(parent, now, all) - actual) * part_of_parent(i);
  }
  /// U / S.
  [[nodiscard]] auto over_use(tenant_slot i, time_point now) const noexcept -> double {
    const auto shares = normalised_shares(i);
    if (!(shares > 0)) return std::numeric_limits<double>::infinity();
    return effective_usage(i, now) / shares;
  }

  account_usage usage_;
  double dampening_;
  Size size_;
  tenant_heap<double> heap_;
  time_point now_{};
};
fair_share()->fair_share<task_size>;
fair_share(account_tree)->fair_share<task_size>;

}  // namespace lepton::order
