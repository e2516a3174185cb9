// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lepton/detail/recent_table.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/schedule/runtime_bounds.hpp>
#include <lepton/schedule/runtime_keys.hpp>

namespace lepton::schedule {

/// Guesses the mean run time of the last `Runs` tasks that were alike and have ended (rounded down
/// to nanoseconds), at most the estimate; the estimate as long as fewer are known.
///
/// A guess that was too short becomes the estimate; `corrected_runtime` knows better ways.
///
/// Each call is O(1). Remembers so many keys; when there are more, the one forgotten is that of
/// which no task ended for the longest time.
///
/// Source: the predictor of EASY++ (the user's last two jobs), Tsafrir, Etsion, Feitelson,
/// "Backfilling using system-generated predictions rather than user runtime estimates", IEEE
/// Transactions on Parallel and Distributed Systems 18 (2007).
///
/// @tparam Key   which tasks are alike: `same_tenant`, `same_request` ...
/// @tparam Runs  how many of the last ones count
template <class Key = same_tenant, std::size_t Runs = 2>
class recent_runs {
  static_assert(Runs >= 1 && Runs <= 64, "lepton: recent_runs takes the mean of 1 to 64 run times");

 public:
  explicit recent_runs(std::size_t remembered = std::size_t{1} << 20, Key key = {})
      : key_(key), table_(remembered) {}

  template <class Task>
  [[nodiscard]] auto predict(const Task& t, time_point) const noexcept -> duration {
    const auto* h = table_.find(key_(t));
    if (h == nullptr || h->count < Runs)
      return detail::within_estimate(duration::max(), estimate_of(t));
    std::uint64_t mean = 0;  // each run is below 2^63, so whole parts and rests are summed apart
    std::uint64_t rest = 0;
    for (const auto run : h->runs) {
      const auto ns = static_cast<std::uint64_t>(run.count());
      mean += ns / Runs;
      rest += ns % Runs;
    }
    return detail::within_estimate(duration{static_cast<duration::rep>(mean + rest / Runs)},
                                   estimate_of(t));
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point) {
    auto& h = table_.touch(key_(t));
    h.runs[h.next] = ran < duration{0} ? duration{0} : ran;
    h.next = static_cast<std::uint32_t>((h.next + 1) % Runs);
    if (h.count < Runs) ++h.count;
  }
  template <class Task>
  [[nodiscard]] auto correct(const Task& t, duration ran, duration) const noexcept -> duration {
    return detail::within_rest(duration::max(), ran, estimate_of(t));
  }

  /// Whether enough tasks like this one have ended.
  template <class Task>
  [[nodiscard]] auto knows(const Task& t) const noexcept -> bool {
    const auto* h = table_.find(key_(t));
    return h != nullptr && h->count == Runs;
  }

  /// How many keys are remembered now.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return table_.size(); }

 private:
  struct history {
    std::array<duration, Runs> runs{};
    std::uint32_t count = 0;
    std::uint32_t next = 0;
  };

  [[no_unique_address]] Key key_;
  lepton::detail::recent_table<history> table_;
};

}  // namespace lepton::schedule
