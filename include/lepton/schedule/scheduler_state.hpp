// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/schedule/assignment.hpp>
#include <lepton/schedule/backoff.hpp>
#include <lepton/schedule/gang_book.hpp>
#include <lepton/schedule/task_book.hpp>
#include <lepton/schedule/task_classes.hpp>
#include <lepton/schedule/task_of.hpp>
#include <lepton/schedule/unlimited_quota.hpp>

namespace lepton::schedule::detail {

/// What a scheduler knows, and the steps from one state of a task to the next. Each step keeps the
/// queue, the cluster, the quota and the books in agreement.
template <class Cluster, class Order, class Place, class Task, class Rules>
struct scheduler_state {
  using record = task_record<Task>;
  using classes_type = task_classes<typename Cluster::resources_type>;
  static constexpr bool preempts = decltype(Rules::preemption)::enabled;
  static constexpr bool has_quota = !std::same_as<decltype(Rules::quota), unlimited_quota>;

  scheduler_state(Cluster n, Order o, Place p, Rules r)
      : nodes(std::move(n)), queue(std::move(o)), place(std::move(p)), rules(std::move(r)) {}
  scheduler_state(scheduler_state&&) noexcept = default;
  auto operator=(scheduler_state&&) noexcept -> scheduler_state& = default;
  ~scheduler_state() = default;
  /// For what-if questions. The queue points to the tasks, so a copy queues its own anew; only
  /// orders that keep no accounts can.
  scheduler_state(const scheduler_state& other) requires order::fixed_ordering<Order, Task>
      : nodes(other.nodes),
        queue(other.queue.order()),
        place(other.place),
        rules(other.rules),
        book(other.book),
        gangs(other.gangs),
        classes(other.classes),
        backing_off(other.backing_off),
        sequence(other.sequence),
        pass(other.pass),
        assigned(other.assigned),
        evicted(other.evicted),
        relieved(other.relieved),
        structure_seen(other.structure_seen),
        events(other.events),
        events_seen(other.events_seen),
        held(other.held),
        try_all(other.try_all),
        pass_due(other.pass_due) {
    for (const auto* r : book.in_state(task_state::waiting)) queue.push(*r, r->submitted);
  }

  Cluster nodes;
  order::queue_of_t<Task, Order> queue;
  Place place;
  Rules rules;

  task_book<Task> book{};
  gang_book gangs{};
  classes_type classes{};
  backoff_queue backing_off{};
  std::uint64_t sequence = 0;
  std::uint64_t pass = 0;
  std::vector<assignment> assigned{};  ///< by the last pass
  std::vector<eviction> evicted{};     ///< likewise

  // What happened since the last pass that could help a task.
  std::vector<node_index> relieved{};  ///< nodes on which a task ended
  std::uint64_t structure_seen = 0;    ///< of the cluster
  std::uint64_t events = 0;            ///< calls that may help somebody
  std::uint64_t events_seen = 0;
  std::vector<task_id> held{};  ///< evicted tasks that wait for the next event
  bool try_all = false;         ///< anything
  bool pass_due = false;        ///< the last pass itself: it stopped tasks, or started some that a
                                ///< refused one may stop

  [[nodiscard]] static auto record_of(const order::queued<Task>& q) noexcept -> record& {
    return const_cast<record&>(static_cast<const record&>(q));  // it is the book's own
  }

  /// The task (or, in its leader, the gang) joins the queue.
  void wait(record& r, time_point now) {
    r.state = task_state::waiting;
    const auto leads = r.gang != 0 && gangs.waits(r.gang);
    r.class_index = classes.enter(r.what, class_extra(r, leads), leads);
    queue.push(r, now);
  }
  /// It leaves the queue without having started.
  void unqueue(record& r) {
    queue.erase(r);
    classes.leave(r.class_index);
  }
  /// It joins the queue, at once or when its backoff has ended.
  void wait_or_back_off(record& r, time_point now) {
    ++r.attempts;
    if (!rules.retry.enabled()) return wait(r, now);
    r.state = task_state::backing_off;
    backing_off.push({now + rules.retry.after(r.attempts), r.sequence, r.id});
  }
  /// An evicted task (or the gang it leads) waits again. Reclaims and preemptions within tenants
  /// could go round in circles if it came back at once; so where there are quotas it comes back
  /// with the next event, and each task is evicted at most once between two events.
  void wait_after_eviction(record& r, time_point now) {
    if (!has_quota) return wait_or_back_off(r, now);
    r.state = task_state::held;
    held.push_back(r.id);
  }
  void end_holds(time_point now) {
    if (events == events_seen && nodes.structure_revision() == structure_seen) return;
    events_seen = events;
    for (const auto id : held) {
      auto* r = book.find(id);
      if (r != nullptr && r->state == task_state::held) wait_or_back_off(*r, now);
    }
    held.clear();
  }
  /// Those whose backoff has ended join the queue.
  void end_backoffs(time_point now) {
    backing_off.expire(now, [&](const backoff_queue::entry& e) {
      auto* r = book.find(e.id);
      const auto same = r != nullptr && r->sequence == e.sequence;
      if (same && r->state == task_state::backing_off) wait(*r, now);
    });
  }

  /// It runs: it has left the queue, and its resources are allocated.
  void begin(record& r, const decision& d, allocation_id receipt, time_point now) {
    rules.quota.started(r.what);
    rules.budgets.run(r.budgets, 1);
    auto* g = r.gang == 0 ? nullptr : gangs.find(r.gang);
    if (g != nullptr) ++g->running;
    book.start(r, receipt, now, g == nullptr ? 0 : g->needed());
    assigned.push_back({r.id, d, now - r.submitted});
  }
  /// It runs no more, and its resources are free (given back by the caller). The queue is told
  /// apart, since it takes no news in a pass.
  void end(record& r) {
    rules.quota.ended(r.what);
    rules.budgets.run(r.budgets, -1);
    if (auto* g = r.gang == 0 ? nullptr : gangs.find(r.gang)) --g->running;
    book.stop(r);
    r.state = task_state::in_gang;  // nowhere, until it comes back
  }
  /// The scheduler forgets it.
  void forget(record& r) {
    rules.budgets.expect(r.budgets, -1);
    book.erase(r);
  }

  /// A task that was stopped waits again. If it leaves its gang with fewer members than that needs,
  /// the others stop too, and the gang waits as one.
  void come_back(record& r, time_point now) {
    auto* g = r.gang == 0 ? nullptr : gangs.find(r.gang);
    if (g == nullptr) return wait_after_eviction(r, now);
    if (g->together) return;  // its gang has been broken up meanwhile
    if (g->running >= g->needed()) return wait_after_eviction(r, now);
    g->together = true;
    for (const auto id : g->members) {
      auto& m = *book.find(id);
      if (m.state == task_state::running) {
        relieved.push_back(nodes.find(m.allocation)->node);
        (void)nodes.release(m.allocation);
        end(m);
        queue.ended(m, now);
        evicted.push_back({id, id});
      } else if (m.state == task_state::waiting) {
        unqueue(m);
      }
      m.state = task_state::in_gang;
    }
    wait_after_eviction(*book.find(g->members.front()), now);
  }

  /// Encourages the classes that what happened since the last pass could help.
  void encourage() {
    const auto structure = nodes.structure_revision();
    const auto any_end_helps = preempts || has_quota || !place::looks_at_nodes_alone<Place>;
    if (try_all || pass_due || structure != structure_seen ||
        (any_end_helps && !relieved.empty())) {
      classes.encourage_if([](const auto&) { return true; });
    } else if (!relieved.empty()) {
      std::sort(relieved.begin(), relieved.end());
      relieved.erase(std::unique(relieved.begin(), relieved.end()), relieved.end());
      classes.encourage_if([this](const auto& c) {
        return c.minds_others || std::any_of(relieved.begin(), relieved.end(),
                                             [&](node_index i) { return has_room(nodes[i], c); });
      });
    }
    relieved.clear();
    structure_seen = structure;
    try_all = pass_due = false;
  }

 private:
  [[nodiscard]] static auto has_room(const typename Cluster::node_type& n,
                                     const typename classes_type::entry& c) noexcept -> bool {
    return n.accepting() && fits(c.demand, n.free()) &&
           (c.request.none() || n.devices().fits(c.request));
  }

  /// What separates classes of tasks beyond what the placement policy sees.
  [[nodiscard]] auto class_extra(const record& r, bool leads) const noexcept -> std::uint64_t {
    using lepton::detail::combine;
    std::uint64_t extra = 0;
    if (leads || (!has_class_key<Task> && !std::same_as<Task, task_of<Cluster>>)) {
      extra = combine(1, r.sequence);
    } else if constexpr (has_class_key<Task>) {
      extra = combine(2, class_key_of(r.what));
    }
    if constexpr (preempts || has_quota) {
      extra = combine(extra, static_cast<std::uint64_t>(priority_of(r.what)));
      extra = combine(extra, tenant_of(r.what));
    }
    return extra;
  }
};

}  // namespace lepton::schedule::detail
