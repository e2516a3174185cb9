// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict::detail {

/// Which training rows are in which leaf of a forest, and the distribution of their numbers
/// (Meinshausen 2006: Quantile regression forests). A row is known by its place in the order of
/// the numbers; 4 bytes for each row drawn for a tree.
class leaf_members {
 public:
  leaf_members() = default;
  explicit leaf_members(std::size_t trees) : trees_(trees) {}

  /// Leaves of a tree: `ends` of each in `rows`, which were drawn `counts` times.
  void set(std::size_t tree, std::span<const std::uint32_t> ends,
           std::span<const std::uint32_t> rows, std::span<const std::uint32_t> counts) {
    auto& t = trees_[tree];
    std::size_t total = 0;
    for (const auto row : rows) total += counts[row];
    t.places.reserve(total);
    t.ends.reserve(ends.size());
    std::size_t i = 0;
    for (const auto end : ends) {
      for (; i < end; ++i) t.places.insert(t.places.end(), counts[rows[i]], rows[i]);
      t.ends.push_back(static_cast<std::uint32_t>(t.places.size()));
    }
  }
  /// After the last tree was set: the number that stands for each row, and its weight (empty: all
  /// 1).
  void finish(std::span<const double> y, std::span<const double> weights) {
    std::vector<std::uint32_t> order(y.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return y[a] < y[b]; });
    std::vector<std::uint32_t> place(y.size());
    for (std::size_t k = 0; k < order.size(); ++k) {
      place[order[k]] = static_cast<std::uint32_t>(k);
      values_.push_back(y[order[k]]);
      if (!weights.empty()) weights_.push_back(weights[order[k]]);
    }
    for (auto& t : trees_)
      for (auto& row : t.places) row = place[row];
    make_room();
  }

  [[nodiscard]] auto empty() const noexcept -> bool { return trees_.empty(); }
  [[nodiscard]] auto trees() const noexcept -> std::size_t { return trees_.size(); }
  [[nodiscard]] auto leaves(std::size_t tree) const noexcept -> std::size_t {
    return trees_[tree].ends.size();
  }

  /// Shares out a weight of one among the rows of a leaf.
  void add(std::size_t tree, std::size_t leaf) noexcept {
    const auto& t = trees_[tree];
    const std::size_t begin = leaf == 0 ? 0 : t.ends[leaf - 1];
    const std::size_t end = t.ends[leaf];
    double total = static_cast<double>(end - begin);
    if (!weights_.empty()) {
      total = 0;
      for (auto i = begin; i < end; ++i) total += weights_[t.places[i]];
    }
    const double part = 1 / total;
    for (auto i = begin; i < end; ++i) {
      const auto k = t.places[i];
      shares_[k] += weights_.empty() ? part : part * weights_[k];
      touched_[k >> 6] |= std::uint64_t{1} << (k & 63U);
    }
  }
  /// Quantiles of what was added since the last call.
  void quantiles(std::span<const double> wanted, std::span<double> out) noexcept {
    std::size_t count = 0;
    double sum = 0;
    for (std::size_t w = 0; w < touched_.size(); ++w) {
      for (auto bits = touched_[w]; bits != 0; bits &= bits - 1) {
        const auto k = w * 64 + static_cast<std::size_t>(std::countr_zero(bits));
        sum += std::exchange(shares_[k], 0.0);
        sums_[count] = sum;
        found_[count++] = static_cast<std::uint32_t>(k);
      }
      touched_[w] = 0;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      // Sums are rounded; a share short of q by that is q.
      const double least = wanted[i] * sum * (1 - 1e-12);
      const auto* const begin = sums_.data();
      const auto at = std::lower_bound(begin, begin + count, least) - begin;
      out[i] = values_[found_[std::min(static_cast<std::size_t>(at), count - 1)]];
    }
  }

  /// Whether this can belong to a forest whose trees have so many leaves each.
  template <class Leaves>
  [[nodiscard]] auto valid(Leaves leaves_of) const -> bool {
    if (!weights_.empty() && weights_.size() != values_.size()) return false;
    for (std::size_t k = 0; k < values_.size(); ++k)
      if (!std::isfinite(values_[k]) || (k > 0 && values_[k] < values_[k - 1])) return false;
    for (const double w : weights_)
      if (!(w > 0) || std::isinf(w)) return false;
    for (std::size_t t = 0; t < trees_.size(); ++t) {
      const auto& tree = trees_[t];
      if (tree.ends.size() != leaves_of(t) || tree.ends.empty()) return false;
      if (tree.ends.back() != tree.places.size() || tree.ends[0] == 0) return false;
      for (std::size_t i = 1; i < tree.ends.size(); ++i)
        if (tree.ends[i] <= tree.ends[i - 1]) return false;
      for (const auto k : tree.places)
        if (k >= values_.size()) return false;
    }
    return true;
  }

  template <class Archive>
  void persist(Archive& a) {
    a(values_, weights_, trees_);
    if constexpr (Archive::reads) make_room();
  }

 private:
  struct tree_leaves {
    std::vector<std::uint32_t> ends;    ///< of each leaf in `places`
    std::vector<std::uint32_t> places;  ///< rows by the order of the numbers, as often as drawn

    template <class Archive>
    void persist(Archive& a) {
      a(ends, places);
    }
  };

  void make_room() {
    shares_.assign(values_.size(), 0);
    sums_.resize(values_.size());
    found_.resize(values_.size());
    touched_.assign((values_.size() + 63) / 64, 0);
  }

  std::vector<double> values_;   ///< ascending
  std::vector<double> weights_;  ///< in that order; empty: all 1
  std::vector<tree_leaves> trees_;
  std::vector<double> shares_;  ///< room for a prediction; all 0 in between
  std::vector<double> sums_;
  std::vector<std::uint32_t> found_;
  std::vector<std::uint64_t> touched_;
};

}  // namespace lepton::predict::detail
