// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/tree_nodes.hpp>

namespace lepton::predict::detail {

/// Walks down several trees, or one for several rows, abreast: waiting for the memory of one is
/// used for the others.
template <std::size_t Lanes>
struct tree_walk {
  std::array<const tree_node*, Lanes> root;
  std::array<const double*, Lanes> row;
  std::array<const tree_node*, Lanes> at;  ///< in the end, leaves

  void run() noexcept {
    at = root;
    for (;;) {
      std::uint32_t inner = 0;
      for (std::size_t k = 0; k < Lanes; ++k) {
        const tree_node* const n = at[k];
        const auto left = n->left;
        inner |= left;
        // A leaf may have a key beyond the row's end.
        const double value = row[k][left == 0 ? 0 : n->feature()];
        const tree_node* const next = root[k] + n->child(value);
        at[k] = left == 0 ? n : next;
      }
      if (inner == 0) return;
    }
  }
};

/// Calls visit(tree, leaf) with the leaf that the row ends in, for each tree in order. The row is
/// not empty.
template <class Visit>
void walk_trees(std::span<const tree_nodes> trees, std::span<const double> row,
                Visit visit) noexcept {
  constexpr std::size_t lanes = 16;
  tree_walk<lanes> walk;
  walk.row.fill(row.data());
  for (std::size_t first = 0; first < trees.size(); first += lanes) {
    const auto count = std::min(lanes, trees.size() - first);
    for (std::size_t t = 0; t < lanes; ++t)
      walk.root[t] = trees[first + std::min(t, count - 1)].data();
    walk.run();
    for (std::size_t t = 0; t < count; ++t) visit(first + t, *walk.at[t]);
  }
}

/// Calls visit(row, node) with the leaf that each of the rows ends in.
template <class Visit>
void walk_rows(const tree_nodes& tree, matrix_view x, std::span<const std::uint32_t> rows,
               Visit visit) noexcept {
  constexpr std::size_t lanes = 16;
  tree_walk<lanes> walk;
  walk.root.fill(tree.data());
  for (std::size_t first = 0; first < rows.size(); first += lanes) {
    const auto count = std::min(lanes, rows.size() - first);
    for (std::size_t k = 0; k < lanes; ++k)
      walk.row[k] = x.row(rows[first + std::min(k, count - 1)]).data();
    walk.run();
    for (std::size_t k = 0; k < count; ++k)
      visit(rows[first + k], static_cast<std::uint32_t>(walk.at[k] - tree.data()));
  }
}

}  // namespace lepton::predict::detail
