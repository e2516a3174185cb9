// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/context.hpp>

namespace lepton::balance::detail {

/// -ln(c / 256) for c = 129 ... 256, and ln 2, in units of 2^-63, rounded down; by the series of
/// the inverse hyperbolic tangent, in whole numbers.
struct log_table {
  std::array<std::uint64_t, 128> of{};
  std::uint64_t ln2 = 0;

  constexpr log_table() noexcept {
    for (std::size_t j = 127; j-- > 0;) of[j] = of[j + 1] + step(129 + j);
    ln2 = of[0] + step(128);
  }

 private:
  /// ln((c + 1) / c).
  static constexpr auto step(std::uint64_t c) noexcept -> std::uint64_t {
    const auto odd = 2 * c + 1;
    auto power = (std::uint64_t{1} << 63) / odd;
    std::uint64_t sum = 0;
    for (std::uint64_t k = 1; power != 0; k += 2, power /= odd * odd) sum += power / k;
    return 2 * sum;
  }
};
inline constexpr log_table logs{};

/// -ln(1 - v / 2^53) in units of 2^-58, for v below 2^53. Whole numbers only, so the same on every
/// machine. Rises with v, is at least 32 v (its first term), and at most 64 units and
/// 2^-40 of itself too small.
[[nodiscard]] constexpr auto negative_log(std::uint64_t v) noexcept -> std::uint64_t {
  if (v == 0) return 0;
  constexpr std::uint64_t one = std::uint64_t{1} << 63;
  const auto u = (std::uint64_t{1} << 53) - v;
  const auto shift = static_cast<unsigned>(std::countl_zero(u));
  const auto m = u << shift;  // u = m / 2^shift, the top bit of m set
  const auto j = (m >> 56) & 127U;
  const auto c = 129 + j;  // m = (1 - s) c 2^56
  const auto s = (((c << 56) - m) << 7) / c;
  const auto twice = s << 1;
  auto p = one / 5 + below(one / 6, twice);
  p = one / 4 + below(p, twice);
  p = one / 3 + below(p, twice);
  p = one / 2 + below(p, twice);
  const auto log = s + below(below(p, twice), twice);  // -ln(1 - s)
  return (shift - 11) * (logs.ln2 >> 5) + (logs.of[j] >> 5) + (log >> 5);
}

}  // namespace lepton::balance::detail
