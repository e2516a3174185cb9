// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>

#include <lepton/model/concepts.hpp>

namespace lepton::schedule::detail {

/// How many copies of a task a set of devices holds when nothing else uses it (when `what` is all
/// of it); any number if the task asks for none.
template <class Devices>
[[nodiscard]] auto copies_on_devices(const device_request& r, const Devices& devices) noexcept
    -> std::size_t {
  if (r.none()) return std::numeric_limits<std::size_t>::max();
  if (!r.valid() || !devices.type_fits(r)) return 0;
  if (r.count() > 1) return devices.count() / r.count();
  return devices.count() * (std::size_t{device_milli} / r.milli());
}

/// How many copies of the task the node would hold if nothing else ran in the whole cluster, as far
/// as room, devices, selectors, taints and the anti-affinity of the copies on one node go: never
/// fewer than it can really hold. 0 if the task can never run there.
template <class Task, class Node>
[[nodiscard]] auto copies_when_empty(const Task& t, const Node& n) noexcept -> std::size_t {
  if (!n.present()) return 0;
  auto copies = copies_on_devices(devices_of(t), devices_of(n));
  const auto& demand = demand_of(t);
  const auto& capacity = capacity_of(n);
  for (std::size_t i = 0; i < demand.size(); ++i) {
    if (demand[i] > 0) copies = std::min(copies, static_cast<std::size_t>(capacity[i] / demand[i]));
  }
  if (copies == 0) return 0;
  const auto& rules = constraints_of(t);
  const auto& choices = rules.node_selectors;
  if (!choices.empty() && std::none_of(choices.begin(), choices.end(),
                                       [&](const auto& s) { return s.matches(labels_of(n)); }))
    return 0;
  for (const auto& mark : taints_of(n)) {
    if (mark.effect != taint_effect::prefer_no_schedule && !tolerated(mark, rules.tolerations))
      return 0;
  }
  for (const auto& term : rules.anti_affinity) {
    if (term.topology_key.empty() && term.tasks.matches(labels_of(t))) return 1;
  }
  return copies;
}

/// How many copies of a task have room on the node as it is.
template <class Task, class Node>
[[nodiscard]] auto copies_now(const Task& t, const Node& n, std::size_t most) noexcept
    -> std::size_t {
  if (!n.accepting()) return 0;
  const auto& demand = demand_of(t);
  for (std::size_t i = 0; i < demand.size(); ++i) {
    if (demand[i] > 0) most = std::min(most, static_cast<std::size_t>(n.free()[i] / demand[i]));
  }
  const auto& r = devices_of(t);
  if (most == 0 || r.none()) return most;
  const auto& devices = n.devices();
  if (!r.valid() || !devices.type_fits(r)) return 0;
  if (r.count() > 1) return std::min(most, devices.whole_count() / r.count());
  std::size_t shares = 0;
  for (std::size_t i = 0; i < devices.count(); ++i)
    shares += std::size_t{devices.free(i)} / r.milli();
  return std::min(most, shares);
}

/// How many copies of a task have room on all nodes, counted up to `enough`; rules aside, so never
/// fewer than can be placed.
template <class Task, class Cluster>
[[nodiscard]] auto copies_in_all(const Task& t, const Cluster& nodes, std::size_t enough) noexcept
    -> std::size_t {
  std::size_t copies = 0;
  for (std::size_t i = 0; i < nodes.size() && copies < enough; ++i)
    copies += copies_now(t, nodes[i], enough - copies);
  return copies;
}

}  // namespace lepton::schedule::detail
