// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/rehash_pick.hpp>

namespace lepton::balance {

/// Jump consistent hash (Lamping and Veach 2014), to the bit: the bucket of `context::hash` among
/// the eligible backends in the order of their indices. No table, no memory, any hash will do.
///
/// Perfectly even. When a backend joins or leaves *at the end of the list*, only its own keys move.
/// Any other that leaves moves the keys of all behind it: meant for numbered shards that stay. (To
/// keep those of failing shards in place, leave them eligible and exclude them by `allowed`: when a
/// bucket is not allowed only its own keys move, see `detail::rehash_pick`.) Takes no weights:
/// `rebuild` fails if they differ.
///
/// O(log n).
class jump_hash {
 public:
  auto rebuild(const snapshot& s) -> status {
    if (s.equal_weights()) return {};
    return failure(
        "jump_hash takes no weights: give all backends the same one, or use rendezvous_hash or "
        "anchor_hash");
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    const auto eligible = s.eligible();
    if (eligible.empty()) return no_backend;
    const auto buckets = static_cast<std::uint32_t>(eligible.size());
    return detail::rehash_pick(s, c.hash, allowed, [&](std::uint64_t hash) noexcept {
      return eligible[bucket(hash, buckets)];
    });
  }

  /// The bucket of a key, below `buckets`, which is positive. A division and a multiplication are
  /// rounded, as in the original; there is no sum in the expression that a compiler could fuse.
  [[nodiscard]] static constexpr auto bucket(std::uint64_t key, std::uint32_t buckets) noexcept
      -> std::uint32_t {
    std::int64_t jumps_to = 0;
    std::int64_t at = 0;
    do {
      at = jumps_to;
      key = key * 2862933555777941757ULL + 1;
      jumps_to = static_cast<std::int64_t>(
          static_cast<double>(at + 1) *
          (2147483648.0 / static_cast<double>(static_cast<std::int64_t>((key >> 33) + 1))));
    } while (jumps_to < static_cast<std::int64_t>(buckets));
    return static_cast<std::uint32_t>(at);
  }
};

}  // namespace lepton::balance
