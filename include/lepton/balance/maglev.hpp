// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/maglev_table.hpp>
#include <lepton/balance/next_in_table.hpp>
#include <lepton/detail/fast_modulo.hpp>
#include <lepton/detail/prime.hpp>

namespace lepton::balance {

struct maglev_options {
  /// Number of slots: a prime, at least the number of backends and at most 2^28. Backends of the
  /// same weight differ by one slot at most, so 100 slots for each make their shares exact to 1 %.
  std::uint64_t table_size = 65'537;
  maglev_mode mode = maglev_mode::envoy;
};

/// Consistent hashing by a table (Eisenbud et al., "Maglev", NSDI 2016): slot `context::hash` mod
/// table size has the answer. Backends that leave or join move few requests of the others.
///
/// The modes build the tables of these programs to the bit; hash the request as they do to send it
/// where they send it.
/// - `envoy`: XXH64 of the backends' keys with the seeds 0 and 1, the backends sorted by key, turns
///   in proportion to the weights. Envoy's hash of a request's text is `envoy_hash`. On a retry
///   Envoy changes the hash by itself; give the changed hash for its answer.
/// - `katran`, `katran_v2`: MurmurHash3 of the backends' ids (Katran's hash of the real server's
///   address: give it as the id), the backends sorted by id. Sizes above 65,537 overflow Katran's
///   32-bit arithmetic and get the table that it means.
///
/// With `allowed`: the next slot, going round, whose backend is allowed; after a full tour the
/// first allowed backend without a slot (there are some if the weights differ by more than the
/// slots can show).
///
/// A pick is O(1). `rebuild` is O(M log M) for M slots, or O(M log M + M log n) with weights that
/// differ much; it fails if the table size is not a prime, or too small or too large.
class maglev {
 public:
  explicit maglev(maglev_options options = {}) : options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (auto good = check(s.eligible().size()); !good) return good;
    if (s.eligible().empty()) {
      slots_ = {no_backend};
      modulo_ = lepton::detail::fast_modulo{1};
      return {};
    }
    const auto size = static_cast<std::uint32_t>(options_.table_size);
    slots_ = detail::maglev_table(s, options_.mode, size);
    modulo_ = lepton::detail::fast_modulo{size};
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    const auto slot = modulo_(c.hash);
    const auto i = slots_[slot];
    if constexpr (std::same_as<Allowed, everyone>) {
      return i;
    } else {
      if (i == no_backend || allowed(i)) return i;
      const auto owner = [&](std::size_t k) { return slots_[k]; };
      return detail::next_in_table(s, slots_.size(), slot, owner, allowed);
    }
  }

  /// The backend of each slot; empty if none was eligible. See `compare_tables`.
  [[nodiscard]] auto table() const noexcept -> std::span<const backend_index> {
    return slots_.front() == no_backend ? std::span<const backend_index>{} : slots_;
  }

 private:
  [[nodiscard]] auto check(std::size_t backends) const -> status {
    constexpr std::uint64_t largest = std::uint64_t{1} << 28;
    const auto size = options_.table_size;
    const auto what = "the Maglev table of " + std::to_string(size) + " slots ";
    if (size > largest) return failure(what + "is too large; take a prime below 2^28");
    if (size < backends) {
      return failure(what + "is too small for " + std::to_string(backends) +
                     " backends; take a prime of at least 100 times as many");
    }
    if (!lepton::detail::is_prime(size)) {
      return failure(what + "does not work, as that is not a prime number; take " +
                     std::to_string(lepton::detail::next_prime(size)));
    }
    return {};
  }

  maglev_options options_;
  lepton::detail::fast_modulo modulo_{1};
  std::vector<backend_index> slots_{no_backend};
};

}  // namespace lepton::balance
