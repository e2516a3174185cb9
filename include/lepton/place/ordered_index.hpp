// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/detail/fit_tree.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/place/class_table.hpp>
#include <lepton/place/frontiers.hpp>
#include <lepton/place/tie_order.hpp>

namespace lepton::place::detail {

/// The nodes of a revisioned view in the order of an ordered score, for every class of tasks.
///
/// One tree serves all classes. The classes seen lately (512) also remember how far they have
/// searched, and hear of the nodes that come to fit before that point, so that in a steady state
/// almost every decision is the top of a small heap; the tree is searched, and brought up to date,
/// only when a heap runs dry.
///
/// The devices of a node are one more amount, exact for shares and for whole devices alike: 1,000
/// for each wholly free device, or the largest free share when there is none.
template <resource_vector R>
class ordered_index {
 public:
  /// The first node in the order that has room for the task and that `accept(node)` takes.
  ///
  /// @param key_of     order of a node: 64 bits, within ±2^61
  /// @param least_key  no node before this key can have room for the task
  template <class Task, class View, class KeyOf, class Accept>
  [[nodiscard]] auto first(const Task& t, std::uint64_t extra, const View& v, const tie_order& ties,
                           std::int64_t least_key, KeyOf key_of, Accept accept)
      -> std::optional<node_index> {
    hear(v, ties, key_of);
    const auto [row, fresh] = classes_.find(t, extra, most_classes);
    const auto demand = demand_of_task(t);
    if (fresh) frontiers_.reset(row, demand, {least_key, 0});
    for (const auto* c = frontiers_.top(row); c != nullptr; c = frontiers_.top(row)) {
      const auto node = ties.node_at(c->where.item);
      if (v.last_change(node) == c->revision && accept(node)) return node;
      frontiers_.pop(row);
    }
    refresh_tree(v, ties, key_of);
    const auto found = tree_.first(demand, frontiers_.frontier(row), [&](std::uint32_t position) {
      return accept(ties.node_at(position));
    });
    frontiers_.advance(row, found ? *found : place::greatest());
    if (!found) return std::nullopt;
    return ties.node_at(found->item);
  }

 private:
  static constexpr std::size_t dimensions = R::dimension_count + 1;
  static constexpr std::size_t most_classes = 512;
  using tree = lepton::detail::fit_tree<dimensions>;
  using amounts = typename tree::amounts;
  using place = lepton::detail::order_place;
  struct nothing {};

  template <class Task>
  [[nodiscard]] static auto demand_of_task(const Task& t) noexcept -> amounts {
    amounts a;
    const auto& demand = demand_of(t);
    for (std::size_t i = 0; i < R::dimension_count; ++i) a[i] = demand[i];
    a[R::dimension_count] = devices_of(t).total_milli();
    return a;
  }
  template <class Node>
  [[nodiscard]] static auto amounts_of(const Node& n) noexcept -> amounts {
    amounts a;
    const auto& free = free_of(n);
    for (std::size_t i = 0; i < R::dimension_count; ++i) a[i] = free[i];
    if (!accepting(n)) a[0] = tree::lowest;
    const auto& devices = devices_of(n);
    const auto whole = static_cast<std::int64_t>(devices.whole_count());
    a[R::dimension_count] = whole != 0 ? whole * device_milli : devices.largest();
    return a;
  }

  /// Tells the frontiers of all changes since the last decision.
  template <class View, class KeyOf>
  void hear(const View& v, const tie_order& ties, KeyOf& key_of) {
    const auto n = static_cast<std::size_t>(v.size());
    if (n != nodes_) {
      nodes_ = n;
      forget();
      tree_fresh_ = false;
    }
    const auto changes = v.changed_since(heard_);
    if (!changes || changes->size() > n + 64) {
      forget();
    } else {
      const auto is_current = [&](const auto& c) {
        return v.last_change(ties.node_at(c.where.item)) == c.revision;
      };
      auto at = heard_;
      for (const auto node : *changes) {
        if (v.last_change(node) != ++at) continue;
        const auto& changed = v[node];
        const place where{key_of(changed), static_cast<std::uint32_t>(ties.position_of(node))};
        frontiers_.offer(where, amounts_of(changed), at, is_current);
      }
    }
    heard_ = v.revision();
  }
  void forget() noexcept {
    classes_.clear();
    frontiers_.clear();
  }

  template <class View, class KeyOf>
  void refresh_tree(const View& v, const tie_order& ties, KeyOf& key_of) {
    const auto changes = tree_fresh_ ? v.changed_since(tree_revision_) : std::nullopt;
    if (!changes || changes->size() > nodes_) {
      tree_.assign(
          nodes_, [&](std::size_t position) { return key_of(v[ties.node_at(position)]); },
          [&](std::size_t position) { return amounts_of(v[ties.node_at(position)]); });
      tree_fresh_ = true;
    } else {
      auto at = tree_revision_;
      for (const auto node : *changes) {
        if (v.last_change(node) != ++at) continue;
        const auto& changed = v[node];
        tree_.update(static_cast<std::uint32_t>(ties.position_of(node)), key_of(changed),
                     amounts_of(changed));
      }
    }
    tree_revision_ = v.revision();
  }

  class_table<R, nothing> classes_;
  frontiers<dimensions> frontiers_;
  tree tree_;
  std::size_t nodes_ = 0;
  std::uint64_t heard_ = 0;
  std::uint64_t tree_revision_ = 0;
  bool tree_fresh_ = false;
};

}  // namespace lepton::place::detail
