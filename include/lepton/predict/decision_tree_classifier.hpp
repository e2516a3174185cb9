// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/cart.hpp>
#include <lepton/predict/class_labels.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/cost_complexity.hpp>
#include <lepton/predict/decision_tree_options.hpp>
#include <lepton/predict/training_table.hpp>

namespace lepton::predict {

/// A class (0, 1, ...) by a tree of questions, grown by the splits that lower Gini's index or the
/// entropy most. All else as `decision_tree` says; pruning weighs leaves against the impurity,
/// cross-validation counts wrong classes.
class decision_tree_classifier {
 public:
  static constexpr std::string_view model_name = "decision tree classifier";

  decision_tree_classifier() = default;
  explicit decision_tree_classifier(decision_tree_options options) : options_(options) {}

  /// Learns from rows of features and their classes.
  [[nodiscard]] auto fit(matrix_view x, std::span<const std::uint32_t> classes) -> fit_result {
    return fit(x, classes, {});
  }
  /// The same with a weight, not negative, for each row.
  [[nodiscard]] auto fit(matrix_view x, std::span<const std::uint32_t> classes,
                         std::span<const double> weights) -> fit_result;

  /// The most frequent class among the training rows of the leaf, the lowest of several; 0 if never
  /// fitted. The row has `features()` numbers (contract).
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> std::uint32_t {
    if (nodes_.empty()) return 0;
    LEPTON_ASSERT(row.size() == features_, "decision_tree_classifier: other features");
    return static_cast<std::uint32_t>(nodes_.leaf_of(row).threshold);
  }
  /// Share of each of the `classes()` classes in the leaf; NaN if never fitted.
  void predict_shares(std::span<const double> row, std::span<double> out) const noexcept {
    std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
    if (nodes_.empty()) return;
    LEPTON_ASSERT(row.size() == features_ && out.size() == classes_,
                  "predict_shares: a number for each feature, and a place for each class");
    const auto& leaf = nodes_.leaf_of(row);
    const auto node = static_cast<std::size_t>(&leaf - nodes_.data());
    for (std::size_t c = 0; c < classes_; ++c)
      out[c] = counts_[node * classes_ + c] / statistics_[node].weight;
  }

  [[nodiscard]] auto options() const noexcept -> const decision_tree_options& { return options_; }
  [[nodiscard]] auto features() const noexcept -> std::size_t { return features_; }
  [[nodiscard]] auto classes() const noexcept -> std::size_t { return classes_; }
  [[nodiscard]] auto nodes() const noexcept -> const tree_nodes& { return nodes_; }
  /// Most frequent class, weight and impurity of the training rows in each node.
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
    a(options_, features_, classes_, nodes_, statistics_, counts_, alpha_);
    if constexpr (Archive::reads) {
      bool good = nodes_.valid(features_) && detail::valid_statistics(nodes_, statistics_) &&
                  classes_ <= 65536 && counts_.size() == nodes_.size() * classes_;
      for (std::size_t i = 0; good && i < nodes_.size(); ++i)
        good = !nodes_[i].leaf() ||
               (nodes_[i].threshold >= 0 && nodes_[i].threshold < static_cast<double>(classes_));
      if (!good) a.reject();
    }
  }

 private:
  template <class Criterion>
  auto fit_by(const detail::training_table& table, std::span<const std::uint32_t> labels,
              std::span<const double> weights) -> fit_report {
    const auto& rows = table.rows();
    std::vector<typename Criterion::target> targets;
    targets.reserve(rows.size());
    for (const auto i : rows) targets.push_back({labels[i], weights.empty() ? 1 : weights[i]});
    auto cart = detail::grow_cart(
        table, Criterion{classes_}, targets, options_, 1,
        [](const Criterion& node, std::uint32_t) { return node.value(); },
        [&](double value, std::uint32_t row) {
          return value == static_cast<double>(targets[row].y) ? 0.0 : 1.0;
        });
    nodes_ = std::move(cart.tree.nodes);
    statistics_ = std::move(cart.tree.statistics);
    counts_ = std::move(cart.tree.counts);
    alpha_ = cart.alpha;
    return detail::tree_report(nodes_, rows.size(), "most frequent class");
  }

  decision_tree_options options_{};
  std::size_t features_ = 0;
  std::size_t classes_ = 0;
  tree_nodes nodes_;
  std::vector<node_statistics> statistics_;
  std::vector<double> counts_;  ///< weight of each class in each node
  double alpha_ = 0;
};

inline auto decision_tree_classifier::fit(matrix_view x, std::span<const std::uint32_t> classes,
                                          std::span<const double> weights) -> fit_result {
  if (const auto good = options_.check(model_name); !good) return unexpected{good.error()};
  const auto count = detail::count_classes(model_name, classes);
  if (!count) return unexpected{count.error()};
  const auto table = detail::training_table::check(model_name, x, classes.size(), weights,
                                                   [](std::size_t) { return false; });
  if (!table) return unexpected{table.error()};
  features_ = x.columns();
  classes_ = *count;
  return options_.impurity == class_impurity::gini
             ? fit_by<detail::gini_criterion>(*table, classes, weights)
             : fit_by<detail::entropy_criterion>(*table, classes, weights);
}

}  // namespace lepton::predict
