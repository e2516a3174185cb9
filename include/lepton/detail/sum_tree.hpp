// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::detail {

/// Weights whose sums are at hand (a Fenwick tree): a change, and the search for the item at a
/// given place when all are laid end to end, are O(log n). Grows by itself, O(1) amortised.
class sum_tree {
 public:
  [[nodiscard]] auto total() const noexcept -> std::uint64_t { return total_; }
  [[nodiscard]] auto operator[](std::size_t i) const noexcept -> std::uint64_t {
    return i < weights_.size() ? weights_[i] : 0;
  }

  /// The sum of all weights must stay below 2^64.
  void set(std::size_t i, std::uint64_t weight) {
    if (i >= weights_.size()) grow(i + 1);
    const auto difference = weight - weights_[i];  // modulo 2^64, as are the sums
    weights_[i] = weight;
    total_ += difference;
    for (auto at = i + 1; at < sums_.size(); at += at & (~at + 1)) sums_[at] += difference;
  }

  /// The item that covers `place`, which is below `total()`.
  [[nodiscard]] auto find(std::uint64_t place) const noexcept -> std::size_t {
    std::size_t at = 0;
    for (auto step = sums_.size() - 1; step > 0; step /= 2) {
      if (at + step < sums_.size() && sums_[at + step] <= place) {
        at += step;
        place -= sums_[at];
      }
    }
    return at;
  }

 private:
  void grow(std::size_t least) {
    weights_.resize(std::bit_ceil(least));
    sums_.assign(weights_.size() + 1, 0);
    for (std::size_t i = 0; i < weights_.size(); ++i) sums_[i + 1] = weights_[i];
    for (std::size_t at = 1; at < sums_.size(); ++at) {
      const auto up = at + (at & (~at + 1));
      if (up < sums_.size()) sums_[up] += sums_[at];
    }
  }

  std::vector<std::uint64_t> weights_;
  std::vector<std::uint64_t> sums_ = {0};  ///< [k]: of the items in (k - lowest bit of k, k]
  std::uint64_t total_ = 0;
};

}  // namespace lepton::detail
