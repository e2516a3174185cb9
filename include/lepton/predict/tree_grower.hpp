// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/predict/grown_tree.hpp>
#include <lepton/predict/ordered_columns.hpp>
#include <lepton/predict/small_subtree.hpp>
#include <lepton/predict/split_criterion.hpp>
#include <lepton/predict/split_search.hpp>

namespace lepton::predict::detail {

/// Grows trees of decisions from the root down, depth first, each node by the best division of
/// its rows by some features (Breiman, Friedman, Olshen and Stone 1984).
///
/// A feature was sorted once for all trees; the rows of a node are put into its order by a bitmap
/// of positions, in O(rows + all/4096), so that a split costs no comparisons. Features of at most
/// 255 groups go through a histogram in large nodes. Nodes of up to 64 rows are grown by
/// `small_subtree` in the cache.
template <class Criterion>
class tree_grower {
 public:
  using target = typename Criterion::target;

  tree_grower(std::span<const ordered_column> columns, Criterion criterion, growth_limits limits)
      : columns_(columns),
        criterion_(std::move(criterion)),
        limits_(limits),
        sorter_(columns.empty() ? 0 : columns[0].order.size()),
        places_(columns.empty() ? 0 : columns[0].order.size()),
        small_(columns, places_.size()) {}

  /// A tree for the rows listed (one at least, each once), whose targets stand in `targets` by
  /// row; `rows` are put into the order of the leaves. `ranks` of the features decide between
  /// equally good splits. `value` turns the criterion and a row of a node into what it predicts.
  template <class Value>
  [[nodiscard]] auto grow(std::span<std::uint32_t> rows, std::span<const target> targets,
                          std::span<const std::uint32_t> ranks, std::uint64_t seed, Value value)
      -> grown_tree {
    grown_tree tree;
    tree.importance.resize(columns_.size());
    tree.nodes.nodes().reserve(2 * rows.size() / limits_.min_leaf + 1);
    tree.nodes.nodes().resize(1);
    feature_draw draw{ranks, limits_.features, seed};
    std::vector<pending> stack{{0, 0, rows.size(), 0}};
    while (!stack.empty()) {
      const auto p = stack.back();
      stack.pop_back();
      const auto part = rows.subspan(p.begin, p.count);
      if (p.count <= small_subtree<Criterion>::most) {
        small_.grow(tree, p.node, p.depth, part, p.begin, targets, criterion_, limits_, draw,
                    value);
        continue;
      }
      const auto at = [&](std::size_t i) -> const target& { return targets[part[i]]; };
      criterion_.total(p.count, at);
      const double says = value(criterion_, part[0]);
      tree.note(p.node, criterion_, limits_, says, p.count, at);
      const auto best = search(part, p.depth, targets, draw);
      const double gain = best.found() ? criterion_.gain(best.score) : -1;
      if (!(gain >= limits_.min_gain)) {
        tree.leaf(p.node, criterion_, limits_, says, p.begin + p.count);
        continue;
      }
      const auto left = tree.split(p.node, best, columns_[best.feature], gain);
      divide(part, best);
      stack.push_back({left + 1, p.begin + best.count, p.count - best.count, p.depth + 1});
      stack.push_back({left, p.begin, best.count, p.depth + 1});
    }
    tree.nodes.nodes().shrink_to_fit();
    return tree;
  }

  /// A rank for each feature: the higher, the more its best split of these rows gains; of equals
  /// the later feature is higher.
  [[nodiscard]] auto ranks(std::span<const std::uint32_t> rows, std::span<const target> targets)
      -> std::vector<std::uint32_t> {
    const auto features = columns_.size();
    std::vector<std::uint32_t> order(features);
    std::iota(order.begin(), order.end(), 0U);
    std::vector<std::uint32_t> ranks = order;
    std::vector<double> scores(features, -1);
    criterion_.total(rows.size(), [&](std::size_t i) -> const target& { return targets[rows[i]]; });
    feature_draw draw{ranks, features, 0};
    for (std::size_t f = 0; f < features; ++f)
      scores[f] = by_feature(columns_[f], rows, targets, draw).score;
    std::stable_sort(order.begin(), order.end(),
                     [&](auto a, auto b) { return scores[a] < scores[b]; });
    for (std::size_t k = 0; k < features;) {
      const double same =
          scores[order[k]] + score_tie * std::abs(scores[order[k]]) + criterion_.noise();
      auto end = k;
      while (end < features && scores[order[end]] <= same) ++end;
      std::sort(order.begin() + static_cast<std::ptrdiff_t>(k),
                order.begin() + static_cast<std::ptrdiff_t>(end));
      for (; k < end; ++k) ranks[order[k]] = static_cast<std::uint32_t>(k);
    }
    return ranks;
  }

 private:
  struct pending {
    std::size_t node;
    std::size_t begin;
    std::size_t count;
    std::size_t depth;
  };

  auto search(std::span<const std::uint32_t> rows, std::size_t depth,
              std::span<const target> targets, feature_draw& draw) noexcept -> feature_split {
    feature_split best;
    if (!limits_.may_split(rows.size(), depth) || criterion_.pure()) return best;
    for (draw.restart(); draw.more();) {
      const auto f = draw.next();
      auto split = by_feature(columns_[f], rows, targets, draw);
      split.feature = f;
      split.rank = draw.rank(f);
      if (split.found() && (!best.found() || better_split(split, best, criterion_.noise())))
        best = split;
    }
    return best;
  }

  auto by_feature(const ordered_column& c, std::span<const std::uint32_t> rows,
                  std::span<const target> targets, feature_draw& draw) noexcept -> feature_split {
    if constexpr (std::is_same_v<Criterion, variance_criterion>) {
      if (!c.code.empty() && rows.size() >= c.groups()) return by_histogram(c, rows, targets, draw);
    }
    const auto n = rows.size();
    std::uint32_t* const places = places_.data();
    for (std::size_t i = 0; i < n; ++i) places[i] = c.position[rows[i]];
    sorter_(places, n);
    std::size_t missing = 0;
    while (missing < n && places[n - 1 - missing] >= c.present) ++missing;
    if (missing == n) return {};
    if (missing == 0 && c.group_at(places[0]) == c.group_at(places[n - 1])) return {};
    draw.useful();
    const std::uint32_t* const order = c.order.data();
    const auto row = [&](std::size_t k) -> const target& { return targets[order[places[k]]]; };
    auto best = c.group.empty() ? best_division(criterion_, n, missing, limits_.min_leaf, row,
                                                [&](std::size_t k) { return places[k]; })
                                : best_division(criterion_, n, missing, limits_.min_leaf, row,
                                                [&](std::size_t k) { return c.group[places[k]]; });
    if (best.found()) best.position = places[best.at - 1];
    return best;
  }

  auto by_histogram(const ordered_column& c, std::span<const std::uint32_t> rows,
                    std::span<const target> targets, feature_draw& draw) noexcept -> feature_split {
    const auto groups = c.groups();
    std::fill(bins_.begin(), bins_.begin() + groups, histogram_bin{});
    bins_[ordered_column::missing_code] = {};
    for (const auto row : rows) {
      const auto& t = targets[row];
      auto& b = bins_[c.code[row]];
      b.sum += t.w * t.y;
      b.weight += t.w;
      ++b.rows;
    }
    const auto& missing = bins_[ordered_column::missing_code];
    const auto occupied = std::count_if(bins_.begin(), bins_.begin() + groups,
                                        [](const auto& b) { return b.rows > 0; });
    if (occupied == 0 || (occupied == 1 && missing.rows == 0)) return {};
    draw.useful();
    auto best =
        best_bin_division(criterion_, bins_.data(), groups, missing, rows.size(), limits_.min_leaf);
    if (best.found()) best.position = c.last_of_group(best.left);
    return best;
  }

  void divide(std::span<std::uint32_t> rows, const feature_split& best) noexcept {
    const auto& c = columns_[best.feature];
    const std::uint32_t* const position = c.position.data();
    std::uint32_t* const right = places_.data();
    const auto last = best.position;
    // Missing rows have positions from c.present on.
    const auto absent = best.missing_left ? c.present : static_cast<std::uint32_t>(places_.size());
    std::size_t l = 0;
    std::size_t r = 0;
    for (const auto row : rows) {
      const auto at = position[row];
      const auto left = static_cast<std::size_t>((at <= last) | (at >= absent));
      rows[l] = row;
      right[r] = row;
      l += left;
      r += 1 - left;
    }
    std::copy(right, right + r, rows.begin() + static_cast<std::ptrdiff_t>(l));
  }

  std::span<const ordered_column> columns_;
  Criterion criterion_;
  growth_limits limits_;
  position_sorter sorter_;
  std::vector<std::uint32_t> places_;
  std::array<histogram_bin, 256> bins_{};
  small_subtree<Criterion> small_;
};

}  // namespace lepton::predict::detail
