// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace lepton::detail {

/// Items 0 … n−1, each with a key and K amounts; finds, of the items whose amounts all reach a
/// demand, the one with the least key (equal keys: the lowest number).
///
/// A k-d tree (Bentley 1975) in the space of the amounts, whose knots keep the largest amounts and
/// the least key below them. Where a tree in the order of the keys meets items with much of one
/// amount beside items with much of another, and has to look at both, here alike items are
/// neighbours: only the knots on the rim of what the demand leaves are opened. Kept balanced as a
/// scapegoat tree (Galperin and Rivest 1993). `set` is O(log² n), amortised; `first` is O(log n)
/// in one dimension, in K dimensions O(n^(1 − 1/K)) at worst and far less on real amounts.
template <std::size_t K>
class fit_kd_tree {
 public:
  using amounts = std::array<std::int64_t, K>;

  /// `largest`: what each amount is at most, from 0 to 2^62; spreads are compared in parts of it.
  explicit fit_kd_tree(const amounts& largest) {
    for (std::size_t k = 0; k < K; ++k)
      shift_[k] = std::countl_zero(static_cast<std::uint64_t>(largest[k]) | 1U) - 1;
    clear();
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return knot_of_.size(); }

  /// Gives an item, or one more (number `size()`), a key and amounts from 0 to the largest.
  void set(std::uint32_t item, std::int64_t key, const amounts& a) {
    const point p{a, {key, item}};
    if (item == size()) knot_of_.push_back(none);
    std::uint32_t at = 0;
    std::size_t depth = 0;
    for (; knots_[at].below != none; ++depth) at = child_for(knots_[at], p);
    const auto old = knot_of_[item];
    if (old == at) {
      auto& block = blocks_[knots_[at].block];
      block.put(block.slot_of(item), p);
      refresh(at);
      return;
    }
    if (old != none) {
      blocks_[knots_[old].block].remove(item);
      refresh(old);
    }
    if (auto& block = blocks_[knots_[at].block]; block.count < width) {
      block.put(block.count++, p);
      knot_of_[item] = at;
      refresh(at);
      return;
    }
    auto points = points_below(at);
    points.push_back(p);
    grow(at, points, depth);
  }

  /// Of the items that reach the demand, the one with the least key.
  [[nodiscard]] auto first(const amounts& demand) const noexcept -> std::optional<std::uint32_t> {
    auto best = place::greatest();
    if (reaches(knots_[0].top, demand)) find(0, demand, best);
    if (best.item == none) return std::nullopt;
    return best.item;
  }

 private:
  static constexpr std::size_t width = 16;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min() / 2;

  struct place {
    std::int64_t key;
    std::uint32_t item;
    static constexpr auto greatest() noexcept -> place {
      return {std::numeric_limits<std::int64_t>::max(), none};
    }
    friend constexpr auto operator==(const place&, const place&) noexcept -> bool = default;
    friend constexpr auto operator<(const place& a, const place& b) noexcept -> bool {
      return a.key != b.key ? a.key < b.key : a.item < b.item;
    }
  };

  struct point {
    amounts have;
    place at;
    /// Where it stands along an axis; no two items stand in the same place.
    [[nodiscard]] auto along(std::size_t axis) const noexcept -> place {
      return {have[axis], at.item};
    }
  };

  /// Items side by side, so that their amounts can be compared in vector registers.
  struct item_block {
    std::size_t count = 0;
    std::array<place, width> at;
    std::array<std::array<std::int64_t, width>, K> have;

    item_block() noexcept {
      for (std::size_t i = 0; i < width; ++i) erase(i);
    }
    void put(std::size_t slot, const point& p) noexcept {
      at[slot] = p.at;
      for (std::size_t k = 0; k < K; ++k) have[k][slot] = p.have[k];
    }
    void remove(std::uint32_t item) noexcept {
      put(slot_of(item), get(--count));
      erase(count);
    }
    void erase(std::size_t slot) noexcept {
      at[slot] = place::greatest();
      for (auto& row : have) row[slot] = lowest;
    }
    [[nodiscard]] auto get(std::size_t slot) const noexcept -> point {
      point p;
      p.at = at[slot];
      for (std::size_t k = 0; k < K; ++k) p.have[k] = have[k][slot];
      return p;
    }
    [[nodiscard]] auto slot_of(std::uint32_t item) const noexcept -> std::size_t {
      std::size_t i = 0;
      while (at[i].item != item) ++i;
      return i;
    }
  };

  /// An inner knot has children `below` and `below + 1`, a leaf (`below` is none) a block.
  struct knot {
    amounts top{};
    place least = place::greatest();
    std::uint32_t parent = none;
    std::uint32_t below = none;
    std::uint32_t block = none;
    std::uint32_t axis = 0;
    place split{};  ///< the least place along the axis that belongs to the second child
  };

  [[nodiscard]] static auto child_for(const knot& k, const point& p) noexcept -> std::uint32_t {
    return k.below + (p.along(k.axis) < k.split ? 0U : 1U);
  }
  [[nodiscard]] static auto reaches(const amounts& have, const amounts& demand) noexcept -> bool {
    bool all = true;
    for (std::size_t k = 0; k < K; ++k) all &= have[k] >= demand[k];
    return all;
  }

  void find(std::uint32_t at, const amounts& demand, place& best) const noexcept {
    const auto& k = knots_[at];
    if (k.below == none) return find_in(blocks_[k.block], demand, best);
    const auto second = knots_[k.below + 1].least < knots_[k.below].least;
    for (const auto child : {k.below + (second ? 1U : 0U), k.below + (second ? 0U : 1U)}) {
      const auto& c = knots_[child];
      if (c.least < best && reaches(c.top, demand)) find(child, demand, best);
    }
  }
  static void find_in(const item_block& block, const amounts& demand, place& best) noexcept {
    std::array<std::int64_t, width> missing{};
    for (std::size_t k = 0; k < K; ++k) {
      for (std::size_t i = 0; i < width; ++i) missing[i] |= block.have[k][i] - demand[k];
    }
    for (std::size_t i = 0; i < block.count; ++i) {
      if (missing[i] >= 0 && block.at[i] < best) best = block.at[i];
    }
  }

  void refresh(std::uint32_t at) noexcept {
    for (; at != none; at = knots_[at].parent) {
      auto& k = knots_[at];
      const auto top = k.top;
      const auto least = k.least;
      summarise(k);
      if (k.top == top && k.least == least) return;
    }
  }
  void summarise(knot& k) const noexcept {
    if (k.below == none) {
      const auto& block = blocks_[k.block];
      for (std::size_t d = 0; d < K; ++d) {
        auto most = lowest;
        for (const auto a : block.have[d]) most = a > most ? a : most;
        k.top[d] = most;
      }
      k.least = place::greatest();
      for (std::size_t i = 0; i < block.count; ++i) k.least = std::min(k.least, block.at[i]);
      return;
    }
    const auto& a = knots_[k.below];
    const auto& b = knots_[k.below + 1];
    for (std::size_t d = 0; d < K; ++d) k.top[d] = std::max(a.top[d], b.top[d]);
    k.least = std::min(a.least, b.least);
  }

  void clear() {
    knots_.assign(1, knot{});
    blocks_.assign(1, item_block{});
    knots_[0].block = 0;
    summarise(knots_[0]);
  }

  /// Makes a full leaf, at that depth, a knot with two leaves that hold the points; then rebuilds
  /// what has become too deep or holds too much that is no longer used.
  void grow(std::uint32_t leaf, std::vector<point>& points, std::size_t depth) {
    build(leaf, points.data(), points.size());
    refresh(knots_[leaf].parent);
    if (knots_.size() > size() / 2 + 64) return rebuild(0);
    if (depth <= 2 * static_cast<std::size_t>(std::bit_width(size()))) return;
    auto at = leaf;
    for (auto below = points.size(); at != 0;) {
      const auto all = points_below(knots_[at].parent).size();
      at = knots_[at].parent;
      if (10 * below > 7 * all) break;
      below = all;
    }
    rebuild(at);
  }
  void rebuild(std::uint32_t at) {
    auto points = points_below(at);
    if (at == 0) clear();
    build(at, points.data(), points.size());
    refresh(knots_[at].parent);
  }
  [[nodiscard]] auto points_below(std::uint32_t at) const -> std::vector<point> {
    std::vector<point> points;
    for (std::vector<std::uint32_t> open{at}; !open.empty();) {
      const auto& k = knots_[open.back()];
      open.pop_back();
      if (k.below != none) {
        open.insert(open.end(), {k.below, k.below + 1});
        continue;
      }
      const auto& block = blocks_[k.block];
      for (std::size_t i = 0; i < block.count; ++i) points.push_back(block.get(i));
    }
    return points;
  }

  void build(std::uint32_t at, point* points, std::size_t n) {
    if (n <= width * 3 / 4) {
      if (knots_[at].block == none) {
        knots_[at].block = static_cast<std::uint32_t>(blocks_.size());
        blocks_.emplace_back();
      }
      auto& block = blocks_[knots_[at].block];
      block = {};
      for (; block.count < n; ++block.count) {
        block.put(block.count, points[block.count]);
        knot_of_[points[block.count].at.item] = at;
      }
      knots_[at].below = none;
      return summarise(knots_[at]);
    }
    const auto axis = widest(points, n);
    const auto half = n / 2;
    std::nth_element(points, points + half, points + n,
                     [&](const point& a, const point& b) { return a.along(axis) < b.along(axis); });
    const auto below = static_cast<std::uint32_t>(knots_.size());
    knot child;
    child.parent = at;
    knots_.insert(knots_.end(), 2, child);
    knots_[below].block = knots_[at].block;
    knots_[at].block = none;
    knots_[at].below = below;
    knots_[at].axis = static_cast<std::uint32_t>(axis);
    knots_[at].split = points[half].along(axis);
    build(below, points, half);
    build(below + 1, points + half, n - half);
    summarise(knots_[at]);
  }
  [[nodiscard]] auto widest(const point* points, std::size_t n) const noexcept -> std::size_t {
    std::size_t axis = 0;
    std::int64_t most = -1;
    for (std::size_t k = 0; k < K; ++k) {
      auto low = points[0].have[k];
      auto high = low;
      for (std::size_t i = 1; i < n; ++i) {
        low = std::min(low, points[i].have[k]);
        high = std::max(high, points[i].have[k]);
      }
      const auto spread = (high - low) << shift_[k];
      if (spread > most) axis = k;
      most = std::max(most, spread);
    }
    return axis;
  }

  std::array<int, K> shift_{};
  std::vector<knot> knots_;
  std::vector<item_block> blocks_;
  std::vector<std::uint32_t> knot_of_;
};

}  // namespace lepton::detail
