// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/ordered_columns.hpp>
#include <lepton/predict/split_search.hpp>
#include <lepton/predict/tree_nodes.hpp>

namespace lepton::predict::detail {

/// When a tree stops growing.
struct growth_limits {
  std::size_t max_depth = std::numeric_limits<std::size_t>::max();
  std::size_t min_leaf = 1;   ///< rows in a leaf
  std::size_t min_split = 2;  ///< rows in a node that is divided
  std::size_t features = 1;   ///< features looked at in a node
  double min_gain = 0;        ///< decrease of weight times impurity
  bool keep_leaves = false;   ///< remember the rows of each leaf
  bool keep_nodes = false;    ///< remember value, weight and impurity of each node

  [[nodiscard]] auto may_split(std::size_t rows, std::size_t depth) const noexcept -> bool {
    return rows >= min_split && rows >= 2 * min_leaf && depth < max_depth;
  }
};

/// What came of growing a tree.
struct grown_tree {
  tree_nodes nodes;
  std::vector<double> importance;        ///< of each feature: what its splits gained, summed
  std::vector<std::uint32_t> leaf_ends;  ///< where a leaf's rows end in the order of rows
  std::vector<node_statistics> statistics;
  std::vector<double> counts;  ///< weight of each class, in each node or (without statistics) leaf

  /// Makes an inner node of a node and returns its left child, which the right one follows.
  auto split(std::size_t node, const feature_split& best, const ordered_column& column, double gain)
      -> std::size_t {
    auto& all = nodes.nodes();
    const auto left = all.size();
    auto& n = all[node];
    n.threshold = best.only_missing ? std::numeric_limits<double>::infinity()
                                    : column.between(best.left, best.right);
    n.left = static_cast<std::uint32_t>(left);
    n.key = best.feature * 2U + static_cast<std::uint32_t>(best.missing_left);
    importance[best.feature] += gain;
    all.resize(left + 2);
    return left;
  }
  /// Makes a leaf of a node; its rows end before `end` in the order of rows.
  template <class Criterion>
  void leaf(std::size_t node, const Criterion& criterion, const growth_limits& limits, double value,
            std::size_t end) {
    auto& n = nodes.nodes()[node];
    n.threshold = value;
    n.key = leaves_++;
    if (limits.keep_leaves) leaf_ends.push_back(static_cast<std::uint32_t>(end));
    if constexpr (requires { criterion.counts(); }) {
      const auto& c = criterion.counts();
      if (!limits.keep_nodes) counts.insert(counts.end(), c.begin(), c.end());
    }
  }
  /// Writes down what is asked for of each node, before it is split or made a leaf.
  template <class Criterion, class At>
  void note(std::size_t node, const Criterion& criterion, const growth_limits& limits, double value,
            std::size_t rows, At at) {
    if (!limits.keep_nodes) return;
    if (statistics.size() < nodes.size()) statistics.resize(nodes.size());
    statistics[node] = {value, criterion.weight(),
                        criterion.impurity(rows, at) / criterion.weight()};
    if constexpr (requires { criterion.counts(); }) {
      const auto& c = criterion.counts();
      if (counts.size() < (node + 1) * c.size()) counts.resize((node + 1) * c.size());
      std::copy(c.begin(), c.end(), counts.begin() + static_cast<std::ptrdiff_t>(node * c.size()));
    }
  }

 private:
  std::uint32_t leaves_ = 0;
};

/// Draws features without replacement: as many as asked for, and on as long as all that were
/// drawn are constant.
class feature_draw {
 public:
  feature_draw(std::span<const std::uint32_t> ranks, std::size_t wanted, std::uint64_t seed)
      : ranks_(ranks), order_(ranks.size()), wanted_(wanted), random_(seed, 1) {
    std::iota(order_.begin(), order_.end(), 0U);
  }
  void restart() noexcept {
    drawn_ = 0;
    useful_ = false;
  }
  [[nodiscard]] auto more() const noexcept -> bool {
    return drawn_ < order_.size() && (drawn_ < wanted_ || !useful_);
  }
  [[nodiscard]] auto next() noexcept -> std::uint32_t {
    if (wanted_ < order_.size()) {
      const auto rest = static_cast<std::uint32_t>(order_.size() - drawn_);
      std::swap(order_[drawn_], order_[drawn_ + random_.below(rest)]);
    }
    return order_[drawn_++];
  }
  void useful() noexcept { useful_ = true; }
  /// Of a feature among those whose splits are equally good; the highest wins.
  [[nodiscard]] auto rank(std::uint32_t f) const noexcept -> std::uint32_t { return ranks_[f]; }

 private:
  std::span<const std::uint32_t> ranks_;
  std::vector<std::uint32_t> order_;
  std::size_t wanted_;
  std::size_t drawn_ = 0;
  bool useful_ = false;
  lepton::detail::pcg32 random_;
};

}  // namespace lepton::predict::detail
