// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/order/decayed_usage.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/tagged_tenants.hpp>
#include <lepton/order/task_cost.hpp>

namespace lepton::order {

/// HTCondor's user priorities; smaller is better. The real priority goes, with a half-life, towards
/// what the user has in use: p(t) = b p(t - dt) + (1 - b) used, b = 2^(-dt / half-life), never
/// below 0.5; the effective one is p × factor. Meets `share`.
///
/// A pass is a negotiation cycle. The pool is cut like a pie, in slices inverse to the effective
/// priorities of those who wait; the best begins, and its turn lasts until it uses its slice (its
/// last task may reach over). When all have had their turn, the pie is cut anew for those who are
/// left; when they all have more than their slices already, they go on in their order. Equal
/// priorities go by tenant id.
///
/// A pass begins with O(tenants), as does each further cut; a turn is O(log tenants). In double
/// precision, the same on all machines that do not fuse multiplications and additions.
///
/// @tparam Size  what a running task uses: see order/task_cost.hpp
template <class Size = task_size>
class condor_priority {
 public:
  /// @param pool  how many units there are in all
  explicit condor_priority(std::int64_t pool = 0, duration half_life = std::chrono::hours{24},
                           Size size = {})
      : pool_(pool), forgetting_(half_life), size_(std::move(size)) {}

  void set_pool(std::int64_t units) noexcept { pool_ = units; }
  /// 1000 unless said otherwise; one of twice the factor gets half as much. Must be positive.
  void set_factor(tenant_id id, double factor) {
    LEPTON_ASSERT(factor > 0, "condor_priority: factors are positive");
    tenants_[slot(id)].factor = factor;
  }
  [[nodiscard]] auto real_priority(tenant_slot i, time_point now) const noexcept -> double {
    const auto& t = tenants_[i];
    const auto used = static_cast<double>(t.used);
    const auto seconds = static_cast<double>((now - t.since).count()) * 1e-9;
    const auto p = seconds > 0 ? used + (t.real - used) * forgetting_.kept(seconds) : t.real;
    return p < 0.5 ? 0.5 : p;
  }
  [[nodiscard]] auto effective_priority(tenant_slot i, time_point now) const noexcept -> double {
    return real_priority(i, now) * tenants_[i].factor;
  }
  [[nodiscard]] auto used(tenant_slot i) const noexcept -> std::int64_t { return tenants_[i].used; }

  auto slot(tenant_id id) -> tenant_slot { return tenants_.slot(id); }
  void join(tenant_slot i) { tenants_.join(i, {false, 0}); }
  void leave(tenant_slot i) { tenants_.leave(i); }
  void begin_pass(time_point now) {
    now_ = now;
    tenants_.end_holds([](tenant_slot) { return turn{}; });
    for (tenant_slot i = 0; i < tenants_.size(); ++i)
      tenants_[i].effective = effective_priority(i, now);
    cut();
  }
  [[nodiscard]] auto next() -> tenant_slot {
    if (tenants_.first() != no_slot && tenants_.first_key().served) cut();
    return tenants_.first();
  }
  void hold(tenant_slot i) { tenants_.hold(i); }
  template <class Task>
  void charge(tenant_slot i, const queued<Task>& q, time_point now) {
    const auto size = static_cast<std::int64_t>(size_(q.what));
    change_used(i, size, now);
    auto& t = tenants_[i];
    t.room -= static_cast<double>(size);
    if (!(t.room > 0)) tenants_.change(i, {true, t.effective});
  }
  template <class Task>
  void refund(tenant_slot i, const queued<Task>& q, time_point now) {
    change_used(i, -static_cast<std::int64_t>(size_(q.what)), now);
    LEPTON_ASSERT(tenants_[i].used >= 0, "condor_priority: a task ended that was not charged");
  }

 private:
  struct tenant {
    double real = 0.5;
    time_point since{};  ///< when `real` was right
    std::int64_t used = 0;
    double factor = 1000;
    double effective = 0;  ///< at the beginning of the pass
    double room = 0;       ///< what is left of its slice
  };
  struct turn {
    bool served = false;  ///< has had its turn since the pie was cut
    double effective = 0;
    friend auto operator<(const turn& a, const turn& b) noexcept -> bool {
      return a.served != b.served ? b.served : a.effective < b.effective;
    }
  };

  void cut() {
    double sum = 0;
    for (tenant_slot i = 0; i < tenants_.size(); ++i) {
      if (tenants_.competes(i)) sum += 1 / tenants_[i].effective;
    }
    bool anybody = false;
    for (tenant_slot i = 0; i < tenants_.size(); ++i) {
      if (!tenants_.competes(i)) continue;
      auto& t = tenants_[i];
      t.room = static_cast<double>(pool_) / (t.effective * sum) - static_cast<double>(t.used);
      anybody = anybody || t.room > 0;
    }
    tenants_.change_all([&](tenant_slot i) {
      auto& t = tenants_[i];
      if (!anybody) t.room = std::numeric_limits<double>::infinity();
      return turn{!(t.room > 0), t.effective};
    });
  }
  void change_used(tenant_slot i, std::int64_t by, time_point now) {
    auto& t = tenants_[i];
    t.real = real_priority(i, now);
    if (now > t.since || t.used == 0) t.since = now;
    t.used += by;
  }

  tagged_tenants<turn, tenant> tenants_;
  std::int64_t pool_;
  forgetting forgetting_;
  Size size_;
  time_point now_{};
};
condor_priority()->condor_priority<task_size>;

}  // namespace lepton::order
