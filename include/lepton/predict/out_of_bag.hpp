// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/forest_growth.hpp>
#include <lepton/predict/forest_walk.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/tree_nodes.hpp>

namespace lepton::predict::detail {

/// Errors of rows predicted by the mean over some trees.
class mean_error {
 public:
  explicit mean_error(std::size_t rows) : errors_(rows), trees_(rows) {}

  void add(std::uint32_t row, double prediction) noexcept {
    errors_[row] += (prediction - errors_[row]) / ++trees_[row];
  }
  /// Takes the numbers to be predicted, and returns R² over the rows predicted at all; the others
  /// have no error.
  [[nodiscard]] auto finish(std::span<const double> y) -> double {
    double mean = 0;
    double rows = 0;
    for (std::size_t i = 0; i < y.size(); ++i)
      if (trees_[i] > 0) mean += (y[i] - mean) / ++rows;
    double error = 0;
    double spread = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      errors_[i] = trees_[i] > 0 ? y[i] - errors_[i] : 0;
      if (trees_[i] == 0) continue;
      error += errors_[i] * errors_[i];
      spread += (y[i] - mean) * (y[i] - mean);
    }
    return spread > 0 ? 1 - error / spread : std::numeric_limits<double>::quiet_NaN();
  }
  [[nodiscard]] auto errors() const noexcept -> std::span<const double> { return errors_; }

 private:
  std::vector<double> errors_;  ///< until `finish`, the mean predictions
  std::vector<std::uint32_t> trees_;
};

/// What the trees of a forest say of the rows they were not grown from: each tree on its own, so
/// that the order in which they come does not matter.
class out_of_bag {
 public:
  /// `leaves`: remember where such rows end; `permute`: shuffle features.
  out_of_bag(matrix_view x, std::size_t trees, std::uint64_t seed, bool leaves, bool permute)
      : x_(x), seed_(seed), said_(leaves ? trees : 0), rises_(permute ? trees : 0) {}

  /// `loss(row, leaf)` is the error when the row is predicted by that leaf.
  template <class Loss>
  void tree(std::size_t tree, const tree_nodes& nodes, const tree_sample& sample, Loss loss) {
    if (said_.empty() && rises_.empty()) return;
    std::vector<std::uint32_t> rows;
    for (std::size_t i = 0; i < x_.rows(); ++i)
      if (sample.counts[i] == 0) rows.push_back(static_cast<std::uint32_t>(i));
    if (!said_.empty()) {
      said_[tree].reserve(rows.size());
      walk_rows(nodes, x_, rows, [&](std::uint32_t row, std::uint32_t leaf) {
        said_[tree].emplace_back(row, leaf);
      });
    }
    if (!rises_.empty()) rises_[tree] = permuted(nodes, rows, tree, loss);
  }

  /// Calls visit(tree, row, node) for each row and each tree it was not in, trees in order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t t = 0; t < said_.size(); ++t)
      for (const auto& [row, node] : said_[t]) visit(t, row, node);
  }
  /// Mean rise of the trees' errors when a feature is shuffled, for each feature; empty unless
  /// asked for.
  [[nodiscard]] auto permutation() const -> std::vector<double> {
    std::vector<double> mean;
    if (rises_.empty()) return mean;
    mean.resize(x_.columns());
    for (const auto& tree : rises_)
      for (std::size_t f = 0; f < mean.size(); ++f)
        mean[f] += tree[f] / static_cast<double>(rises_.size());
    return mean;
  }

 private:
  template <class Loss>
  [[nodiscard]] auto permuted(const tree_nodes& nodes, const std::vector<std::uint32_t>& rows,
                              std::size_t tree, Loss loss) const -> std::vector<double> {
    std::vector<double> rise(x_.columns());
    const auto n = static_cast<double>(rows.size());
    double before = 0;
    for (const auto i : rows) before += loss(i, nodes.leaf_of(x_.row(i))) / n;
    lepton::detail::pcg32 random{seed_, 2 * tree + 1};
    auto other = rows;
    std::vector<double> row;
    for (std::size_t f = 0; f < rise.size() && !rows.empty(); ++f) {
      lepton::detail::shuffle(other, random);
      double after = 0;
      for (std::size_t k = 0; k < rows.size(); ++k) {
        const auto given = x_.row(rows[k]);
        row.assign(given.begin(), given.end());
        row[f] = x_(other[k], f);
        after += loss(rows[k], nodes.leaf_of(row)) / n;
      }
      rise[f] = after - before;
    }
    return rise;
  }

  matrix_view x_;
  std::uint64_t seed_;
  std::vector<std::vector<std::pair<std::uint32_t, std::uint32_t>>> said_;
  std::vector<std::vector<double>> rises_;
};

}  // namespace lepton::predict::detail
