// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::detail {

/// The high half of a product.
[[nodiscard]] constexpr auto multiply_high(std::uint64_t a, std::uint64_t b) noexcept
    -> std::uint64_t {
#if defined(__SIZEOF_INT128__)
  __extension__ using wide = unsigned __int128;
  return static_cast<std::uint64_t>((wide{a} * b) >> 64);
#else
  const auto low = (a & 0xffff'ffffU) * (b & 0xffff'ffffU);
  const auto middle = (a >> 32) * (b & 0xffff'ffffU) + (low >> 32);
  const auto other = (a & 0xffff'ffffU) * (b >> 32) + (middle & 0xffff'ffffU);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
#endif
}

/// Remainders by one divisor, exact for every dividend, by two multiplications instead of a
/// division: the quotient by the rounded-down reciprocal is at most one too small.
class fast_modulo {
 public:
  explicit constexpr fast_modulo(std::uint32_t divisor) noexcept
      : reciprocal_(~std::uint64_t{0} / divisor), divisor_(divisor) {}

  [[nodiscard]] constexpr auto divisor() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(divisor_);
  }
  /// dividend % divisor
  [[nodiscard]] constexpr auto operator()(std::uint64_t dividend) const noexcept -> std::uint32_t {
    const auto rest = dividend - multiply_high(dividend, reciprocal_) * divisor_;
    return static_cast<std::uint32_t>(rest >= divisor_ ? rest - divisor_ : rest);
  }

 private:
  std::uint64_t reciprocal_;
  std::uint64_t divisor_;
};

}  // namespace lepton::detail
