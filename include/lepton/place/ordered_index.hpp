// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/detail/fit_tree.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/place/tie_order.hpp>

namespace lepton::place::detail {

/// The nodes of a revisioned view in the order of an ordered score, for every class of tasks.
///
/// The devices of a node are one more amount of the tree, exact for shares and for whole devices
/// alike: 1,000 for each wholly free device, or the largest free share when there is none.
template <std::size_t N>
class ordered_index {
 public:
  /// The first node in the order that has room for the task and that `accept(node)` takes.
  template <class Task, class View, class KeyOf, class Accept>
  [[nodiscard]] auto first(const Task& t, const View& v, const tie_order& ties, KeyOf key_of, Accept accept, std::int64_t from)
      -> std::optional<node_index> {
    refresh(v, ties, key_of);
    amounts demand;
    const auto& wanted = demand_of(t);
    for (std::size_t i = 0; i < N; ++i) demand[i] = wanted[i];
    demand[N] = devices_of(t).total_milli();
    const auto found = tree_.first(demand, from, [&](std::uint32_t position) { return accept(ties.node_at(position)); });
    if (!found) return std::nullopt;
    return ties.node_at(*found);
  }

 private:
  using tree = lepton::detail::fit_tree<N + 1>;
  using amounts = typename tree::amounts;

  template <class Node>
  [[nodiscard]] static auto amounts_of(const Node& n) noexcept -> amounts {
    amounts a;
    const auto& free = free_of(n);
    for (std::size_t i = 0; i < N; ++i) a[i] = free[i];
    if (!accepting(n)) a[0] = tree::lowest;
    const auto& devices = devices_of(n);
    const auto whole = static_cast<std::int64_t>(devices.whole_count());
    a[N] = whole != 0 ? whole * device_milli : devices.largest();
    return a;
  }

  template <class View, class KeyOf>
  void refresh(const View& v, const tie_order& ties, KeyOf& key_of) {
    const auto n = static_cast<std::size_t>(v.size());
    const auto changes = fresh_ && tree_.size() == n ? v.changed_since(revision_) : std::nullopt;
    if (!changes || changes->size() > n) {
      tree_.assign(
          n, [&](std::size_t position) { return key_of(v[ties.node_at(position)]); },
          [&](std::size_t position) { return amounts_of(v[ties.node_at(position)]); });
      fresh_ = true;
    } else {
      auto at = revision_;
      for (const auto node : *changes) {
        if (v.last_change(node) != ++at) continue;
        const auto& changed = v[node];
        tree_.update(static_cast<std::uint32_t>(ties.position_of(node)), key_of(changed), amounts_of(changed));
      }
    }
    revision_ = v.revision();
  }

  tree tree_;
  std::uint64_t revision_ = 0;
  bool fresh_ = false;
};

}  // namespace lepton::place::detail
