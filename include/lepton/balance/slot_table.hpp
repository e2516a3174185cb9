// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <lepton/balance/even_order.hpp>
#include <lepton/balance/snapshot.hpp>

namespace lepton::balance::detail {

/// How many of at most `limit` slots each of these weights gets: weight / gcd where that adds up to
/// no more than the limit, else the nearest shares of exactly `limit` slots (largest remainders),
/// but at least one. Weights are positive, no more than `limit` of them, and limit < 2^31.
[[nodiscard]] inline auto slot_counts(std::span<const std::uint32_t> weights, std::size_t limit)
    -> std::vector<std::uint32_t> {
  const auto n = weights.size();
  std::vector<std::uint32_t> counts(n);
  std::uint32_t divisor = 0;
  std::uint64_t mass = 0;
  for (const auto w : weights) {
    divisor = std::gcd(divisor, w);
    mass += w;
  }
  if (n == 0 || mass / divisor <= limit) {
    for (std::size_t i = 0; i < n; ++i) counts[i] = weights[i] / divisor;
    return counts;
  }

  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return weights[a] != weights[b] ? weights[a] < weights[b] : a < b;
  });
  // Those whose share is below one slot get one; the others share what is left.
  std::uint64_t slots = limit;
  std::size_t small = 0;
  while (small < n && weights[order[small]] * slots < mass) {
    counts[order[small]] = 1;
    --slots;
    mass -= weights[order[small++]];
  }
  const std::span<std::uint32_t> large{order.data() + small, n - small};
  std::vector<std::uint64_t> rest(n);
  auto left = slots;
  for (const auto i : large) {
    counts[i] = static_cast<std::uint32_t>(weights[i] * slots / mass);
    rest[i] = weights[i] * slots % mass;
    left -= counts[i];
  }
  const auto most = large.begin() + static_cast<std::ptrdiff_t>(left);
  std::nth_element(large.begin(), most, large.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rest[a] != rest[b] ? rest[a] > rest[b] : a < b;
  });
  std::for_each(large.begin(), most, [&](std::uint32_t i) { ++counts[i]; });
  return counts;
}

/// One period of a weighted round robin: the backends in the order in which they are picked.
/// 16-bit entries while all indices fit.
struct slot_table {
  std::vector<std::uint16_t> narrow;
  std::vector<std::uint32_t> wide;

  slot_table() = default;
  slot_table(const snapshot& s, std::size_t limit) {
    const auto eligible = s.eligible();
    std::vector<std::uint32_t> weights(eligible.size());
    for (std::size_t k = 0; k < eligible.size(); ++k) weights[k] = s.weight(eligible[k]);
    const auto counts = slot_counts(weights, limit);
    const auto size = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
    if (s.size() <= 0x1'0000) {
      narrow.reserve(size);
      even_order(counts, [&](std::uint32_t k) {
        narrow.push_back(static_cast<std::uint16_t>(eligible[k]));
      });
    } else {
      wide.reserve(size);
      even_order(counts, [&](std::uint32_t k) { wide.push_back(eligible[k]); });
    }
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return narrow.size() + wide.size(); }
};

}  // namespace lepton::balance::detail
