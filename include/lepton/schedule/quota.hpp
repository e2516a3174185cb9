// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/key_index.hpp>
#include <lepton/detail/quota_ledger.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/quota_build.hpp>
#include <lepton/schedule/quota_reclaim.hpp>
#include <lepton/schedule/quota_spec.hpp>
#include <lepton/schedule/quota_verdict.hpp>

namespace lepton::schedule {

/// Quotas in a tree: what each tenant is guaranteed, what it may borrow of what others leave
/// unused, and hard limits at every level. Meets `quota_policy`.
///
/// A task may start if in every dimension it asks for, its tenant's guarantee, and what can be
/// borrowed from the groups above, has room for it, and no limit above it is passed. Who needs what
/// it lent gets it back by `reclaim`. The rules are Kueue's (cluster queues and cohorts), with the
/// hard limits of YuniKorn's and Volcano's queues. Every call is O(depth × dimensions), but
/// `reclaim`.
template <class Resources>
class quota {
 public:
  using spec = quota_spec<Resources>;
  using node = std::uint32_t;
  static constexpr node no_node = quota_verdict::no_node;

  /// What becomes of tasks whose tenants have no quota.
  enum class strangers : std::uint8_t { refused, unlimited };

  /// Fails with a sentence that names the quota if the specs make no sense: unknown parents,
  /// cycles, names or tenants twice, children's guarantees above their parent's, negative amounts.
  [[nodiscard]] static auto build(std::span<const spec> specs,
                                  strangers others = strangers::refused) -> expected<quota> {
    detail::quota_build<Resources> plan{specs};
    if (auto good = plan.run(); !good) return unexpected{good.error()};
    quota made;
    made.others_ = others;
    std::vector<node> placed(specs.size());
    made.leaves_ = lepton::detail::key_index{specs.size()};
    for (const auto i : plan.order()) {
      const auto& s = specs[i];
      typename ledger::node n;
      n.parent = plan.parent(i) == plan.nobody ? no_node : placed[plan.parent(i)];
      n.nominal = plan.own(i);
      n.limit = s.limit;
      n.borrow_limit = s.borrow_limit;
      n.lend_limit = s.lend_limit;
      placed[i] = made.books_.add(n);
      made.names_.push_back(s.name);
      made.owners_.push_back({s.tenant ? *s.tenant : 0, s.weight, s.tenant.has_value()});
      if (s.tenant) made.leaves_.insert(*s.tenant, placed[i]);
    }
    return made;
  }
  quota() = default;

  /// Whether the tenant may use so much more now. Amounts that are 0 are not looked at.
  [[nodiscard]] auto may_start(tenant_id tenant, const Resources& demand) const noexcept
      -> quota_verdict {
    const auto leaf = leaf_of(tenant);
    if (leaf == no_node) {
      if (others_ == strangers::unlimited) return {};
      return {quota_outcome::over_limit, true, no_node, 0};
    }
    quota_verdict answer;
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      if (demand[d] <= 0) continue;
      auto least = books_.available(leaf, d);
      const auto hard = books_.under_limits(leaf, d);
      if (hard.amount < least.amount) least = hard;
      if (demand[d] > least.amount)
        return {quota_outcome::over_limit, never_fits(leaf, demand), least.node, d};
      const auto& n = books_[leaf];
      if (n.used[d] + demand[d] > n.pool[d]) answer.outcome = quota_outcome::borrows;
    }
    return answer;
  }

  /// Books it if it may start; otherwise changes nothing and says why not.
  auto charge(tenant_id tenant, const Resources& demand) -> status {
    if (any_negative(demand))
      return failure("quota: tenant " + std::to_string(tenant) + " asks for a negative amount");
    const auto answer = may_start(tenant, demand);
    if (!answer) return failure(explain(tenant, demand, answer));
    if (const auto leaf = leaf_of(tenant); leaf != no_node) books_.use(leaf, demand);
    return {};
  }
  /// Books it back. Fails, and changes nothing, if the tenant does not use so much.
  auto refund(tenant_id tenant, const Resources& demand) -> status {
    const auto leaf = leaf_of(tenant);
    if (leaf == no_node) {
      if (others_ == strangers::unlimited) return {};
      return failure("quota: tenant " + std::to_string(tenant) + " has none");
    }
    if (any_negative(demand) || !fits(demand, books_[leaf].total)) {
      return failure("quota '" + names_[leaf] +
                     "': more is given back than its tasks use; a task ended that was not charged");
    }
    books_.use(leaf, Resources{} - demand);
    return {};
  }

  /// The same of tasks, as a scheduler asks.
  template <class Task>
  [[nodiscard]] auto may_start(const Task& t) const noexcept -> quota_verdict {
    return may_start(tenant_of(t), demand_of(t));
  }
  template <class Task>
  void started(const Task& t) noexcept {
    if (const auto leaf = leaf_of(tenant_of(t)); leaf != no_node) books_.use(leaf, demand_of(t));
  }
  template <class Task>
  void ended(const Task& t) noexcept {
    const auto leaf = leaf_of(tenant_of(t));
    if (leaf == no_node) return;
    books_.use(leaf, Resources{} - demand_of(t));
    LEPTON_ASSERT(!any_negative(books_[leaf].total), "quota: a task ended that was not charged");
  }

  /// Who must give back what so that the tenant may use `demand` more within its guarantee: tenants
  /// that use more than theirs, and whose groups do so too up to where they meet; who has most
  /// above its guarantee, by weight and in proportion to what its group can give, comes first.
  /// Empty if it may start already, asks beyond its guarantee, or that would not help (a limit).
  /// O(nodes × dimensions + tenants log tenants).
  [[nodiscard]] auto reclaim(tenant_id tenant, const Resources& demand) const
      -> std::vector<quota_claim<Resources>> {
    const auto leaf = leaf_of(tenant);
    if (leaf == no_node || may_start(tenant, demand)) return {};
    const auto& n = books_[leaf];
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      if (demand[d] > 0 && n.used[d] + demand[d] > n.pool[d]) return {};
    }
    return detail::quota_reclaim<Resources>{books_, owners_}.run(leaf, demand);
  }

  /// One sentence for the user: what the verdict says.
  [[nodiscard]] auto explain(tenant_id tenant, const Resources& demand,
                             const quota_verdict& v) const -> std::string {
    if (v.outcome == quota_outcome::within_guarantee) return "within the guarantee";
    if (v.outcome == quota_outcome::borrows) return "by borrowing what others leave unused";
    if (v.node == no_node) return "quota: tenant " + std::to_string(tenant) + " has none";
    const auto d = v.dimension;
    return "quota '" + names_[v.node] + "' has no room for " + std::to_string(demand[d]) + " " +
           std::string{Resources::name(d)} + " more of tenant " + std::to_string(tenant) + " (" +
           std::to_string(books_[v.node].total[d]) + " in use)" +
           (v.hopeless ? ", and would not have it if nothing else ran" : "");
  }

  /// How much more of each resource the tenant may use now, and how much it could use if nothing
  /// else ran; `spec::unlimited` for strangers that are.
  [[nodiscard]] auto available(tenant_id tenant) const noexcept -> Resources {
    return room_of(tenant, [this](node leaf, std::size_t d) {
      const auto soft = books_.available(leaf, d).amount;
      const auto hard = books_.under_limits(leaf, d).amount;
      return soft < hard ? soft : hard;
    });
  }
  [[nodiscard]] auto potential(tenant_id tenant) const noexcept -> Resources {
    return room_of(tenant, [this](node leaf, std::size_t d) { return most_ever(leaf, d); });
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return books_.size(); }
  [[nodiscard]] auto leaf_of(tenant_id tenant) const noexcept -> node {
    return leaves_.find(tenant);
  }
  [[nodiscard]] auto name(node i) const noexcept -> const std::string& { return names_[i]; }
  [[nodiscard]] auto parent(node i) const noexcept -> node { return books_[i].parent; }
  /// All that runs below a node.
  [[nodiscard]] auto used(node i) const noexcept -> const Resources& { return books_[i].total; }

 private:
  using ledger = lepton::detail::quota_ledger<Resources>;

  template <class RoomOf>
  [[nodiscard]] auto room_of(tenant_id tenant, const RoomOf& room) const noexcept -> Resources {
    const auto leaf = leaf_of(tenant);
    if (leaf == no_node)
      return Resources::filled(others_ == strangers::unlimited ? spec::unlimited : 0);
    Resources more;
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      const auto amount = room(leaf, d);
      more[d] = amount > 0 ? amount : 0;
    }
    return more;
  }
  [[nodiscard]] auto most_ever(node leaf, std::size_t d) const noexcept -> amount {
    auto most = books_.potential(leaf, d).amount;
    for (auto i = leaf; i != no_node; i = books_[i].parent)
      most = most < books_[i].limit[d] ? most : books_[i].limit[d];
    return most;
  }
  [[nodiscard]] LEPTON_COLD auto never_fits(node leaf, const Resources& demand) const noexcept
      -> bool {
    for (std::size_t d = 0; d < Resources::size(); ++d) {
      if (demand[d] > most_ever(leaf, d)) return true;
    }
    return false;
  }

  ledger books_;
  std::vector<std::string> names_;
  std::vector<detail::quota_owner> owners_;
  lepton::detail::key_index leaves_;
  strangers others_ = strangers::unlimited;
};

}  // namespace lepton::schedule
