// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace lepton::detail {

/// A set of small whole numbers, one bit each.
class bit_set {
 public:
  bit_set() = default;
  /// Of numbers below `size`: none of them, or all.
  explicit bit_set(std::size_t size, bool full = false)
      : words_((size + 63) / 64, full ? ~std::uint64_t{0} : 0), size_(size) {
    if (full && size % 64 != 0) words_.back() >>= 64 - size % 64;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto test(std::size_t i) const noexcept -> bool {
    return (words_[i / 64] >> (i % 64) & 1U) != 0;
  }
  void set(std::size_t i) noexcept { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
  void reset(std::size_t i) noexcept { words_[i / 64] &= ~(std::uint64_t{1} << (i % 64)); }
  void set(std::size_t i, bool in) noexcept { in ? set(i) : reset(i); }

  [[nodiscard]] auto count() const noexcept -> std::size_t {
    std::size_t n = 0;
    for (const auto word : words_) n += static_cast<std::size_t>(std::popcount(word));
    return n;
  }
  /// The smallest number in the set.
  [[nodiscard]] auto first() const noexcept -> std::optional<std::size_t> {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      if (words_[w] != 0) return w * 64 + static_cast<std::size_t>(std::countr_zero(words_[w]));
    }
    return std::nullopt;
  }
  /// Grows with numbers that are not in the set, or forgets those that are too large.
  void resize(std::size_t size) {
    words_.resize((size + 63) / 64);
    if (size < size_ && size % 64 != 0) words_.back() &= ~std::uint64_t{0} >> (64 - size % 64);
    size_ = size;
  }
  /// Calls `visit(i)` for each number in the set, rising.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w) {
      for (auto word = words_[w]; word != 0; word &= word - 1)
        visit(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
    }
  }

  friend auto operator==(const bit_set&, const bit_set&) -> bool = default;

 private:
  std::vector<std::uint64_t> words_;
  std::size_t size_ = 0;
};

}  // namespace lepton::detail
