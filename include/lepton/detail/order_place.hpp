// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace lepton::detail {

/// A place in an order of items: by key, equal keys by number.
struct order_place {
  std::int64_t key = 0;
  std::uint32_t item = 0;

  /// Before every item.
  static constexpr auto least() noexcept -> order_place { return {-(std::int64_t{1} << 62), 0}; }
  /// Behind every item. Keys of items lie within ±2^61.
  static constexpr auto greatest() noexcept -> order_place {
    return {std::int64_t{1} << 61, std::numeric_limits<std::uint32_t>::max()};
  }
  friend constexpr auto operator<(const order_place& a, const order_place& b) noexcept -> bool {
    return a.key != b.key ? a.key < b.key : a.item < b.item;
  }
  friend constexpr auto operator==(const order_place&, const order_place&) noexcept
      -> bool = default;
};

}  // namespace lepton::detail
