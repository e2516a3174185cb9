// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include <lepton/model/concepts.hpp>
#include <lepton/model/reasons.hpp>

namespace lepton::place {

/// Whether the node's labels match one of the task's selectors (or there are none).
template <class Node>
[[nodiscard]] auto selected(const constraints& rules, const Node& n) noexcept -> bool {
  const auto& selectors = rules.node_selectors;
  return selectors.empty() ||
         std::any_of(selectors.begin(), selectors.end(),
                     [&](const label_selector& s) { return s.matches(labels_of(n)); });
}

/// Whether the node has a taint that keeps the task away.
template <class Node>
[[nodiscard]] auto repelled_by_taint(const constraints& rules, const Node& n) noexcept -> bool {
  const auto& marks = taints_of(n);
  return std::any_of(marks.begin(), marks.end(), [&](const taint& t) {
    return t.effect != taint_effect::prefer_no_schedule && !tolerated(t, rules.tolerations);
  });
}

/// Whether a resident with these anti-affinities, or these labels of a resident, keep `own` away
/// on the node itself (terms with a topology key are the business of `domain_rules`).
template <class Node>
[[nodiscard]] auto repelled_by_resident(const labels& own, const constraints& rules,
                                        const Node& n) noexcept -> bool {
  for (const resident& r : residents_of(n)) {
    for (const auto& term : rules.anti_affinity) {
      if (term.topology_key.empty() && term.tasks.matches(r.own_labels)) return true;
    }
    for (const auto& term : r.anti_affinity) {
      if (term.topology_key.empty() && term.tasks.matches(own)) return true;
    }
  }
  return false;
}

/// The first of the library's own tests of one node that fails, in the order of `reason`; nothing
/// when the node can take the task. Tests that look at other nodes are not among them.
template <task_like Task, node_like Node>
[[nodiscard]] auto first_failure(const Task& t, const Node& n) noexcept -> std::optional<reason> {
  if (!accepting(n)) return reason::closed;
  const auto& demand = demand_of(t);
  const auto& free = free_of(n);
  if (!fits(demand, free)) {
    for (std::size_t i = 0; i + 1 < demand.size(); ++i) {
      if (demand[i] > free[i]) return resource_reason(i);
    }
    return resource_reason(demand.size() - 1);
  }
  const auto& request = devices_of(t);
  if (!request.none()) {
    const auto& devices = devices_of(n);
    if (!devices.type_fits(request)) return reason::device_kind;
    if (!devices.amount_fits(request)) return reason::devices;
  }
  if constexpr (has_rules<Task>) {
    const auto& rules = constraints_of(t);
    if (!rules.node_selectors.empty() && !selected(rules, n)) return reason::selector;
  }
  const auto& rules = constraints_of(t);
  if (std::size(taints_of(n)) != 0 && repelled_by_taint(rules, n)) return reason::taint;
  if (std::size(residents_of(n)) != 0 && repelled_by_resident(labels_of(t), rules, n))
    return reason::anti_affinity;
  return std::nullopt;
}

/// Whether the node could hold the task if it were empty: what separates `busy` from `infeasible`.
template <task_like Task, node_like Node>
[[nodiscard]] auto fits_when_empty(const Task& t, const Node& n) noexcept -> bool {
  if constexpr (requires { n.present(); }) {
    if (!n.present()) return false;
  }
  const auto& request = devices_of(t);
  const auto& devices = devices_of(n);
  const auto& rules = constraints_of(t);
  return fits(demand_of(t), capacity_of(n)) &&
         (request.none() ||
          (request.valid() && devices.type_fits(request) && devices.count() >= request.count())) &&
         selected(rules, n) && !repelled_by_taint(rules, n);
}

}  // namespace lepton::place
