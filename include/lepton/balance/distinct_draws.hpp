// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <lepton/balance/context.hpp>

namespace lepton::balance::detail {

/// Two different numbers below n >= 2, all ordered pairs equally likely, of one word: the second is
/// drawn below n - 1 from what the first left of the randomness, and skips the first. The bias is
/// below n^2 / 2^64.
[[nodiscard]] constexpr auto two_distinct(std::uint64_t random, std::uint64_t n) noexcept
    -> std::pair<std::uint64_t, std::uint64_t> {
  const auto first = below(random, n);
  const auto second = below(random * n, n - 1);  // the low half of the product
  return {first, second + (second >= first ? 1 : 0)};
}

/// The first `count` (at most D) of different numbers below n >= count, in the order drawn, all
/// sequences equally likely. O(D^2) without a retry or a branch: the k-th draw is the rank of a
/// number among those that are left. Two draws share a word.
template <std::size_t D>
[[nodiscard]] constexpr auto distinct_draws(std::uint64_t random, std::uint64_t n,
                                            std::size_t count = D) noexcept
    -> std::array<std::uint64_t, D> {
  std::array<std::uint64_t, D> drawn{};
  std::array<std::uint64_t, D> sorted{};
  auto bits = random;
  for (std::size_t k = 0; k < count; ++k) {
    auto number = below(bits, n - k);
    bits = k % 2 == 0 ? bits * (n - k) : more_random(random, k);
    for (std::size_t j = 0; j < k; ++j) number += sorted[j] <= number ? 1 : 0;
    drawn[k] = number;
    for (std::size_t j = 0; j < k; ++j) {
      const auto larger = std::max(sorted[j], number);
      sorted[j] = std::min(sorted[j], number);
      number = larger;
    }
    sorted[k] = number;
  }
  return drawn;
}

}  // namespace lepton::balance::detail
