// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include <lepton/model/time.hpp>

namespace lepton::balance::detail {

/// The time from `then` to `now`: 0 if that is not later, and at most the longest there is, where
/// the difference of the two would overflow.
[[nodiscard]] constexpr auto elapsed(time_point now, time_point then) noexcept -> duration {
  if (now <= then) return duration{0};
  const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch().count()) -
                     static_cast<std::uint64_t>(then.time_since_epoch().count());
  constexpr auto most = static_cast<std::uint64_t>(duration::max().count());
  return duration{static_cast<duration::rep>(std::min(ticks, most))};
}

}  // namespace lepton::balance::detail
