// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/maglev_turns.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/detail/bit_set.hpp>
#include <lepton/detail/murmur.hpp>
#include <lepton/detail/xxh64.hpp>

namespace lepton::balance::detail {

/// The order in which a backend wants the slots of a table of prime size: from `at` in steps of
/// `skip`, round and round.
struct maglev_wish {
  std::uint32_t at = 0;
  std::uint32_t skip = 1;
};

[[nodiscard]] inline auto maglev_wish_of(const snapshot& s, backend_index i, maglev_mode mode,
                                         std::uint32_t size) -> maglev_wish {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  if (mode == maglev_mode::envoy) {
    first = lepton::detail::xxh64(s.key(i), 0);
    second = lepton::detail::xxh64(s.key(i), 1);
  } else {
    first = lepton::detail::murmur3(s.id(i), 42, 0);
    second = lepton::detail::murmur3(s.id(i), 2'718'281'828, 2'307);
  }
  return {static_cast<std::uint32_t>(first % size),
          static_cast<std::uint32_t>(second % (size - 1)) + 1};
}

/// The table of `size` slots, a prime; `s` has eligible backends, at most `size`.
[[nodiscard]] inline auto maglev_table(const snapshot& s, maglev_mode mode, std::uint32_t size)
    -> std::vector<backend_index> {
  std::vector<backend_index> order{s.eligible().begin(), s.eligible().end()};
  std::sort(order.begin(), order.end(), [&](backend_index a, backend_index b) {
    return mode == maglev_mode::envoy ? s.key(a) < s.key(b) : s.id(a) < s.id(b);
  });
  std::vector<maglev_wish> wishes;
  std::vector<std::uint32_t> weights;
  for (const auto i : order) {
    wishes.push_back(maglev_wish_of(s, i, mode, size));
    weights.push_back(s.weight(i));
  }
  std::vector<backend_index> table(size);
  lepton::detail::bit_set taken{size};
  const auto after = [size](std::uint32_t slot, std::uint32_t skip) {
    const auto next = slot + skip;
    return next >= size ? next - size : next;
  };
  maglev_turns turns{mode, weights, size};
  for (std::size_t left = size; left > 0;) {
    const auto round = turns.next_round();
    const auto count = std::min(round.size(), left);
    for (const auto who : round.first(count)) {
      auto& wish = wishes[who];
      auto slot = wish.at;
      while (taken.test(slot)) slot = after(slot, wish.skip);
      taken.set(slot);
      table[slot] = order[who];
      wish.at = after(slot, wish.skip);
    }
    left -= count;
  }
  return table;
}

}  // namespace lepton::balance::detail
