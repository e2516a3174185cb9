// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/balance/context.hpp>
#include <lepton/balance/snapshot.hpp>

namespace lepton::balance::detail {

/// One of the eligible backends that are allowed, with probabilities in proportion to their
/// weights (exact but for total / 2^64); `no_backend` if none is. Looks at all of them twice: O(n).
template <admission Allowed>
[[nodiscard]] auto weighted_scan(const snapshot& s, std::uint64_t random,
                                 const Allowed& allowed) noexcept -> backend_index {
  std::uint64_t total = 0;
  for (const auto i : s.eligible()) {
    if (allowed(i)) total += s.weight(i);
  }
  if (total == 0) return no_backend;
  auto skip = below(random, total);
  for (const auto i : s.eligible()) {
    if (!allowed(i)) continue;
    if (skip < s.weight(i)) return i;
    skip -= s.weight(i);
  }
  return no_backend;
}

}  // namespace lepton::balance::detail
