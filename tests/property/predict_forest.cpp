// SPDX-License-Identifier: Apache-2.0
// Trees beside slow twins: every split against all splits, pruning against all subtrees, the
// quantile forest against the weights of its definition.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/decision_tree.hpp>
#include <lepton/predict/decision_tree_classifier.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/random_forest.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;
using lepton::detail::pcg32;

constexpr std::size_t rounds = LEPTON_PROPERTY_DECISIONS / 100;
const double missing = std::numeric_limits<double>::quiet_NaN();

struct sample {
  std::size_t features = 1;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<std::uint32_t> labels;
  std::vector<double> weights;

  [[nodiscard]] auto rows() const { return y.size(); }
  [[nodiscard]] auto row(std::size_t i) const {
    return std::span{x}.subspan(i * features, features);
  }
};

// Small tables with ties, gaps and weights, or without. Whole weights keep sums exact.
auto random_sample(pcg32& random, std::size_t most_rows) -> sample {
  sample s;
  const auto n = 2 + random.below(static_cast<std::uint32_t>(most_rows - 1));
  s.features = 1 + random.below(4);
  const auto values = random.below(3) == 0 ? 1000000U : 1 + random.below(12);
  const auto gaps = random.below(3);
  const bool weighted = random.below(2) == 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t f = 0; f < s.features; ++f)
      s.x.push_back(gaps > 0 && random.below(6) < gaps ? missing : random.below(values) * 0.5);
    s.y.push_back(random.below(4) == 0 ? 3 : random.below(9));
    s.labels.push_back(random.below(3));
    s.weights.push_back(weighted ? 1 + random.below(3) : 1);
  }
  return s;
}

// Weight times impurity of some rows.
auto squared(const sample& s, const std::vector<std::size_t>& rows) -> double {
  double w = 0;
  double sum = 0;
  for (const auto i : rows) {
    w += s.weights[i];
    sum += s.weights[i] * s.y[i];
  }
  double total = 0;
  for (const auto i : rows) total += s.weights[i] * (s.y[i] - sum / w) * (s.y[i] - sum / w);
  return total;
}
template <bool Entropy>
auto mixed(const sample& s, const std::vector<std::size_t>& rows) -> double {
  std::array<double, 3> counts{};
  double w = 0;
  for (const auto i : rows) {
    counts[s.labels[i]] += s.weights[i];
    w += s.weights[i];
  }
  double sum = Entropy ? 0 : 1;
  for (const double c : counts) {
    if (Entropy && c > 0) sum -= c / w * std::log2(c / w);
    if (!Entropy) sum -= c / w * (c / w);
  }
  return sum * w;
}

// The most that any split of the rows gains; negative if there is none.
template <class Impurity>
auto best_gain(const sample& s, const std::vector<std::size_t>& rows, std::size_t min_leaf,
               Impurity impurity) -> double {
  double best = -1;
  const double before = impurity(s, rows);
  for (std::size_t f = 0; f < s.features; ++f) {
    std::vector<double> cuts{std::numeric_limits<double>::infinity()};
    for (const auto i : rows)
      if (!std::isnan(s.x[i * s.features + f])) cuts.push_back(s.x[i * s.features + f]);
    for (const double cut : cuts) {
      for (const bool missing_left : {false, true}) {
        std::vector<std::size_t> left;
        std::vector<std::size_t> right;
        for (const auto i : rows) {
          const double v = s.x[i * s.features + f];
          (std::isnan(v) ? missing_left : v <= cut) ? left.push_back(i) : right.push_back(i);
        }
        if (left.size() < min_leaf || right.size() < min_leaf) continue;
        best = std::max(best, before - impurity(s, left) - impurity(s, right));
      }
    }
  }
  return best;
}

// Checks each node of a tree against all splits of the rows that come to it.
template <class Impurity>
void check_nodes(const sample& s, const tree_nodes& tree, std::size_t min_leaf, std::size_t depth,
                 Impurity impurity) {
  std::vector<std::vector<std::size_t>> members(tree.size());
  std::vector<std::size_t> depths(tree.size());
  for (std::size_t i = 0; i < s.rows(); ++i) members[0].push_back(i);
  bool good = true;
  for (std::size_t k = 0; k < tree.size() && good; ++k) {
    const auto& node = tree[k];
    const auto& rows = members[k];
    const double before = impurity(s, rows);
    const double best = best_gain(s, rows, min_leaf, impurity);
    if (node.leaf()) {
      good = before < 1e-9 || best < 0 || depths[k] == depth;
      continue;
    }
    depths[node.left] = depths[node.left + 1] = depths[k] + 1;
    for (const auto i : rows) members[node.child(s.row(i)[node.feature()])].push_back(i);
    const auto& left = members[node.left];
    const auto& right = members[node.left + 1];
    good = left.size() >= min_leaf && right.size() >= min_leaf && depths[k] < depth &&
           std::abs(before - impurity(s, left) - impurity(s, right) - best) < 1e-7;
    // Without missing rows to learn from, such rows go where more went.
    bool gap = false;
    for (const auto i : rows) gap = gap || std::isnan(s.row(i)[node.feature()]);
    if (!gap) good = good && node.missing_left() == (left.size() > right.size());
  }
  REQUIRE(good);
}

}  // namespace

TEST_CASE("forest: every split of a tree is the best of all") {
  pcg32 random{1};
  for (std::size_t round = 0; round < rounds; ++round) {
    // Beyond 64 rows nodes are searched in another way; then only the first levels.
    const bool large = round % 16 == 0;
    const auto s = random_sample(random, large ? 150 : 20);
    decision_tree_options o;
    o.min_leaf = 1 + random.below(3);
    if (large) o.max_depth = 1 + random.below(2);
    decision_tree tree{o};
    REQUIRE(tree.fit({s.x, s.features}, s.y, s.weights));
    check_nodes(s, tree.nodes(), o.min_leaf, o.max_depth, squared);
    decision_tree_classifier classes{o};
    REQUIRE(classes.fit({s.x, s.features}, s.labels, s.weights));
    check_nodes(s, classes.nodes(), o.min_leaf, o.max_depth, mixed<false>);
    o.impurity = class_impurity::entropy;
    decision_tree_classifier entropy{o};
    REQUIRE(entropy.fit({s.x, s.features}, s.labels, s.weights));
    check_nodes(s, entropy.nodes(), o.min_leaf, o.max_depth, mixed<true>);
  }
}

TEST_CASE("forest: splits of many different values are the best of all") {
  // More than 255 values: no histogram, unless asked for one.
  pcg32 random{2};
  for (std::size_t round = 0; round < 1 + rounds / 50; ++round) {
    sample s;
    s.features = 2;
    const auto n = 300 + random.below(50);
    for (std::size_t i = 0; i < n; ++i) {
      s.x.push_back(random.below(1U << 30));
      s.x.push_back(random.below(50) == 0 ? missing : random.below(400));
      s.y.push_back(random.below(100));
      s.weights.push_back(1);
    }
    decision_tree_options o;
    o.max_depth = 1;
    o.min_leaf = 1 + random.below(9);
    decision_tree tree{o};
    REQUIRE(tree.fit({s.x, s.features}, s.y));
    check_nodes(s, tree.nodes(), o.min_leaf, 1, squared);
  }
}

TEST_CASE("forest: histograms of each value find the exact splits") {
  using criterion = detail::variance_criterion;
  pcg32 random{3};
  for (std::size_t round = 0; round < rounds / 20 + 1; ++round) {
    const std::size_t n = 400;
    std::vector<double> x;
    std::vector<criterion::target> y;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t f = 0; f < 3; ++f)
        x.push_back(random.below(20) == 0 ? missing : random.below(100) * 0.7);
      y.push_back({random.below(50) * 1.0, 1.0 + random.below(2)});
    }
    std::vector<detail::ordered_column> sorted;
    for (std::size_t f = 0; f < 3; ++f) sorted.push_back(detail::order_column({x, 3}, f, 100));
    auto plain = sorted;
    for (auto& c : plain) c.code.clear();  // which histograms need
    detail::growth_limits limits;
    limits.features = 2;
    std::array<tree_nodes, 2> trees;
    for (const bool by_histogram : {false, true}) {
      detail::tree_grower<criterion> grower{by_histogram ? sorted : plain, {}, limits};
      std::vector<std::uint32_t> rows;
      for (std::uint32_t i = 0; i < n; ++i) rows.push_back(i);
      const auto ranks = grower.ranks(rows, y);
      trees[by_histogram] = grower
                                .grow(rows, y, ranks, round,
                                      [](const criterion& c, std::uint32_t) { return c.value(); })
                                .nodes;
    }
    bool same = trees[0].size() == trees[1].size();
    for (std::size_t i = 0; same && i < trees[0].size(); ++i)
      same = trees[0][i].left == trees[1][i].left && trees[0][i].key == trees[1][i].key &&
             trees[0][i].threshold == trees[1][i].threshold;
    REQUIRE(same);
  }
}

namespace {

// All prunings of a branch: pairs of impurity and leaves.
auto prunings(const decision_tree& t, std::size_t node) -> std::vector<std::pair<double, double>> {
  const auto& s = t.statistics()[node];
  std::vector<std::pair<double, double>> all{{s.impurity * s.weight / t.statistics()[0].weight, 1}};
  if (t.nodes()[node].leaf()) return all;
  for (const auto& a : prunings(t, t.nodes()[node].left))
    for (const auto& b : prunings(t, t.nodes()[node].left + 1))
      all.emplace_back(a.first + b.first, a.second + b.second);
  return all;
}

}  // namespace

TEST_CASE("forest: pruning finds the cheapest of all subtrees") {
  pcg32 random{4};
  for (std::size_t round = 0; round < rounds; ++round) {
    const auto s = random_sample(random, 9);
    decision_tree tree;
    REQUIRE(tree.fit({s.x, s.features}, s.y, s.weights));
    const auto all = prunings(tree, 0);
    const auto path = tree.pruning_path();
    REQUIRE(path.back().leaves == 1);
    for (std::size_t k = 0; k < path.size(); ++k) {
      // Between this step's cost of a leaf and the next one's.
      const double alpha =
          k + 1 < path.size() ? (path[k].alpha + path[k + 1].alpha) / 2 : path[k].alpha + 1;
      double least = std::numeric_limits<double>::infinity();
      double leaves = 0;
      for (const auto& p : all) {
        const double cost = p.first + alpha * p.second;
        if (cost < least - 1e-9 || (cost < least + 1e-9 && p.second < leaves)) leaves = p.second;
        least = std::min(least, cost);
      }
      decision_tree_options o;
      o.pruning_alpha = alpha;
      decision_tree pruned{o};
      REQUIRE(pruned.fit({s.x, s.features}, s.y, s.weights));
      const double cost = path[k].impurity + alpha * static_cast<double>(path[k].leaves);
      REQUIRE(std::abs(cost - least) < 1e-8);
      REQUIRE(path[k].leaves == static_cast<std::size_t>(leaves));
      REQUIRE(pruned.nodes().leaves() == path[k].leaves);
    }
  }
}

TEST_CASE("forest: quantiles are those of the weights of rows that share leaves") {
  pcg32 random{5};
  for (std::size_t round = 0; round < rounds / 2; ++round) {
    auto s = random_sample(random, 60);
    random_forest_options o;
    o.trees = 1 + random.below(20);
    o.features = 1;
    o.min_leaf = 1 + random.below(4);
    o.bootstrap = false;
    o.quantiles = forest_quantiles::leaf_values;
    o.seed = round;
    random_forest forest{o};
    REQUIRE(forest.fit({s.x, s.features}, s.y, s.weights));
    const std::array<double, 5> q{0.5, 0.05, 0.3, 0.99, 0.7};
    std::array<double, 5> out{};
    const auto asked = s.row(random.below(static_cast<std::uint32_t>(s.rows())));
    forest.predict_quantiles(asked, q, out);
    std::vector<std::pair<double, double>> shares;
    double mean = 0;
    for (std::size_t i = 0; i < s.rows(); ++i) shares.emplace_back(s.y[i], 0);
    for (const auto& tree : forest.trees()) {
      double total = 0;
      for (const bool add : {false, true})
        for (std::size_t i = 0; i < s.rows(); ++i)
          if (tree.leaf_of(s.row(i)).key == tree.leaf_of(asked).key)
            (add ? shares[i].second : total) += s.weights[i] / (add ? total : 1);
    }
    for (const auto& p : shares)
      mean += p.first * p.second / static_cast<double>(forest.trees().size());
    REQUIRE(std::abs(forest.predict(asked) - mean) < 1e-9);
    for (std::size_t k = 0; k < q.size(); ++k)
      REQUIRE(out[k] == detail::weighted_quantile(shares, q[k]));
  }
}

TEST_CASE("boosting: one step is the best stump and more steps fit better") {
  pcg32 random{6};
  for (std::size_t round = 0; round < rounds / 2; ++round) {
    const auto s = random_sample(random, 60);
    gradient_boosting_options o;
    o.iterations = 1;
    o.learning_rate = 1;
    o.max_leaves = 2;
    o.min_leaf = 1 + random.below(3);
    o.validation = 0;
    gradient_boosting stump{o};
    REQUIRE(stump.fit({s.x, s.features}, s.y, s.weights));
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < s.rows(); ++i) all.push_back(i);
    const auto error = [&](const gradient_boosting& m) {
      double sum = 0;
      for (std::size_t i = 0; i < s.rows(); ++i) {
        const double e = s.y[i] - m.predict(s.row(i));
        sum += s.weights[i] * e * e;
      }
      return sum;
    };
    const double best = std::max(0.0, best_gain(s, all, o.min_leaf, squared));
    REQUIRE(std::abs(squared(s, all) - best - error(stump)) < 1e-7);
    o.iterations = 5;
    o.max_leaves = 2 + random.below(6);
    o.depth_wise = random.below(2) == 0;
    gradient_boosting more{o};
    REQUIRE(more.fit({s.x, s.features}, s.y, s.weights));
    REQUIRE(error(more) <= error(stump) + 1e-9);
  }
}
