// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/resources.hpp>

// The nouns of offline vector bin packing: all items are known before the first is packed, and
// none ever leaves. `vector_packing.hpp` and `bin_centric_packing.hpp` hold the verbs.

namespace lepton::place {

/// Dearest bin: 10^9, so that the cost of a packing cannot overflow.
inline constexpr amount max_bin_cost = 1'000'000'000;

/// A kind of bin, of which any number may be opened.
template <resource_vector R>
struct bin_type {
  R capacity;       ///< each amount 0 to `max_amount`
  amount cost = 1;  ///< of one such bin, 0 to `max_bin_cost`

  constexpr bin_type(const R& capacity_of_one, amount cost_of_one = 1) noexcept
      : capacity(capacity_of_one), cost(cost_of_one) {}
};

/// A bin that was opened.
template <resource_vector R>
struct packed_bin {
  std::uint32_t type = 0;  ///< its kind, as an index of the list of types
  R load{};                ///< the sum of its items

  friend auto operator==(const packed_bin&, const packed_bin&) noexcept -> bool = default;
};

/// Which item went where.
template <resource_vector R>
struct packing {
  std::vector<std::uint32_t> bin_of{};  ///< for each item, its bin as an index of `bins`
  std::vector<packed_bin<R>> bins{};    ///< in the order in which they were opened
  amount cost = 0;                      ///< of all bins; their number if each costs 1

  [[nodiscard]] auto bin_count() const noexcept -> std::size_t { return bins.size(); }
  friend auto operator==(const packing&, const packing&) noexcept -> bool = default;
};

/// What can be packed: a task, or plain resources.
template <class T>
concept packable = resource_vector<T> || task_like<T>;

/// A random-access, sized collection of packable items, such as `std::span<const job>`.
///
/// 1. `v.size()` is the number of items, below 2^32 − 1.
/// 2. `v[i]` is item i, for 0 ≤ i < size, in constant time.
template <class V>
concept item_view = requires(const V& v, std::size_t i) {
  { v.size() } -> std::convertible_to<std::size_t>;
  requires packable<std::remove_cvref_t<decltype(v[i])>>;
};

namespace detail {

template <packable Item>
[[nodiscard]] constexpr auto amounts_of(const Item& item) noexcept {
  if constexpr (resource_vector<Item>) {
    return item;
  } else {
    return std::remove_cvref_t<decltype(demand_of(item))>{demand_of(item)};
  }
}

}  // namespace detail

/// The resource vector that the items of a view need.
template <item_view V>
using item_resources_t = decltype(detail::amounts_of(std::declval<const V&>()[std::size_t{0}]));

}  // namespace lepton::place
