// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <lepton/balance/fwd.hpp>

namespace lepton::balance {

/// Whose tables `maglev` builds.
enum class maglev_mode : std::uint8_t {
  envoy,      ///< hashes of the keys; shares in proportion to the weights
  katran,     ///< hashes of the ids; a weight of w is w slots in the first round, then one a round
  katran_v2,  ///< hashes of the ids; shares in proportion to the weights
};

}  // namespace lepton::balance

namespace lepton::balance::detail {

/// Who takes a slot of a Maglev table in which round, with weights. In a round everyone takes at
/// most one slot, in the order of the list; except the first round of Katran's first version.
///
/// Rounds in which few are due are found by a heap, others by looking at everyone: O(log n) or
/// O(heaviest / mean weight) a slot, whichever is less.
class maglev_turns {
 public:
  maglev_turns(maglev_mode mode, std::span<const std::uint32_t> weights, std::size_t slots)
      : weights_(weights.begin(), weights.end()), mode_(mode), slots_(slots) {
    const auto n = weights_.size();
    for (const auto w : weights_) {
      most_ = std::max(most_, w);
      total_ += w;
    }
    everyone_.resize(n);
    std::iota(everyone_.begin(), everyone_.end(), 0U);
    equal_ = total_ == std::uint64_t{most_} * n;
    if (equal_ || mode_ == maglev_mode::katran) return;
    by_heap_ = total_ / n < most_ / 32;
    targets_.resize(n);
    due_.resize(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      due_[i] = 0;
      due_[i] = mode_ == maglev_mode::envoy ? 1 : next_due(i);
      if (by_heap_) heap_.push_back(std::uint64_t{due_[i]} << 32 | i);
    }
    if (by_heap_) std::make_heap(heap_.begin(), heap_.end(), later);
  }

  /// The positions in the list of those who take a slot in the next round that has any.
  [[nodiscard]] auto next_round() -> std::span<const std::uint32_t> {
    ++round_;
    if (mode_ == maglev_mode::katran && round_ == 1 && most_ > 1) return first_round();
    if (equal_ || mode_ == maglev_mode::katran) return everyone_;
    due_now_.clear();
    if (by_heap_) {
      round_ = heap_.front() >> 32;
      while (heap_.front() >> 32 == round_) {
        std::pop_heap(heap_.begin(), heap_.end(), later);
        const auto i = static_cast<std::uint32_t>(heap_.back());
        take_turn(i);
        heap_.back() = std::uint64_t{due_[i]} << 32 | i;
        std::push_heap(heap_.begin(), heap_.end(), later);
      }
      return due_now_;
    }
    for (; due_now_.empty(); round_ += due_now_.empty() ? 1 : 0) {
      for (std::uint32_t i = 0; i < due_.size(); ++i) {
        if (due_[i] == round_) take_turn(i);
      }
    }
    return due_now_;
  }

 private:
  static constexpr auto later = [](std::uint64_t a, std::uint64_t b) { return a > b; };

  [[nodiscard]] auto first_round() -> std::span<const std::uint32_t> {
    for (std::uint32_t i = 0; i < weights_.size() && due_now_.size() < slots_; ++i) {
      const auto times = std::min<std::size_t>(weights_[i], slots_ - due_now_.size());
      due_now_.insert(due_now_.end(), times, i);
    }
    return due_now_;
  }

  void take_turn(std::uint32_t i) {
    due_now_.push_back(i);
    due_[i] = next_due(i);
  }

  /// The round of the next turn of i, who had one in round due_[i]. Rounds past 2^32 - 1 are beyond
  /// the end of every table.
  [[nodiscard]] auto next_due(std::uint32_t i) -> std::uint32_t {
    constexpr std::uint64_t never = 0xffff'ffff;
    if (mode_ == maglev_mode::katran_v2) {
      // Turn number k comes in the first round with round * weight >= k * most.
      const auto turn = static_cast<std::uint64_t>(targets_[i] += 1);
      return static_cast<std::uint32_t>(
          std::min(never, (turn * most_ + weights_[i] - 1) / weights_[i]));
    }
    // Envoy's rule, and its rounding: in the first round whose number times the normalised weight
    // is not below the target; and each turn raises the target by the largest normalised weight.
    const auto share = [&](std::uint32_t weight) {
      return static_cast<double>(weight) / static_cast<double>(total_);
    };
    const auto mine = share(weights_[i]);
    const auto target = targets_[i] += share(most_);
    const auto guess = std::max(std::floor(target / mine) - 1, due_[i] + 1.0);
    if (guess >= static_cast<double>(never)) return never;
    auto round = static_cast<std::uint32_t>(guess);
    while (round > due_[i] + 1 && (round - 1.0) * mine >= target) --round;
    while (round < never && round * mine < target) ++round;
    return round;
  }

  std::vector<std::uint32_t> weights_;
  std::vector<std::uint32_t> everyone_;
  std::vector<std::uint32_t> due_now_;
  std::vector<std::uint32_t> due_;
  std::vector<double> targets_;  ///< Katran: the number of turns had
  std::vector<std::uint64_t> heap_;
  std::uint64_t total_ = 0;
  std::uint64_t round_ = 0;
  std::uint32_t most_ = 0;
  maglev_mode mode_;
  bool equal_ = false;
  bool by_heap_ = false;
  std::size_t slots_;
};

}  // namespace lepton::balance::detail
