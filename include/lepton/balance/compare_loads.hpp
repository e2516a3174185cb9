// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>

namespace lepton::balance::detail {

/// Requests in flight as 32 bits, so that a product with a weight fits 64; more count as the most.
template <load_view Loads>
[[nodiscard]] constexpr auto load_of(const Loads& loads, backend_index i) noexcept
    -> std::uint32_t {
  using value = std::remove_cvref_t<decltype(loads[i])>;
  if constexpr (std::unsigned_integral<value> && sizeof(value) <= 4) {
    return loads[i];
  } else {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(static_cast<std::uint64_t>(loads[i]), most));
  }
}

/// An amount of load over a weight; compared as exact fractions.
struct relative_load {
  std::uint32_t load;
  std::uint32_t weight;  ///< positive

  friend constexpr auto operator<(relative_load a, relative_load b) noexcept -> bool {
    return std::uint64_t{a.load} * b.weight < std::uint64_t{b.load} * a.weight;
  }
  friend constexpr auto operator==(relative_load a, relative_load b) noexcept -> bool {
    return std::uint64_t{a.load} * b.weight == std::uint64_t{b.load} * a.weight;
  }
};

/// `amount + 1`, at most the largest number.
[[nodiscard]] constexpr auto one_more(std::uint32_t amount) noexcept -> std::uint32_t {
  return amount + (amount != std::numeric_limits<std::uint32_t>::max() ? 1U : 0U);
}

/// b if `second`, else a, without a branch: which it is cannot be predicted.
[[nodiscard]] constexpr auto either(backend_index a, backend_index b, bool second) noexcept
    -> backend_index {
  return a ^ ((a ^ b) & (backend_index{0} - static_cast<backend_index>(second)));
}

}  // namespace lepton::balance::detail
