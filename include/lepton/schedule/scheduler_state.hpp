// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/schedule/preemption_policy.hpp>
#include <lepton/schedule/saturated_time.hpp>
#include <lepton/schedule/scheduler_memory.hpp>
#include <lepton/schedule/task_book.hpp>
#include <lepton/schedule/task_classes.hpp>
#include <lepton/schedule/task_of.hpp>
#include <lepton/schedule/unlimited_quota.hpp>

namespace lepton::schedule::detail {

/// What a scheduler knows, and the steps from one state of a task to the next. Each step keeps the
/// queue, the cluster, the quota and the books in agreement.
template <class Cluster, class Order, class Place, class Task, class Rules>
struct scheduler_state : scheduler_memory {
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
      : scheduler_memory(other),
        nodes(other.nodes),
        queue(other.queue.order()),
        place(other.place),
        rules(other.rules),
        book(other.book),
        classes(other.classes) {
    for (const auto* r : book.in_state(task_state::waiting)) queue.push(*r, r->submitted);
  }

  Cluster nodes;
  order::queue_of_t<Task, Order> queue;
  Place place;
  Rules rules;

  task_book<Task> book{};
  classes_type classes{};

  [[nodiscard]] static auto record_of(const order::queued<Task>& q) noexcept -> record& {
    return const_cast<record&>(static_cast<const record&>(q));  // it is the book's own
  }

  /// The task (or, in its leader, the gang) joins the queue.
  void wait(record& r, time_point now) {
    r.state = task_state::waiting;
    if (r.gang != 0 && gangs.waits(r.gang)) {
      r.class_index = classes.enter(r.what, class_extra(r, true), [&] { return needs_of_gang(r); });
    } else {
      r.class_index = classes.enter(r.what, class_extra(r, false));
    }
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
    r.backs_off_until = later_by(now, rules.retry.after(r.attempts));
    backing_off.push(backoff_of(r));
  }
  /// It waits no more, wherever it waits.
  void withdraw(record& r) {
    if (r.state == task_state::waiting) unqueue(r);
    if (r.state == task_state::backing_off) backing_off.erase(backoff_of(r));
    r.state = task_state::in_gang;  // nowhere, unless it comes back
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
    backing_off.expire(now, [&](task_id id) { wait(*book.find(id), now); });
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
  /// The scheduler forgets it; it neither waits nor runs. It completed, or was given up.
  void forget(record& r, bool completed) {
    if (r.gang != 0) gangs.leave(r.gang, r.id, completed);
    gangs_progressed = gangs_progressed || (completed && r.gang != 0);
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
        (void)nodes.release(m.allocation);
        end(m);
        queue.ended(m, now);
        evicted.push_back({id, id});
      } else {
        withdraw(m);
      }
    }
    wait_after_eviction(*book.find(g->members.front()), now);
  }

  /// Before a preemption: with how few members each gang can do, of which some may have completed.
  void refresh_gangs() {
    if (!std::exchange(gangs_progressed, false)) return;
    book.refresh_gangs([this](gang_id id) { return gangs.find(id)->needed(); });
  }

  /// Encourages the classes that what happened since the last pass could help.
  void encourage() {
    using hope = typename classes_type::hope;
    using entry = typename classes_type::entry;
    const auto changed = nodes.changed_since(revision_seen);
    if (try_all || !changed || nodes.structure_revision() != structure_seen) {
      classes.encourage([](const entry&) { return hope::anywhere; }, pass);
    } else if (!changed->empty()) {
      // A task without labels may be helped by the end of one whose anti-affinity kept everybody
      // out of its zone; a preemption by the end of whoever was not to be stopped.
      const auto any = far_seen || !place::looks_at_nodes_alone<Place>;
      const auto most = find_relieved(*changed);
      classes.encourage(
          [&](const entry& e) {
            if (any || e.what.minds_ends || e.refused == refusal::quota ||
                (preempts && book.runs_below(e.priority)))
              return hope::anywhere;
            return fits(e.what.demand, most) && relieved_has_room(e) ? hope::on_relieved
                                                                     : hope::none;
          },
          pass);
    }
    try_all = pass_due = false;
  }
  /// Whether trying the class would be in vain, as others have taken what gave it hope.
  [[nodiscard]] auto came_too_late(std::uint32_t class_index) const noexcept -> bool {
    const auto& e = classes[class_index];
    if (preempts && book.runs_below(e.priority)) return false;  // it may take it back from them
    return e.on_relieved_in == pass && relieved.size() <= 64 && !relieved_has_room(e);
  }
  /// After the last task of a pass was offered, before anybody comes back.
  void remember_cluster() noexcept {
    revision_seen = nodes.revision();
    structure_seen = nodes.structure_revision();
    far_seen = nodes.far_reaching_residents() != 0;
  }

 private:
  using refusal = typename classes_type::refusal;

  [[nodiscard]] static auto backoff_of(const record& r) noexcept -> backoff_queue::entry {
    return {r.backs_off_until, r.sequence, r.id};
  }
  [[nodiscard]] auto needs_of_gang(const record& leader) -> typename classes_type::needs {
    auto needs = classes_type::needs::of(leader.what);
    for (const auto id : gangs.find(leader.gang)->members) needs.add(book.find(id)->what);
    return needs;
  }
  /// Fills `relieved`; returns the most that is free on any of them, of each resource.
  auto find_relieved(std::span<const node_index> changed) -> typename Cluster::resources_type {
    relieved.assign(changed.begin(), changed.end());
    std::sort(relieved.begin(), relieved.end());
    relieved.erase(std::unique(relieved.begin(), relieved.end()), relieved.end());
    typename Cluster::resources_type most{};
    for (const auto i : relieved) {
      const auto& free = nodes[i].free();
      for (std::size_t d = 0; d < most.size(); ++d) most[d] = std::max(most[d], free[d]);
    }
    return most;
  }
  [[nodiscard]] auto relieved_has_room(const typename classes_type::entry& e) const noexcept
      -> bool {
    return std::any_of(relieved.begin(), relieved.end(), [&](node_index i) {
      const auto& n = nodes[i];
      return n.accepting() && fits(e.what.demand, n.free()) &&
             (e.what.request.none() || n.devices().fits(e.what.request));
    });
  }

  /// What separates classes of tasks beyond demand, devices, labels and rules.
  [[nodiscard]] auto class_extra(const record& r, bool leads) const noexcept -> std::uint64_t {
    using lepton::detail::combine;
    const auto& t = r.what;
    constexpr auto own = !std::same_as<Task, task_of<Cluster>>;
    std::uint64_t extra = 0;
    if (leads || (own && !has_class_key<Task>)) return ~r.sequence;  // a class of its own
    if constexpr (has_class_key<Task>) extra = combine(2, class_key_of(t));
    if constexpr (requires { place.class_key(t); })
      extra = combine(extra, static_cast<std::uint64_t>(place.class_key(t)));
    constexpr auto all = !own && !place::looks_at_nodes_alone<Place>;  // it may look at anything
    if constexpr (preempts || has_quota || all) {
      extra = combine(extra, static_cast<std::uint64_t>(priority_of(t)));
      extra = combine(extra, tenant_of(t));
      extra = combine(extra, std::uint64_t{may_preempt(t)});
      extra = combine(extra, r.gang);  // it must not stop its own
    }
    if constexpr (all) {
      extra = combine(extra, static_cast<std::uint64_t>(estimate_of(t).count()));
      extra = combine(extra, static_cast<std::uint64_t>(deadline_of(t).time_since_epoch().count()));
    }
    return extra;
  }
};

}  // namespace lepton::schedule::detail
