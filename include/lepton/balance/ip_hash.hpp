// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/keeps_place.hpp>
#include <lepton/balance/modulo_hash.hpp>
#include <lepton/balance/wraps.hpp>

namespace lepton::balance {

namespace detail {

/// What nginx's ip_hash makes of an address: of the first three bytes of IPv4 (a /24 shares a
/// backend), all sixteen of IPv6, three zeros of others. `hash` is 89, or the last result for the
/// next try.
[[nodiscard]] constexpr auto nginx_ip_hash(const client_address& address,
                                           std::uint32_t hash) noexcept -> std::uint32_t {
  const auto& bytes = address.bytes();
  std::uint64_t h = hash;
  if (!address.is_v6()) {
    for (std::size_t i = 0; i < 3; ++i) h = h * 113 + bytes[i];
    return static_cast<std::uint32_t>(h % 6271);
  }
  for (std::size_t i = 0; i < 16;) {
    for (const auto end = i + 4; i < end; ++i) h = h * 113 + bytes[i];
    h %= 6271;
  }
  return static_cast<std::uint32_t>(h);
}

}  // namespace detail

/// nginx's `ip_hash`, to the bit: a client stays with one backend, and all clients of a /24 of IPv4
/// share it. Reads the context's `address` (`address_context`).
///
/// The hash, below 6271, modulo the total weight is a place in the list of backends, in which each
/// stands as often as its whole weight says, in the order of the indices. Backends that fail or
/// drain keep their places, so that the clients of others do not move; one that is not eligible or
/// not allowed makes the client's hash go on to its next value. After 21 values (nginx's limit)
/// `Fallback` picks. A total weight above 6271 leaves the places beyond unused, as in nginx.
///
/// O(length of the address); O(n + 6271) to rebuild.
///
/// @tparam Fallback  a policy. nginx has its round robin there (`smooth_round_robin`), which
/// scatters
///                   the client; the default keeps it together by `context::hash`.
template <class Fallback = modulo_hash>
class ip_hash : public detail::wraps<Fallback> {
 public:
  static constexpr std::uint32_t hashes = 6271;
  static constexpr int most_tries = 21;

  ip_hash() = default;
  explicit ip_hash(Fallback fallback) : fallback_(std::move(fallback)) {}

  auto rebuild(const snapshot& s) -> status {
    std::vector<backend_index> places;
    places.reserve(hashes);
    for (backend_index i = 0; i < s.size() && places.size() < hashes; ++i) {
      if (!detail::keeps_place(s, i)) continue;
      places.resize(std::min<std::size_t>(hashes, places.size() + s.weight(i)), i);
    }
    const auto total = places.size();  // places that a hash reaches
    while (total != 0 && places.size() < hashes) places.push_back(places[places.size() - total]);
    if (auto good = fallback_.rebuild(s); !good) return good;
    places_ = std::move(places);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    require_address<Context>();
    if constexpr (has_address<Context>) {
      if (s.eligible().empty()) return no_backend;
      std::uint32_t hash = 89;
      for (int k = 0; k < most_tries; ++k) {
        hash = detail::nginx_ip_hash(c.address, hash);
        const auto i = places_[hash];
        if (s.is_eligible(i) && allowed(i)) return i;
      }
      return fallback_.pick(s, c, allowed);
    }
  }

  void started(backend_index i, const context& c) noexcept { tell_started(fallback_, i, c); }
  void finished(backend_index i, const outcome& how) noexcept { tell_finished(fallback_, i, how); }

 private:
  std::vector<backend_index> places_;  ///< by hash
  Fallback fallback_{};
};

}  // namespace lepton::balance
