// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include <lepton/model/resources.hpp>

namespace lepton::place::detail {

/// a / b in units of 2^−bits, rounded down; 0 if b is. For a, b from 0 to 2^53, and bits a multiple
/// of 10. Long division, ten bits a step, as the product of a and 2^bits may not fit 64 bits.
[[nodiscard]] constexpr auto scaled_ratio(std::int64_t a, std::int64_t b, int bits) noexcept
    -> std::int64_t {
  if (b == 0) return 0;
  auto ratio = a / b;
  for (; bits > 0; bits -= 10) {
    a = a % b << 10;
    ratio = (ratio << 10) + a / b;
  }
  return ratio;
}

/// Makes amounts of different units comparable: each in parts of the capacity of its dimension.
///
/// Exact while the least common multiple of the capacities is at most 2^bits: then a capacity has
/// that many parts. Beyond, it has 2^bits, and amounts are rounded down to whole parts. Either way
/// a larger amount never has fewer parts, and the parts are the same on every machine. A dimension
/// without capacity has no parts.
template <resource_vector R>
class capacity_parts {
 public:
  /// `bits`: a multiple of 10 up to 40. Capacities are at most `max_amount`.
  constexpr capacity_parts(const R& capacity, int bits) noexcept
      : capacity_(capacity), bits_(bits) {
    const auto most = amount{1} << bits;
    amount common = 1;
    for (const auto c : capacity) {
      if (c == 0) continue;
      const auto factor = c / std::gcd(common, c);
      if (factor > most / common) return;
      common *= factor;
    }
    for (std::size_t d = 0; d < R::size(); ++d) {
      if (capacity[d] != 0) factor_[d] = common / capacity[d];
    }
    exact_ = true;
  }

  /// The parts of an amount from 0 to the capacity of dimension d.
  [[nodiscard]] constexpr auto of(std::size_t d, amount a) const noexcept -> std::int64_t {
    return exact_ ? factor_[d] * a : scaled_ratio(a, capacity_[d], bits_);
  }

 private:
  R capacity_;
  R factor_{};
  int bits_;
  bool exact_ = false;
};

}  // namespace lepton::place::detail
