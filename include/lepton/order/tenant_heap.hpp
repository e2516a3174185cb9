// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/keyed_heap.hpp>
#include <lepton/order/share.hpp>

namespace lepton::order {

/// The tenants that have joined and are not held, under a key each; the smallest is first, equal
/// ones by tenant id. What the share policies with one key for each tenant have in common.
template <class Key>
class tenant_heap {
 public:
  [[nodiscard]] auto joined(tenant_slot i) const noexcept -> bool {
    return i < joined_.size() && joined_[i];
  }
  [[nodiscard]] auto competes(tenant_slot i) const noexcept -> bool { return heap_.contains(i); }
  [[nodiscard]] auto first() const noexcept -> tenant_slot {
    return heap_.empty() ? no_slot : heap_.top().item;
  }
  [[nodiscard]] auto first_key() const noexcept -> const Key& { return heap_.top().key; }

  void join(tenant_slot i, tenant_id id, const Key& key) {
    if (i >= joined_.size()) joined_.resize(std::size_t{i} + 1, false);
    joined_[i] = true;
    heap_.set({key, id, i});
  }
  void leave(tenant_slot i) {
    if (joined(i)) joined_[i] = false;
    heap_.erase(i);
  }
  void hold(tenant_slot i, tenant_id id) {
    heap_.erase(i);
    held_.push_back({i, id});
  }
  /// Ends the holds; `key(i)` is the tenant's key now.
  template <class KeyOf>
  void end_holds(const KeyOf& key) {
    for (const auto& h : held_) {
      if (joined(h.item)) heap_.set({key(h.item), h.id, h.item});
    }
    held_.clear();
  }
  /// The tenant's key is another one.
  void change(tenant_slot i, tenant_id id, const Key& key) {
    if (heap_.contains(i)) heap_.set({key, id, i});
  }
  /// All keys may be others. O(tenants).
  template <class KeyOf>
  void change_all(const KeyOf& key) {
    heap_.change_all([&](entry& e) { e.key = key(e.item); });
  }

 private:
  struct entry {
    Key key{};
    tenant_id id = 0;
    tenant_slot item = 0;
  };
  struct before {
    auto operator()(const entry& a, const entry& b) const noexcept -> bool {
      const bool first = a.key < b.key;
      return first || (a.id < b.id && !(b.key < a.key));
    }
  };
  struct held {
    tenant_slot item;
    tenant_id id;
  };

  std::vector<bool> joined_;
  std::vector<held> held_;
  lepton::detail::keyed_heap<entry, before> heap_;
};

}  // namespace lepton::order
