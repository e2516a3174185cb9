// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/detail/winner_tree.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/reasons.hpp>
#include <lepton/place/class_table.hpp>
#include <lepton/place/tie_order.hpp>

namespace lepton::place::detail {

using lepton::detail::winner_tree;

/// What a node is worth to a task: a score, or (far below any score) why it is ruled out.
class leaf {
 public:
  static constexpr auto rejected(reason r) noexcept -> winner_tree::value {
    return winner_tree::lowest + 1 + static_cast<winner_tree::value>(r);
  }
  static constexpr auto is_rejected(winner_tree::value v) noexcept -> bool {
    return v < lowest_score;
  }
  static constexpr auto why(winner_tree::value v) noexcept -> reason {
    return static_cast<reason>(v - winner_tree::lowest - 1);
  }
  static constexpr winner_tree::value lowest_score = winner_tree::lowest + 256;
};

/// For each class of tasks seen, a winner tree over the nodes of a revisioned view.
///
/// A tree is brought up to date when its class is asked for: the nodes changed since are scored
/// anew, each once. A decision costs O(changed · log n) and allocates nothing once the class is
/// known. At most 64 M values are kept in all; the class used least recently goes.
template <resource_vector R>
class local_index {
 public:
  struct answer {
    std::optional<node_index> node;  ///< the winner
    const reason_counts* reasons;    ///< how many nodes are ruled out by what
  };

  /// The best node for the task. `value_of(node)` is its `leaf` value.
  template <class Task, class View, class ValueOf>
  [[nodiscard]] auto best(const Task& t, std::uint64_t extra, const View& v, const tie_order& ties,
                          ValueOf value_of) -> answer {
    const auto n = static_cast<std::size_t>(v.size());
    const auto [index, fresh] = classes_.find(t, extra, std::max<std::size_t>(16, most_values / n));
    last_ = index;
    auto& known = classes_[index];
    if (fresh) known.revision = known.feasible_at = never;
    refresh(known, v, ties, value_of);
    const auto [value, position] = known.tree.best();
    if (leaf::is_rejected(value)) return {std::nullopt, &known.counts};
    return {ties.node_at(position), &known.counts};
  }

  /// Whether some node could hold a task of this class when empty, from the memory of the class or
  /// by asking `compute()`. To be called after `best` for the same task.
  template <class View, class Compute>
  [[nodiscard]] auto feasible(const View& v, Compute compute) -> bool {
    auto& known = classes_[last_];
    if (known.feasible_at != v.structure_revision()) {
      known.feasible_at = v.structure_revision();
      known.feasible = compute();
    }
    return known.feasible;
  }

 private:
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  static constexpr std::size_t most_values = std::size_t{1} << 26;

  struct knowledge {
    std::uint64_t revision = never;
    std::uint64_t feasible_at = never;
    bool feasible = false;
    winner_tree tree{};
    reason_counts counts{};
  };

  template <class View, class ValueOf>
  void refresh(knowledge& known, const View& v, const tie_order& ties, ValueOf& value_of) {
    const auto n = static_cast<std::size_t>(v.size());
    const auto changes = known.tree.size() == n && known.revision != never
                             ? v.changed_since(known.revision)
                             : std::nullopt;
    if (!changes || changes->size() > 2 * n) {
      known.counts = {};
      known.tree.assign(n, [&](std::size_t position) {
        const auto value = value_of(ties.node_at(position));
        if (leaf::is_rejected(value)) ++known.counts[leaf::why(value)];
        return value;
      });
    } else {
      auto at = known.revision;
      for (const auto node : *changes) {
        if (v.last_change(node) != ++at) continue;
        const auto position = ties.position_of(node);
        const auto old = known.tree[position];
        const auto value = value_of(node);
        if (value == old) continue;
        if (leaf::is_rejected(old)) --known.counts[leaf::why(old)];
        if (leaf::is_rejected(value)) ++known.counts[leaf::why(value)];
        known.tree.set(position, value);
      }
    }
    known.revision = v.revision();
  }

  class_table<R, knowledge> classes_;
  std::size_t last_ = 0;
};

}  // namespace lepton::place::detail
