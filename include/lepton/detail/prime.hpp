// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::detail {

/// By trial division: O(sqrt n).
[[nodiscard]] constexpr auto is_prime(std::uint64_t n) noexcept -> bool {
  if (n < 4) return n >= 2;
  if (n % 2 == 0 || n % 3 == 0) return false;
  for (std::uint64_t d = 5; d <= n / d; d += 6) {
    if (n % d == 0 || n % (d + 2) == 0) return false;
  }
  return true;
}

/// The smallest prime that is not below n; for n of at most 2^63.
[[nodiscard]] constexpr auto next_prime(std::uint64_t n) noexcept -> std::uint64_t {
  while (!is_prime(n)) ++n;
  return n;
}

}  // namespace lepton::detail
