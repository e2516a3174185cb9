// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/binned_matrix.hpp>
#include <lepton/predict/gradient_boosting_options.hpp>
#include <lepton/predict/tree_nodes.hpp>

namespace lepton::predict::detail {

/// First and second derivative of a row's loss by its prediction.
struct gradient_pair {
  double first = 0;
  double second = 0;
};

/// Grows regression trees on binned features by first and second derivatives of the loss (Friedman
/// 2001; Chen and Guestrin 2016), the leaf that gains most first (Ke et al. 2017). The
/// histogram of a larger child is its parent's less its sibling's.
class boosted_tree_grower {
 public:
  /// A leaf of the tree that was grown: its rows are rows()[begin, end).
  struct grown_leaf {
    std::uint32_t node;
    std::size_t begin;
    std::size_t end;
  };

  boosted_tree_grower(const binned_matrix& x, const gradient_boosting_options& options)
      : x_(x), options_(options), spare_(x.rows()), near_(x.rows()) {}

  /// A tree for the rows listed, by the features listed; leaf values are Newton steps, not yet
  /// shrunk.
  auto grow(std::vector<std::uint32_t> rows, std::span<const std::uint32_t> features,
            std::span<const gradient_pair> gradients) -> tree_nodes {
    rows_ = std::move(rows);
    features_ = features;
    leaves_.clear();
    tree_nodes tree;
    auto& nodes = tree.nodes();
    nodes.resize(1);
    open_.clear();
    free_.clear();
    for (std::size_t i = 0; i < pool_.size(); ++i) free_.push_back(i);
    open_leaf root;
    root.end = rows_.size();
    root.histogram = take();
    for (const auto row : rows_) {
      root.sum.first += gradients[row].first;
      root.sum.second += gradients[row].second;
    }
    count(root, gradients);
    find(root);
    open_.push_back(root);
    std::size_t leaves = 1;
    while (leaves < options_.max_leaves) {
      const auto next = choose();
      if (next == open_.size()) break;
      const auto parent = open_[next];
      open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(next));
      divide(nodes, parent, gradients);
      ++leaves;
    }
    std::uint32_t ordinal = 0;
    std::sort(open_.begin(), open_.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (const auto& leaf : open_) {
      const double weight = leaf.sum.second + options_.l2;
      nodes[leaf.node] = {weight > 0 ? -leaf.sum.first / weight : 0, 0, ordinal++};
      leaves_.push_back({leaf.node, leaf.begin, leaf.end});
    }
    return tree;
  }

  [[nodiscard]] auto rows() const noexcept -> std::span<const std::uint32_t> { return rows_; }
  [[nodiscard]] auto leaves() const noexcept -> std::span<const grown_leaf> { return leaves_; }

 private:
  struct bin {
    double first = 0;
    double second = 0;
    std::uint32_t rows = 0;
  };
  using histogram = std::vector<bin>;  // 256 bins a feature
  struct division {
    double gain = 0;
    std::uint32_t feature = 0;
    std::uint32_t left = 0;  ///< last bin on the left
    double threshold = 0;
    gradient_pair left_sum{};
    bool missing_left = false;
    bool found = false;
  };
  struct open_leaf {
    std::uint32_t node = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t depth = 0;
    std::size_t histogram = 0;
    gradient_pair sum{};
    division best{};
  };

  auto take() -> std::size_t {
    if (free_.empty()) {
      pool_.emplace_back(256 * x_.columns());
      return pool_.size() - 1;
    }
    const auto i = free_.back();
    free_.pop_back();
    return i;
  }
  [[nodiscard]] auto choose() const noexcept -> std::size_t {
    auto best = open_.size();
    for (std::size_t i = 0; i < open_.size(); ++i) {
      if (!open_[i].best.found) continue;
      if (best == open_.size() ||
          (options_.depth_wise ? open_[i].depth < open_[best].depth
                               : open_[i].best.gain > open_[best].best.gain))
        best = i;
    }
    return best;
  }

  void count(const open_leaf& leaf, std::span<const gradient_pair> gradients) noexcept {
    const auto n = leaf.end - leaf.begin;
    const std::uint32_t* const rows = rows_.data() + leaf.begin;
    gradient_pair* const near = near_.data();
    for (std::size_t i = 0; i < n; ++i) near[i] = gradients[rows[i]];
    auto& all = pool_[leaf.histogram];
    for (const auto f : features_) {
      bin* const bins = all.data() + 256 * std::size_t{f};
      std::fill(bins, bins + 256, bin{});
      const std::uint8_t* const codes = x_.codes(f).data();
      for (std::size_t i = 0; i < n; ++i) {
        bin& b = bins[codes[rows[i]]];
        b.first += near[i].first;
        b.second += near[i].second;
        ++b.rows;
      }
    }
  }

  void find(open_leaf& leaf) const noexcept {
    leaf.best = {};
    const auto n = leaf.end - leaf.begin;
    const auto least = std::max<std::size_t>(1, options_.min_leaf);
    if (n < 2 * least || leaf.depth >= options_.max_depth) return;
    const auto score = [&](double g, double h) {
      const double w = h + options_.l2;
      return w > 0 ? g * g / w : 0;
    };
    const double before = score(leaf.sum.first, leaf.sum.second);
    double bar = options_.min_gain + 1e-12 * before;
    for (const auto f : features_) {
      const bin* const bins = pool_[leaf.histogram].data() + 256 * std::size_t{f};
      const auto groups = x_.bins(f);
      const bin& absent = bins[binned_matrix::missing];
      for (int side = 0; side < (absent.rows > 0 ? 2 : 1); ++side) {
        gradient_pair left{};
        std::size_t rows = 0;
        if (side == 1) {
          left = {absent.first, absent.second};
          rows = absent.rows;
        }
        std::size_t last = groups;
        const auto offer = [&](std::size_t here, bool apart) {
          if (rows < least || n - rows < least) return;
          const gradient_pair right{leaf.sum.first - left.first, leaf.sum.second - left.second};
          if (left.second < options_.min_child_weight || right.second < options_.min_child_weight)
            return;
          const double gain =
              score(left.first, left.second) + score(right.first, right.second) - before;
          if (!(gain > bar)) return;
          bar = gain;
          leaf.best = {gain,
                       f,
                       static_cast<std::uint32_t>(last),
                       apart ? std::numeric_limits<double>::infinity() : x_.between(f, last, here),
                       left,
                       absent.rows > 0 ? side == 1 : 2 * rows > n,
                       true};
        };
        for (std::size_t g = 0; g < groups; ++g) {
          if (bins[g].rows == 0) continue;
          if (last != groups) offer(g, false);
          left.first += bins[g].first;
          left.second += bins[g].second;
          rows += bins[g].rows;
          last = g;
        }
        if (side == 0 && absent.rows > 0 && last != groups) offer(groups, true);
      }
    }
  }

  void divide(std::vector<tree_node>& nodes, const open_leaf& parent,
              std::span<const gradient_pair> gradients) {
    const auto& best = parent.best;
    const std::uint8_t* const codes = x_.codes(best.feature).data();
    std::uint32_t* const rows = rows_.data() + parent.begin;
    const auto n = parent.end - parent.begin;
    std::size_t l = 0;
    std::size_t r = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = rows[i];
      const auto code = codes[row];
      const bool left = code == binned_matrix::missing ? best.missing_left : code <= best.left;
      rows[l] = row;
      spare_[r] = row;
      l += static_cast<std::size_t>(left);
      r += static_cast<std::size_t>(!left);
    }
    std::copy(spare_.begin(), spare_.begin() + static_cast<std::ptrdiff_t>(r), rows + l);
    const auto child = static_cast<std::uint32_t>(nodes.size());
    nodes[parent.node] = {best.threshold, child,
                          best.feature * 2U + static_cast<std::uint32_t>(best.missing_left)};
    nodes.resize(nodes.size() + 2);
    open_leaf left;
    open_leaf right;
    left.node = child;
    right.node = child + 1;
    left.begin = parent.begin;
    left.end = right.begin = parent.begin + l;
    right.end = parent.end;
    left.depth = right.depth = parent.depth + 1;
    left.sum = best.left_sum;
    right.sum = {parent.sum.first - left.sum.first, parent.sum.second - left.sum.second};
    open_leaf& small = l <= r ? left : right;
    open_leaf& large = l <= r ? right : left;
    small.histogram = take();
    large.histogram = parent.histogram;
    count(small, gradients);
    const bin* const less = pool_[small.histogram].data();
    bin* const all = pool_[large.histogram].data();
    for (const auto f : features_)
      for (std::size_t k = 256 * std::size_t{f}; k < 256 * std::size_t{f} + 256; ++k) {
        all[k].first -= less[k].first;
        all[k].second -= less[k].second;
        all[k].rows -= less[k].rows;
      }
    find(left);
    find(right);
    for (const auto* leaf : {&left, &right}) {
      open_.push_back(*leaf);
      if (!leaf->best.found) free_.push_back(leaf->histogram);
    }
  }

  const binned_matrix& x_;
  const gradient_boosting_options& options_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::uint32_t> spare_;
  std::vector<gradient_pair> near_;  ///< derivatives of a leaf's rows, side by side
  std::span<const std::uint32_t> features_;
  std::vector<open_leaf> open_;
  std::vector<grown_leaf> leaves_;
  std::vector<histogram> pool_;
  std::vector<std::size_t> free_;
};

}  // namespace lepton::predict::detail
