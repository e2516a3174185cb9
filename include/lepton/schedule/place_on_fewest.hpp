// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/schedule/gang_placement.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/node_copies.hpp>
#include <lepton/schedule/transaction.hpp>

namespace lepton::schedule {
/// Places copies of one task on as few nodes as possible: `count` of them (at most
/// `spec.maximum`) if there is room, else as many as fit, if that is the minimum; or none.
///
/// Nodes with room for the most copies are filled first; the last node is the one on which the rest
/// leaves the least room over. That is the fewest nodes there can be, unless rules between the
/// copies let a node hold fewer than it has room for. Devices are the cluster's customary choice.
///
/// @param fits_there  `bool(task, cluster, node)`: whether the node may take the task, with all its
///                    constraints; asked before each copy
///
/// O(nodes · log nodes + copies). `busy` and `infeasible` as for `place_gang`.
template <class Cluster, class Fits, class Task>
[[nodiscard]] auto place_on_fewest(transaction<Cluster>& tx, Fits&& fits_there, const Task& t,
                                   std::size_t count, const gang_spec& spec) -> gang_placement {
  struct room {
    std::size_t copies;
    node_index node;
  };
  const auto most = std::min(count, spec.maximum);
  const auto before = tx.mark();
  std::vector<room> rooms;
  for (node_index i = 0; i < tx.nodes().size(); ++i) {
    const auto copies = detail::copies_now(t, tx.nodes()[i], most);
    if (copies != 0 && fits_there(t, tx.nodes(), i)) rooms.push_back({copies, i});
  }
  std::stable_sort(rooms.begin(), rooms.end(),
                   [](const room& a, const room& b) { return a.copies > b.copies; });

  gang_placement placed;
  const auto fill = [&](const room& r) {
    for (std::size_t k = 0; k < r.copies && placed.members.size() < most; ++k) {
      if (k != 0 && !fits_there(t, tx.nodes(), r.node)) return;
      const auto d = decision::placed(r.node);
      const auto receipt = tx.allocate(t, d);
      if (!receipt) return;
      placed.members.push_back({placed.members.size(), d, *receipt});
    }
  };
  for (std::size_t at = 0; at < rooms.size() && placed.members.size() < most; ++at) {
    const auto rest = most - placed.members.size();
    if (rooms[at].copies >= rest) {
      // The tightest of those that take all the rest; the first of equals.
      auto last = at;
      for (auto next = at; next < rooms.size() && rooms[next].copies >= rest; ++next) {
        if (rooms[next].copies < rooms[last].copies) last = next;
      }
      std::swap(rooms[at], rooms[last]);
    }
    fill(rooms[at]);
  }
  if (placed.members.size() >= spec.minimum && spec.minimum <= most) {
    placed.outcome = verdict::placed;
    return placed;
  }
  tx.roll_back_to(before);
  std::size_t at_once = 0;
  for (std::size_t i = 0; i < tx.nodes().size() && at_once < spec.minimum; ++i)
    at_once += std::min(spec.minimum, detail::copies_when_empty(t, tx.nodes()[i]));
  const auto possible = spec.minimum <= most && at_once >= spec.minimum;
  return {possible ? verdict::busy : verdict::infeasible, {}};
}

}  // namespace lepton::schedule
