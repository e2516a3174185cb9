// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/detail/least_set.hpp>

namespace lepton::balance::detail {

/// Queues of items, one for each number below a bound; an item is in one queue at a time at most.
/// First in, first out.
class numbered_queues {
 public:
  numbered_queues(std::size_t bound, std::vector<std::uint32_t>& next)
      : last_(bound, none), next_(&next) {}

  [[nodiscard]] auto empty(std::size_t number) const noexcept -> bool {
    return last_[number] == none;
  }
  void push(std::size_t number, std::uint32_t item) noexcept {
    auto& last = last_[number];
    auto& next = *next_;
    if (last == none) {
      next[item] = item;
    } else {
      next[item] = next[last];
      next[last] = item;
    }
    last = item;
  }
  [[nodiscard]] auto pop(std::size_t number) noexcept -> std::uint32_t {
    auto& last = last_[number];
    auto& next = *next_;
    const auto first = next[last];
    if (first == last) {
      last = none;
    } else {
      next[last] = next[first];
    }
    return first;
  }

 private:
  static constexpr std::uint32_t none = 0xffff'ffff;
  std::vector<std::uint32_t> last_;  ///< the ring of a queue begins behind its last item
  std::vector<std::uint32_t>* next_;
};

/// Deals out S = sum(counts) places in the most even order there is: before any place t, item i has
/// had counts[i] * t / S places, rounded down or up. Calls `place(item)` S times. No count may be
/// 0, and S must be below 2^31.
///
/// Place j of an item lies in [floor(j S / count), ceil((j + 1) S / count)); of those whose window
/// is open, the one that closes first goes first (ties: the one that is waiting longest, then the
/// lowest). Such windows can always be met (Tijdeman 1980; Baruah et al. 1996, "Proportionate
/// progress"), and earliest deadline first does. O(S log64 S).
template <class Place>
void even_order(std::span<const std::uint32_t> counts, Place place) {
  struct progress {
    std::uint32_t opens;     ///< floor(j S / count)
    std::uint32_t rest;      ///< j S mod count
    std::uint32_t distance;  ///< floor(S / count)
    std::uint32_t excess;    ///< S mod count
  };
  std::uint64_t total = 0;
  for (const auto count : counts) total += count;
  const auto slots = static_cast<std::size_t>(total);

  std::vector<progress> items(counts.size());
  std::vector<std::uint32_t> next(counts.size());
  numbered_queues opening{slots + 1, next};
  numbered_queues closing{slots + 1, next};
  lepton::detail::least_set deadlines{slots + 1};

  // The window of the next place opens where that of this one closes, or one before.
  const auto wait = [&](std::uint32_t i) {
    auto& item = items[i];
    item.opens += item.distance;
    item.rest += item.excess;
    if (item.rest >= counts[i]) {
      item.rest -= counts[i];
      ++item.opens;
    }
    const auto closes = std::size_t{item.opens} + (item.rest != 0 ? 1 : 0);
    if (closing.empty(closes)) deadlines.insert(closes);
    closing.push(closes, i);
  };

  for (std::uint32_t i = 0; i < counts.size(); ++i) {
    items[i] = {0, 0, static_cast<std::uint32_t>(slots / counts[i]),
                static_cast<std::uint32_t>(slots % counts[i])};
    opening.push(0, i);
  }
  for (std::size_t t = 0; t < slots; ++t) {
    while (!opening.empty(t)) wait(opening.pop(t));
    const auto closes = deadlines.least();
    const auto i = closing.pop(closes);
    if (closing.empty(closes)) deadlines.erase(closes);
    place(i);
    const std::size_t opens = items[i].opens;
    opening.push(opens <= t ? t + 1 : opens, i);
  }
}

}  // namespace lepton::balance::detail
