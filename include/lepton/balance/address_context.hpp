// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>

#include <lepton/balance/client_address.hpp>
#include <lepton/balance/context.hpp>

namespace lepton::balance {

/// What policies that hash the client's address read: `address_context{address}`. Other contexts
/// will do that have such a member `address`.
struct address_context : context {
  client_address address{};
  /// The client's port, for those who spread the connections of one client; 0: left out.
  std::uint16_t port = 0;

  /// The hash is made of the address, if the context gives none.
  constexpr explicit address_context(const client_address& client, const context& c = {},
                                     std::uint16_t from_port = 0) noexcept
      : context(c), address(client), port(from_port) {
    if (hash == 0) hash = client.hash();
  }

  template <class Loads>
  [[nodiscard]] constexpr auto with(const Loads& in_flight) const noexcept
      -> loaded_context<Loads, address_context> {
    return with_loads(*this, in_flight);
  }
};

template <class C>
concept has_address = requires(const C& c) {
  { c.address } -> std::convertible_to<const client_address&>;
};

/// Says so at compile time when a policy that hashes addresses is given none.
template <class Context>
constexpr void require_address() noexcept {
  static_assert(has_address<Context>,
                "lepton: this balancing policy hashes the client's address: pick with "
                "address_context{address}, or with a context that has a client_address as its "
                "member `address`");
}

}  // namespace lepton::balance
