// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lepton/detail/winner_tree.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/reasons.hpp>
#include <lepton/place/task_class.hpp>
#include <lepton/place/tie_order.hpp>

namespace lepton::place::detail {

using lepton::detail::winner_tree;

/// What a node is worth to a task: a score, or (far below any score) why it is ruled out.
class leaf {
 public:
  static constexpr auto rejected(reason r) noexcept -> winner_tree::value {
    return winner_tree::lowest + 1 + static_cast<winner_tree::value>(r);
  }
  static constexpr auto is_rejected(winner_tree::value v) noexcept -> bool { return v < lowest_score; }
  static constexpr auto why(winner_tree::value v) noexcept -> reason {
    return static_cast<reason>(v - winner_tree::lowest - 1);
  }
  static constexpr winner_tree::value lowest_score = winner_tree::lowest + 256;
};

/// For each class of tasks seen, a winner tree over the nodes of a revisioned view.
///
/// A tree is brought up to date when its class is asked for: the nodes changed since are scored
/// anew, each once. A decision costs O(changed · log n) and allocates nothing once the class is
/// known. The classes kept are bounded (64 M values in all); the least recently used goes.
template <resource_vector R>
class local_index {
 public:
  struct answer {
    std::optional<node_index> node;  ///< the winner
    const reason_counts* reasons;    ///< how many nodes are ruled out by what
  };

  /// Forgets all: the view is another one, or all scores may have changed.
  void clear() noexcept {
    classes_.clear();
    slots_.clear();
  }

  /// The best node for the task. `value_of(node)` scores one node.
  template <class Task, class View, class ValueOf>
  [[nodiscard]] auto best(const Task& t, std::uint64_t extra, const View& v, const tie_order& ties, ValueOf value_of)
      -> answer {
    auto& entry = find(t, extra, v.size());
    entry.last_used = ++clock_;
    refresh(entry, v, ties, value_of);
    const auto [value, position] = entry.tree.best();
    if (leaf::is_rejected(value)) return {std::nullopt, &entry.counts};
    return {ties.node_at(position), &entry.counts};
  }

  /// Whether some node could hold a task of this class when empty, from the memory of the class or
  /// by asking `compute()`. To be called after `best` for the same task.
  template <class View, class Compute>
  [[nodiscard]] auto feasible(const View& v, Compute compute) -> bool {
    auto& entry = classes_[last_];
    if (entry.feasible_at != v.structure_revision()) {
      entry.feasible_at = v.structure_revision();
      entry.feasible = compute();
    }
    return entry.feasible;
  }

 private:
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  static constexpr std::size_t most_values = std::size_t{1} << 26;

  struct class_entry {
    task_class<R> key;
    std::uint64_t hash;
    std::uint64_t revision = never;
    std::uint64_t feasible_at = never;
    std::uint64_t last_used = 0;
    bool feasible = false;
    winner_tree tree{};
    reason_counts counts{};
  };

  template <class View, class ValueOf>
  void refresh(class_entry& entry, const View& v, const tie_order& ties, ValueOf& value_of) {
    const auto changes = entry.tree.size() == v.size() && entry.revision != never ? v.changed_since(entry.revision)
                                                                                  : std::nullopt;
    if (!changes || changes->size() > 2 * v.size()) {
      entry.counts = {};
      entry.tree.assign(v.size(), [&](std::size_t position) {
        const auto value = value_of(ties.node_at(position));
        if (leaf::is_rejected(value)) ++entry.counts[leaf::why(value)];
        return value;
      });
    } else {
      auto at = entry.revision;
      for (const auto node : *changes) {
        if (v.last_change(node) != ++at) continue;
        const auto position = ties.position_of(node);
        const auto old = entry.tree[position];
        const auto value = value_of(node);
        if (value == old) continue;
        if (leaf::is_rejected(old)) --entry.counts[leaf::why(old)];
        if (leaf::is_rejected(value)) ++entry.counts[leaf::why(value)];
        entry.tree.set(position, value);
      }
    }
    entry.revision = v.revision();
  }

  template <class Task>
  auto find(const Task& t, std::uint64_t extra, std::size_t nodes) -> class_entry& {
    const auto hash = task_class<R>::hash(t, extra);
    if (!slots_.empty()) {
      for (auto s = hash & mask();; s = (s + 1) & mask()) {
        if (slots_[s] == 0) break;
        auto& entry = classes_[slots_[s] - 1];
        if (entry.hash == hash && entry.key.holds(t, extra)) {
          last_ = slots_[s] - 1;
          return entry;
        }
      }
    }
    return add(t, extra, hash, nodes);
  }

  template <class Task>
  auto add(const Task& t, std::uint64_t extra, std::uint64_t hash, std::size_t nodes) -> class_entry& {
    const auto most = std::max<std::size_t>(16, most_values / std::max<std::size_t>(nodes, 1));
    if (classes_.size() >= most) {
      auto oldest = std::min_element(classes_.begin(), classes_.end(),
                                     [](const auto& a, const auto& b) { return a.last_used < b.last_used; });
      auto tree = std::move(oldest->tree);
      *oldest = class_entry{task_class<R>{t, extra}, hash};
      oldest->tree = std::move(tree);
      last_ = static_cast<std::size_t>(oldest - classes_.begin());
      rehash(slots_.size());
    } else {
      classes_.push_back(class_entry{task_class<R>{t, extra}, hash});
      last_ = classes_.size() - 1;
      if (classes_.size() * 2 > slots_.size()) {
        rehash(std::max<std::size_t>(64, slots_.size() * 2));
      } else {
        link(last_);
      }
    }
    return classes_[last_];
  }

  [[nodiscard]] auto mask() const noexcept -> std::size_t { return slots_.size() - 1; }
  void link(std::size_t index) noexcept {
    auto s = classes_[index].hash & mask();
    while (slots_[s] != 0) s = (s + 1) & mask();
    slots_[s] = static_cast<std::uint32_t>(index + 1);
  }
  void rehash(std::size_t slots) {
    slots_.assign(slots, 0);
    for (std::size_t i = 0; i < classes_.size(); ++i) link(i);
  }

  std::vector<class_entry> classes_;
  std::vector<std::uint32_t> slots_;
  std::size_t last_ = 0;
  std::uint64_t clock_ = 0;
};

}  // namespace lepton::place::detail
