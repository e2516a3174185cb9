// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::detail {

/// A set of whole numbers below a bound that knows its least: a tree of 64-bit words, each bit of
/// which says whether a word below it is not empty. All operations O(log64 bound).
class least_set {
 public:
  explicit least_set(std::size_t bound) {
    do {
      bound = (bound + 63) / 64;
      levels_.emplace_back(bound);
    } while (bound > 1);
  }

  [[nodiscard]] auto empty() const noexcept -> bool { return levels_.back()[0] == 0; }
  void insert(std::size_t i) noexcept {
    for (auto& level : levels_) {
      auto& word = level[i / 64];
      const bool known = word != 0;
      word |= std::uint64_t{1} << (i % 64);
      if (known) return;
      i /= 64;
    }
  }
  void erase(std::size_t i) noexcept {
    for (auto& level : levels_) {
      auto& word = level[i / 64];
      word &= ~(std::uint64_t{1} << (i % 64));
      if (word != 0) return;
      i /= 64;
    }
  }
  /// The set must not be empty.
  [[nodiscard]] auto least() const noexcept -> std::size_t {
    std::size_t i = 0;
    for (auto level = levels_.size(); level-- > 0;)
      i = i * 64 + static_cast<std::size_t>(std::countr_zero(levels_[level][i]));
    return i;
  }

 private:
  std::vector<std::vector<std::uint64_t>> levels_;  ///< the lowest, with a bit a number, first
};

}  // namespace lepton::detail
