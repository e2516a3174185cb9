// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/balance/context.hpp>
#include <lepton/balance/snapshot.hpp>

namespace lepton::balance::detail {

/// Any of the eligible backends that are allowed, all equally likely. Draws; after eight misses it
/// counts those allowed and draws among them. O(1) expected while a fair share is allowed.
template <admission Allowed>
[[nodiscard]] auto uniform_pick(const snapshot& s, std::uint64_t random,
                                const Allowed& allowed) noexcept -> backend_index {
  const auto candidates = s.eligible();
  if (candidates.empty()) return no_backend;
  auto bits = random;
  for (std::uint64_t k = 0; k < 8; ++k, bits = more_random(random, k)) {
    const auto i = candidates[below(bits, candidates.size())];
    if (allowed(i)) return i;
  }
  std::size_t count = 0;
  for (const auto i : candidates) count += allowed(i) ? 1 : 0;
  if (count == 0) return no_backend;
  auto skip = below(more_random(random, 8), count);
  for (const auto i : candidates) {
    if (allowed(i) && skip-- == 0) return i;
  }
  return no_backend;
}

}  // namespace lepton::balance::detail
