// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/tenant_table.hpp>

namespace lepton::order {

/// Accounts and, as their leaves, tenants: who shares with whom, and in what proportion. Nodes are
/// numbered from 0, the root, in the order in which they are added; a tenant's number is its slot.
class account_tree {
 public:
  static constexpr tenant_slot root = 0;

  struct node {
    tenant_slot parent = no_slot;
    std::uint32_t shares = 1;  ///< of the parent's
    std::uint32_t place = 0;   ///< among the parent's children, from 0
    bool is_tenant = false;
    tenant_id id = 0;                     ///< if it is one
    std::vector<tenant_slot> children{};  ///< in the order in which they were added
    std::uint64_t children_shares = 0;    ///< the sum of theirs
  };

  account_tree() : nodes_(1) {}

  /// Adds an account below another (or the root). Fails if there is no such account.
  auto add_account(tenant_slot parent = root, std::uint32_t shares = 1) -> expected<tenant_slot> {
    if (parent >= nodes_.size() || nodes_[parent].is_tenant) return no_account(parent);
    return add(parent, shares);
  }
  /// Adds a tenant to an account. Fails if there is no such account, or it has a place already.
  auto add_tenant(tenant_id id, tenant_slot parent = root, std::uint32_t shares = 1)
      -> expected<tenant_slot> {
    if (parent >= nodes_.size() || nodes_[parent].is_tenant) return no_account(parent);
    if (find(id) != no_slot) {
      return failure("account_tree: tenant " + std::to_string(id) +
                     " has a place already; add tenants before their first tasks come");
    }
    return seat(id, parent, shares);
  }
  /// The tenant's node; one that is new gets a place below the root, with one share.
  auto slot(tenant_id id) -> tenant_slot {
    const auto at = find(id);
    return at != no_slot ? at : seat(id, root, 1);
  }
  [[nodiscard]] auto find(tenant_id id) const noexcept -> tenant_slot {
    const auto at = table_.find(id);
    return at == no_slot ? no_slot : seats_[at];
  }
  void set_shares(tenant_slot i, std::uint32_t shares) noexcept {
    auto& n = nodes_[i];
    if (i != root) nodes_[n.parent].children_shares += std::uint64_t{shares} - n.shares;
    n.shares = shares;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return nodes_.size(); }
  [[nodiscard]] auto tenant_count() const noexcept -> std::size_t { return seats_.size(); }
  [[nodiscard]] auto operator[](tenant_slot i) const noexcept -> const node& { return nodes_[i]; }

 private:
  auto add(tenant_slot parent, std::uint32_t shares) -> tenant_slot {
    const auto i = static_cast<tenant_slot>(nodes_.size());
    nodes_.emplace_back();
    auto& up = nodes_[parent];
    nodes_[i].parent = parent;
    nodes_[i].shares = shares;
    nodes_[i].place = static_cast<std::uint32_t>(up.children.size());
    up.children.push_back(i);
    up.children_shares += shares;
    return i;
  }
  auto seat(tenant_id id, tenant_slot parent, std::uint32_t shares) -> tenant_slot {
    const auto i = add(parent, shares);
    nodes_[i].is_tenant = true;
    nodes_[i].id = id;
    (void)table_.slot(id);
    seats_.push_back(i);
    return i;
  }
  [[nodiscard]] LEPTON_COLD static auto no_account(tenant_slot parent) -> unexpected<error> {
    return failure("account_tree: there is no account " + std::to_string(parent) +
                   "; add the accounts from the root (0) down and use the numbers they get");
  }

  std::vector<node> nodes_;
  tenant_table table_;
  std::vector<tenant_slot> seats_;  ///< the tenants' nodes, by their number in the table
};

}  // namespace lepton::order
