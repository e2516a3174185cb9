// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>

namespace lepton::schedule {

/// What searches of one profile found, so that later ones need not begin at the beginning: where
/// nothing starts before some moment, nothing that is larger and longer does. It may forget.
///
/// Its owner sees to it that what was found stays true: as long as nothing is given back, or only
/// after the moments that were looked at.
template <resource_vector Resources>
class search_memo {
 public:
  void clear() noexcept { found_.clear(); }

  /// The latest moment, at least `from`, before which `demand` cannot start for so long.
  [[nodiscard]] auto none_before(const Resources& demand, duration length,
                                 time_point from) const noexcept -> time_point {
    for (const auto& f : found_) {
      if (f.start > from && f.length <= length && fits(f.demand, demand)) from = f.start;
    }
    return from;
  }
  /// `demand` cannot start before `start` for so long.
  void remember(const Resources& demand, duration length, time_point start) {
    std::size_t kept = 0;
    for (const auto& f : found_) {
      const auto implied = f.start <= start && length <= f.length && fits(demand, f.demand);
      if (!implied) found_[kept++] = f;
    }
    found_.resize(kept);
    if (kept < most_kept) found_.push_back({demand, length, start});
  }

 private:
  static constexpr std::size_t most_kept = 128;
  struct finding {
    Resources demand{};
    duration length{};
    time_point start{};
  };
  std::vector<finding> found_;
};

}  // namespace lepton::schedule
