// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/order/share.hpp>
#include <lepton/order/tenant_heap.hpp>
#include <lepton/order/tenant_table.hpp>

namespace lepton::order {

/// Service that a tenant got or is due, by its weight: 128 bits, so that it never overflows.
/// One unit of cost is `service_unit / weight`.
__extension__ using service = unsigned __int128;

/// Divisible by every number up to 40, and by 2^10 and 10^3: with such weights all is exact. With
/// others a unit of cost is short by less than 2^-59 of itself times the weight.
inline constexpr std::uint64_t service_unit = 5'342'931'457'063'200ULL * 160;

/// Tenants with what a share policy keeps for each, and a key that says who is next.
///
/// @tparam Key    totally ordered
/// @tparam State  of a tenant, `State{}` when it is first heard of
template <class Key, class State>
class tagged_tenants {
 public:
  [[nodiscard]] auto size() const noexcept -> std::size_t { return states_.size(); }
  [[nodiscard]] auto operator[](tenant_slot i) noexcept -> State& { return states_[i]; }
  [[nodiscard]] auto operator[](tenant_slot i) const noexcept -> const State& { return states_[i]; }
  [[nodiscard]] auto find(tenant_id id) const noexcept -> tenant_slot { return table_.find(id); }
  auto slot(tenant_id id) -> tenant_slot {
    const auto i = table_.slot(id);
    if (i == states_.size()) states_.emplace_back();
    return i;
  }

  [[nodiscard]] auto joined(tenant_slot i) const noexcept -> bool { return heap_.joined(i); }
  [[nodiscard]] auto competes(tenant_slot i) const noexcept -> bool { return heap_.competes(i); }
  [[nodiscard]] auto first() const noexcept -> tenant_slot { return heap_.first(); }
  [[nodiscard]] auto first_key() const noexcept -> const Key& { return heap_.first_key(); }
  void join(tenant_slot i, const Key& key) { heap_.join(i, table_.id(i), key); }
  void leave(tenant_slot i) { heap_.leave(i); }
  void hold(tenant_slot i) { heap_.hold(i, table_.id(i)); }
  template <class KeyOf>
  void end_holds(const KeyOf& key) {
    heap_.end_holds(key);
  }
  void change(tenant_slot i, const Key& key) { heap_.change(i, table_.id(i), key); }
  template <class KeyOf>
  void change_all(const KeyOf& key) {
    heap_.change_all(key);
  }

 private:
  tenant_table table_;
  std::vector<State> states_;
  tenant_heap<Key> heap_;
};

}  // namespace lepton::order
