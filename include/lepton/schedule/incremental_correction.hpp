// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <lepton/detail/recent_table.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/time.hpp>
#include <lepton/schedule/runtime_bounds.hpp>

namespace lepton::schedule {

/// Each time that a task's guess proves too short, it gets a longer increment: 1, 5, 15, 30
/// minutes, 1, 2, 5, 10, 20, 50, 100 hours, and 100 hours ever after.
///
/// Counts the corrections of each task, of so many tasks at most; then the one forgotten (which
/// begins anew) is that which was not corrected for the longest time. O(1).
///
/// Source: Tsafrir, Etsion, Feitelson, "Backfilling using system-generated predictions rather than
/// user runtime estimates", IEEE Transactions on Parallel and Distributed Systems 18 (2007).
class incremental_correction {
 public:
  using minutes = std::chrono::duration<std::int32_t, std::ratio<60>>;
  static constexpr std::array<minutes, 11> increments{
      minutes{1},   minutes{5},   minutes{15},   minutes{30},   minutes{60},  minutes{120},
      minutes{300}, minutes{600}, minutes{1200}, minutes{3000}, minutes{6000}};

  explicit incremental_correction(std::size_t remembered = std::size_t{1} << 20)
      : counts_(remembered) {}

  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration expired) -> duration {
    auto& count = counts_.touch(static_cast<std::uint64_t>(id_of(t)));
    auto guess = expired;
    for (; count < increments.size() && guess <= ran; ++count)
      guess = detail::add_durations(guess, increments[count]);
    if (guess > ran) return guess;
    constexpr duration longest = increments.back();
    const auto times = (ran - guess) / longest + 1;
    if (times > duration::max() / longest) return duration::max();
    return detail::add_durations(guess, times * longest);
  }
  template <class Task>
  void ended(const Task& t) noexcept {
    counts_.erase(static_cast<std::uint64_t>(id_of(t)));
  }

 private:
  lepton::detail::recent_table<std::uint32_t> counts_;
};

}  // namespace lepton::schedule
