// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::balance::detail {

/// Entries with deadlines, the earliest on top (ties: the lower entry): a heap with four children a
/// node, which share a cache line.
class edf_queue {
 public:
  struct item {
    std::uint64_t deadline = 0;
    std::uint32_t entry = 0;
    friend constexpr auto operator<=>(const item&,
                                      const item&) = default;  // NOLINT(modernize-use-nullptr)
  };

  /// In any order; `settle` makes a queue of them.
  [[nodiscard]] auto items() noexcept -> std::vector<item>& { return items_; }
  [[nodiscard]] auto items() const noexcept -> const std::vector<item>& { return items_; }
  void settle() noexcept {
    for (auto k = items_.size(); k-- > 0;) sink(k, items_[k]);
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return items_.size(); }
  [[nodiscard]] auto at(std::size_t k) const noexcept -> const item& { return items_[k]; }
  /// Gives what stands at position k (0: the top) a later deadline.
  void postpone(std::size_t k, std::uint64_t deadline) noexcept {
    sink(k, {deadline, items_[k].entry});
  }

  /// Position of the earliest that is good, or size(): goes down only where those above are not, so
  /// it looks at no more than four for each bad one before it.
  template <class Good>
  [[nodiscard]] auto earliest(Good good) const noexcept -> std::size_t {
    const auto n = items_.size();
    auto best = n;
    std::size_t k = 0;
    while (k < n) {
      if (best == n || items_[k] < items_[best]) {
        if (good(items_[k].entry)) {
          best = k;
        } else if (4 * k + 1 < n) {
          k = 4 * k + 1;
          continue;
        }
      }
      // On to the next brother, or to that of the nearest ancestor who has one.
      while (k != 0 && (k % 4 == 0 || k + 1 == n)) k = (k - 1) / 4;
      if (k == 0) break;
      ++k;
    }
    return best;
  }

 private:
  void sink(std::size_t k, item moved) noexcept {
    const auto n = items_.size();
    for (;;) {
      const auto first = 4 * k + 1;
      if (first >= n) break;
      auto least = first;
      const auto end = std::min(first + 4, n);
      for (auto child = first + 1; child < end; ++child) {
        if (items_[child] < items_[least]) least = child;
      }
      if (!(items_[least] < moved)) break;
      items_[k] = items_[least];
      k = least;
    }
    items_[k] = moved;
  }

  std::vector<item> items_;
};

}  // namespace lepton::balance::detail
