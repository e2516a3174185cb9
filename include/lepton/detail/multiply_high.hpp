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

}  // namespace lepton::detail
