// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

#include <lepton/model/wishes.hpp>
#include <lepton/order/queued.hpp>

namespace lepton::order {

/// A tenant's number within a share policy: small and dense, given when it is first heard of.
using tenant_slot = std::uint32_t;
/// No tenant.
inline constexpr tenant_slot no_slot = std::numeric_limits<tenant_slot>::max();

/// A share policy: which tenant is next, and what its tasks cost it. `per_tenant` makes a queue of
/// it.
///
/// 1. `s.slot(id)` is the number of the tenant; it makes one for a tenant that is new, which gets
///    a weight of one share. A tenant keeps its number for good.
/// 2. `s.join(i)`: tenant i has tasks that wait (it had none). `s.leave(i)`: it has none any more.
///    Only tenants that have joined are offered.
/// 3. `s.begin_pass(now)`: the holds of earlier passes end. Time never goes back.
/// 4. `s.next()` is the tenant whose turn it is: one that has joined and is not held; `no_slot` if
///    there is none. Asked again without another call in between, it gives the same tenant, unless
///    it draws lots.
/// 5. `s.hold(i)`: tenant i, which was offered, is not offered again in this pass.
/// 6. `s.charge(i, q, now)`: task q of tenant i starts. `s.refund(i, q, now)`: a task that was
///    charged has ended or was stopped. Each task is charged once, and refunded at most once.
/// 7. Equal policies that are told the same give the same answers.
/// 8. Optional: `s.head(i, q)` says which task tenant i would start next. A policy that has it is
///    told before each `next` of every tenant that has joined and is not held.
template <class S, class Task>
concept share = requires(S& s, tenant_id id, tenant_slot i, const queued<Task>& q, time_point now) {
  { s.slot(id) } -> std::same_as<tenant_slot>;
  s.join(i);
  s.leave(i);
  s.begin_pass(now);
  { s.next() } -> std::same_as<tenant_slot>;
  s.hold(i);
  s.charge(i, q, now);
  s.refund(i, q, now);
};

/// A share policy that wants to know each tenant's next task.
template <class S, class Task>
concept looks_at_heads = requires(S& s, tenant_slot i, const queued<Task>& q) {
  s.head(i, q);
};

}  // namespace lepton::order
