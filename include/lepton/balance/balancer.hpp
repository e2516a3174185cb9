// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/epoch.hpp>
#include <lepton/balance/in_flight.hpp>
#include <lepton/balance/lease.hpp>
#include <lepton/balance/membership.hpp>

namespace lepton::balance {

/// A policy, the backends it picks from and their loads, kept together while backends come and go.
///
///     balance::balancer proxy{balance::power_of_d<2>{}};
///     if (auto done = proxy.replace({{.key = "10.0.0.1:80", .weight = 5}, ...}); !done) ...
///     if (auto request = proxy.pick({.random = bits})) send(addresses[request.index()]);
///
/// With `shared`, any number of threads pick, end leases and change backends at once. Picks and the
/// ends of leases do not lock, allocate (but for a thread's first) or wait: they see the backends
/// through an `epoch::guard`. Changes take a lock among themselves, build the next state beside the
/// current one (a snapshot and a copy of the policy, O(n) and the policy's `rebuild`), publish it,
/// and free what is old when nobody can see it any more. What the policy learned from requests
/// between the copy and the publication is lost; counts in flight never are.
///
/// A backend keeps its index while it is a member or a lease on it lives. All leases must have
/// ended when the balancer is destroyed.
///
/// @tparam Policy     a `policy`; for `shared` one that threads may share
/// @tparam Threading  `shared` or `single_threaded`, which pays for no atomics
template <class Policy, class Threading = shared>
class balancer {
  static_assert(policy<Policy, loaded_context<in_flight<Policy, Threading>>>,
                "lepton: the first part of a balancer must be a balancing policy: status "
                "rebuild(snapshot), and backend_index pick(snapshot, context[, allowed]) noexcept");
  static_assert(threading_model<Threading>,
                "lepton: the second part of a balancer is balance::shared or "
                "balance::single_threaded");
  static_assert(std::is_same_v<Threading, single_threaded> || is_thread_safe<Policy>(),
                "lepton: threads cannot share this policy; take its <balance::shared> form if it "
                "has one, or balancer<policy, balance::single_threaded>, one in each thread");

 public:
  using loads_type = in_flight<Policy, Threading>;
  using lease_type = lease<balancer>;

  static constexpr std::size_t default_capacity = 4096;

  /// No backends yet. Indices stay below `capacity`, which bounds the backends at any time, those
  /// removed included while requests are in flight on them.
  explicit balancer(Policy p = Policy{}, std::size_t capacity = default_capacity)
      : members_(capacity), loads_(capacity) {
    current_.store(new state{{}, std::move(p)}, std::memory_order_release);
  }
  balancer(const balancer&) = delete;
  auto operator=(const balancer&) -> balancer& = delete;
  ~balancer() {
    LEPTON_ASSERT(loads_.total() == 0, "balancer: a lease outlives its balancer");
    delete current_.load();
    for (const auto& old : retired_) delete old.what;
  }

  // --- requests ----------------------------------------------------------------------------------

  /// Picks a backend and counts the request on it until the lease dies. No lease when there is
  /// nobody to pick. `c` is a `context`, or what else the policy reads; `allowed` a test that
  /// backends must pass.
  template <class Context = context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const Context& c, const Allowed& allowed = {}) noexcept -> lease_type {
    const guard here;
    auto& now = *current_.load(std::memory_order_acquire);
    const auto i = now.policy.pick(now.backends, with_loads(c, loads_), allowed);
    if (i == no_backend) return {};
    loads_.start(i);
    tell_started(now.policy, i, c);
    return {*this, i};
  }
  /// Counts a request on backend i, which was chosen inside the `read` that this is called in.
  [[nodiscard]] auto take(backend_index i, const context& c) noexcept -> lease_type {
    loads_.start(i);
    tell_started(current_.load(std::memory_order_acquire)->policy, i, c);
    return {*this, i};
  }

  /// Calls `look(snapshot, policy)` with the current state: for several picks at the cost of one
  /// guard, or to read what a policy knows. What it returns must not refer to either.
  template <class Look>
  auto read(Look look) const -> decltype(auto) {
    const guard here;
    auto& now = *current_.load(std::memory_order_acquire);
    return look(std::as_const(now.backends), now.policy);
  }

  /// Requests in flight.
  [[nodiscard]] auto loads() const noexcept -> const loads_type& { return loads_; }

  /// Called by leases: a request ended.
  void finish(backend_index i, const outcome& how = {}) noexcept {
    const guard here;
    tell_finished(current_.load(std::memory_order_acquire)->policy, i, how);
    loads_.finish(i);  // last: from now on the index may be another's
  }

  // --- changes -----------------------------------------------------------------------------------
  // Each happens whole and is seen by every pick that begins after it returned; or it fails with an
  // error that says why, and all is as before.

  auto add(backend b) -> expected<backend_index> {
    expected<backend_index> index = no_backend;
    auto done = update([&](membership& m) -> status {
      index = m.add(std::move(b));
      return index ? status{} : unexpected{index.error()};
    });
    return done ? index : unexpected{done.error()};
  }
  auto remove(backend_index i) -> status {
    return update([&](membership& m) { return m.remove(i); });
  }
  auto set_weight(backend_index i, double weight) -> status {
    return update([&](membership& m) { return m.set_weight(i, weight); });
  }
  auto set_healthy(backend_index i, bool healthy) -> status {
    return update([&](membership& m) { return m.set_healthy(i, healthy); });
  }
  auto set_draining(backend_index i, bool draining) -> status {
    return update([&](membership& m) { return m.set_draining(i, draining); });
  }
  /// See `membership::replace`.
  auto replace(std::span<const backend> backends) -> status {
    return update([&](membership& m) { return m.replace(backends); });
  }
  auto replace(std::initializer_list<backend> backends) -> status {
    return replace(std::span<const backend>{backends.begin(), backends.size()});
  }

  /// Several changes as one: `change(membership&) -> status`.
  template <class Change>
  auto update(Change change) -> status {
    const std::lock_guard<lock_type> turn{lock_};
    reclaim();
    const undo otherwise{members_};  // also when there is no memory for it, or `change` throws
    auto done = change(members_);
    if (done) done = publish();
    if (done) members_.commit();
    return done;
  }

  /// The backend at an index, if there is one; a copy.
  [[nodiscard]] auto describe(backend_index i) const -> expected<backend> {
    const std::lock_guard<lock_type> turn{lock_};
    if (members_.is_member(i)) return members_[i];
    return failure("describe: there is no backend at index " + std::to_string(i));
  }

 private:
  struct state {
    snapshot backends;
    Policy policy;
  };
  struct retired {
    state* what;
    epoch::number when;
  };
  struct undo {
    membership& members;
    ~undo() { members.roll_back(); }
  };
  struct no_guard {
    no_guard() noexcept {}
  };
  struct no_lock {
    void lock() noexcept {}
    void unlock() noexcept {}
  };
  static constexpr bool concurrent = std::is_same_v<Threading, shared>;
  using guard = std::conditional_t<concurrent, epoch::guard, no_guard>;
  using lock_type = std::conditional_t<concurrent, std::mutex, no_lock>;

  [[nodiscard]] auto publish() -> status {
    auto* const old = current_.load(std::memory_order_relaxed);
    auto next = std::make_unique<state>(state{members_.make_snapshot(), old->policy});
    if (auto built = next->policy.rebuild(next->backends); !built) return built;
    retired_.reserve(retired_.size() + 1);
    current_.store(next.release(), std::memory_order_seq_cst);
    if constexpr (concurrent) {
      const auto when = epoch::advance();
      retired_.push_back({old, when});
    } else {
      delete old;
    }
    return {};
  }

  /// Frees what nobody can see any more. The indices of removed backends are free again when the
  /// states that had them are, and no request is in flight on them.
  void reclaim() {
    if constexpr (concurrent) {
      std::size_t gone = 0;
      while (gone < retired_.size() && epoch::passed(retired_[gone].when))
        delete retired_[gone++].what;
      retired_.erase(retired_.begin(), retired_.begin() + static_cast<std::ptrdiff_t>(gone));
    }
    if (retired_.empty()) members_.recycle([&](backend_index i) { return loads_[i] == 0; });
  }

  mutable lock_type lock_;
  membership members_;            ///< under the lock
  std::vector<retired> retired_;  ///< under the lock, oldest first
  alignas(64) std::atomic<state*> current_{nullptr};
  loads_type loads_;
};

template <class Policy>
balancer(Policy) -> balancer<Policy>;
template <class Policy>
balancer(Policy, std::size_t) -> balancer<Policy>;

}  // namespace lepton::balance
