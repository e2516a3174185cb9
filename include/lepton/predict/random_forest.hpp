// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/forest_growth.hpp>
#include <lepton/predict/forest_walk.hpp>
#include <lepton/predict/leaf_members.hpp>
#include <lepton/predict/out_of_bag.hpp>
#include <lepton/predict/random_forest_options.hpp>
#include <lepton/predict/training_table.hpp>

namespace lepton::predict {

/// The mean of many trees, each grown from rows drawn with replacement and looking at a random
/// few of the features in each node (Breiman 2001); quantiles from the training rows that share a
/// leaf with the row asked for (Meinshausen 2006).
///
/// Features may be missing (NaN): each split has learned where such rows go. The same options,
/// data and seed give the same forest whatever the number of threads.
/// `fit` takes O(trees * features a split * rows * log rows); a tree takes 16 bytes a node.
class random_forest {
 public:
  static constexpr std::string_view model_name = "random forest";

  random_forest() = default;
  explicit random_forest(random_forest_options options) : options_(options) {}

  /// Learns from rows of features and their numbers; rows without a number (NaN) are left out.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result {
    return fit(x, y, {});
  }
  /// The same with a weight, not negative, for each row.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y, std::span<const double> weights)
      -> fit_result;

  /// The mean to expect; the row has `features()` numbers (contract). NaN if never fitted.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (trees_.empty()) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == features_, "random_forest: another number of features");
    double sum = 0;
    detail::walk_trees(std::span{trees_}, row,
                       [&](std::size_t, const tree_node& leaf) { sum += leaf.threshold; });
    return sum / static_cast<double>(trees_.size());
  }

  /// Quantiles (0 < q < 1) of the number for these features, in the order asked for, as
  /// `options.quantiles` says: the smallest number whose share of the weights is at least q. Each
  /// tree shares out a weight of one among the rows of its leaf. NaN if never fitted, or fitted
  /// without quantiles. O(trees * (depth + rows in a leaf) + training rows / 64).
  void predict_quantiles(std::span<const double> row, std::span<const double> quantiles,
                         std::span<double> out) noexcept {
    LEPTON_ASSERT(quantiles.size() == out.size(), "predict_quantiles: a place for each quantile");
    if (members_.empty()) {
      std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
      return;
    }
    LEPTON_ASSERT(row.size() == features_, "random_forest: another number of features");
    double sum = 0;
    detail::walk_trees(std::span{trees_}, row, [&](std::size_t tree, const tree_node& leaf) {
      sum += leaf.threshold;
      members_.add(tree, leaf.key);
    });
    members_.quantiles(quantiles, out);
    if (options_.quantiles == forest_quantiles::out_of_bag_errors)
      for (auto& o : out) o += sum / static_cast<double>(trees_.size());
  }

  [[nodiscard]] auto options() const noexcept -> const random_forest_options& { return options_; }
  [[nodiscard]] auto features() const noexcept -> std::size_t { return features_; }
  [[nodiscard]] auto trees() const noexcept -> std::span<const tree_nodes> { return trees_; }
  /// Share of each feature in what all splits gained (decrease of squared deviation); sums to 1,
  /// or all 0 if nothing was split.
  [[nodiscard]] auto importance() const noexcept -> std::span<const double> { return importance_; }
  /// How much the squared error of a tree on the rows that it was not grown from rises when the
  /// feature is shuffled among them (Breiman 2001), mean over the trees; empty unless asked for.
  [[nodiscard]] auto permutation_importance() const noexcept -> std::span<const double> {
    return permutation_;
  }
  /// R² of the rows predicted by the trees that were not grown from them; NaN unless that was
  /// asked for or is needed for quantiles, or if there is no such row.
  [[nodiscard]] auto out_of_bag_score() const noexcept -> double { return out_of_bag_; }

  template <class Archive>
  void persist(Archive& a);

 private:
  random_forest_options options_{};
  std::size_t features_ = 0;
  std::vector<tree_nodes> trees_;
  detail::leaf_members members_;
  std::vector<double> importance_;
  std::vector<double> permutation_;
  double out_of_bag_ = std::numeric_limits<double>::quiet_NaN();
};

inline auto random_forest::fit(matrix_view x, std::span<const double> y,
                               std::span<const double> weights) -> fit_result {
  if (const auto good = options_.check(model_name); !good) return unexpected{good.error()};
  if (const auto good = detail::finite_targets(model_name, y); !good)
    return unexpected{good.error()};
  const auto table = detail::training_table::check(model_name, x, y.size(), weights,
                                                   [&](std::size_t i) { return std::isnan(y[i]); });
  if (!table) return unexpected{table.error()};
  const auto& rows = table->rows();
  const auto n = rows.size();
  const auto scale = detail::target_scale::of(y, rows);
  std::vector<double> numbers(n);
  std::vector<double> row_weights;
  std::vector<detail::variance_criterion::target> targets(n);
  double weight = 0;
  for (std::size_t i = 0; i < n; ++i) {
    numbers[i] = y[rows[i]];
    const double w = weights.empty() ? 1 : weights[rows[i]];
    if (!weights.empty()) row_weights.push_back(w);
    targets[i] = {scale.down(numbers[i]), w};
    weight += w;
  }
  const auto columns = table->columns(options_.group_limit(), options_.threads);
  const auto limits = detail::limits_of(options_, x.columns(), static_cast<double>(x.columns()) / 3,
                                        weight, scale.unit());
  const bool by_errors = options_.quantiles == forest_quantiles::out_of_bag_errors;
  const bool keep = options_.quantiles != forest_quantiles::none;
  random_forest fitted{options_};
  fitted.features_ = x.columns();
  fitted.trees_.resize(options_.trees);
  if (keep) fitted.members_ = detail::leaf_members{options_.trees};
  std::vector<std::vector<double>> gains(options_.trees);
  detail::out_of_bag left_out{table->features(), options_.trees, options_.seed,
                              options_.out_of_bag || by_errors, options_.permutation};
  detail::grow_forest(
      std::span<const detail::ordered_column>{columns}, detail::variance_criterion{},
      std::span<const detail::variance_criterion::target>{targets}, limits,
      detail::plan_of(options_, n),
      [&](const detail::variance_criterion& node, std::uint32_t row) {
        return node.pure() ? numbers[row] : scale.up(node.value());
      },
      [&](std::size_t tree, detail::grown_tree& grown, const detail::tree_sample& sample) {
        gains[tree] = std::move(grown.importance);
        if (keep) fitted.members_.set(tree, grown.leaf_ends, sample.rows, sample.counts);
        left_out.tree(tree, grown.nodes, sample, [&](std::uint32_t row, const tree_node& leaf) {
          return (numbers[row] - leaf.threshold) * (numbers[row] - leaf.threshold);
        });
        fitted.trees_[tree] = std::move(grown.nodes);
      });
  fitted.importance_ = detail::shares_of(gains, x.columns());
  fitted.permutation_ = left_out.permutation();
  if (options_.out_of_bag || by_errors) {
    detail::mean_error errors{n};
    left_out.for_each([&](std::size_t tree, std::uint32_t row, std::uint32_t node) {
      errors.add(row, fitted.trees_[tree][node].threshold);
    });
    fitted.out_of_bag_ = errors.finish(numbers);
    if (by_errors) fitted.members_.finish(errors.errors(), row_weights);
  }
  if (options_.quantiles == forest_quantiles::leaf_values)
    fitted.members_.finish(numbers, row_weights);
  fit_report report;
  report.observations = n;
  report.iterations = options_.trees;
  for (const auto& t : fitted.trees_) report.parameters += t.leaves();
  if (report.parameters == options_.trees) report.fallback = "mean value";
  *this = std::move(fitted);
  return report;
}

template <class Archive>
void random_forest::persist(Archive& a) {
  a(options_, features_, trees_, members_, importance_, permutation_, out_of_bag_);
  if constexpr (Archive::reads) {
    bool good = importance_.size() == features_ || trees_.empty();
    for (const auto& t : trees_) good = good && !t.empty() && t.valid(features_);
    good = good && (members_.empty() || members_.trees() == trees_.size()) &&
           members_.valid([&](std::size_t t) { return trees_[t].leaves(); });
    if (!good) a.reject();
  }
}

}  // namespace lepton::predict
