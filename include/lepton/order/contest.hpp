// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/keyed_heap.hpp>
#include <lepton/order/account_tree.hpp>

namespace lepton::order {

/// Who is next in a tree of accounts: from the root down, always the child of the smallest key
/// below which somebody competes; equal keys by the order in which the children were added.
/// O(depth × log children) for each call.
///
/// @tparam Key  totally ordered
template <class Key>
class contest {
 public:
  /// Makes room for the nodes of a tree that may have grown.
  void fit(const account_tree& tree) {
    if (nodes_.size() < tree.size()) nodes_.resize(tree.size());
  }
  [[nodiscard]] auto key(tenant_slot i) const noexcept -> const Key& { return nodes_[i].key; }
  /// The node's key is another one.
  void set_key(const account_tree& tree, tenant_slot i, const Key& key) {
    nodes_[i].key = key;
    if (i == account_tree::root) return;
    auto& siblings = nodes_[tree[i].parent].children;
    if (siblings.contains(tree[i].place)) siblings.set({key, i, tree[i].place});
  }

  [[nodiscard]] auto competes(const account_tree& tree, tenant_slot i) const noexcept -> bool {
    return nodes_[tree[i].parent].children.contains(tree[i].place);
  }
  void enter(const account_tree& tree, tenant_slot i) {
    for (; i != account_tree::root; i = tree[i].parent) {
      auto& siblings = nodes_[tree[i].parent].children;
      const bool known = !siblings.empty();
      siblings.set({nodes_[i].key, i, tree[i].place});
      if (known) break;
    }
  }
  void withdraw(const account_tree& tree, tenant_slot i) {
    for (; i != account_tree::root; i = tree[i].parent) {
      auto& siblings = nodes_[tree[i].parent].children;
      siblings.erase(tree[i].place);
      if (!siblings.empty()) break;
    }
  }
  /// The first below a node, or `no_slot`.
  [[nodiscard]] auto first(tenant_slot below = account_tree::root) const noexcept -> tenant_slot {
    if (nodes_.empty() || nodes_[below].children.empty()) return no_slot;
    while (!nodes_[below].children.empty()) below = nodes_[below].children.top().node;
    return below;
  }

 private:
  struct entry {
    Key key{};
    tenant_slot node = 0;
    std::uint32_t item = 0;  ///< its place among the children
  };
  struct before {
    auto operator()(const entry& a, const entry& b) const noexcept -> bool {
      if (a.key < b.key) return true;
      return !(b.key < a.key) && a.item < b.item;
    }
  };
  struct node {
    Key key{};
    lepton::detail::keyed_heap<entry, before> children{};  ///< below which somebody competes
  };

  std::vector<node> nodes_;
};

}  // namespace lepton::order
