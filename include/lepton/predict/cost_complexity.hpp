// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>  // allow: std::greater
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/grown_tree.hpp>
#include <lepton/predict/tree_nodes.hpp>

namespace lepton::predict {

/// A tree of the nested sequence that cost-complexity pruning goes through.
struct pruning_step {
  double alpha = 0;        ///< smallest cost of a leaf at which it is the best
  std::size_t leaves = 0;  ///< that it has
  double impurity = 0;     ///< of its leaves, weighted by their shares of the weights
};

namespace detail {

/// For each node the cost of a leaf from which on it is better a leaf, with its whole branch gone
/// (Breiman et al. 1984: weakest-link pruning): the least over itself and its ancestors of
/// (impurity of the node - impurity of its leaves) / (leaves - 1) in the trees pruned so far.
/// Infinite for leaves. O(nodes * (depth + log nodes)).
[[nodiscard]] inline auto pruning_alphas(const tree_nodes& nodes,
                                         const std::vector<node_statistics>& statistics)
    -> std::vector<double> {
  const auto n = nodes.size();
  constexpr double never = std::numeric_limits<double>::infinity();
  std::vector<double> alphas(n, never);
  std::vector<std::uint32_t> parent(n);
  std::vector<double> own(n);     // impurity as a leaf
  std::vector<double> branch(n);  // impurity of the leaves below
  std::vector<double> leaves(n, 1);
  std::vector<bool> gone(n);
  for (std::size_t i = n; i-- > 0;) {
    own[i] = branch[i] = statistics[i].impurity * statistics[i].weight / statistics[0].weight;
    if (nodes[i].leaf()) continue;
    const std::size_t left = nodes[i].left;
    parent[left] = parent[left + 1] = static_cast<std::uint32_t>(i);
    branch[i] = branch[left] + branch[left + 1];
    leaves[i] = leaves[left] + leaves[left + 1];
  }
  const auto link = [&](std::size_t i) {
    return std::max(0.0, own[i] - branch[i]) / (leaves[i] - 1);
  };
  std::vector<std::pair<double, std::uint32_t>> heap;  // the weakest first; outdated ones too
  std::vector<double> current(n, never);
  const auto offer = [&](std::size_t i) {
    current[i] = link(i);
    heap.emplace_back(current[i], static_cast<std::uint32_t>(i));
    std::push_heap(heap.begin(), heap.end(), std::greater<>{});
  };
  for (std::size_t i = 0; i < n; ++i)
    if (!nodes[i].leaf()) offer(i);
  double alpha = 0;
  std::vector<std::size_t> below;
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>{});
    const auto [weakest, top] = heap.back();
    heap.pop_back();
    if (gone[top] || weakest != current[top]) continue;
    alpha = std::max(alpha, weakest);
    below.assign(1, top);
    while (!below.empty()) {
      const auto i = below.back();
      below.pop_back();
      if (gone[i] || nodes[i].leaf()) continue;
      gone[i] = true;
      alphas[i] = alpha;
      below.push_back(nodes[i].left);
      below.push_back(nodes[i].left + 1);
    }
    const double impurity = own[top] - branch[top];
    const double lost = leaves[top] - 1;
    for (std::size_t i = top; i != 0;) {
      i = parent[i];
      branch[i] += impurity;
      leaves[i] -= lost;
      offer(i);
    }
  }
  return alphas;
}

/// The trees that pruning goes through, from the whole one to the root alone.
[[nodiscard]] inline auto pruning_steps(const tree_nodes& nodes,
                                        const std::vector<node_statistics>& statistics,
                                        const std::vector<double>& alphas)
    -> std::vector<pruning_step> {
  std::vector<pruning_step> steps;
  if (nodes.empty()) return steps;
  std::vector<std::size_t> inner;
  pruning_step whole;
  const auto part = [&](std::size_t i) {
    return statistics[i].impurity * statistics[i].weight / statistics[0].weight;
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].leaf()) {
      ++whole.leaves;
      whole.impurity += part(i);
    } else {
      inner.push_back(i);
    }
  }
  std::stable_sort(inner.begin(), inner.end(),
                   [&](auto a, auto b) { return alphas[a] < alphas[b]; });
  steps.push_back(whole);
  for (std::size_t k = 0; k < inner.size();) {
    auto next = steps.back();
    next.alpha = alphas[inner[k]];
    // Links that differ by rounding only break together.
    const double until = next.alpha + 1e-12 * (next.alpha + statistics[0].impurity);
    for (; k < inner.size() && alphas[inner[k]] <= until; ++k) {
      const auto i = inner[k];
      --next.leaves;
      next.impurity += part(i) - part(nodes[i].left) - part(nodes[i].left + 1);
      next.alpha = alphas[i];
    }
    if (next.alpha <= 1e-12 * statistics[0].impurity) {
      steps.back() = {0, next.leaves, next.impurity};
    } else {
      steps.push_back(next);
    }
  }
  return steps;
}

/// The tree without the branches whose alpha is at most the one given.
[[nodiscard]] inline auto pruned(const grown_tree& whole, const std::vector<double>& alphas,
                                 double alpha) -> grown_tree {
  grown_tree tree;
  auto& out = tree.nodes.nodes();
  const auto classes = whole.counts.size() / std::max<std::size_t>(1, whole.nodes.size());
  const auto copy = [&](std::size_t i) {
    out.push_back(whole.nodes[i]);
    tree.statistics.push_back(whole.statistics[i]);
    for (std::size_t c = 0; c < classes; ++c) tree.counts.push_back(whole.counts[i * classes + c]);
  };
  std::vector<std::pair<std::size_t, std::size_t>> open{{0, 0}};  // node before, node after
  std::uint32_t leaves = 0;
  copy(0);
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    if (whole.nodes[from].leaf() || alphas[from] <= alpha) {
      out[to] = {whole.statistics[from].value, 0, leaves++};
      continue;
    }
    const std::size_t left = whole.nodes[from].left;
    out[to].left = static_cast<std::uint32_t>(out.size());
    open.emplace_back(left + 1, out.size() + 1);
    open.emplace_back(left, out.size());
    copy(left);
    copy(left + 1);
  }
  return tree;
}

}  // namespace detail
}  // namespace lepton::predict
