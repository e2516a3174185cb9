// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <lepton/model/allocation.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/model/time.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/schedule/transaction.hpp>

namespace lepton::schedule {

/// Tries something on the cluster and takes it back: `f(tx)` does what it likes in a transaction,
/// and its answer is returned. Leaves no trace but later revision numbers.
template <class Cluster, class F>
auto what_if(Cluster& nodes, F&& f) -> decltype(auto) {
  transaction<Cluster> tx{nodes};
  return std::forward<F>(f)(tx);
}

/// When something that runs will end, as far as is known.
struct expected_end {
  allocation_id allocation{};
  time_point when{};
};

/// When, and where, a task could start.
struct possible_start {
  time_point when = time_point::max();  ///< `max()`: not even when all of that has ended
  decision where = decision::busy();
};

/// When a task could start at the earliest if nothing else starts and what runs ends as said: now,
/// or when something ends. `ends` in order of time. The cluster is left as it was.
///
/// O(ends) and a pick for each moment at which an end leaves room for the task; for policies and
/// rules that look at more than one node, at every end.
template <class Cluster, class Place, class Task>
[[nodiscard]] auto earliest_start(Cluster& nodes, Place& place, const Task& t, time_point now,
                                  std::span<const expected_end> ends) -> possible_start {
  auto d = place.pick(t, nodes);
  if (d || d.outcome() == verdict::infeasible) return {d ? now : time_point::max(), d};
  const auto any_node_counts = !place::looks_at_nodes_alone<Place> || !constraints_of(t).empty() ||
                               nodes.far_reaching_residents() != 0;
  return what_if(nodes, [&](auto& tx) -> possible_start {
    for (std::size_t k = 0; k < ends.size();) {
      const auto when = ends[k].when;
      auto helped = any_node_counts;
      for (; k < ends.size() && ends[k].when <= when; ++k) {
        const auto* a = nodes.find(ends[k].allocation);
        if (a == nullptr) continue;
        const auto node = a->node;
        (void)tx.release(ends[k].allocation);
        helped = helped || fits(demand_of(t), nodes[node].free());
      }
      if (!helped) continue;
      d = place.pick(t, nodes);
      if (d) return {when < now ? now : when, d};
    }
    return {time_point::max(), d};
  });
}

}  // namespace lepton::schedule
