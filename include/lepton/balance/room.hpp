// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <lepton/model/concepts.hpp>
#include <lepton/model/reasons.hpp>

namespace lepton::balance {

namespace detail {

/// Whether the node is no member of its cluster any more.
template <class Node>
[[nodiscard]] auto is_gone(const Node& n) noexcept -> bool {
  if constexpr (requires { n.present(); }) {
    return !n.present();
  } else {
    return false;
  }
}

}  // namespace detail

/// Whether a node can take a task: it accepts tasks, and enough resources and devices are free.
/// Labels, taints and affinities are not looked at.
///
/// A test of one's own is a callable like this: `f(task, node)` is the first thing that is missing,
/// or nothing if the node can take the task now. Optionally `f.when_empty(task, node)` says whether
/// it could if nothing ran on it (else that of `room` counts).
struct room {
  template <task_like Task, node_like Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept
      -> std::optional<reason> {
    if (!accepting(n)) return reason::closed;
    const auto& demand = demand_of(t);
    const auto& free = free_of(n);
    if (!fits(demand, free)) {
      std::size_t scarce = 0;
      while (demand[scarce] <= free[scarce]) ++scarce;
      return resource_reason(scarce);
    }
    const auto& request = devices_of(t);
    if (!request.none()) {
      const auto& devices = devices_of(n);
      if (!devices.type_fits(request)) return reason::device_kind;
      if (!devices.amount_fits(request)) return reason::devices;
    }
    return std::nullopt;
  }

  template <task_like Task, node_like Node>
  [[nodiscard]] auto when_empty(const Task& t, const Node& n) const noexcept -> bool {
    if (detail::is_gone(n)) return false;
    const auto& request = devices_of(t);
    const auto& devices = devices_of(n);
    return fits(demand_of(t), capacity_of(n)) &&
           (request.none() ||
            (request.valid() && devices.type_fits(request) && devices.count() >= request.count()));
  }
};

namespace detail {

template <class Node>
[[nodiscard]] auto name_of_node(const Node& n) noexcept -> std::string_view {
  if constexpr (requires { std::string_view{n.name()}; }) {
    return n.name();
  } else if constexpr (requires { std::string_view{n.name}; }) {
    return n.name;
  } else {
    return {};
  }
}

template <class Node>
[[nodiscard]] auto task_count(const Node& n) noexcept -> std::uint32_t {
  if constexpr (requires { n.task_count(); }) {
    return static_cast<std::uint32_t>(n.task_count());
  } else {
    return static_cast<std::uint32_t>(std::size(residents_of(n)));
  }
}

}  // namespace detail

/// A node that says how many tasks run on it.
template <class Node>
concept counts_tasks = has_residents<Node> || requires(const Node& n) {
  { n.task_count() } -> std::convertible_to<std::uint32_t>;
};

}  // namespace lepton::balance
