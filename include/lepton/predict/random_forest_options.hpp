// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// Where a tree may divide a feature.
enum class split_method : std::uint8_t {
  exact,      ///< between any two different values
  histogram,  ///< between at most 255 groups of about as many rows each; coarser, and faster
};

/// Where a forest takes its quantiles from.
enum class forest_quantiles : std::uint8_t {
  none,
  /// The numbers of the training rows that share leaves with the row asked for (Meinshausen 2006:
  /// Quantile regression forests). Too wide where leaves stretch over different means.
  leaf_values,
  /// The prediction plus the errors of such rows, each predicted by the trees that it was not in
  /// (Lu and Hardin 2021: A unified framework for random forest prediction error estimation).
  out_of_bag_errors,
};

/// Of `random_forest` and `random_forest_classifier`.
struct random_forest_options {
  std::size_t trees = 100;
  /// Features looked at in a node; 0: a third of them for numbers, the root of their number for
  /// classes (Breiman's choice). More than there are: all.
  std::size_t features = 0;
  std::size_t min_leaf = 1;   ///< rows in a leaf, those drawn several times counted once
  std::size_t min_split = 2;  ///< rows in a node that is divided
  std::size_t max_depth = std::numeric_limits<std::uint32_t>::max();  ///< splits above a leaf
  /// A split must lower the impurity, weighted by the node's share of the rows, by that much.
  double min_impurity_decrease = 0;
  bool bootstrap = true;       ///< draw with replacement
  double sample_fraction = 1;  ///< rows drawn for a tree, as a share of all
  split_method splits = split_method::exact;
  std::size_t bins = 255;  ///< groups of a feature for `histogram`, 2 to 255
  /// Of numbers. Unless `none`, which rows are in which leaf is kept: 4 bytes a row and tree.
  forest_quantiles quantiles = forest_quantiles::out_of_bag_errors;
  bool out_of_bag = false;   ///< score by the trees a row is not in
  bool permutation = false;  ///< importance by permutation; as slow as the trees are many
  std::size_t threads = 1;   ///< that `fit` uses; 0: one a processor. Not saved
  std::uint64_t seed = 1;

  /// Groups of a feature that splits tell apart; 0: as many as there are values.
  [[nodiscard]] auto group_limit() const noexcept -> std::size_t {
    return splits == split_method::histogram ? bins : 0;
  }
  /// What is wrong with them, if anything.
  [[nodiscard]] auto check(std::string_view model) const -> status {
    const auto wrong = [&](const char* what) { return failure(std::string(model) + ": " + what); };
    if (trees == 0) return wrong("a forest of 0 trees; ask for one at least");
    if (trees > (1U << 20)) return wrong("more than 1048576 trees");
    if (!(sample_fraction > 0 && sample_fraction <= 1))
      return wrong("sample_fraction must be above 0, and 1 at most");
    if (!(min_impurity_decrease >= 0) || std::isinf(min_impurity_decrease))
      return wrong("min_impurity_decrease must be 0 or more");
    if (bins < 2 || bins > 255) return wrong("bins must be 2 to 255");
    return {};
  }

  template <class Archive>
  void persist(Archive& a) {
    a(trees, features, min_leaf, min_split, max_depth, min_impurity_decrease, bootstrap,
      sample_fraction, splits, bins, quantiles, out_of_bag, permutation, seed);
    if constexpr (Archive::reads) {
      if (splits > split_method::histogram || quantiles > forest_quantiles::out_of_bag_errors ||
          !check(""))
        a.reject();
    }
  }
};

}  // namespace lepton::predict
