// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/schedule/task_of.hpp>

namespace lepton {

/// What a scheduling pass says of one task: it starts on a node, or it never can.
struct assignment {
  task_id id = 0;
  decision what = decision::busy();
  duration waited{};  ///< since it was submitted
};

/// Orders the waiting tasks, places them on a cluster, keeps the books.
///
/// The caller owns the clock: every call says what time it is. A live program and a simulation use
/// this same class. Tasks that do not fit now keep waiting, and are asked for again only after
/// something that could help them: capacity that came back, or a change of the nodes.
///
/// @tparam Cluster  a `cluster`; the scheduler owns it (`nodes()`)
/// @tparam Order    an `order::ordering`
/// @tparam Place    a `place::policy`
/// @tparam Task     what is queued; tasks of other types are read through `adapt` when submitted
template <class Cluster, class Order, class Place, class Task = task_of<Cluster>>
class scheduler {
  static_assert(
      order::ordering<Order, Task>,
      "lepton: the scheduler's second part must be an ordering: bool before(queued, queued) const");
  static_assert(place::policy<Place, Task, Cluster>,
                "lepton: the scheduler's third part must be a placement policy: decision "
                "pick(task, cluster). A score "
                "becomes one as place::greedy{score}");

 public:
  scheduler(Cluster nodes, Order order, Place place)
      : nodes_(std::move(nodes)), order_(std::move(order)), place_(std::move(place)) {}

  /// Queues a task. Fails when a task of that id waits or runs, or its demand is negative.
  /// O(log waiting) comparisons.
  template <task_like Source>
  auto submit(const Source& source, time_point now) -> status {
    if constexpr (std::same_as<Source, Task>) {
      return enqueue(source, now);
    } else {
      return enqueue(to_task<Task>(source), now);
    }
  }

  /// Takes a waiting task out of the queue, or stops a running one. O(waiting) or O(1).
  auto cancel(task_id id, time_point now) -> status {
    const auto at = known_.find(id);
    if (at == known_.end()) return unknown("cancel", id);
    if (at->second.is_running()) return finish(id, now);
    waiting_.erase(std::find_if(waiting_.begin(), waiting_.end(),
                                [&](const entry& e) { return e.task.id == id; }));
    known_.erase(at);
    return {};
  }

  /// One pass over the queue in its order: places what fits. Returns the tasks that start, and
  /// those that are dropped because no node could ever hold them; valid until the next call.
  auto run(time_point now) -> const std::vector<assignment>& {
    assigned_.clear();
    auto kept = waiting_.begin();
    for (auto& e : waiting_) {
      if (!try_one(e, now)) {
        if (&*kept != &e) *kept = std::move(e);
        ++kept;
      }
    }
    waiting_.erase(kept, waiting_.end());
    return assigned_;
  }

  /// A running task ended: its resources come back. O(1).
  auto finish(task_id id, time_point /*now*/) -> status {
    const auto at = known_.find(id);
    if (at == known_.end() || !at->second.is_running()) return unknown("finish", id);
    auto released = nodes_.release(at->second.allocation);
    if (!released) return released;
    known_.erase(at);
    --running_;
    ++helped_;
    return {};
  }

  /// A node is lost, and what ran on it waits again, at its old place in the queue. Returns the
  /// ids, in the order of submission. O(allocations + waiting).
  auto lose_node(node_index i, time_point /*now*/) -> expected<std::vector<task_id>> {
    const auto lost = nodes_.remove(i);
    if (!lost) return unexpected<error>{lost.error()};
    std::vector<order::queued<Task>> back;
    for (auto& [id, r] : known_) {
      if (!r.is_running() || nodes_.find(r.allocation) != nullptr) continue;
      back.push_back(std::move(r.task));
      r = record{};
      --running_;
    }
    std::sort(back.begin(), back.end(),
              [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    std::vector<task_id> ids;
    for (auto& task : back) {
      ids.push_back(task.id);
      insert({std::move(task), never});
    }
    return ids;
  }

  /// Where a task runs, or nullptr.
  [[nodiscard]] auto find_running(task_id id) const noexcept -> const
      typename Cluster::allocation_type* {
    const auto at = known_.find(id);
    return at == known_.end() ? nullptr : nodes_.find(at->second.allocation);
  }
  [[nodiscard]] auto waiting_count() const noexcept -> std::size_t { return waiting_.size(); }
  [[nodiscard]] auto running_count() const noexcept -> std::size_t { return running_; }

  /// The cluster: nodes may be added, drained, relabelled at any time (remove them by `lose_node`).
  [[nodiscard]] auto nodes() noexcept -> Cluster& { return nodes_; }
  [[nodiscard]] auto nodes() const noexcept -> const Cluster& { return nodes_; }
  [[nodiscard]] auto placement() noexcept -> Place& { return place_; }

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  struct entry {
    order::queued<Task> task;
    std::uint64_t tried = never;  ///< value of `help()` when it last failed
  };
  /// A task the scheduler holds: while it waits the queue has it, while it runs it is here, in case
  /// its node is lost.
  struct record {
    order::queued<Task> task{};
    allocation_id allocation{};
    [[nodiscard]] auto is_running() const noexcept -> bool { return allocation != allocation_id{}; }
  };

  /// Grows whenever something happened that could help a task that did not fit.
  [[nodiscard]] auto help() const noexcept -> std::uint64_t {
    return helped_ + nodes_.structure_revision();
  }

  auto enqueue(Task t, time_point now) -> status {
    const auto id = id_of(t);
    const auto& demand = demand_of(t);
    if (any_negative(demand) || !devices_of(t).valid()) {
      return failure("submit: task " + std::to_string(id) +
                     " asks for a negative amount, or for devices that no node can have (1 to 16 "
                     "whole ones, or a share "
                     "of 1 to 999 milli of one)");
    }
    if (!known_.try_emplace(id).second) {
      return failure("submit: a task with id " + std::to_string(id) +
                     " is waiting or running already");
    }
    insert({{std::move(t), id, now, sequence_++}, never});
    return {};
  }

  void insert(entry e) {
    const auto at = std::upper_bound(
        waiting_.begin(), waiting_.end(), e, [this](const entry& a, const entry& b) {
          if (order_.before(a.task, b.task)) return true;
          return !order_.before(b.task, a.task) && a.task.sequence < b.task.sequence;
        });
    waiting_.insert(at, std::move(e));
  }

  /// Whether the task leaves the queue.
  auto try_one(entry& e, time_point now) -> bool {
    const auto& rules = constraints_of(e.task.what);
    const auto may_be_helped_by_others = !rules.affinity.empty() || !rules.spread.empty();
    if (e.tried == help() && !may_be_helped_by_others) return false;
    const auto d = place_.pick(e.task.what, nodes_);
    if (d.outcome() == verdict::busy) {
      e.tried = help();
      return false;
    }
    if (d) {
      const auto receipt = nodes_.allocate(e.task.what, d);
      LEPTON_ASSERT(receipt.has_value(),
                    "the placement policy named a node that cannot take the task");
      if (!receipt) return false;
      auto& r = known_.find(e.task.id)->second;
      r.allocation = *receipt;
      assigned_.push_back({e.task.id, d, now - e.task.submitted});
      r.task = std::move(e.task);
      ++running_;
    } else {
      assigned_.push_back({e.task.id, d, now - e.task.submitted});
      known_.erase(e.task.id);
    }
    return true;
  }

  [[nodiscard]] LEPTON_COLD static auto unknown(const char* call, task_id id) -> status {
    return failure(std::string{call} + ": no task with id " + std::to_string(id) + " is " +
                   (call[0] == 'f' ? "running" : "waiting or running"));
  }

  Cluster nodes_;
  Order order_;
  Place place_;
  std::vector<entry> waiting_;
  std::unordered_map<task_id, record> known_;
  std::vector<assignment> assigned_;
  std::size_t running_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t helped_ = 0;
};

template <class Cluster, class Order, class Place>
scheduler(Cluster, Order, Place) -> scheduler<Cluster, Order, Place>;

/// A scheduler that queues tasks of the program's own type, so that its policies see all of them.
template <task_like Task, class Cluster, class Order, class Place>
[[nodiscard]] auto make_scheduler(Cluster nodes, Order order, Place place)
    -> scheduler<Cluster, Order, Place, Task> {
  return {std::move(nodes), std::move(order), std::move(place)};
}

}  // namespace lepton
