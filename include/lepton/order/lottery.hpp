// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <lepton/detail/multiply_high.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/detail/sum_tree.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/tenant_table.hpp>

namespace lepton::order {

/// Lottery scheduling: every turn goes to a tenant drawn at random, with a chance in proportion to
/// its tickets (Waldspurger and Weihl, "Lottery Scheduling: Flexible Proportional-Share Resource
/// Management", OSDI'94). Meets `share`.
///
/// Fair on average only: of n turns, a tenant with the part p of the tickets gets n p, give or take
/// sqrt(n p (1 - p)). What a task costs does not matter. Draws from a seeded generator; a turn is
/// O(log tenants).
class lottery {
 public:
  explicit lottery(std::uint64_t seed = 1) : random_(seed) {}

  /// 1 ticket unless said otherwise. None: it gets a turn only when nobody with tickets is left.
  void set_tickets(tenant_id id, std::uint32_t tickets) {
    const auto i = slot(id);
    tenants_[i].tickets = tickets;
    refresh(i);
  }

  auto slot(tenant_id id) -> tenant_slot {
    const auto i = table_.slot(id);
    if (i == tenants_.size()) tenants_.emplace_back();
    return i;
  }
  void join(tenant_slot i) {
    tenants_[i].joined = true;
    refresh(i);
  }
  void leave(tenant_slot i) {
    tenants_[i].joined = false;
    refresh(i);
  }
  void begin_pass(time_point /*now*/) {
    for (const auto i : held_) {
      tenants_[i].held = false;
      refresh(i);
    }
    held_.clear();
  }
  [[nodiscard]] auto next() -> tenant_slot {
    auto& pool = paying_.total() != 0 ? paying_ : without_;
    if (pool.total() == 0) return no_slot;
    return static_cast<tenant_slot>(pool.find(draw_below(pool.total())));
  }
  void hold(tenant_slot i) {
    tenants_[i].held = true;
    held_.push_back(i);
    refresh(i);
  }
  template <class Task>
  void charge(tenant_slot, const queued<Task>&, time_point) const noexcept {}
  template <class Task>
  void refund(tenant_slot, const queued<Task>&, time_point) const noexcept {}

 private:
  struct tenant {
    std::uint32_t tickets = 1;
    bool joined = false;
    bool held = false;
  };

  void refresh(tenant_slot i) {
    const auto& t = tenants_[i];
    const bool plays = t.joined && !t.held;
    paying_.set(i, plays ? t.tickets : 0);
    without_.set(i, plays && t.tickets == 0 ? 1 : 0);
  }

  /// Uniform on [0, bound), without bias (Lemire 2019).
  auto draw_below(std::uint64_t bound) noexcept -> std::uint64_t {
    const auto unfair = (0 - bound) % bound;
    for (;;) {
      const auto high = std::uint64_t{random_()} << 32;
      const auto x = high | random_();
      if (x * bound >= unfair) return lepton::detail::multiply_high(x, bound);
    }
  }

  lepton::detail::pcg32 random_;
  tenant_table table_;
  std::vector<tenant> tenants_;
  std::vector<tenant_slot> held_;
  lepton::detail::sum_tree paying_;   ///< tickets of those who can be drawn
  lepton::detail::sum_tree without_;  ///< 1 for each who could be drawn but has no ticket
};

}  // namespace lepton::order
