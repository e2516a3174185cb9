// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace lepton::detail {

/// a + b and a − b, held at the ends of the range instead of leaving it.
[[nodiscard]] constexpr auto add_saturating(std::int64_t a, std::int64_t b) noexcept
    -> std::int64_t {
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  if (b > 0) return a > highest - b ? highest : a + b;
  return a < lowest - b ? lowest : a + b;
}
[[nodiscard]] constexpr auto subtract_saturating(std::int64_t a, std::int64_t b) noexcept
    -> std::int64_t {
  constexpr auto highest = std::numeric_limits<std::int64_t>::max();
  constexpr auto lowest = std::numeric_limits<std::int64_t>::min();
  if (b > 0) return a < lowest + b ? lowest : a - b;
  return a > highest + b ? highest : a - b;
}

}  // namespace lepton::detail
