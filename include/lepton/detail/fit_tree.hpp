// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <lepton/detail/fit_tree_knots.hpp>
#include <lepton/detail/order_place.hpp>

namespace lepton::detail {

/// Items 0 … n−1 in the order of a key (equal keys: by number), each with K amounts; finds the
/// first item all of whose amounts reach a demand.
///
/// A B+ tree whose knots keep, for each child, the largest amount of each kind below it. `update`
/// is O(log n); `first` is O(log n + misses), a miss being a subtree whose largest amounts reach
/// the demand although no single item's do. Leaves are unsorted blocks, so that moving an item is
/// an append and a swap; the tests of a block run side by side in vector registers.
template <std::size_t K>
class fit_tree {
 public:
  using amounts = std::array<std::int64_t, K>;
  using place = order_place;
  static constexpr std::int64_t lowest = amount_rows<K, 1>::lowest;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return leaf_of_.size(); }

  /// Takes n items anew. O(n log n).
  template <class KeyOf, class AmountsOf>
  void assign(std::size_t n, KeyOf key_of, AmountsOf amounts_of) {
    leaves_.clear();
    inners_.clear();
    leaf_of_.assign(n, 0);
    std::vector<place> order(n);
    for (std::size_t i = 0; i < n; ++i) order[i] = {key_of(i), static_cast<std::uint32_t>(i)};
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> level;
    for (std::size_t i = 0; i < n; ++i) {
      if (i % (block * 3 / 4) == 0) {
        level.push_back(static_cast<std::uint32_t>(leaves_.size()));
        leaves_.emplace_back();
      }
      append(level.back(), order[i], amounts_of(std::size_t{order[i].item}));
    }
    if (level.empty()) {
      level.push_back(0);
      leaves_.emplace_back();
    }
    for (std::size_t l = 1; l < leaves_.size(); ++l) {
      leaves_[l].low = leaves_[l].first_place();
      leaves_[l - 1].high = leaves_[l].low;
    }
    most_leaves_ = 4 * leaves_.size() + 64;
    auto of_leaves = true;
    while (of_leaves || level.size() > 1) {
      std::vector<std::uint32_t> above;
      for (std::size_t i = 0; i < level.size(); ++i) {
        if (i % (fan * 3 / 4) == 0) {
          above.push_back(static_cast<std::uint32_t>(inners_.size()));
          inners_.emplace_back();
          inners_.back().of_leaves = of_leaves;
        }
        adopt(above.back(), inners_[above.back()].count, level[i]);
      }
      level = std::move(above);
      of_leaves = false;
    }
    root_ = level.front();
    inners_[root_].parent = none;
  }

  /// Gives an item a new key and new amounts.
  void update(std::uint32_t item, std::int64_t key, const amounts& a) {
    const place where{key, item};
    const auto at = leaf_of_[item];
    auto& leaf = leaves_[at];
    std::size_t slot = 0;
    while (leaf.item[slot] != item) ++slot;
    if (!(where < leaf.low) && where < leaf.high) {
      leaf.put(slot, where, a);
      refresh_above(at);
      return;
    }
    leaf.remove(slot);
    refresh_above(at);
    insert(where, a);
    if (leaves_.size() > most_leaves_) rebuild();
  }

  /// The first item, not before `from`, whose amounts all reach the demand and that `accept(item)`
  /// takes.
  template <class Accept>
  [[nodiscard]] auto first(const amounts& demand, const place& from, Accept accept) const
      -> std::optional<place> {
    return first_in(root_, demand, from, accept);
  }

 private:
  using leaf_block = fit_tree_leaf<K>;
  using inner_knot = fit_tree_knot<K>;
  static constexpr std::size_t block = leaf_block::width;
  static constexpr std::size_t fan = inner_knot::width;
  static constexpr std::uint32_t none = leaf_block::none;

  void append(std::uint32_t at, const place& where, const amounts& a) {
    auto& leaf = leaves_[at];
    leaf.put(leaf.count++, where, a);
    leaf_of_[where.item] = at;
  }

  /// Makes `child` child number `position` of a knot that has room.
  void adopt(std::uint32_t knot, std::size_t position, std::uint32_t child) {
    auto& k = inners_[knot];
    for (std::size_t i = k.count; i > position; --i) {
      k.child[i] = k.child[i - 1];
      k.low[i] = k.low[i - 1];
    }
    k.have.shift(position, k.count++);
    k.child[position] = child;
    if (k.of_leaves) {
      leaves_[child].parent = knot;
      k.low[position] = leaves_[child].low;
      k.have.set(position, leaves_[child].have.largest());
    } else {
      inners_[child].parent = knot;
      k.low[position] = inners_[child].low[0];
      k.have.set(position, inners_[child].have.largest());
    }
  }

  void refresh_above(std::uint32_t leaf) noexcept {
    auto child = leaf;
    auto top = leaves_[leaf].have.largest();
    for (auto knot = leaves_[leaf].parent; knot != none; knot = inners_[knot].parent) {
      auto& have = inners_[knot].have;
      const auto before = have.largest();
      have.set(inners_[knot].position_of(child), top);
      if (have.largest() == before) return;
      top = have.largest();
      child = knot;
    }
  }

  /// Blocks that ran empty stay until there are too many of them. O(n log n), after as many splits.
  void rebuild() {
    std::vector<std::int64_t> keys(size());
    std::vector<amounts> have(size());
    for (const auto& leaf : leaves_) {
      for (std::size_t i = 0; i < leaf.count; ++i) {
        keys[leaf.item[i]] = leaf.key[i];
        have[leaf.item[i]] = leaf.have[i];
      }
    }
    assign(
        size(), [&](std::size_t i) { return keys[i]; }, [&](std::size_t i) { return have[i]; });
  }

  void insert(const place& where, const amounts& a) {
    auto knot = root_;
    std::uint32_t child = 0;
    for (;;) {
      const auto& k = inners_[knot];
      std::size_t i = 1;
      while (i < k.count && !(where < k.low[i])) ++i;
      child = k.child[i - 1];
      if (k.of_leaves) break;
      knot = child;
    }
    if (leaves_[child].count == block) {
      const auto upper = split_leaf(child);
      if (!(where < leaves_[upper].low)) child = upper;
    }
    append(child, where, a);
    refresh_above(child);
  }

  /// Moves the later half of a full leaf to a new one behind it, and returns that.
  auto split_leaf(std::uint32_t at) -> std::uint32_t {
    const auto upper = static_cast<std::uint32_t>(leaves_.size());
    leaves_.emplace_back();
    const auto full = leaves_[at];
    std::array<std::uint32_t, block> order{};
    for (std::uint32_t i = 0; i < block; ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](auto x, auto y) { return full.at(x) < full.at(y); });
    const auto middle = full.at(order[block / 2]);
    leaves_[at].count = 0;
    leaves_[at].have.clear();
    for (const auto i : order) append(full.at(i) < middle ? at : upper, full.at(i), full.have[i]);
    leaves_[upper].low = middle;
    leaves_[upper].high = full.high;
    leaves_[at].high = middle;
    add_behind(full.parent, at, upper);
    return upper;
  }

  /// Adds `fresh` to a knot, behind its child `sibling`; splits the knot if it is full.
  void add_behind(std::uint32_t knot, std::uint32_t sibling, std::uint32_t fresh) {
    if (inners_[knot].count == fan) knot = split_inner(knot, sibling);
    auto& k = inners_[knot];
    const auto position = k.position_of(sibling);
    adopt(knot, position + 1, fresh);
    k.have.set(position,
               k.of_leaves ? leaves_[sibling].have.largest() : inners_[sibling].have.largest());
  }

  /// Splits a full knot and returns the half that has `child`.
  auto split_inner(std::uint32_t at, std::uint32_t child) -> std::uint32_t {
    const auto upper = static_cast<std::uint32_t>(inners_.size());
    inners_.emplace_back();
    const auto full = inners_[at];
    inners_[upper].of_leaves = full.of_leaves;
    inners_[at].count = 0;
    inners_[at].have.clear();
    for (std::size_t i = 0; i < fan; ++i) {
      const auto half = i < fan / 2 ? at : upper;
      adopt(half, inners_[half].count, full.child[i]);
    }
    if (full.parent == none) {
      const auto root = static_cast<std::uint32_t>(inners_.size());
      inners_.emplace_back();
      adopt(root, 0, at);
      adopt(root, 1, upper);
      root_ = root;
    } else {
      add_behind(full.parent, at, upper);
    }
    return full.position_of(child) < fan / 2 ? at : upper;
  }

  template <class Accept>
  [[nodiscard]] auto first_in(std::uint32_t knot, const amounts& demand, const place& from,
                              Accept& accept) const -> std::optional<place> {
    const auto& k = inners_[knot];
    for (auto rest = k.have.reaching(demand); rest != 0; rest &= rest - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(rest));
      if (i + 1 < k.count && !(from < k.low[i + 1])) continue;
      const auto found = k.of_leaves ? first_of(leaves_[k.child[i]], demand, from, accept)
                                     : first_in(k.child[i], demand, from, accept);
      if (found) return found;
    }
    return std::nullopt;
  }

  template <class Accept>
  [[nodiscard]] static auto first_of(const leaf_block& leaf, const amounts& demand,
                                     const place& from, Accept& accept) -> std::optional<place> {
    auto candidates = leaf.have.reaching(demand);
    while (candidates != 0) {
      auto best = static_cast<std::size_t>(std::countr_zero(candidates));
      for (auto rest = candidates & (candidates - 1); rest != 0; rest &= rest - 1) {
        const auto i = static_cast<std::size_t>(std::countr_zero(rest));
        if (leaf.at(i) < leaf.at(best)) best = i;
      }
      if (!(leaf.at(best) < from) && accept(leaf.item[best])) return leaf.at(best);
      candidates &= ~(std::uint32_t{1} << best);
    }
    return std::nullopt;
  }

  std::vector<leaf_block> leaves_;
  std::vector<inner_knot> inners_;
  std::vector<std::uint32_t> leaf_of_;
  std::size_t most_leaves_ = 0;
  std::uint32_t root_ = 0;
};

}  // namespace lepton::detail
