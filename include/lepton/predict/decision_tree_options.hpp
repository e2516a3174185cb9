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

/// What a split of classes ought to make small.
enum class class_impurity : std::uint8_t {
  gini,     ///< 1 - sum of squared shares of the classes
  entropy,  ///< in bits
};

/// Of `decision_tree` and `decision_tree_classifier`.
struct decision_tree_options {
  std::size_t max_depth = std::numeric_limits<std::uint32_t>::max();  ///< splits above a leaf
  std::size_t min_leaf = 1;                                           ///< rows in a leaf
  std::size_t min_split = 2;  ///< rows in a node that is divided
  /// A split must lower the impurity, weighted by the node's share of the weights, by that much.
  double min_impurity_decrease = 0;
  class_impurity impurity = class_impurity::gini;  ///< of classes; numbers have their variance
  /// Cost of a leaf when the tree is pruned, in units of the root's impurity (not a share of it);
  /// 0 keeps every split that lowers the impurity.
  double pruning_alpha = 0;
  /// 2 or more: choose `pruning_alpha` by cross-validation with so many folds.
  std::size_t pruning_folds = 0;
  /// Choose the smallest tree whose error is within one standard error of the least (Breiman et
  /// al. 1984), rather than the least.
  bool one_standard_error = false;
  std::uint64_t seed = 1;  ///< for the folds

  /// What is wrong with them, if anything.
  [[nodiscard]] auto check(std::string_view model) const -> status {
    const auto wrong = [&](const char* what) { return failure(std::string(model) + ": " + what); };
    if (!(min_impurity_decrease >= 0) || std::isinf(min_impurity_decrease))
      return wrong("min_impurity_decrease must be 0 or more");
    if (!(pruning_alpha >= 0)) return wrong("pruning_alpha must be 0 or more");
    if (pruning_folds == 1) return wrong("one fold leaves nothing to learn from; give 2, or 0");
    if (impurity > class_impurity::entropy) return wrong("there is no such impurity");
    return {};
  }

  template <class Archive>
  void persist(Archive& a) {
    a(max_depth, min_leaf, min_split, min_impurity_decrease, impurity, pruning_alpha, pruning_folds,
      one_standard_error, seed);
    if constexpr (Archive::reads) {
      if (!check("")) a.reject();
    }
  }
};

}  // namespace lepton::predict
