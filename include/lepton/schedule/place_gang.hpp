// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/schedule/gang_bounds.hpp>
#include <lepton/schedule/gang_placement.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/node_copies.hpp>
#include <lepton/schedule/transaction.hpp>

namespace lepton::schedule {
namespace detail {

/// One attempt to place a gang.
template <class Cluster, class Place, class Tasks>
class gang_attempt {
 public:
  gang_attempt(transaction<Cluster>& tx, Place& place, const Tasks& tasks)
      : tx_(tx), place_(place), tasks_(tasks), done_(tasks.size(), false) {}

  /// Places tasks of [first, last) that are not placed yet, in order, `most` of them at most.
  /// Gives up early once fewer than `least` of them can be reached. Returns how many it placed.
  auto place(std::size_t first, std::size_t last, std::size_t most, std::size_t least)
      -> std::size_t {
    std::size_t placed = 0;
    for (auto k = first; k < last && placed < most; ++k) {
      if (placed + (last - k) < least) break;
      if (done_[k] || hopeless(tasks_[k])) continue;
      const auto d = place_.pick(tasks_[k], tx_.nodes());
      if (!d) {
        refused_ = &tasks_[k];
        continue;
      }
      const auto receipt = tx_.allocate(tasks_[k], d);
      LEPTON_ASSERT(receipt.has_value(),
                    "the placement policy named a node that cannot take the task");
      if (!receipt) continue;
      done_[k] = true;
      ++placed;
      members_.push_back({k, d, *receipt});
    }
    return placed;
  }

  [[nodiscard]] auto finish() -> gang_placement {
    std::sort(members_.begin(), members_.end(),
              [](const auto& a, const auto& b) { return a.index < b.index; });
    return {verdict::placed, std::move(members_)};
  }

 private:
  /// Whether an equal task was refused, and nothing that happened since can have helped.
  template <class Task>
  [[nodiscard]] auto hopeless(const Task& t) const noexcept -> bool {
    if (refused_ == nullptr || !same_needs(t, *refused_)) return false;
    const auto& rules = constraints_of(t);
    return rules.affinity.empty() && rules.spread.empty();
  }

  transaction<Cluster>& tx_;
  Place& place_;
  const Tasks& tasks_;
  std::vector<bool> done_;
  std::vector<gang_placement::member> members_;
  const std::remove_cvref_t<decltype(std::declval<const Tasks&>()[0])>* refused_ = nullptr;
};

/// The same task, `count` times.
template <class Task>
class copies_of {
 public:
  copies_of(const Task& t, std::size_t count) noexcept : task_(&t), count_(count) {}
  [[nodiscard]] auto size() const noexcept -> std::size_t { return count_; }
  [[nodiscard]] auto operator[](std::size_t) const noexcept -> const Task& { return *task_; }

 private:
  const Task* task_;
  std::size_t count_;
};

}  // namespace detail

/// Places a gang whose tasks have roles, each with a minimum: all minimums, and `minimum` tasks in
/// all, or none (Volcano's `minTaskMember` and `minMember`; unlike there, the roles' minimums count
/// even if their sum is above `minimum`).
///
/// First each role in turn gets its minimum, then the others are placed in order, as many as fit.
/// Each task goes where `place` puts it on the cluster as it is then; a task that must be near
/// others of its gang comes after them. What the gang gets stays in the transaction; one that
/// cannot start holds nothing, so gangs cannot wait for one another.
///
/// `busy` means that this attempt failed. `infeasible` is certain: the gang could not run on the
/// empty cluster either. For equal tasks without rules about other nodes' tasks every gang that
/// cannot run is found out; for mixed ones those of which more could never run at a time than the
/// nodes hold of each kind by itself, or that need more than all nodes have together; the rest is
/// `busy`, since finding out is as hard as bin packing.
///
/// @param tasks  anything with size() and operator[]; the sizes of the roles add up to its size
///
/// O(tasks · pick); and, if that fails, O(tasks · log tasks + kinds of tasks · nodes).
template <class Cluster, class Place, class Tasks>
[[nodiscard]] auto place_gang(transaction<Cluster>& tx, Place& place, const Tasks& tasks,
                              std::span<const gang_role> roles, const gang_spec& spec)
    -> gang_placement {
  const auto size = std::size_t{tasks.size()};
  std::size_t in_roles = 0;
  for (const auto& role : roles) in_roles += role.count;
  LEPTON_ASSERT(roles.empty() || in_roles == size,
                "place_gang: the sizes of the roles do not add up to the number of tasks");
  if (!roles.empty() && in_roles != size) return {verdict::infeasible, {}};

  const auto before = tx.mark();
  detail::gang_attempt<Cluster, Place, Tasks> attempt{tx, place, tasks};
  auto enough = spec.minimum <= spec.maximum;
  std::size_t placed = 0;
  std::size_t first = 0;
  for (const auto& role : roles) {
    if (enough) {
      const auto got = attempt.place(first, first + role.count, role.minimum, role.minimum);
      enough = got >= role.minimum;
      placed += got;
    }
    first += role.count;
  }
  if (enough) {
    const auto missing = spec.minimum - std::min(placed, spec.minimum);
    if (spec.maximum > placed) placed += attempt.place(0, size, spec.maximum - placed, missing);
    if (placed >= spec.minimum && placed <= spec.maximum) return attempt.finish();
  }
  tx.roll_back_to(before);
  return {detail::why_not(tasks, roles, spec, tx.nodes()), {}};
}

/// Places a gang without roles: `minimum` of its tasks at least, in order, or none.
template <class Cluster, class Place, class Tasks>
[[nodiscard]] auto place_gang(transaction<Cluster>& tx, Place& place, const Tasks& tasks,
                              const gang_spec& spec) -> gang_placement {
  return place_gang(tx, place, tasks, std::span<const gang_role>{}, spec);
}

/// Places between `spec.minimum` and `spec.maximum` copies of one task, `count` at most, or none.
/// The first that finds no room ends the attempt; there is none if the nodes have too little room
/// in all. O(copies · pick + nodes).
template <class Cluster, class Place, task_like Task>
[[nodiscard]] auto place_copies(transaction<Cluster>& tx, Place& place, const Task& t,
                                std::size_t count, const gang_spec& spec) -> gang_placement {
  const detail::copies_of<Task> tasks{t, count};
  if (detail::copies_in_all(t, tx.nodes(), spec.minimum) < spec.minimum)
    return {detail::why_not(tasks, {}, spec, tx.nodes()), {}};
  return place_gang(tx, place, tasks, spec);
}

}  // namespace lepton::schedule
