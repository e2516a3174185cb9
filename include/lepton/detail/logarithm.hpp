// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace lepton::detail {

/// The natural logarithm of m, with x = 2^k m and m near 1.
struct logarithm_parts {
  int exponent = 0;
  double rest = 0;
};

/// x must be a normal positive number. Made of sums, products and one quotient only, so that it is
/// the same everywhere, unlike the libraries' log.
[[nodiscard]] constexpr auto split_logarithm(double x) noexcept -> logarithm_parts {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto k = static_cast<int>(bits >> 52) - 1023;
  auto m = std::bit_cast<double>((bits & 0x000f'ffff'ffff'ffffU) | 0x3ff0'0000'0000'0000U);
  if (m > 1.4142135623730951) {
    m /= 2;
    ++k;
  }
  // ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 ...), |s| < 0.1716.
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int i = 21; i >= 1; i -= 2) sum = sum * s2 + 1.0 / i;
  return {k, 2 * s * sum};
}

/// log2 x and log10 x, with an error of a few units in the last place.
[[nodiscard]] constexpr auto log2(double x) noexcept -> double {
  const auto [k, rest] = split_logarithm(x);
  return k + rest * 1.4426950408889634;
}
[[nodiscard]] constexpr auto log10(double x) noexcept -> double {
  const auto [k, rest] = split_logarithm(x);
  return k * 0.30102999566398120 + rest * 0.43429448190325182;
}

}  // namespace lepton::detail
