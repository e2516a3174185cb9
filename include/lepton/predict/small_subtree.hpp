// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/predict/grown_tree.hpp>
#include <lepton/predict/ordered_columns.hpp>
#include <lepton/predict/split_search.hpp>

namespace lepton::predict::detail {

/// Grows the part of a tree below a node of at most 64 rows. Each feature is put into order once
/// for the 64; the rows of a node further down are a set of bits in that order, so that its
/// smallest is found by counting zeros.
template <class Criterion>
class small_subtree {
 public:
  using target = typename Criterion::target;
  static constexpr std::size_t most = 64;

  small_subtree(std::span<const ordered_column> columns, std::size_t rows)
      : columns_(columns), sorter_(rows), local_(rows), features_(columns.size()) {}

  /// Grows from `node`, at `depth`, whose rows begin at `offset` in the order of rows.
  template <class Value>
  void grow(grown_tree& tree, std::size_t node, std::size_t depth, std::span<std::uint32_t> rows,
            std::size_t offset, std::span<const target> targets, Criterion& criterion,
            const growth_limits& limits, feature_draw& draw, Value& value) {
    ++round_;
    size_ = rows.size();
    const auto count = rows.size();
    for (std::size_t i = 0; i < count; ++i) {
      rows_[i] = rows[i];
      local_[rows[i]] = static_cast<std::uint8_t>(i);
      targets_[i] = targets[rows[i]];
      members_[i] = static_cast<std::uint8_t>(i);
    }
    std::size_t open = 0;
    std::array<pending, most + 1> stack;
    stack[open++] = {node, 0, count, depth};
    while (open > 0) {
      const auto p = stack[--open];
      std::uint8_t* const members = members_.data() + p.begin;
      const auto at = [&](std::size_t i) -> const target& { return targets_[members[i]]; };
      criterion.total(p.count, at);
      const double says = value(criterion, rows_[members[0]]);
      tree.note(p.node, criterion, limits, says, p.count, at);
      feature_split best;
      if (limits.may_split(p.count, p.depth) && !criterion.pure()) {
        for (draw.restart(); draw.more();) {
          const auto f = draw.next();
          const auto split = search(f, members, p.count, criterion, limits.min_leaf, draw);
          if (split.found() && (!best.found() || better_split(split, best, criterion.noise())))
            best = split;
        }
      }
      const double gain = best.found() ? criterion.gain(best.score) : -1;
      if (!(gain >= limits.min_gain)) {
        tree.leaf(p.node, criterion, limits, says, offset + p.begin + p.count);
        continue;
      }
      const auto left = tree.split(p.node, best, columns_[best.feature], gain);
      divide(members, p.count, best);
      stack[open++] = {left + 1, p.begin + best.count, p.count - best.count, p.depth + 1};
      stack[open++] = {left, p.begin, best.count, p.depth + 1};
    }
    for (std::size_t i = 0; i < count; ++i) rows[i] = rows_[members_[i]];
  }

 private:
  struct pending {
    std::size_t node;
    std::size_t begin;
    std::size_t count;
    std::size_t depth;
  };
  /// A feature of the rows of the subtree; places are ranks among them.
  struct feature {
    std::uint64_t round = 0;                  ///< of `grow` that this belongs to
    std::size_t present = 0;                  ///< rows that are not missing: the first places
    std::array<std::uint8_t, most> place{};   ///< of a row
    std::array<std::uint8_t, most> row{};     ///< at a place
    std::array<std::uint32_t, most> group{};  ///< at a place
  };

  auto prepared(std::uint32_t f) noexcept -> const feature& {
    feature& a = features_[f];
    if (a.round == round_) return a;
    a.round = round_;
    const auto& c = columns_[f];
    std::array<std::uint32_t, most> positions;
    std::size_t count = 0;
    for (; count < size_; ++count) positions[count] = c.position[rows_[count]];
    sorter_(positions.data(), count);
    a.present = 0;
    for (std::size_t k = 0; k < count; ++k) {
      const auto row = local_[c.order[positions[k]]];
      a.row[k] = row;
      a.place[row] = static_cast<std::uint8_t>(k);
      a.group[k] = c.group_at(positions[k]);
      a.present += positions[k] < c.present;
    }
    return a;
  }

  auto search(std::uint32_t f, const std::uint8_t* members, std::size_t count, Criterion& criterion,
              std::size_t min_leaf, feature_draw& draw) noexcept -> feature_split {
    const feature& a = prepared(f);
    if (count == 2 && a.present == size_) return search_pair(a, f, members, criterion, draw);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) bits |= std::uint64_t{1} << a.place[members[i]];
    std::array<std::uint8_t, most> places;
    for (std::size_t k = 0; k < count; ++k, bits &= bits - 1)
      places[k] = static_cast<std::uint8_t>(std::countr_zero(bits));
    std::size_t missing = 0;
    while (missing < count && places[count - 1 - missing] >= a.present) ++missing;
    if (missing == count) return {};
    const auto group = [&](std::size_t k) { return a.group[places[k]]; };
    if (missing == 0 && group(0) == group(count - 1)) return {};
    draw.useful();
    auto best = best_division(
        criterion, count, missing, min_leaf,
        [&](std::size_t k) -> const target& { return targets_[a.row[places[k]]]; }, group);
    best.feature = f;
    best.rank = draw.rank(f);
    if (best.found()) best.position = places[best.at - 1];
    return best;
  }

  /// `search` of two rows, neither missing, for a leaf each: the most frequent case.
  auto search_pair(const feature& a, std::uint32_t f, const std::uint8_t* members,
                   Criterion& criterion, feature_draw& draw) noexcept -> feature_split {
    const auto p = std::min(a.place[members[0]], a.place[members[1]]);
    const auto q = std::max(a.place[members[0]], a.place[members[1]]);
    feature_split best;
    if (a.group[p] == a.group[q]) return best;
    draw.useful();
    auto sweep = criterion.sweep();
    sweep.add(targets_[a.row[p]]);
    best.score = std::max(0.0, sweep.score());
    best.feature = f;
    best.rank = draw.rank(f);
    best.left = a.group[p];
    best.right = a.group[q];
    best.position = p;
    best.at = 1;
    best.settle(2, 0);
    return best;
  }

  void divide(std::uint8_t* members, std::size_t count, const feature_split& best) noexcept {
    const feature& a = features_[best.feature];
    std::array<std::uint8_t, most> right;
    std::size_t l = 0;
    std::size_t r = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const auto m = members[i];
      const auto place = a.place[m];
      const bool left = place <= best.position || (best.missing_left && place >= a.present);
      members[l] = m;
      right[r] = m;
      l += static_cast<std::size_t>(left);
      r += static_cast<std::size_t>(!left);
    }
    std::copy(right.begin(), right.begin() + r, members + l);
  }

  std::span<const ordered_column> columns_;
  position_sorter sorter_;
  std::vector<std::uint8_t> local_;  ///< number of a row among those of the subtree
  std::vector<feature> features_;
  std::uint64_t round_ = 0;
  std::size_t size_ = 0;
  std::array<std::uint32_t, most> rows_{};
  std::array<target, most> targets_{};
  std::array<std::uint8_t, most> members_{};  ///< rows, those of a node side by side
};

}  // namespace lepton::predict::detail
