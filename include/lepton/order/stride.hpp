// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <lepton/order/share.hpp>
#include <lepton/order/tagged_tenants.hpp>
#include <lepton/order/task_cost.hpp>

namespace lepton::order {

/// Stride scheduling: every tenant has a pass, which grows by stride = 1 / tickets for each unit of
/// cost of what it starts; the smallest pass is next, equal ones by tenant id (Waldspurger and
/// Weihl, "Stride Scheduling: Deterministic Proportional-Share Resource Management",
/// MIT/LCS/TM-528, 1995). Meets `share`.
///
/// Between any two tenants that wait all along, what they got differs from the proportion of their
/// tickets by less than one task each. The global pass grows by 1 / (tickets of all who have
/// joined) for each unit of cost; a tenant that leaves keeps what its pass is ahead of it or
/// behind, and goes on from there when it joins again (the paper's rule). A tenant begins one
/// stride ahead of it.
///
/// @tparam Cost  of a task: see order/task_cost.hpp
template <class Cost = task_count>
class stride {
 public:
  explicit stride(Cost cost = {}) : cost_(std::move(cost)) {}

  /// 1 ticket unless said otherwise, at least 1. What the tenant is ahead or behind is scaled to
  /// the new stride (the paper's rule).
  void set_tickets(tenant_id id, std::uint32_t tickets) {
    const auto i = slot(id);
    auto& t = tenants_[i];
    if (tickets == 0) tickets = 1;
    auto ahead = tenants_.joined(i) ? ahead_of(t) : t.ahead;
    ahead = ahead * t.tickets / tickets;
    if (tenants_.joined(i)) {
      tickets_ += tickets;
      tickets_ -= t.tickets;
      t.pass = later(ahead);
      tenants_.change(i, t.pass);
    } else {
      t.ahead = ahead;
    }
    t.tickets = tickets;
  }
  /// The tenant's pass.
  [[nodiscard]] auto pass_of(tenant_slot i) const noexcept -> service { return tenants_[i].pass; }

  auto slot(tenant_id id) -> tenant_slot { return tenants_.slot(id); }
  void join(tenant_slot i) {
    auto& t = tenants_[i];
    if (t.fresh) t.ahead = static_cast<difference>(service_unit / t.tickets);
    t.fresh = false;
    t.pass = later(t.ahead);
    tickets_ += t.tickets;
    tenants_.join(i, t.pass);
  }
  void leave(tenant_slot i) {
    auto& t = tenants_[i];
    t.ahead = ahead_of(t);
    tickets_ -= t.tickets;
    tenants_.leave(i);
  }
  void begin_pass(time_point /*now*/) {
    tenants_.end_holds([this](tenant_slot i) { return tenants_[i].pass; });
  }
  [[nodiscard]] auto next() const noexcept -> tenant_slot { return tenants_.first(); }
  void hold(tenant_slot i) { tenants_.hold(i); }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point /*now*/) {
    auto& t = tenants_[i];
    const auto cost = service{cost_(q.what)};
    t.pass += cost * (service_unit / t.tickets);
    if (tickets_ != 0) global_ += cost * service_unit / tickets_;
    tenants_.change(i, t.pass);
  }
  template <class Task>
  void refund(tenant_slot, const queued<Task>&, time_point) const noexcept {}

 private:
  __extension__ using difference = __int128;

  struct tenant {
    service pass = 0;
    difference ahead = 0;  ///< of the global pass, while it has not joined
    std::uint32_t tickets = 1;
    bool fresh = true;
  };

  [[nodiscard]] auto ahead_of(const tenant& t) const noexcept -> difference {
    return static_cast<difference>(t.pass) - static_cast<difference>(global_);
  }
  /// The global pass and so much more; before the beginning is the beginning.
  [[nodiscard]] auto later(difference ahead) const noexcept -> service {
    const auto sum = static_cast<difference>(global_) + ahead;
    return sum < 0 ? 0 : static_cast<service>(sum);
  }

  tagged_tenants<service, tenant> tenants_;
  std::uint64_t tickets_ = 0;  ///< of those who have joined
  service global_ = 0;
  Cost cost_;
};
stride()->stride<task_count>;

}  // namespace lepton::order
