// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <lepton/detail/amount_rows.hpp>
#include <lepton/detail/order_place.hpp>

namespace lepton::detail {

/// A leaf of a `fit_tree`: up to 32 items in no order.
template <std::size_t K>
struct fit_tree_leaf {
  using place = order_place;
  using amounts = std::array<std::int64_t, K>;
  static constexpr std::size_t width = 32;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t count = 0;
  std::uint32_t parent = none;
  place low = place::least();      ///< items of this block are not before `low`
  place high = place::greatest();  ///< and before `high`
  std::array<std::uint32_t, width> item{};
  std::array<std::int64_t, width> key{};
  amount_rows<K, width> have{};

  void put(std::size_t slot, const place& where, const amounts& a) noexcept {
    item[slot] = where.item;
    key[slot] = where.key;
    have.set(slot, a);
  }
  void remove(std::size_t slot) noexcept {
    --count;
    if (slot != count) put(slot, at(count), have[count]);
    have.unset(count);
  }
  [[nodiscard]] auto at(std::size_t slot) const noexcept -> place {
    return {key[slot], item[slot]};
  }
  [[nodiscard]] auto first_place() const noexcept -> place {
    auto least = at(0);
    for (std::size_t i = 1; i < count; ++i) least = at(i) < least ? at(i) : least;
    return least;
  }
};

/// An inner knot of a `fit_tree`: up to 16 children in order.
template <std::size_t K>
struct fit_tree_knot {
  static constexpr std::size_t width = 16;
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t count = 0;
  std::uint32_t parent = none;
  bool of_leaves = false;
  std::array<std::uint32_t, width> child{};
  std::array<order_place, width> low{};
  amount_rows<K, width> have{};

  [[nodiscard]] auto position_of(std::uint32_t c) const noexcept -> std::size_t {
    std::size_t i = 0;
    while (child[i] != c) ++i;
    return i;
  }
};

}  // namespace lepton::detail
