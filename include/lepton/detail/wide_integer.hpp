// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include <lepton/detail/multiply_high.hpp>

namespace lepton::detail {

/// A signed integer of 128 bits, for sums of products of 64-bit ones. Overflow wraps.
struct wide_integer {
  std::int64_t high = 0;
  std::uint64_t low = 0;

  constexpr wide_integer() = default;
  constexpr wide_integer(std::int64_t value) noexcept
      : high(value < 0 ? -1 : 0), low(static_cast<std::uint64_t>(value)) {}

  [[nodiscard]] static constexpr auto product(std::int64_t a, std::int64_t b) noexcept
      -> wide_integer {
    const auto x = static_cast<std::uint64_t>(a);
    const auto y = static_cast<std::uint64_t>(b);
    wide_integer r;
    r.low = x * y;
    r.high = static_cast<std::int64_t>(multiply_high(x, y) - (a < 0 ? y : 0) - (b < 0 ? x : 0));
    return r;
  }

  [[nodiscard]] friend constexpr auto operator+(wide_integer a, wide_integer b) noexcept
      -> wide_integer {
    wide_integer r;
    r.low = a.low + b.low;
    r.high =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(a.high) +
                                  static_cast<std::uint64_t>(b.high) + (r.low < a.low ? 1U : 0U));
    return r;
  }
  [[nodiscard]] friend constexpr auto operator-(wide_integer a, wide_integer b) noexcept
      -> wide_integer {
    wide_integer r;
    r.low = a.low - b.low;
    r.high =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(a.high) -
                                  static_cast<std::uint64_t>(b.high) - (a.low < b.low ? 1U : 0U));
    return r;
  }
  [[nodiscard]] friend constexpr auto operator==(const wide_integer&, const wide_integer&) noexcept
      -> bool = default;
  [[nodiscard]] friend constexpr auto operator<=>(const wide_integer& a,
                                                  const wide_integer& b) noexcept
      -> std::strong_ordering = default;

  /// The nearest double, or one beside it.
  [[nodiscard]] constexpr auto to_double() const noexcept -> double {
    if (high < 0) return -(wide_integer{} - *this).magnitude();
    return magnitude();
  }

 private:
  [[nodiscard]] constexpr auto magnitude() const noexcept -> double {
    return static_cast<double>(static_cast<std::uint64_t>(high)) * 18446744073709551616.0 +
           static_cast<double>(low);
  }
};

}  // namespace lepton::detail
