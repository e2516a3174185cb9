// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/parallel_for.hpp>
#include <lepton/predict/random_forest_options.hpp>
#include <lepton/predict/tree_grower.hpp>

namespace lepton::predict::detail {

/// How the rows of each tree are drawn.
struct forest_plan {
  std::size_t trees = 100;
  std::size_t threads = 1;
  std::uint64_t seed = 1;
  bool bootstrap = true;  ///< with replacement
  std::size_t draws = 1;  ///< rows drawn for a tree
};

[[nodiscard]] inline auto plan_of(const random_forest_options& o, std::size_t rows) -> forest_plan {
  const auto draws = std::llround(o.sample_fraction * static_cast<double>(rows));
  return {o.trees, o.threads, o.seed, o.bootstrap, static_cast<std::size_t>(std::max(1LL, draws))};
}
/// `features` is for those who left the choice to us; `weight` that of all rows, `unit` turns
/// a squared number into what the criterion measures.
[[nodiscard]] inline auto limits_of(const random_forest_options& o, std::size_t columns,
                                    double features, double weight, double unit) -> growth_limits {
  growth_limits limits;
  limits.max_depth = o.max_depth;
  limits.min_leaf = std::max<std::size_t>(1, o.min_leaf);
  limits.min_split = o.min_split;
  limits.features = o.features > 0 ? o.features : static_cast<std::size_t>(std::max(1.0, features));
  limits.features = std::min(limits.features, columns);
  limits.min_gain = o.min_impurity_decrease * unit * weight;
  limits.keep_leaves = o.quantiles != forest_quantiles::none;
  return limits;
}

/// What each feature gained, tree after tree, as shares of all.
[[nodiscard]] inline auto shares_of(const std::vector<std::vector<double>>& gains,
                                    std::size_t features) -> std::vector<double> {
  std::vector<double> sum(features);
  double total = 0;
  for (const auto& tree : gains)
    for (std::size_t f = 0; f < features; ++f) {
      sum[f] += tree[f];
      total += tree[f];
    }
  if (total > 0)
    for (auto& s : sum) s /= total;
  return sum;
}

/// Rows of a tree: `counts` how often each was drawn, `rows` those drawn at least once, in order.
struct tree_sample {
  std::vector<std::uint32_t> counts;
  std::vector<std::uint32_t> rows;

  void draw(const forest_plan& plan, std::size_t n, std::size_t tree) {
    lepton::detail::pcg32 random{plan.seed, 2 * tree};
    const auto size = static_cast<std::uint32_t>(n);
    rows.clear();
    if (plan.bootstrap) {
      counts.assign(n, 0);
      for (std::size_t i = 0; i < plan.draws; ++i) ++counts[random.below(size)];
    } else {
      counts.assign(n, 1);
      // Selection sampling (Knuth 1969): each set of rows is equally likely.
      for (std::size_t i = 0, left = plan.draws; i < n; ++i) {
        const bool take = random.below(static_cast<std::uint32_t>(n - i)) < left;
        counts[i] = take;
        left -= take;
      }
    }
    for (std::size_t i = 0; i < n; ++i)
      if (counts[i] > 0) rows.push_back(static_cast<std::uint32_t>(i));
  }
};

/// Grows the trees of a forest, each from a seed of its own, so that the threads do not matter.
/// `targets` holds each row's target with its weight; `finish(tree, grown, sample)` is called
/// once a tree, from any thread, `sample.rows` in the order of the leaves.
template <class Criterion, class Value, class Finish>
void grow_forest(std::span<const ordered_column> columns, const Criterion& criterion,
                 std::span<const typename Criterion::target> targets, const growth_limits& limits,
                 const forest_plan& plan, Value value, Finish finish) {
  struct workspace {
    tree_grower<Criterion> grower;
    tree_sample sample;
    std::vector<typename Criterion::target> targets;
  };
  std::vector<std::uint32_t> all(targets.size());
  std::iota(all.begin(), all.end(), 0U);
  const auto ranks = tree_grower<Criterion>{columns, criterion, limits}.ranks(all, targets);
  const auto threads = threads_for(plan.threads, plan.trees);
  std::vector<std::unique_ptr<workspace>> spaces(threads);
  parallel_for(plan.trees, threads, [&](std::size_t tree, std::size_t thread) {
    auto& space = spaces[thread];
    if (!space)
      space = std::make_unique<workspace>(
          workspace{tree_grower<Criterion>{columns, criterion, limits}, {}, {}});
    space->sample.draw(plan, targets.size(), tree);
    space->targets.resize(targets.size());
    for (const auto i : space->sample.rows) {
      space->targets[i] = targets[i];
      space->targets[i].w *= space->sample.counts[i];
    }
    auto grown = space->grower.grow(space->sample.rows, space->targets, ranks,
                                    plan.seed + 0x9e3779b97f4a7c15U * (tree + 1), value);
    finish(tree, grown, space->sample);
  });
}

}  // namespace lepton::predict::detail
