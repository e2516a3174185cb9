// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/schedule/gang_spec.hpp>
#include <lepton/schedule/node_copies.hpp>

namespace lepton::schedule::detail {

/// Whether two tasks ask for the same, so that where one finds no room the other does not either.
template <class Task>
[[nodiscard]] auto same_needs(const Task& a, const Task& b) noexcept -> bool {
  return std::addressof(a) == std::addressof(b) ||
         (demand_of(a) == demand_of(b) && devices_of(a) == devices_of(b) &&
          labels_of(a) == labels_of(b) && constraints_of(a) == constraints_of(b));
}

/// At most how many of the tasks [first, last) could run at a time on the empty cluster. Exact for
/// equal tasks without rules about tasks elsewhere; an upper bound otherwise.
template <class Tasks, class Cluster>
[[nodiscard]] auto most_at_once(const Tasks& tasks, std::size_t first, std::size_t last,
                                const Cluster& nodes) -> std::size_t {
  std::size_t most = 0;
  while (first < last) {
    auto end = first + 1;
    while (end < last && same_needs(tasks[end], tasks[first])) ++end;
    std::size_t copies = 0;
    for (std::size_t i = 0; i < nodes.size() && copies < end - first; ++i)
      copies += std::min(end - first, copies_when_empty(tasks[first], nodes[i]));
    most += std::min(end - first, copies);
    first = end;
  }
  return most;
}

/// Whether any `count` of the tasks together need more of something than all nodes have.
template <class Tasks, class Cluster>
[[nodiscard]] auto exceed_everything(const Tasks& tasks, std::size_t count, const Cluster& nodes)
    -> bool {
  typename Cluster::resources_type all{};
  for (std::size_t i = 0; i < nodes.size(); ++i) all += nodes[i].capacity();
  std::vector<amount> demands(tasks.size());
  for (std::size_t d = 0; d < all.size(); ++d) {
    for (std::size_t k = 0; k < tasks.size(); ++k) demands[k] = demand_of(tasks[k])[d];
    std::sort(demands.begin(), demands.end());
    auto left = all[d];
    for (std::size_t k = 0; k < count; ++k) {
      if (demands[k] > left) return true;
      left -= demands[k];
    }
  }
  return false;
}

/// Why a gang could not be placed: `infeasible` if it could not run on the empty cluster either.
template <class Tasks, class Cluster>
[[nodiscard]] auto why_not(const Tasks& tasks, std::span<const gang_role> roles,
                           const gang_spec& spec, const Cluster& nodes) -> verdict {
  const auto size = std::size_t{tasks.size()};
  if (spec.minimum > std::min(spec.maximum, size)) return verdict::infeasible;
  std::size_t at_once = 0;
  std::size_t needed = 0;
  std::size_t first = 0;
  for (const auto& role : roles) {
    const auto most = most_at_once(tasks, first, first + role.count, nodes);
    if (most < role.minimum) return verdict::infeasible;
    at_once += most;
    needed += role.minimum;
    first += role.count;
  }
  if (roles.empty()) at_once = most_at_once(tasks, 0, size, nodes);
  if (at_once < spec.minimum || needed > spec.maximum) return verdict::infeasible;
  const auto least = std::max(needed, spec.minimum);
  return exceed_everything(tasks, least, nodes) ? verdict::infeasible : verdict::busy;
}

}  // namespace lepton::schedule::detail
