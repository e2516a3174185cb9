// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace lepton::detail {

/// A value that compares the other way round: what is larger comes first.
template <class Value>
struct descending {
  Value value{};

  constexpr descending() = default;
  constexpr explicit descending(Value v) : value(std::move(v)) {}

  [[nodiscard]] friend constexpr auto operator==(const descending& a, const descending& b) noexcept
      -> bool {
    return a.value == b.value;
  }
  [[nodiscard]] friend constexpr auto operator!=(const descending& a, const descending& b) noexcept
      -> bool {
    return !(a == b);
  }
  [[nodiscard]] friend constexpr auto operator<(const descending& a, const descending& b) noexcept
      -> bool {
    return b.value < a.value;
  }
  [[nodiscard]] friend constexpr auto operator>(const descending& a, const descending& b) noexcept
      -> bool {
    return b < a;
  }
  [[nodiscard]] friend constexpr auto operator<=(const descending& a, const descending& b) noexcept
      -> bool {
    return !(b < a);
  }
  [[nodiscard]] friend constexpr auto operator>=(const descending& a, const descending& b) noexcept
      -> bool {
    return !(a < b);
  }
};

template <class Value>
descending(Value) -> descending<Value>;

}  // namespace lepton::detail
