// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/share.hpp>

namespace lepton::order {

/// What happens to a tenant in a pass when its task did not start.
enum class passed_over : std::uint8_t {
  blocks_tenant,  ///< nothing more of this tenant is offered in the pass
  tries_next      ///< its next task is offered when it is the tenant's turn again
};

/// The queue of `per_tenant`: one queue for each tenant, and a share policy that says whose turn it
/// is. Meets `discipline`.
///
/// What it costs is what the share policy costs, and one look-up of the tenant by hash in each call
/// that brings a task.
template <class Task, class Share, class Inner>
class per_tenant_queue {
  static_assert(share<Share, Task>,
                "lepton: the first part of per_tenant must be a share policy: slot, join, leave, "
                "begin_pass, next, hold, charge and refund, see order/share.hpp");

 public:
  using inner_queue = queue_of_t<Task, Inner>;

  per_tenant_queue() = default;
  template <class Policy>
    requires requires(Policy p) { typename Policy::share_policy; }
  explicit per_tenant_queue(Policy p)
      : share_(std::move(p.share)), inner_(std::move(p.inner)), after_(p.after) {}

  void push(const queued<Task>& w, time_point now) {
    const auto i = slot_of(w);
    auto& t = tenants_[i];
    t.queue.push(w, now);
    if (t.queue.size() == 1) share_.join(i);
    head_changed(i);
    ++size_;
  }
  void erase(const queued<Task>& w) {
    const auto i = slot_of(w);
    auto& t = tenants_[i];
    t.queue.erase(w);
    if (t.queue.size() == 0) share_.leave(i);
    head_changed(i);
    --size_;
  }

  void begin_pass(time_point now) {
    now_ = now;
    offered_ = nullptr;
    ++pass_;
    share_.begin_pass(now);
    if constexpr (peeks) {
      if constexpr (fixed_ordering<Inner, Task>) {
        for (const auto i : changed_) {
          tenants_[i].is_changed = false;
          look_at_head(i);
        }
      } else {
        for (tenant_slot i = 0; i < tenants_.size(); ++i) look_at_head(i);
      }
      changed_.clear();
    }
  }

  [[nodiscard]] auto next() -> const queued<Task>* {
    if (offered_ != nullptr) pass_over();
    for (;;) {
      turn_ = share_.next();
      if (turn_ == no_slot) return nullptr;
      auto& t = tenants_[turn_];
      if (t.pass != pass_) start(t);
      offered_ = peeks ? std::exchange(t.head, nullptr) : t.queue.next();
      if (offered_ != nullptr) return offered_;
      share_.hold(turn_);
    }
  }

  void take() {
    LEPTON_ASSERT(offered_ != nullptr, "per_tenant: take() comes after next() gave a task");
    const auto* const w = std::exchange(offered_, nullptr);
    auto& t = tenants_[turn_];
    t.queue.take();
    --size_;
    share_.charge(turn_, *w, now_);
    if (t.queue.size() == 0) {
      share_.leave(turn_);
    } else if constexpr (peeks) {
      head_changed(turn_);
      show_next(t);
    }
  }

  /// A task that was never in the queue starts, as a member of a gang that was.
  void charge(const queued<Task>& w, time_point now) {
    const auto i = slot_of(w);
    tell_charged(tenants_[i].queue, w, now);
    share_.charge(i, w, now);
  }
  void ended(const queued<Task>& w, time_point now) {
    const auto i = slot_of(w);
    tenants_[i].queue.ended(w, now);
    share_.refund(i, w, now);
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  /// Number of tasks of one tenant that wait.
  [[nodiscard]] auto size(tenant_id id) -> std::size_t {
    const auto i = share_.slot(id);
    return i < tenants_.size() ? tenants_[i].queue.size() : 0;
  }
  /// The share policy: to change weights and capacities, between passes.
  [[nodiscard]] auto share_policy() noexcept -> Share& { return share_; }
  [[nodiscard]] auto share_policy() const noexcept -> const Share& { return share_; }

 private:
  static constexpr bool peeks = looks_at_heads<Share, Task>;

  struct tenant {
    inner_queue queue{};
    std::uint64_t pass = 0;              ///< the last pass in which its queue was asked
    const queued<Task>* head = nullptr;  ///< its next task, if the share policy looks at it
    bool is_changed = false;             ///< it is in `changed_`
  };

  [[nodiscard]] auto slot_of(const queued<Task>& w) -> tenant_slot {
    const auto i = share_.slot(tenant_of(w.what));
    while (tenants_.size() <= i) tenants_.push_back({inner_queue(inner_), 0, nullptr, false});
    return i;
  }

  void start(tenant& t) {
    t.pass = pass_;
    t.queue.begin_pass(now_);
    if constexpr (peeks) t.head = t.queue.next();
  }
  void pass_over() {
    offered_ = nullptr;
    if (after_ == passed_over::blocks_tenant) {
      share_.hold(turn_);
    } else if constexpr (peeks) {
      head_changed(turn_);
      show_next(tenants_[turn_]);
    }
  }

  /// Its next task is another one, or may be when the next pass begins.
  void head_changed(tenant_slot i) {
    if constexpr (peeks && fixed_ordering<Inner, Task>) {
      if (!std::exchange(tenants_[i].is_changed, true)) changed_.push_back(i);
    }
  }
  void look_at_head(tenant_slot i) {
    auto& t = tenants_[i];
    if (t.queue.size() == 0 || t.pass == pass_) return;
    start(t);
    if (t.head != nullptr) share_.head(i, *t.head);
  }
  void show_next(tenant& t) {
    t.head = t.queue.next();
    if (t.head != nullptr) {
      share_.head(turn_, *t.head);
    } else {
      share_.hold(turn_);
    }
  }

  Share share_{};
  Inner inner_{};
  passed_over after_ = passed_over::blocks_tenant;
  std::vector<tenant> tenants_;       ///< by slot
  std::vector<tenant_slot> changed_;  ///< whose head the share policy must be shown
  std::size_t size_ = 0;
  std::uint64_t pass_ = 0;
  time_point now_{};
  tenant_slot turn_ = no_slot;             ///< whose task was offered last
  const queued<Task>* offered_ = nullptr;  ///< it, unless it was taken
};

/// Tenants share the machine: each has a queue of its own, and a share policy says whose task is
/// next. An ordering by its queue, so `queue_of_t<Task, per_tenant<Share, Inner>>` serves it.
///
/// @tparam Share  a `share`: `drf`, `stride`, `lottery`, `weighted_fair_queueing`, `fair_share` ...
/// @tparam Inner  the ordering of a tenant's own tasks (or again a `per_tenant`)
template <class Share, class Inner = fcfs>
struct per_tenant {
  using share_policy = Share;
  template <class Task>
  using queue = per_tenant_queue<Task, Share, Inner>;

  per_tenant() = default;
  explicit per_tenant(Share s, Inner i = {}, passed_over a = passed_over::blocks_tenant)
      : share(std::move(s)), inner(std::move(i)), after(a) {}

  Share share{};
  Inner inner{};
  passed_over after = passed_over::blocks_tenant;
};
template <class Share>
per_tenant(Share) -> per_tenant<Share>;
template <class Share, class Inner>
per_tenant(Share, Inner) -> per_tenant<Share, Inner>;
template <class Share, class Inner>
per_tenant(Share, Inner, passed_over) -> per_tenant<Share, Inner>;

}  // namespace lepton::order
