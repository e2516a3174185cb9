// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/time.hpp>

namespace lepton::schedule::detail {

/// `when` and a length of time that is not negative; at most the end of time.
[[nodiscard]] constexpr auto later_by(time_point when, duration length) noexcept -> time_point {
  if (when > time_point{} && length > time_point::max() - when) return time_point::max();
  return when + length;
}

/// From one moment to another; the end of time is infinitely far away.
[[nodiscard]] constexpr auto span_between(time_point from, time_point to) noexcept -> duration {
  if (to == time_point::max()) return duration::max();
  if (from < time_point{} && to > time_point::max() + from.time_since_epoch())
    return duration::max();
  if (from > time_point{} && to < time_point::min() + from.time_since_epoch())
    return duration::min();
  return to - from;
}

}  // namespace lepton::schedule::detail
