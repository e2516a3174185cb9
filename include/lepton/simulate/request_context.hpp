// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include <lepton/balance/address_context.hpp>
#include <lepton/balance/client_address.hpp>
#include <lepton/balance/context.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/threading.hpp>
#include <lepton/model/time.hpp>

namespace lepton::simulate {

using simulated_loads = balance::loads<balance::single_threaded>;

/// What policies are told of a simulated request.
struct plain_contexts {
  [[nodiscard]] auto operator()(std::uint64_t hash, std::uint64_t random, time_point now,
                                const simulated_loads& in_flight) const noexcept {
    return balance::context{hash, random, now}.with(in_flight);
  }
};

/// The same for policies that go by the client's address, which is made of the hash.
struct address_contexts {
  [[nodiscard]] auto operator()(std::uint64_t hash, std::uint64_t random, time_point now,
                                const simulated_loads& in_flight) const noexcept {
    const auto byte = [hash](int shift) { return static_cast<std::uint8_t>(hash >> shift); };
    const balance::client_address client{
        std::array<std::uint8_t, 4>{byte(56), byte(48), byte(40), byte(32)}};
    return balance::address_context{client, {hash, random, now}}.with(in_flight);
  }
};

}  // namespace lepton::simulate
