// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/schedule/assignment.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/rules.hpp>
#include <lepton/schedule/scheduler_state.hpp>
#include <lepton/schedule/scheduling_pass.hpp>
#include <lepton/schedule/submit_errors.hpp>
#include <lepton/schedule/task_of.hpp>

namespace lepton {

/// Orders the waiting tasks, places them on a cluster, keeps the books.
///
/// The caller owns the clock: every call says what time it is, and time does not go back. A live
/// program and a simulation use this same class. Tasks that do not fit keep waiting. They are asked
/// for again only after something that could help one like them: capacity that came back on a node
/// which now has room, a change of the nodes, a quota that was given back, the start or end of a
/// task that its rules may mean. A pass goes no further down the queue than to the last task that
/// is worth a try, and passes over the others without asking.
///
/// @tparam Cluster  a `cluster`; the scheduler owns it (`nodes()`)
/// @tparam Order    an `order::ordering`, or a policy that brings its own queue (`per_tenant`)
/// @tparam Place    a `place::policy`
/// @tparam Task     what is queued; tasks of other types are read through `adapt` when submitted.
///                  Where one of several interchangeable tasks found no room, the others are not
///                  asked for. The library's own are, if demand, devices, labels and rules are
///                  equal, and, for a policy that may look at more (it does not say
///                  `looks_at_nodes_alone`), all but their ids; types of the program's own only if
///                  they have a `class_key` (see `schedule::has_class_key`)
/// @tparam Rules    a `schedule::rules`: quotas, preemption, budgets, backoff
template <class Cluster, class Order, class Place, class Task = task_of<Cluster>,
          class Rules = schedule::rules<>>
class scheduler {
  static_assert(
      order::ordering<Order, Task> || requires { typename Order::template queue<Task>; },
      "lepton: the scheduler's second part must be an ordering: bool before(queued, queued) const, "
      "or rank(queued, time_point) const");
  static_assert(place::policy<Place, Task, Cluster>,
                "lepton: the scheduler's third part must be a placement policy: decision "
                "pick(task, cluster). A score "
                "becomes one as place::greedy{score}");
  using state = schedule::detail::scheduler_state<Cluster, Order, Place, Task, Rules>;
  using record = typename state::record;

 public:
  scheduler(Cluster nodes, Order order, Place place, Rules rules = Rules{})
      : s_(std::move(nodes), std::move(order), std::move(place), std::move(rules)) {}

  /// Queues a task. Fails when a task of that id waits or runs, its demand is negative, or no
  /// quota could ever let it start. O(log waiting).
  template <task_like Source>
  auto submit(const Source& source, time_point now) -> status {
    auto t = to_queue(source);
    if (auto good = check(t); !good) return good;
    s_.wait(*add(std::move(t), 0, now), now);
    ++s_.events;
    return {};
  }

  /// Queues tasks that start together: at least `spec.minimum` of them or none. Once the gang runs,
  /// the others start one by one as room is found (an elastic gang). It waits at the place of its
  /// first task; where there is preemption, it may stop others for its minimum, and each later
  /// member for itself. If it loses tasks so that fewer than the minimum are left (those that
  /// finished, or were stopped by `cancel`, count), all of it stops and waits again. Fails as
  /// `submit` does, and when the gang's id is in use or 0, or the number of tasks is not from
  /// `spec.minimum` to `spec.maximum`; nothing is queued then.
  template <task_like Source>
  auto submit_gang(const schedule::gang_spec& spec, std::span<const Source> sources, time_point now)
      -> status {
    std::vector<Task> tasks;
    std::vector<task_id> ids;
    const auto size = sources.size();
    for (const auto& source : sources) {
      tasks.push_back(to_queue(source));
      ids.push_back(id_of(tasks.back()));
      if (auto good = check(tasks.back()); !good) return good;
    }
    const auto in_use = s_.gangs.find(spec.id) != nullptr;
    if (spec.id == 0 || in_use || spec.minimum == 0 || spec.minimum > size || size > spec.maximum)
      return schedule::detail::bad_gang(spec, size, in_use);
    std::sort(ids.begin(), ids.end());
    const auto twice = std::adjacent_find(ids.begin(), ids.end());
    if (twice != ids.end()) return schedule::detail::id_in_use(*twice);
    record* leader = nullptr;
    std::vector<task_id> members;
    for (auto& t : tasks) {
      members.push_back(id_of(t));
      auto* r = add(std::move(t), spec.id, now);
      r->state = schedule::task_state::in_gang;
      if (leader == nullptr) leader = r;
    }
    s_.gangs.add(spec.id, spec.minimum, std::move(members));
    s_.wait(*leader, now);
    ++s_.events;
    return {};
  }

  /// Takes a waiting task out of the queue, or stops a running one as `finish` does. A task of a
  /// gang that waits as one cannot be taken out alone. O(log waiting).
  auto cancel(task_id id, time_point now) -> status {
    auto* r = s_.book.find(id);
    if (r == nullptr) return schedule::detail::unknown_task("cancel", id);
    if (r->state == schedule::task_state::running) return finish(id, now);
    if (s_.gangs.waits(r->gang)) return schedule::detail::waits_in_gang(id, r->gang);
    s_.withdraw(*r);
    s_.forget(*r, false);
    return {};
  }
  /// Takes a gang out of the queue, and stops those of its tasks that run.
  auto cancel_gang(schedule::gang_id id, time_point now) -> status {
    auto* g = id == 0 ? nullptr : s_.gangs.find(id);
    if (g == nullptr) return schedule::detail::unknown_gang(id);
    g->together = false;
    for (const auto member : std::vector<task_id>{g->members}) (void)cancel(member, now);
    return {};
  }

  /// One pass over the queue in its order: places what fits. Returns the tasks that start, and
  /// those that are dropped because no node could ever hold them; valid until the next pass.
  auto run(time_point now) -> const std::vector<assignment>& {
    schedule::detail::scheduling_pass<state, Task, Place>{s_, now}.run();
    return s_.assigned;
  }
  /// The tasks that the last pass stopped in favour of others, or that stopped with their gangs in
  /// it or in a `lose_node` since; they wait again.
  [[nodiscard]] auto evicted() const noexcept -> const std::vector<eviction>& { return s_.evicted; }
  /// When the next pass is due although nothing may happen until then: a backoff ends; or, the
  /// earliest moment there is, the last pass left something to do. `time_point::max()` if never.
  [[nodiscard]] auto wakes_at() const noexcept -> time_point {
    return s_.pass_due ? time_point::min() : s_.backing_off.next_time();
  }

  /// A running task ended: its resources come back. O(1), and the members of its gang.
  auto finish(task_id id, time_point now) -> status {
    auto* r = s_.book.find(id);
    if (r == nullptr || r->state != schedule::task_state::running)
      return schedule::detail::unknown_task("finish", id);
    (void)s_.nodes.release(r->allocation);  // fails if its node was removed meanwhile: all the same
    ++s_.events;
    s_.end(*r);
    s_.queue.ended(*r, now);
    s_.forget(*r, true);
    return {};
  }

  /// A node is lost, and what ran on it waits again, at its old place in the queue. Returns the ids
  /// in the order of submission. So do gangs that lost too many members: `evicted()` names those of
  /// their tasks that ran elsewhere, and nothing else. O(running).
  auto lose_node(node_index i, time_point now) -> expected<std::vector<task_id>> {
    std::vector<record*> back;
    for (const auto& r : s_.book.running()) {
      const auto* held = s_.nodes.find(r.allocation);
      if (held != nullptr && held->node == i) back.push_back(s_.book.find(r.id));
    }
    const auto lost = s_.nodes.remove(i);
    if (!lost) return unexpected<error>{lost.error()};
    s_.evicted.clear();
    std::sort(back.begin(), back.end(),
              [](const auto* a, const auto* b) { return a->sequence < b->sequence; });
    std::vector<task_id> ids;
    for (auto* r : back) {
      ids.push_back(r->id);
      s_.end(*r);
      s_.queue.ended(*r, now);
    }
    for (auto* r : back) s_.come_back(*r, now);
    return ids;
  }

  /// Where a task runs, or nullptr.
  [[nodiscard]] auto find_running(task_id id) const noexcept -> const
      typename Cluster::allocation_type* {
    const auto* r = s_.book.find(id);
    return r == nullptr ? nullptr : s_.nodes.find(r->allocation);
  }
  /// Number of tasks that do not run: in the queue, in gangs that wait, or backing off.
  [[nodiscard]] auto waiting_count() const noexcept -> std::size_t {
    return s_.book.size() - running_count();
  }
  [[nodiscard]] auto running_count() const noexcept -> std::size_t {
    return s_.book.running().size();
  }
  [[nodiscard]] auto running() const noexcept -> std::span<const schedule::running_task> {
    return s_.book.running();
  }

  /// The cluster: nodes may be added, drained, relabelled at any time (remove them by `lose_node`),
  /// and amounts that are no task's of this scheduler allocated and released.
  [[nodiscard]] auto nodes() noexcept -> Cluster& { return s_.nodes; }
  [[nodiscard]] auto nodes() const noexcept -> const Cluster& { return s_.nodes; }
  [[nodiscard]] auto placement() noexcept -> Place& { return s_.place; }
  /// The waiting tasks' queue, to change shares and weights between passes; and the rules. After a
  /// change that may let waiting tasks start, call `reconsider`.
  [[nodiscard]] auto queue() noexcept -> auto& { return s_.queue; }
  [[nodiscard]] auto rules() noexcept -> Rules& { return s_.rules; }
  /// Makes the next pass try every kind of waiting task.
  void reconsider() noexcept {
    ++s_.events;
    s_.try_all = true;
  }

 private:
  template <class Source>
  [[nodiscard]] static auto to_queue(const Source& source) -> Task {
    if constexpr (std::same_as<Source, Task>) {
      return source;
    } else {
      return to_task<Task>(source);
    }
  }
  [[nodiscard]] auto check(const Task& t) const -> status {
    if (any_negative(demand_of(t)) || !devices_of(t).valid())
      return schedule::detail::impossible_task(id_of(t));
    if (s_.book.find(id_of(t)) != nullptr) return schedule::detail::id_in_use(id_of(t));
    const auto quota = s_.rules.quota.may_start(t);
    if (quota.hopeless) return schedule::detail::over_quota(s_.rules.quota, t, quota);
    return {};
  }
  auto add(Task t, schedule::gang_id gang, time_point now) -> record* {
    auto* r = s_.book.add(id_of(t));
    r->id = id_of(t);
    r->what = std::move(t);
    r->submitted = now;
    r->sequence = s_.sequence++;
    r->gang = gang;
    r->budgets = s_.rules.budgets.matching(labels_of(r->what));
    s_.rules.budgets.expect(r->budgets, 1);
    return r;
  }

  state s_;
};

template <class Cluster, class Order, class Place>
scheduler(Cluster, Order, Place) -> scheduler<Cluster, Order, Place>;
template <class Cluster, class Order, class Place, class Quota, class Preemption>
scheduler(Cluster, Order, Place, schedule::rules<Quota, Preemption>)
    -> scheduler<Cluster, Order, Place, task_of<Cluster>, schedule::rules<Quota, Preemption>>;

/// A scheduler that queues tasks of the program's own type, so that its policies see all of them.
template <task_like Task, class Cluster, class Order, class Place, class Rules = schedule::rules<>>
[[nodiscard]] auto make_scheduler(Cluster nodes, Order order, Place place, Rules rules = Rules{})
    -> scheduler<Cluster, Order, Place, Task, Rules> {
  return {std::move(nodes), std::move(order), std::move(place), std::move(rules)};
}

}  // namespace lepton
