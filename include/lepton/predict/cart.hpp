// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/predict/cost_complexity.hpp>
#include <lepton/predict/decision_tree_options.hpp>
#include <lepton/predict/fit_report.hpp>
#include <lepton/predict/training_table.hpp>
#include <lepton/predict/tree_grower.hpp>

namespace lepton::predict::detail {

struct cart_result {
  grown_tree tree;
  double alpha = 0;
};

/// Losses of held-out rows by all the trees of a pruning sequence at once.
class pruning_losses {
 public:
  /// One tree for each cost of a leaf, ascending.
  explicit pruning_losses(std::vector<double> alphas)
      : alphas_(std::move(alphas)), sum_(alphas_.size() + 1), squares_(alphas_.size() + 1) {}

  /// Adds a row; `loss(node)` of being predicted by that node.
  template <class Loss>
  void add(const tree_nodes& nodes, const std::vector<double>& node_alphas,
           std::span<const double> row, double weight, Loss loss) {
    weight_ += weight;
    auto end = alphas_.size();
    for (std::size_t i = 0;;) {
      const bool leaf = nodes[i].leaf();
      // Trees for which this node is a leaf, and none above is.
      const auto begin =
          leaf ? 0
               : static_cast<std::size_t>(
                     std::lower_bound(alphas_.begin(), alphas_.end(), node_alphas[i]) -
                     alphas_.begin());
      if (begin < end) {
        const double l = loss(i);
        sum_[begin] += weight * l;
        sum_[end] -= weight * l;
        squares_[begin] += weight * l * l;
        squares_[end] -= weight * l * l;
        end = begin;
      }
      if (end == 0) return;
      i = nodes[i].child(row[nodes[i].feature()]);
    }
  }
  /// The cost with the least loss, the largest of equals; or the largest cost whose loss is
  /// within one standard error of that.
  [[nodiscard]] auto best(bool one_standard_error, std::size_t rows) const -> double {
    const auto n = alphas_.size();
    std::vector<double> loss(n);
    std::vector<double> squares(n);
    std::partial_sum(sum_.begin(), sum_.end() - 1, loss.begin());
    std::partial_sum(squares_.begin(), squares_.end() - 1, squares.begin());
    const auto least =
        static_cast<std::size_t>(std::min_element(loss.begin(), loss.end()) - loss.begin());
    double bar = loss[least] * (1 + 1e-9) / weight_;
    if (one_standard_error) {
      const double mean = loss[least] / weight_;
      const double variance = std::max(0.0, squares[least] / weight_ - mean * mean);
      bar += std::sqrt(variance / static_cast<double>(rows));
    }
    for (auto i = n; i-- > 0;)
      if (loss[i] / weight_ <= bar) return alphas_[i];
    return alphas_[least];
  }

 private:
  std::vector<double> alphas_;
  std::vector<double> sum_;      ///< differences from one tree to the next
  std::vector<double> squares_;  ///< of squared losses
  double weight_ = 0;
};

/// Grows a tree and prunes it as the options say. `value(criterion, row)` is what a node
/// predicts; `loss(value, row)` of a row that it is predicted for. `unit` turns a squared number
/// into what the criterion measures.
template <class Criterion, class Value, class Loss>
[[nodiscard]] auto grow_cart(const training_table& table, const Criterion& criterion,
                             const std::vector<typename Criterion::target>& targets,
                             const decision_tree_options& options, double unit, Value value,
                             Loss loss) -> cart_result {
  const auto n = targets.size();
  const auto columns = table.columns(0, 1);
  double weight = 0;
  for (const auto& t : targets) weight += t.w;
  growth_limits limits;
  limits.max_depth = options.max_depth;
  limits.min_leaf = std::max<std::size_t>(1, options.min_leaf);
  limits.min_split = options.min_split;
  limits.features = columns.size();
  limits.min_gain = options.min_impurity_decrease * unit * weight;
  limits.keep_nodes = true;
  tree_grower<Criterion> grower{columns, criterion, limits};
  const std::span<const typename Criterion::target> all{targets};
  std::vector<std::uint32_t> rows(n);
  std::iota(rows.begin(), rows.end(), 0U);
  const auto ranks = grower.ranks(rows, all);
  cart_result result{grower.grow(rows, all, ranks, options.seed, value),
                     options.pruning_alpha * unit};
  const auto alphas = pruning_alphas(result.tree.nodes, result.tree.statistics);
  if (options.pruning_folds > 1 && n > 1) {
    const auto steps = pruning_steps(result.tree.nodes, result.tree.statistics, alphas);
    std::vector<double> costs;
    for (std::size_t k = 0; k + 1 < steps.size(); ++k)
      costs.push_back(std::sqrt(steps[k].alpha) * std::sqrt(steps[k + 1].alpha));
    costs.push_back(std::numeric_limits<double>::max());
    pruning_losses losses{costs};
    const auto folds = std::min(options.pruning_folds, n);
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    lepton::detail::pcg32 random{options.seed};
    lepton::detail::shuffle(order, random);
    for (std::size_t fold = 0; fold < folds; ++fold) {
      rows.clear();
      for (std::size_t k = 0; k < n; ++k)
        if (k % folds != fold) rows.push_back(order[k]);
      std::sort(rows.begin(), rows.end());
      const auto part = grower.grow(rows, all, ranks, options.seed, value);
      const auto part_alphas = pruning_alphas(part.nodes, part.statistics);
      for (auto k = fold; k < n; k += folds) {
        const auto row = order[k];
        losses.add(part.nodes, part_alphas, table.features().row(row), targets[row].w,
                   [&](std::size_t i) { return loss(part.statistics[i].value, row); });
      }
    }
    result.alpha = losses.best(options.one_standard_error, n);
  }
  if (result.alpha > 0) result.tree = pruned(result.tree, alphas, result.alpha);
  result.alpha = std::min(result.alpha / unit, std::numeric_limits<double>::max());
  for (auto& s : result.tree.statistics)
    s.impurity = std::min(s.impurity / unit, std::numeric_limits<double>::max());
  return result;
}

/// Share of each feature in the decrease of weight times impurity.
[[nodiscard]] inline auto tree_importance(const tree_nodes& nodes,
                                          const std::vector<node_statistics>& statistics,
                                          std::size_t features) -> std::vector<double> {
  std::vector<double> gains(features);
  double total = 0;
  const auto part = [&](std::size_t i) {
    return statistics[i].weight / statistics[0].weight * statistics[i].impurity;
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].leaf()) continue;
    const double gain =
        std::max(0.0, part(i) - part(nodes[i].left) - part(std::size_t{nodes[i].left} + 1));
    gains[nodes[i].feature()] += gain;
    total += gain;
  }
  if (total > 0)
    for (auto& g : gains) g /= total;
  return gains;
}

[[nodiscard]] inline auto valid_statistics(const tree_nodes& nodes,
                                           const std::vector<node_statistics>& statistics) -> bool {
  if (nodes.size() != statistics.size()) return false;
  for (const auto& s : statistics)
    if (!std::isfinite(s.value) || !(s.weight > 0) || !(s.impurity >= 0)) return false;
  return true;
}

[[nodiscard]] inline auto tree_report(const tree_nodes& nodes, std::size_t rows,
                                      std::string_view simpler) -> fit_report {
  fit_report report;
  report.parameters = nodes.leaves();
  report.observations = rows;
  if (nodes.size() == 1) report.fallback = simpler;
  return report;
}

}  // namespace lepton::predict::detail
