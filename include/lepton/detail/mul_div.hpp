// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::detail {

/// floor(a b / c), with the product in full; c > 0, and the result must be below 2^64.
[[nodiscard]] constexpr auto mul_div(std::uint64_t a, std::uint64_t b, std::uint64_t c) noexcept
    -> std::uint64_t {
#if defined(__SIZEOF_INT128__)
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>(wide{a} * b / c);
#else
  // Bit by bit of b: a = (a / c) c + a % c, and the rest doubles without overflow.
  const auto whole = a / c;
  const auto part = a % c;
  std::uint64_t quotient = 0;
  std::uint64_t rest = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const bool carry = rest >= c - rest;
    quotient = 2 * quotient + (carry ? 1 : 0);
    rest = carry ? rest - (c - rest) : 2 * rest;
    if ((b >> bit & 1U) == 0) continue;
    const bool more = part != 0 && rest >= c - part;
    quotient += more ? 1 : 0;
    rest = more ? rest - (c - part) : rest + part;
  }
  return whole * b + quotient;
#endif
}

}  // namespace lepton::detail
