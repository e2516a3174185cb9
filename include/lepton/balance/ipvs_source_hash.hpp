// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/keeps_place.hpp>
#include <lepton/balance/modulo_hash.hpp>

namespace lepton::balance {

/// The source hashing of Linux IPVS (`ipvsadm -s sh`), to the bit: a table of 256 buckets, and the
/// bucket of a client is the top eight bits of its address (the words of an IPv6 address xored)
/// plus its port (`sh-port`; 0 without) times 0x61c88647. Reads the context's `address`, and
/// its `port` if it has one.
///
/// The buckets are dealt in the kernel's order, which has the backend that was added last first:
/// here the largest index. Each gets as many in a row as its whole weight says, round and round,
/// one of weight 0 gets one. Backends that fail or drain keep their buckets.
///
/// When the bucket's backend is not eligible or not allowed: with `fallback` (`sh-fallback`) the
/// buckets are walked from the kernel's starting point, and should none of the 256 do, where the
/// kernel drops the connection, the one that `modulo_hash` picks. Without, `no_backend`, as the
/// kernel does by default.
///
/// O(1), O(256) around backends that are down; O(n + 256) to rebuild.
class ipvs_source_hash {
 public:
  static constexpr std::size_t buckets = 256;
  struct options {
    bool fallback = true;
  };

  ipvs_source_hash() = default;
  explicit ipvs_source_hash(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    std::size_t filled = 0;
    buckets_.fill(no_backend);
    while (filled < buckets) {
      const auto before = filled;
      for (auto i = s.size(); i-- > 0 && filled < buckets;) {
        const auto index = static_cast<backend_index>(i);
        if (!detail::keeps_place(s, index)) continue;
        std::uint32_t dealt = 0;
        do buckets_[filled++] = index;
        while (++dealt < s.weight(index) && filled < buckets);
      }
      if (filled == before) break;
    }
    return beyond_.rebuild(s);
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_address<Context>();
    if constexpr (has_address<Context>) {
      if (s.eligible().empty()) return no_backend;
      std::uint32_t port = 0;
      if constexpr (requires { c.port; }) port = c.port;
      const auto hash = bucket_of(c.address, port);
      if (const auto i = buckets_[hash]; s.is_eligible(i) && allowed(i)) return i;
      if (!options_.fallback) return no_backend;
      // The kernel adds its hash twice.
      for (std::size_t k = 0; k < buckets; ++k) {
        const auto i = buckets_[(2 * hash + k) % buckets];
        if (s.is_eligible(i) && allowed(i)) return i;
      }
      return beyond_.pick(s, c, allowed);
    }
  }

  /// The bucket of a client.
  [[nodiscard]] static constexpr auto bucket_of(const client_address& address,
                                                std::uint32_t port = 0) noexcept -> std::size_t {
    const auto word = address.word(0) ^ address.word(1) ^ address.word(2) ^ address.word(3);
    return ((word + port) * 0x61c8'8647U) >> 24;
  }

 private:
  std::array<backend_index, buckets> buckets_{};
  modulo_hash beyond_{};
  options options_{};
};

}  // namespace lepton::balance
