// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

namespace lepton::detail {

/// The fraction used / (total × weight), compared exactly: the products across have up to 159 bits
/// and are kept in full. If `used` is not 0, a total or weight of 0 puts it above all others; if it
/// is 0, they must not be.
struct fraction {
  std::uint64_t used = 0;
  std::uint64_t total = 1;
  std::uint32_t weight = 1;

  [[nodiscard]] static constexpr auto compare(const fraction& a, const fraction& b) noexcept
      -> std::strong_ordering {
    __extension__ using wide = unsigned __int128;
    const wide left = wide{a.used} * b.weight;
    const wide right = wide{b.used} * a.weight;
    if (a.total == b.total) return left <=> right;
    return product::of(left, b.total) <=> product::of(right, a.total);
  }
  [[nodiscard]] friend constexpr auto operator<=>(const fraction& a, const fraction& b) noexcept
      -> std::strong_ordering {
    return compare(a, b);
  }
  [[nodiscard]] friend constexpr auto operator==(const fraction& a, const fraction& b) noexcept
      -> bool {
    return std::is_eq(compare(a, b));
  }

 private:
  struct product {
    __extension__ using wide = unsigned __int128;
    wide high;
    std::uint64_t low;
    [[nodiscard]] static constexpr auto of(wide a, std::uint64_t b) noexcept -> product {
      const wide lower = wide{static_cast<std::uint64_t>(a)} * b;
      const wide upper = wide{static_cast<std::uint64_t>(a >> 64)} * b;
      return {upper + (lower >> 64), static_cast<std::uint64_t>(lower)};
    }
    [[nodiscard]] constexpr auto operator<=>(const product& other) const noexcept
        -> std::strong_ordering {
      if (high != other.high)
        return high < other.high ? std::strong_ordering::less : std::strong_ordering::greater;
      return low <=> other.low;
    }
  };
};

}  // namespace lepton::detail
