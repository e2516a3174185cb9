// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <lepton/detail/key_index.hpp>
#include <lepton/order/share.hpp>

namespace lepton::order {

/// Numbers the tenants in the order in which they are heard of. O(1) amortised.
class tenant_table {
 public:
  [[nodiscard]] auto size() const noexcept -> std::size_t { return ids_.size(); }
  [[nodiscard]] auto id(tenant_slot i) const noexcept -> tenant_id { return ids_[i]; }
  [[nodiscard]] auto find(tenant_id id) const noexcept -> tenant_slot {
    const auto at = index_.find(id);
    return at == lepton::detail::key_index::none ? no_slot : at;
  }
  /// The tenant's number, a new one (the former `size()`) if it is new.
  auto slot(tenant_id id) -> tenant_slot {
    if (const auto at = find(id); at != no_slot) return at;
    const auto made = static_cast<tenant_slot>(ids_.size());
    ids_.push_back(id);
    if (ids_.size() > room_) {
      room_ = 2 * ids_.size();
      index_ = lepton::detail::key_index{room_};
      for (std::size_t i = 0; i < ids_.size(); ++i)
        index_.insert(ids_[i], static_cast<tenant_slot>(i));
    } else {
      index_.insert(id, made);
    }
    return made;
  }

 private:
  std::vector<tenant_id> ids_;
  lepton::detail::key_index index_;
  std::size_t room_ = 0;
};

}  // namespace lepton::order
