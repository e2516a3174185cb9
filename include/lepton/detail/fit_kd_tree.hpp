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

#include <lepton/detail/kd_block.hpp>

namespace lepton::detail {

/// Items 0 … n−1, each with a key and K amounts; finds, of the items whose amounts all reach a
/// demand, the one with the least key (equal keys: the lowest number).
///
/// A k-d tree (Bentley 1975) in the space of the amounts, whose knots keep the largest amounts and
/// the least key below them. Where a tree in the order of the keys has items with much of one
/// amount beside items with much of another, and must look at them all, here like stands by like:
/// only knots on the rim of what the demand leaves are opened. Kept in balance as a scapegoat tree
/// (Galperin and Rivest 1993). `set` is O(log² n), amortised; `first` O(log n) in one dimension,
/// in K dimensions O(n^(1 − 1/K)) at worst and far less on usual amounts.
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
    const kd_point<K> p{a, {key, item}};
    if (item == size()) knot_of_.push_back(none);
    std::uint32_t at = 0;
    std::size_t depth = 0;
    for (; knots_[at].below != none; ++depth) at = child_for(knots_[at], p);
    const auto old = knot_of_[item];
    if (old == at) {
      blocks_[knots_[at].block].change(p);
      refresh(at);
      return;
    }
    if (old != none) {
      blocks_[knots_[old].block].remove(item);
      refresh(old);
    }
    if (auto& block = blocks_[knots_[at].block]; block.size() < kd_block<K>::width) {
      block.add(p);
      knot_of_[item] = at;
      refresh(at);
    } else {
      split(at, p, depth);
    }
  }

  /// Of the items that reach the demand, the one with the least key.
  [[nodiscard]] auto first(const amounts& demand) const noexcept -> std::optional<std::uint32_t> {
    kd_place best;
    if (reaches(knots_[0].top, demand)) find(0, demand, best);
    if (best.item == kd_place::no_item) return std::nullopt;
    return best.item;
  }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  /// An inner knot has children `below` and `below + 1`; a leaf (`below` is none) has a block.
  struct knot {
    amounts top{};
    kd_place least{};
    std::uint32_t parent = none;
    std::uint32_t below = none;
    std::uint32_t block = none;
    std::uint32_t axis = 0;
    kd_place border{};  ///< the first place along the axis that belongs to the second child
  };

  [[nodiscard]] static auto child_for(const knot& k, const kd_point<K>& p) noexcept
      -> std::uint32_t {
    return k.below + (p.along(k.axis) < k.border ? 0U : 1U);
  }
  [[nodiscard]] static auto reaches(const amounts& have, const amounts& demand) noexcept -> bool {
    bool all = true;
    for (std::size_t k = 0; k < K; ++k) all &= have[k] >= demand[k];
    return all;
  }

  void find(std::uint32_t at, const amounts& demand, kd_place& best) const noexcept {
    const auto& k = knots_[at];
    if (k.below == none) return blocks_[k.block].find(demand, best);
    const auto second = knots_[k.below + 1].least < knots_[k.below].least ? 1U : 0U;
    for (const auto child : {k.below + second, k.below + 1 - second}) {
      const auto& c = knots_[child];
      if (c.least < best && reaches(c.top, demand)) find(child, demand, best);
    }
  }

  /// Brings up to date what a knot and those above it keep.
  void refresh(std::uint32_t at) noexcept {
    while (at != none && summarise(knots_[at])) at = knots_[at].parent;
  }
  /// Whether anything changed.
  auto summarise(knot& k) noexcept -> bool {
    bool changed = false;
    const auto take = [&changed](auto& old, const auto& fresh) {
      changed |= !(old == fresh);
      old = fresh;
    };
    if (k.below == none) {
      const auto& block = blocks_[k.block];
      for (std::size_t d = 0; d < K; ++d) take(k.top[d], block.top(d));
      take(k.least, block.least());
    } else {
      const auto& a = knots_[k.below];
      const auto& b = knots_[k.below + 1];
      for (std::size_t d = 0; d < K; ++d) take(k.top[d], std::max(a.top[d], b.top[d]));
      take(k.least, std::min(a.least, b.least));
    }
    return changed;
  }

  void clear() {
    knots_.assign(1, knot{});
    blocks_.assign(1, kd_block<K>{});
    knots_[0].block = 0;
    summarise(knots_[0]);
  }

  /// Makes a full leaf, at that depth, a knot over two leaves, and adds a point. Then rebuilds what
  /// has become too deep, or everything if too much of it is no longer used.
  void split(std::uint32_t leaf, const kd_point<K>& p, std::size_t depth) {
    auto points = points_below(leaf);
    points.push_back(p);
    build(leaf, points.data(), points.size());
    refresh(knots_[leaf].parent);
    if (knots_.size() > size() / 2 + 64) return rebuild(0);
    if (depth <= 2 * static_cast<std::size_t>(std::bit_width(size()))) return;
    auto at = leaf;
    for (auto heavy = points.size(); at != 0;) {
      at = knots_[at].parent;
      const auto all = points_below(at).size();
      if (10 * heavy > 7 * all) break;
      heavy = all;
    }
    rebuild(at);
  }
  void rebuild(std::uint32_t at) {
    auto points = points_below(at);
    if (at == 0) clear();
    build(at, points.data(), points.size());
  }
  [[nodiscard]] auto points_below(std::uint32_t at) const -> std::vector<kd_point<K>> {
    std::vector<kd_point<K>> points;
    for (std::vector<std::uint32_t> open{at}; !open.empty();) {
      const auto& k = knots_[open.back()];
      open.pop_back();
      if (k.below != none) {
        open.insert(open.end(), {k.below, k.below + 1});
      } else {
        for (std::size_t i = 0; i < blocks_[k.block].size(); ++i)
          points.push_back(blocks_[k.block][i]);
      }
    }
    return points;
  }

  /// Makes a knot the top of a balanced tree over the points; reorders these.
  void build(std::uint32_t at, kd_point<K>* points, std::size_t n) {
    if (n <= kd_block<K>::width * 3 / 4) {
      build_leaf(at, points, n);
    } else {
      const auto axis = widest(points, n);
      const auto half = n / 2;
      std::nth_element(points, points + half, points + n, [axis](const auto& a, const auto& b) {
        return a.along(axis) < b.along(axis);
      });
      const auto below = static_cast<std::uint32_t>(knots_.size());
      knot child;
      child.parent = at;
      knots_.insert(knots_.end(), 2, child);
      knots_[below].block = knots_[at].block;
      knots_[at].block = none;
      knots_[at].below = below;
      knots_[at].axis = static_cast<std::uint32_t>(axis);
      knots_[at].border = points[half].along(axis);
      build(below, points, half);
      build(below + 1, points + half, n - half);
    }
    summarise(knots_[at]);
  }
  void build_leaf(std::uint32_t at, const kd_point<K>* points, std::size_t n) {
    auto& k = knots_[at];
    k.below = none;
    if (k.block == none) {
      k.block = static_cast<std::uint32_t>(blocks_.size());
      blocks_.emplace_back();
    }
    auto& block = blocks_[k.block];
    block = {};
    for (std::size_t i = 0; i < n; ++i) {
      block.add(points[i]);
      knot_of_[points[i].at.item] = at;
    }
  }
  [[nodiscard]] auto widest(const kd_point<K>* points, std::size_t n) const noexcept
      -> std::size_t {
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
  std::vector<kd_block<K>> blocks_;
  std::vector<std::uint32_t> knot_of_;
};

}  // namespace lepton::detail
