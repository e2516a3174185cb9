// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

namespace lepton::detail {

/// e^-x for x >= 0, with a relative error below 1e-13; 0 from x = 708 on and for NaN. Made of sums
/// and products only, so that it is the same everywhere, unlike the libraries' exp.
[[nodiscard]] constexpr auto decay(double x) noexcept -> double {
  if (!(x < 708)) return 0;
  // x = k ln 2 + r with |r| <= ln 2 / 2; ln 2 in two parts, so that k ln 2 is exact enough.
  // Any whole number near will do. NOLINTNEXTLINE(bugprone-incorrect-roundings)
  const auto k = static_cast<std::int64_t>(x * 1.4426950408889634 + 0.5);
  const auto whole = static_cast<double>(k);
  const double r = (x - whole * 6.93147180369123816490e-01) - whole * 1.90821492927058770002e-10;
  const double y = -r;
  const double y2 = y * y;
  const double y4 = y2 * y2;
  // The Taylor series to y^11, in an order that does not wait for each term.
  const double a = (1 + y) + y2 * (1.0 / 2 + y * (1.0 / 6));
  const double b = (1.0 / 24 + y * (1.0 / 120)) + y2 * (1.0 / 720 + y * (1.0 / 5040));
  const double c = (1.0 / 40320 + y * (1.0 / 362880)) + y2 * (1.0 / 3628800 + y * (1.0 / 39916800));
  const double power = std::bit_cast<double>(static_cast<std::uint64_t>(1023 - k) << 52);
  return (a + y4 * (b + y4 * c)) * power;
}

}  // namespace lepton::detail
