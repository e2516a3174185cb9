// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/boosted_tree.hpp>
#include <lepton/predict/forest_walk.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/weighted_quantile.hpp>

namespace lepton::predict::detail {

/// What to learn from: rows [0, train) to fit, the rest to tell when to stop.
struct boosting_data {
  matrix_view x;
  const binned_matrix* bins;  ///< of the first `train` rows
  std::span<const double> y;
  std::span<const double> weights;  ///< one a row
  std::size_t train;
};

/// The loss of one number, its derivatives, and the constant that fits best.
struct loss_function {
  boosting_loss kind = boosting_loss::squared;
  double level = 0.5;

  [[nodiscard]] auto step_by_quantile() const noexcept -> bool {
    return kind == boosting_loss::absolute || kind == boosting_loss::quantile;
  }
  [[nodiscard]] auto of(double y, double f) const noexcept -> double {
    const double d = y - f;
    switch (kind) {
      case boosting_loss::squared:
        return d * d;
      case boosting_loss::poisson:
        return std::exp(f) - y * f;
      default:
        return d >= 0 ? level * d : (level - 1) * d;
    }
  }
  [[nodiscard]] auto derivatives(double y, double f, double w) const noexcept -> gradient_pair {
    switch (kind) {
      case boosting_loss::squared:
        return {w * (f - y), w};
      case boosting_loss::poisson:
        return {w * (std::exp(f) - y), w * std::exp(f)};
      default:
        return {y > f ? -level * w : (1 - level) * w, w};
    }
  }
  [[nodiscard]] auto best_constant(std::span<const double> y, std::span<const double> w) const
      -> double {
    if (step_by_quantile()) {
      std::vector<std::pair<double, double>> room;
      for (std::size_t i = 0; i < y.size(); ++i) room.emplace_back(y[i], w[i]);
      return weighted_quantile(room, level);
    }
    double mean = 0;
    double weight = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      weight += w[i];
      mean += w[i] / weight * (y[i] - mean);
    }
    return kind == boosting_loss::poisson
               ? std::log(std::max(mean, std::numeric_limits<double>::min()))
               : mean;
  }
};

/// A sum of trees.
class boosted_ensemble {
 public:
  [[nodiscard]] auto empty() const noexcept -> bool { return trees_.empty(); }
  [[nodiscard]] auto trees() const noexcept -> std::span<const tree_nodes> { return trees_; }
  /// The sum for a row.
  [[nodiscard]] auto sum(std::span<const double> row) const noexcept -> double {
    double s = start_;
    walk_trees(std::span{trees_}, row,
               [&](std::size_t, const tree_node& leaf) { s += leaf.threshold; });
    return s;
  }

  void fit(const boosting_data& data, const gradient_boosting_options& options,
           loss_function loss) {
    const auto n = data.train;
    const auto total = data.y.size();
    start_ = loss.best_constant(data.y.first(n), data.weights.first(n));
    trees_.clear();
    std::vector<double> now(total, start_);
    std::vector<gradient_pair> gradients(n);
    boosted_tree_grower grower{*data.bins, options};
    lepton::detail::pcg32 random{options.seed};
    std::vector<std::uint32_t> held(total - n);
    std::iota(held.begin(), held.end(), static_cast<std::uint32_t>(n));
    std::vector<std::uint32_t> out;
    std::size_t best = 0;
    double least = validation_loss(data, now, loss);
    for (std::size_t i = 0; i < options.iterations; ++i) {
      for (std::size_t r = 0; r < n; ++r)
        gradients[r] = loss.derivatives(data.y[r], now[r], data.weights[r]);
      out = held;
      auto rows = draw(n, options.subsample, random, &out);
      const auto features = draw(data.x.columns(), options.column_sample, random, nullptr);
      auto tree = grower.grow(std::move(rows), features, gradients);
      for (const auto& leaf : grower.leaves()) {
        auto& value = tree.nodes()[leaf.node].threshold;
        const auto members = grower.rows().subspan(leaf.begin, leaf.end - leaf.begin);
        if (loss.step_by_quantile()) {
          room_.clear();
          for (const auto r : members) room_.emplace_back(data.y[r] - now[r], data.weights[r]);
          value = weighted_quantile(room_, loss.level);
        }
        // A step of the logarithm by more than 20 is no better than 20.
        if (loss.kind == boosting_loss::poisson) value = std::clamp(value, -20.0, 20.0);
        value *= options.learning_rate;
        for (const auto r : members) now[r] += value;
      }
      walk_rows(tree, data.x, out,
                [&](std::uint32_t r, std::uint32_t leaf) { now[r] += tree[leaf].threshold; });
      const bool nothing = tree.size() == 1 && options.subsample == 1 && options.column_sample == 1;
      trees_.push_back(std::move(tree));
      if (n < total) {
        const double l = validation_loss(data, now, loss);
        if (l < least) {
          least = l;
          best = trees_.size();
        }
        if (options.patience > 0 && trees_.size() - best >= options.patience) break;
      }
      if (nothing && std::abs(trees_.back()[0].threshold) <= 1e-12 * (1 + std::abs(start_))) break;
    }
    if (n < total && options.patience > 0) trees_.resize(std::max<std::size_t>(1, best));
  }

  [[nodiscard]] auto valid(std::size_t features) const -> bool {
    if (!std::isfinite(start_)) return false;
    for (const auto& t : trees_)
      if (t.empty() || !t.valid(features)) return false;
    return true;
  }
  template <class Archive>
  void persist(Archive& a) {
    a(start_, trees_);
  }

 private:
  static auto validation_loss(const boosting_data& data, const std::vector<double>& now,
                              const loss_function& loss) noexcept -> double {
    double sum = 0;
    for (auto r = data.train; r < now.size(); ++r)
      sum += data.weights[r] * loss.of(data.y[r], now[r]);
    return sum;
  }
  /// A share of 0...n-1, in order; those left out are added to `out`.
  static auto draw(std::size_t n, double share, lepton::detail::pcg32& random,
                   std::vector<std::uint32_t>* out) -> std::vector<std::uint32_t> {
    std::vector<std::uint32_t> taken;
    taken.reserve(n);
    auto left = static_cast<std::size_t>(std::max(1.0, std::round(share * static_cast<double>(n))));
    for (std::size_t i = 0; i < n; ++i) {
      const bool take = left == n - i || random.below(static_cast<std::uint32_t>(n - i)) < left;
      left -= static_cast<std::size_t>(take);
      if (take) {
        taken.push_back(static_cast<std::uint32_t>(i));
      } else if (out != nullptr) {
        out->push_back(static_cast<std::uint32_t>(i));
      }
    }
    return taken;
  }

  double start_ = 0;
  std::vector<tree_nodes> trees_;
  std::vector<std::pair<double, double>> room_;
};

}  // namespace lepton::predict::detail
