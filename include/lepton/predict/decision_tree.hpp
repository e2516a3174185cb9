// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/cart.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/cost_complexity.hpp>
#include <lepton/predict/decision_tree_options.hpp>
#include <lepton/predict/training_table.hpp>

namespace lepton::predict {

/// A number by a chain of questions "is this feature at most that?", the tree of questions grown
/// by the splits that lower the squared error most, and pruned by cost-complexity (CART: Breiman,
/// Friedman, Olshen and Stone 1984).
///
/// - All splits are tried. A threshold is the middle between two values that occur in the node.
/// - Of equally good splits (to ten digits) by different features, the feature wins whose best
///   split of all rows gains most, and of such the later one; by one feature, the lower threshold.
/// - A missing feature (NaN): each split learns the better side for such rows, and also tries to
///   divide those that are missing from those that are not. Without such rows to learn from, they
///   go where more rows went.
/// - The tree is grown as far as its options let it; a node whose numbers are all alike is a leaf.
///
/// `fit` takes O(features * rows * depth), `predict` O(depth); a node takes 16 bytes.
class decision_tree {
 public:
  static constexpr std::string_view model_name = "decision tree";

  decision_tree() = default;
  explicit decision_tree(decision_tree_options options) : options_(options) {}

  /// Learns from rows of features and their numbers; rows without a number (NaN) are left out.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result {
    return fit(x, y, {});
  }
  /// The same with a weight, not negative, for each row.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y, std::span<const double> weights)
      -> fit_result;

  /// The mean to expect; the row has `features()` numbers (contract). NaN if never fitted.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (nodes_.empty()) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == features_, "decision_tree: another number of features");
    return nodes_.leaf_of(row).threshold;
  }

  [[nodiscard]] auto options() const noexcept -> const decision_tree_options& { return options_; }
  [[nodiscard]] auto features() const noexcept -> std::size_t { return features_; }
  [[nodiscard]] auto nodes() const noexcept -> const tree_nodes& { return nodes_; }
  /// Mean, weight and variance of the training rows in each node.
  [[nodiscard]] auto statistics() const noexcept -> std::span<const node_statistics> {
    return statistics_;
  }
  /// Share of each feature in what the splits gained; sums to 1, or all 0 without a split.
  [[nodiscard]] auto importance() const -> std::vector<double> {
    return detail::tree_importance(nodes_, statistics_, features_);
  }
  /// The sequence of pruned trees, from this one to its root alone.
  [[nodiscard]] auto pruning_path() const -> std::vector<pruning_step> {
    return detail::pruning_steps(nodes_, statistics_, detail::pruning_alphas(nodes_, statistics_));
  }
  /// The cost of a leaf that the tree was pruned with; as given, or as cross-validation chose.
  [[nodiscard]] auto pruning_alpha() const noexcept -> double { return alpha_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_, features_, nodes_, statistics_, alpha_);
    if constexpr (Archive::reads) {
      if (!nodes_.valid(features_) || !detail::valid_statistics(nodes_, statistics_)) a.reject();
    }
  }

 private:
  decision_tree_options options_{};
  std::size_t features_ = 0;
  tree_nodes nodes_;
  std::vector<node_statistics> statistics_;
  double alpha_ = 0;
};

inline auto decision_tree::fit(matrix_view x, std::span<const double> y,
                               std::span<const double> weights) -> fit_result {
  if (const auto good = options_.check(model_name); !good) return unexpected{good.error()};
  if (const auto good = detail::finite_targets(model_name, y); !good)
    return unexpected{good.error()};
  const auto table = detail::training_table::check(model_name, x, y.size(), weights,
                                                   [&](std::size_t i) { return std::isnan(y[i]); });
  if (!table) return unexpected{table.error()};
  const auto& rows = table->rows();
  const auto scale = detail::target_scale::of(y, rows);
  std::vector<detail::variance_criterion::target> targets;
  targets.reserve(rows.size());
  for (const auto i : rows) targets.push_back({scale.down(y[i]), weights.empty() ? 1 : weights[i]});
  auto cart = detail::grow_cart(
      *table, detail::variance_criterion{}, targets, options_, scale.unit(),
      [&](const detail::variance_criterion& node, std::uint32_t row) {
        return node.pure() ? y[rows[row]] : scale.up(node.value());
      },
      [&](double value, std::uint32_t row) {
        return (value - y[rows[row]]) / scale.factor * ((value - y[rows[row]]) / scale.factor);
      });
  features_ = x.columns();
  nodes_ = std::move(cart.tree.nodes);
  statistics_ = std::move(cart.tree.statistics);
  alpha_ = cart.alpha;
  return detail::tree_report(nodes_, rows.size(), "mean value");
}

}  // namespace lepton::predict
