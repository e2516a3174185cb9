// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace lepton::detail {

/// The leftmost maximum of n 32-bit values under changes.
///
/// A tournament of fan 16: a knot is one cache line, so a change touches one line a level and
/// stops at the first knot whose maximum stays. `set` is O(log16 n) knots, `best` likewise.
class winner_tree {
 public:
  using value = std::int32_t;
  static constexpr value lowest = std::numeric_limits<value>::min();

  struct winner {
    value best;
    std::size_t position;
  };

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto operator[](std::size_t i) const noexcept -> value { return values_[i]; }

  /// Takes the values anew. O(n).
  template <class ValueAt>
  void assign(std::size_t n, ValueAt value_at) {
    size_ = n;
    levels_ = 0;
    std::size_t total = 0;
    auto width = n;
    do {
      width = (width + fan - 1) / fan;
      begin_[levels_++] = total;
      total += width * fan;
    } while (width > 1);
    values_.assign(total, lowest);
    for (std::size_t i = 0; i < n; ++i) values_[i] = value_at(i);
    for (std::size_t level = 1; level < levels_; ++level) {
      const auto knots = (begin_[level] - begin_[level - 1]) / fan;
      for (std::size_t k = 0; k < knots; ++k)
        values_[begin_[level] + k] = knot_maximum(begin_[level - 1] + k * fan);
    }
  }

  void set(std::size_t i, value v) noexcept {
    for (std::size_t level = 0;; ++level) {
      auto& slot = values_[begin_[level] + i];
      const auto old = slot;
      if (old == v) return;
      slot = v;
      if (level + 1 == levels_) return;
      const auto knot = i / fan;
      const auto top = values_[begin_[level + 1] + knot];
      if (v < top) {
        if (old < top) return;
        v = knot_maximum(begin_[level] + knot * fan);
      }
      i = knot;
    }
  }

  /// The largest value and the first position that has it. The tree must not be empty.
  [[nodiscard]] auto best() const noexcept -> winner {
    auto level = levels_ - 1;
    const auto top = knot_maximum(begin_[level]);
    std::size_t i = 0;
    for (;; --level) {
      const auto* knot = values_.data() + begin_[level] + i * fan;
      std::size_t k = 0;
      while (knot[k] != top) ++k;
      i = i * fan + k;
      if (level == 0) return {top, i};
    }
  }

 private:
  static constexpr std::size_t fan = 16;

  [[nodiscard]] auto knot_maximum(std::size_t at) const noexcept -> value {
    const auto* knot = values_.data() + at;
    value top = knot[0];
    for (std::size_t k = 1; k < fan; ++k) top = std::max(top, knot[k]);
    return top;
  }

  std::vector<value> values_;
  std::array<std::size_t, 9> begin_{};
  std::size_t levels_ = 0;
  std::size_t size_ = 0;
};

}  // namespace lepton::detail
