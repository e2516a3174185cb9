// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace lepton {

/// A length of time in nanoseconds; any coarser `std::chrono` duration converts to it.
using duration = std::chrono::nanoseconds;

/// Names the library's time line. It has no `now()` on purpose: the library never reads a clock,
/// the caller says what time it is.
struct timeline {
  using duration = lepton::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<timeline>;
  static constexpr bool is_steady = true;
};

/// A moment: nanoseconds since an epoch of the caller's choice (292 years reach either way).
using time_point = timeline::time_point;

/// The moment that lies `since_epoch` after the caller's epoch: `at(5min)`.
[[nodiscard]] constexpr auto at(duration since_epoch) noexcept -> time_point {
  return time_point{since_epoch};
}

}  // namespace lepton
