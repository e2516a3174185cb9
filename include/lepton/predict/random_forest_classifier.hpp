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

#include <lepton/predict/class_labels.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/forest_growth.hpp>
#include <lepton/predict/forest_walk.hpp>
#include <lepton/predict/out_of_bag.hpp>
#include <lepton/predict/random_forest_options.hpp>
#include <lepton/predict/training_table.hpp>

namespace lepton::predict {

/// A class (0, 1, ...) by many trees: the shares of the classes in the leaves that a row ends in,
/// averaged over the trees (Breiman 2001). Options and all else as in `random_forest`, the
/// quantiles apart; splits lower Gini's index.
class random_forest_classifier {
 public:
  static constexpr std::string_view model_name = "random forest classifier";

  random_forest_classifier() = default;
  explicit random_forest_classifier(random_forest_options options) : options_(options) {}

  /// Learns from rows of features and their classes.
  [[nodiscard]] auto fit(matrix_view x, std::span<const std::uint32_t> classes) -> fit_result {
    return fit(x, classes, {});
  }
  /// The same with a weight, not negative, for each row.
  [[nodiscard]] auto fit(matrix_view x, std::span<const std::uint32_t> classes,
                         std::span<const double> weights) -> fit_result;

  /// Share of each of the `classes()` classes, mean over the trees; NaN if never fitted. The row
  /// has `features()` numbers (contract).
  void predict_shares(std::span<const double> row, std::span<double> out) const noexcept {
    if (trees_.empty()) {
      std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
      return;
    }
    LEPTON_ASSERT(row.size() == features_ && out.size() == classes_,
                  "predict_shares: a number for each feature, and a place for each class");
    std::fill(out.begin(), out.end(), 0.0);
    detail::walk_trees(std::span{trees_}, row, [&](std::size_t tree, const tree_node& leaf) {
      const auto* const shares = shares_[tree].data() + leaf.key * classes_;
      for (std::size_t c = 0; c < classes_; ++c) out[c] += static_cast<double>(shares[c]);
    });
    for (auto& o : out) o /= static_cast<double>(trees_.size());
  }
  /// The class with the largest share, the lowest of several; 0 if never fitted.
  [[nodiscard]] auto predict(std::span<const double> row) noexcept -> std::uint32_t {
    if (trees_.empty()) return 0;
    predict_shares(row, room_);
    return detail::largest(room_);
  }

  [[nodiscard]] auto options() const noexcept -> const random_forest_options& { return options_; }
  [[nodiscard]] auto features() const noexcept -> std::size_t { return features_; }
  [[nodiscard]] auto classes() const noexcept -> std::size_t { return classes_; }
  [[nodiscard]] auto trees() const noexcept -> std::span<const tree_nodes> { return trees_; }
  /// Share of each feature in what all splits gained; sums to 1, or all 0 without a split.
  [[nodiscard]] auto importance() const noexcept -> std::span<const double> { return importance_; }
  /// How much more often a tree is wrong about the rows it was not grown from when the feature is
  /// shuffled among them, mean over the trees; empty unless asked for.
  [[nodiscard]] auto permutation_importance() const noexcept -> std::span<const double> {
    return permutation_;
  }
  /// Share of the rows that the trees not grown from them are right about; NaN unless asked for.
  [[nodiscard]] auto out_of_bag_score() const noexcept -> double { return out_of_bag_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_, features_, classes_, trees_, shares_, importance_, permutation_, out_of_bag_);
    if constexpr (Archive::reads) {
      bool good = shares_.size() == trees_.size() && classes_ <= 65536 &&
                  (trees_.empty() || importance_.size() == features_);
      for (std::size_t t = 0; good && t < trees_.size(); ++t)
        good = !trees_[t].empty() && trees_[t].valid(features_) &&
               shares_[t].size() == trees_[t].leaves() * classes_;
      if (!good)
        a.reject();
      else
        room_.resize(classes_);
    }
  }

 private:
  [[nodiscard]] auto score(const detail::out_of_bag& left_out,
                           std::span<const detail::gini_criterion::target> targets) const
      -> double {
    std::vector<double> sums(targets.size() * classes_);
    std::vector<bool> seen(targets.size());
    left_out.for_each([&](std::size_t tree, std::uint32_t row, std::uint32_t node) {
      const auto leaf = std::size_t{trees_[tree][node].key};
      for (std::size_t c = 0; c < classes_; ++c)
        sums[row * classes_ + c] += static_cast<double>(shares_[tree][leaf * classes_ + c]);
      seen[row] = true;
    });
    double rows = 0;
    double right = 0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!seen[i]) continue;
      ++rows;
      right += detail::largest(std::span{sums}.subspan(i * classes_, classes_)) == targets[i].y;
    }
    return rows > 0 ? right / rows : std::numeric_limits<double>::quiet_NaN();
  }

  random_forest_options options_{};
  std::size_t features_ = 0;
  std::size_t classes_ = 0;
  std::vector<tree_nodes> trees_;
  std::vector<std::vector<float>> shares_;  ///< of each class in each leaf of each tree
  std::vector<double> importance_;
  std::vector<double> permutation_;
  double out_of_bag_ = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> room_;
};

inline auto random_forest_classifier::fit(matrix_view x, std::span<const std::uint32_t> classes,
                                          std::span<const double> weights) -> fit_result {
  using criterion = detail::gini_criterion;
  if (const auto good = options_.check(model_name); !good) return unexpected{good.error()};
  const auto count = detail::count_classes(model_name, classes);
  if (!count) return unexpected{count.error()};
  const auto table = detail::training_table::check(model_name, x, classes.size(), weights,
                                                   [](std::size_t) { return false; });
  if (!table) return unexpected{table.error()};
  std::vector<criterion::target> targets;
  double weight = 0;
  for (const auto i : table->rows()) {
    targets.push_back({classes[i], weights.empty() ? 1 : weights[i]});
    weight += targets.back().w;
  }
  const auto columns = table->columns(options_.group_limit(), options_.threads);
  auto limits = detail::limits_of(options_, x.columns(),
                                  std::sqrt(static_cast<double>(x.columns())), weight, 1);
  limits.keep_leaves = false;
  random_forest_classifier fitted{options_};
  fitted.features_ = x.columns();
  fitted.classes_ = *count;
  fitted.trees_.resize(options_.trees);
  fitted.shares_.resize(options_.trees);
  fitted.room_.resize(*count);
  std::vector<std::vector<double>> gains(options_.trees);
  detail::out_of_bag left_out{table->features(), options_.trees, options_.seed, options_.out_of_bag,
                              options_.permutation};
  detail::grow_forest(
      std::span<const detail::ordered_column>{columns}, criterion{*count},
      std::span<const criterion::target>{targets}, limits,
      detail::plan_of(options_, targets.size()),
      [](const criterion& node, std::uint32_t) { return node.value(); },
      [&](std::size_t tree, detail::grown_tree& grown, const detail::tree_sample& sample) {
        gains[tree] = std::move(grown.importance);
        auto& shares = fitted.shares_[tree];
        for (std::size_t i = 0; i < grown.counts.size(); i += *count) {
          double sum = 0;
          for (std::size_t c = 0; c < *count; ++c) sum += grown.counts[i + c];
          for (std::size_t c = 0; c < *count; ++c)
            shares.push_back(static_cast<float>(grown.counts[i + c] / sum));
        }
        left_out.tree(tree, grown.nodes, sample, [&](std::uint32_t row, const tree_node& leaf) {
          return leaf.threshold == static_cast<double>(targets[row].y) ? 0.0 : 1.0;
        });
        fitted.trees_[tree] = std::move(grown.nodes);
      });
  fitted.importance_ = detail::shares_of(gains, x.columns());
  fitted.permutation_ = left_out.permutation();
  if (options_.out_of_bag) fitted.out_of_bag_ = fitted.score(left_out, targets);
  fit_report report;
  report.observations = targets.size();
  report.iterations = options_.trees;
  for (const auto& t : fitted.trees_) report.parameters += t.leaves();
  if (report.parameters == options_.trees) report.fallback = "most frequent class";
  *this = std::move(fitted);
  return report;
}

}  // namespace lepton::predict
