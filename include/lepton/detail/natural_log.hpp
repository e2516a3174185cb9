// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <initializer_list>

namespace lepton::detail {

/// ln x for a normal number x > 0, to within 1e-13 (absolutely near 1, relatively far from it).
/// Made of sums, products and one quotient only, so that it is the same everywhere, unlike the
/// libraries' log.
[[nodiscard]] constexpr auto natural_log(double x) noexcept -> double {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  auto exponent = static_cast<std::int64_t>(bits >> 52 & 0x7ffU) - 1023;
  auto m = std::bit_cast<double>((bits & 0x000f'ffff'ffff'ffffU) | 0x3ff0'0000'0000'0000U);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  // ln m = 2 artanh s for s = (m - 1) / (m + 1), |s| < 0.1716: the series to s^15.
  const double s = (m - 1) / (m + 1);
  const double z = s * s;
  double sum = 1.0 / 15;
  for (const double term : {1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0}) {
    sum = sum * z + term;
  }
  const auto k = static_cast<double>(exponent);
  return k * 6.93147180369123816490e-01 + (k * 1.90821492927058770002e-10 + 2 * s * sum);
}

}  // namespace lepton::detail
