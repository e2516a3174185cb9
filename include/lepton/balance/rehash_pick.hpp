// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>

#include <lepton/balance/context.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/balance/uniform_pick.hpp>

namespace lepton::balance::detail {

/// `lookup(hash)`, and while its answer is not allowed, `lookup` of further hashes made of the hash
/// (`more_random(hash, 0)`, 1, ...), sixteen lookups in all; then any that is allowed, all equally
/// likely. There must be eligible backends. Always the same answer for the same hash and the same
/// allowed backends; who is not allowed changes no key but its own.
template <class Lookup, admission Allowed>
[[nodiscard]] auto rehash_pick(const snapshot& s, std::uint64_t hash, const Allowed& allowed,
                               const Lookup& lookup) noexcept -> backend_index {
  auto i = lookup(hash);
  if constexpr (std::is_same_v<Allowed, everyone>) {
    return i;
  } else {
    constexpr std::uint64_t most = 15;
    for (std::uint64_t k = 0; !allowed(i); ++k) {
      if (k == most) return uniform_pick(s, more_random(hash, most), allowed);
      i = lookup(more_random(hash, k));
    }
    return i;
  }
}

}  // namespace lepton::balance::detail
