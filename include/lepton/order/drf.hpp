// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/config.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/share_ratio.hpp>
#include <lepton/order/tagged_tenants.hpp>

namespace lepton::order {

/// Dominant resource fairness: the tenant whose largest share of any resource, divided by its
/// weight, is smallest is next (Ghodsi et al., "Dominant Resource Fairness: Fair Allocation of
/// Multiple Resource Types", NSDI'11; weights as in Mesos' sorter). Ties go to the smaller tenant
/// id. Shares are fractions of whole numbers, compared exactly. Meets `share`.
///
/// What a tenant uses counts from the start of a task to its end. A decision is O(log tenants); a
/// change of the capacity is O(tenants).
template <class Resources>
class drf {
  static_assert(resource_vector<Resources>,
                "lepton: drf divides up a resource vector: drf{resources<2>{cpus, memory}}");

 public:
  drf() = default;
  /// @param capacity  what there is of each resource in all
  explicit drf(const Resources& capacity) : capacity_(capacity) {}

  void set_capacity(const Resources& capacity) {
    capacity_ = capacity;
    tenants_.change_all([this](tenant_slot i) { return share_of(i); });
  }
  [[nodiscard]] auto capacity() const noexcept -> const Resources& { return capacity_; }

  /// A tenant of twice the weight may have twice the share. 0 counts as 1.
  void set_weight(tenant_id id, std::uint32_t weight) {
    const auto i = slot(id);
    tenants_[i].weight = weight == 0 ? 1 : weight;
    tenants_.change(i, share_of(i));
  }

  /// What the tenant's running tasks use, and its share of the capacity, by its weight.
  [[nodiscard]] auto used(tenant_slot i) const noexcept -> const Resources& {
    return tenants_[i].used;
  }
  [[nodiscard]] auto share_of(tenant_slot i) const noexcept -> share_ratio {
    return dominant_share(tenants_[i].used, capacity_, tenants_[i].weight);
  }

  auto slot(tenant_id id) -> tenant_slot { return tenants_.slot(id); }
  void join(tenant_slot i) { tenants_.join(i, share_of(i)); }
  void leave(tenant_slot i) { tenants_.leave(i); }
  void begin_pass(time_point /*now*/) {
    tenants_.end_holds([this](tenant_slot i) { return share_of(i); });
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return tenants_.first(); }
  void hold(tenant_slot i) { tenants_.hold(i); }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    tenants_[i].used += demand_of(q.what);
    tenants_.change(i, share_of(i));
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    tenants_[i].used -= demand_of(q.what);
    LEPTON_ASSERT(!any_negative(tenants_[i].used), "drf: a task ended that was not charged");
    tenants_.change(i, share_of(i));
  }

 private:
  struct tenant {
    Resources used{};
    std::uint32_t weight = 1;
  };

  Resources capacity_{};
  tagged_tenants<share_ratio, tenant> tenants_;
};

}  // namespace lepton::order
