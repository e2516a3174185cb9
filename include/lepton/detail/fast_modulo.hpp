// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/detail/multiply_high.hpp>

namespace lepton::detail {

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
