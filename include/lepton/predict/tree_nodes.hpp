// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict {

/// A node of a binary tree of decisions. The children of an inner node stand next to each other,
/// after it; a leaf has none.
struct tree_node {
  /// A row goes left if its feature is at most this. At a leaf: what it predicts.
  double threshold = 0;
  std::uint32_t left = 0;  ///< index of the left child; the right one is left + 1; 0: a leaf
  /// Twice the feature, plus one if a missing value goes left. At a leaf: how many leaves are
  /// before it.
  std::uint32_t key = 0;

  [[nodiscard]] constexpr auto leaf() const noexcept -> bool { return left == 0; }
  [[nodiscard]] constexpr auto feature() const noexcept -> std::size_t { return key >> 1; }
  [[nodiscard]] constexpr auto missing_left() const noexcept -> bool { return (key & 1U) != 0; }
  /// Index of the child for the value of the feature.
  [[nodiscard]] constexpr auto child(double value) const noexcept -> std::uint32_t {
    const auto more = static_cast<std::uint32_t>(value > threshold);
    const auto missing = static_cast<std::uint32_t>(value != value);
    return left + (more | (missing & ~key));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(threshold, left, key);
  }
};

/// A node as its training rows saw it.
struct node_statistics {
  double value = 0;     ///< mean, or most frequent class
  double weight = 0;    ///< sum of the rows' weights
  double impurity = 0;  ///< mean squared deviation, Gini's index or entropy

  template <class Archive>
  void persist(Archive& a) {
    a(value, weight, impurity);
  }
};

/// A tree of decisions as one array, its root first; 16 bytes a node.
class tree_nodes {
 public:
  [[nodiscard]] auto size() const noexcept -> std::size_t { return nodes_.size(); }
  [[nodiscard]] auto empty() const noexcept -> bool { return nodes_.empty(); }
  [[nodiscard]] auto operator[](std::size_t i) const noexcept -> const tree_node& {
    LEPTON_ASSERT(i < nodes_.size(), "tree_nodes: no such node");
    return nodes_[i];
  }
  [[nodiscard]] auto data() const noexcept -> const tree_node* { return nodes_.data(); }
  [[nodiscard]] auto leaves() const noexcept -> std::size_t { return (nodes_.size() + 1) / 2; }

  /// The leaf that a row ends in; the tree is not empty (contract). O(depth).
  [[nodiscard]] auto leaf_of(std::span<const double> row) const noexcept -> const tree_node& {
    LEPTON_ASSERT(!nodes_.empty(), "tree_nodes: the tree is empty");
    const tree_node* const nodes = nodes_.data();
    const tree_node* at = nodes;
    while (!at->leaf()) at = nodes + at->child(row[at->feature()]);
    return *at;
  }

  /// Splits on the way from the root to the deepest leaf.
  [[nodiscard]] auto depth() const -> std::size_t {
    std::vector<std::size_t> depths(nodes_.size());
    std::size_t deepest = 0;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      deepest = std::max(deepest, depths[i]);
      if (nodes_[i].leaf()) continue;
      depths[nodes_[i].left] = depths[nodes_[i].left + 1] = depths[i] + 1;
    }
    return deepest;
  }

  /// For those that build trees.
  [[nodiscard]] auto nodes() noexcept -> std::vector<tree_node>& { return nodes_; }

  /// Whether this can be a tree over so many features: children after their parents, each node
  /// but the root the child of one, no threshold or value that is not a number, leaves counted.
  [[nodiscard]] auto valid(std::size_t features) const -> bool {
    std::vector<bool> seen(nodes_.size());
    std::size_t children = 0;
    std::vector<bool> ordinals(leaves());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const auto& n = nodes_[i];
      if (std::isnan(n.threshold)) return false;
      if (n.leaf()) {
        if (n.key >= ordinals.size() || ordinals[n.key]) return false;
        ordinals[n.key] = true;
        continue;
      }
      if (n.left <= i || n.left >= nodes_.size() - 1 || n.feature() >= features) return false;
      if (seen[n.left] || seen[n.left + 1]) return false;
      seen[n.left] = seen[n.left + 1] = true;
      children += 2;
    }
    return nodes_.empty() || children + 1 == nodes_.size();
  }

  template <class Archive>
  void persist(Archive& a) {
    a(nodes_);
  }

 private:
  std::vector<tree_node> nodes_;
};

}  // namespace lepton::predict
