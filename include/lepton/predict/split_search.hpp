// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace lepton::predict::detail {

/// How a node is divided by a feature.
struct feature_split {
  double score = -1;
  std::uint32_t feature = 0;
  std::uint32_t rank = 0;      ///< of the feature among equals
  std::uint32_t left = 0;      ///< last group on the left that has rows
  std::uint32_t right = 0;     ///< first group on the right that has rows
  std::uint32_t at = 0;        ///< rows on the left that have a value
  std::uint32_t position = 0;  ///< up to this position rows with a value go left
  std::uint32_t count = 0;     ///< rows on the left, missing ones too if they go there
  bool missing_left = false;
  bool only_missing = false;  ///< all that is not missing goes left

  [[nodiscard]] auto found() const noexcept -> bool { return score >= 0; }
  /// Counts the rows on the left. If none of the n rows is missing, such rows will go where more
  /// went, to the right if as many did.
  void settle(std::size_t n, std::size_t missing) noexcept {
    if (missing == 0) missing_left = 2 * std::size_t{at} > n;
    count = at + static_cast<std::uint32_t>(missing_left ? missing : 0);
  }
};

/// Relative difference of scores that counts as none: the same division of rows by two features
/// sums up in different orders.
inline constexpr double score_tie = 1e-10;

/// Whether `a` is to be preferred to `b`: the larger score, of equal ones the feature of higher
/// rank.
[[nodiscard]] inline auto better_split(const feature_split& a, const feature_split& b,
                                       double noise) noexcept -> bool {
  const double margin = score_tie * b.score + noise;
  if (a.score > b.score + margin) return true;
  return a.score >= b.score - margin && a.rank > b.rank;
}

/// The best division so far of a node by one feature.
struct division_record {
  double noise;
  double bar = -noise;
  feature_split best{};

  explicit division_record(double n) noexcept : noise(n) {}
  /// Whether a later candidate with this score is better.
  [[nodiscard]] auto beaten_by(double score) const noexcept -> bool { return score > bar; }
  void set(double score, std::size_t at, bool missing_left, bool only_missing) noexcept {
    bar = score + score_tie * score + noise;
    best.score = std::max(score, 0.0);
    best.at = static_cast<std::uint32_t>(at);
    best.missing_left = missing_left;
    best.only_missing = only_missing;
  }
};

/// The best division of n rows in ascending order of a feature, the last `missing` of them
/// without a value. Of equally good ones the lowest threshold, and missing ones on the right
/// rather than on the left. `target(k)` and `group(k)` are of the k-th row. At least `min_leaf`
/// (> 0) rows on each side. O(n); twice that if some are missing.
template <class Criterion, class Target, class Group>
[[nodiscard]] auto best_division(Criterion& criterion, std::size_t n, std::size_t missing,
                                 std::size_t min_leaf, Target target, Group group) noexcept
    -> feature_split {
  division_record record{criterion.noise()};
  const std::size_t present = n - missing;
  if (n < 2 * min_leaf || present == 0) return record.best;
  for (int side = 0; side < (missing > 0 ? 2 : 1); ++side) {
    const std::size_t extra = side == 0 ? 0 : missing;  // on the left from the start
    const std::size_t first = std::max<std::size_t>(1, min_leaf > extra ? min_leaf - extra : 0);
    const std::size_t last = std::min(present - 1, n - min_leaf > extra ? n - min_leaf - extra : 0);
    auto sweep = criterion.sweep();
    for (std::size_t k = 0; k < extra; ++k) sweep.add(target(present + k));
    if (first <= last) {
      for (std::size_t k = 0; k < first; ++k) sweep.add(target(k));
      auto before = group(first - 1);
      for (std::size_t k = first; k <= last; ++k) {
        const auto here = group(k);
        if (here != before) {
          const double score = sweep.score();
          if (record.beaten_by(score)) record.set(score, k, side == 1, false);
          before = here;
        }
        sweep.add(target(k));
      }
    }
    if (side == 0 && missing >= min_leaf && present >= min_leaf) {
      auto apart = criterion.sweep();
      for (std::size_t k = 0; k < present; ++k) apart.add(target(k));
      const double score = apart.score();
      if (missing > 0 && record.beaten_by(score)) record.set(score, present, false, true);
    }
  }
  auto& best = record.best;
  if (!best.found()) return best;
  best.left = group(best.at - 1);
  best.right = best.only_missing ? best.left : group(best.at);
  best.settle(n, missing);
  return best;
}

/// Rows of one group of a feature in a node, for squared deviations.
struct histogram_bin {
  double sum = 0;
  double weight = 0;
  std::uint32_t rows = 0;
};

/// `best_division` from sums over the groups instead of the rows: `bins` holds `groups` of them;
/// `absent` the missing rows.
template <class Criterion>
[[nodiscard]] auto best_bin_division(Criterion& criterion, const histogram_bin* bins,
                                     std::size_t groups, const histogram_bin& absent, std::size_t n,
                                     std::size_t min_leaf) noexcept -> feature_split {
  division_record record{criterion.noise()};
  std::size_t left_group = 0;
  std::size_t right_group = 0;
  const std::size_t present = n - absent.rows;
  for (int side = 0; side < (absent.rows > 0 ? 2 : 1); ++side) {
    auto sweep = criterion.sweep();
    std::size_t before = groups;
    std::size_t at = 0;
    const std::size_t extra = side == 0 ? 0 : absent.rows;
    if (side == 1) sweep.add_sums(absent.sum, absent.weight);
    for (std::size_t g = 0; g < groups; ++g) {
      const auto& b = bins[g];
      if (b.rows == 0) continue;
      if (at > 0 && at + extra >= min_leaf && n - at - extra >= min_leaf) {
        const double score = sweep.score();
        if (record.beaten_by(score)) {
          record.set(score, at, side == 1, false);
          left_group = before;
          right_group = g;
        }
      }
      sweep.add_sums(b.sum, b.weight);
      at += b.rows;
      before = g;
    }
    if (side == 0 && absent.rows > 0 && absent.rows >= min_leaf && present >= min_leaf) {
      const double score = sweep.score();
      if (record.beaten_by(score)) {
        record.set(score, present, false, true);
        left_group = right_group = before;
      }
    }
  }
  auto& best = record.best;
  if (!best.found()) return best;
  best.left = static_cast<std::uint32_t>(left_group);
  best.right = static_cast<std::uint32_t>(right_group);
  best.settle(n, absent.rows);
  return best;
}

}  // namespace lepton::predict::detail
