// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/predict/matrix_view.hpp>

namespace lepton::predict::detail {

/// A feature as trees see it: the rows in ascending order of its value, missing ones at the end,
/// and values that no split tells apart joined into groups.
struct ordered_column {
  std::vector<std::uint32_t> order;     ///< rows, ascending; equal values by row
  std::vector<std::uint32_t> position;  ///< of a row in `order`
  std::vector<std::uint32_t> group;     ///< at a position; empty if each row is its own group
  std::vector<std::uint8_t> code;       ///< group of a row; empty if there are more than 255
  std::vector<double> low;              ///< smallest value of a group
  std::vector<double> high;             ///< largest value of a group
  std::uint32_t present = 0;            ///< rows that are not missing: the first positions

  static constexpr std::uint8_t missing_code = 255;

  [[nodiscard]] auto groups() const noexcept -> std::size_t { return low.size(); }
  [[nodiscard]] auto group_at(std::uint32_t at) const noexcept -> std::uint32_t {
    return group.empty() ? at : group[at];
  }
  /// Last position whose group is at most g.
  [[nodiscard]] auto last_of_group(std::uint32_t g) const noexcept -> std::uint32_t {
    if (group.empty()) return g;
    const auto end = group.begin() + present;
    return static_cast<std::uint32_t>(std::upper_bound(group.begin(), end, g) - group.begin()) - 1;
  }
  /// What divides group a from the later group b: the middle between them, as near as numbers
  /// allow that a is at most that and b is more.
  [[nodiscard]] auto between(std::uint32_t a, std::uint32_t b) const noexcept -> double {
    const double middle = high[a] / 2 + low[b] / 2;
    return middle >= high[a] && middle < low[b] ? middle : high[a];
  }
};

/// Sorts one column of numbers (NaN: missing). With `bins` > 0, at most that many groups of about
/// the same number of rows; otherwise a group for each distinct value.
[[nodiscard]] inline auto order_column(matrix_view x, std::size_t column, std::size_t bins)
    -> ordered_column {
  const auto n = x.rows();
  ordered_column c;
  std::vector<std::pair<double, std::uint32_t>> sorted;
  sorted.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    const double v = x(i, column);
    if (!std::isnan(v)) sorted.emplace_back(v, static_cast<std::uint32_t>(i));
  }
  std::sort(sorted.begin(), sorted.end());
  const auto present = sorted.size();
  c.present = static_cast<std::uint32_t>(present);
  c.order.resize(n);
  c.position.resize(n);
  for (std::size_t k = 0; k < present; ++k) c.order[k] = sorted[k].second;
  for (std::size_t i = 0, k = present; i < n; ++i)
    if (std::isnan(x(i, column))) c.order[k++] = static_cast<std::uint32_t>(i);
  for (std::size_t k = 0; k < n; ++k) c.position[c.order[k]] = static_cast<std::uint32_t>(k);

  std::size_t distinct = present == 0 ? 0 : 1;
  for (std::size_t k = 1; k < present; ++k) distinct += sorted[k].first != sorted[k - 1].first;
  const bool join = bins > 0 && distinct > bins;
  c.group.resize(n);
  std::size_t full = 0;  // positions that the groups so far ought to hold
  for (std::size_t k = 0; k < present; ++k) {
    const bool next = k > 0 && sorted[k].first != sorted[k - 1].first;
    if (k == 0 || (next && (!join || k >= full))) {
      c.low.push_back(sorted[k].first);
      c.high.push_back(sorted[k].first);
      // What is left, shared out evenly among the bins that are left.
      if (join) {
        const auto left = bins + 1 > c.low.size() ? bins + 1 - c.low.size() : 1;
        full = left == 1 ? present : k + (present - k + left - 1) / left;
      }
    }
    c.high.back() = sorted[k].first;
    c.group[k] = static_cast<std::uint32_t>(c.low.size() - 1);
  }
  for (std::size_t k = present; k < n; ++k) c.group[k] = static_cast<std::uint32_t>(c.groups());
  if (c.groups() <= ordered_column::missing_code) {
    c.code.resize(n);
    for (std::size_t k = 0; k < n; ++k)
      c.code[c.order[k]] =
          k < present ? static_cast<std::uint8_t>(c.group[k]) : ordered_column::missing_code;
  }
  if (c.groups() == n) c.group.clear();
  return c;
}

/// The members of a set of positions in ascending order. A bitmap with a summary of which of its
/// words are not 0 sorts k positions among n in O(k + n/4096).
class position_sorter {
 public:
  explicit position_sorter(std::size_t positions = 0)
      : words_((positions + 63) / 64), summary_((words_.size() + 63) / 64) {}

  /// Sorts `count` distinct positions in place.
  void operator()(std::uint32_t* positions, std::size_t count) noexcept {
    if (count * 16 < summary_.size()) {
      std::sort(positions, positions + count);
      return;
    }
    std::uint64_t* const words = words_.data();
    std::uint64_t* const summary = summary_.data();
    for (std::size_t i = 0; i < count; ++i) {
      const auto at = positions[i];
      words[at >> 6] |= std::uint64_t{1} << (at & 63U);
      summary[at >> 12] |= std::uint64_t{1} << ((at >> 6) & 63U);
    }
    std::uint32_t* out = positions;
    for (std::size_t s = 0; s < summary_.size(); ++s) {
      for (auto some = summary[s]; some != 0; some &= some - 1) {
        const auto w = s * 64 + static_cast<std::size_t>(std::countr_zero(some));
        const auto base = static_cast<std::uint32_t>(w * 64);
        for (auto bits = words[w]; bits != 0; bits &= bits - 1)
          *out++ = base + static_cast<std::uint32_t>(std::countr_zero(bits));
        words[w] = 0;
      }
      summary[s] = 0;
    }
  }

 private:
  std::vector<std::uint64_t> words_;
  std::vector<std::uint64_t> summary_;
};

}  // namespace lepton::predict::detail
