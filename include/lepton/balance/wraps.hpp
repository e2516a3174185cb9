// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/balance/in_flight.hpp>
#include <lepton/balance/snapshot.hpp>

namespace lepton::balance {

/// Where a wrapper that draws gets its randomness.
enum class draw_by : std::uint8_t {
  random,  ///< `context::random`: each request anew
  hash     ///< `context::hash`: requests of one hash are treated alike; for hash policies
};

namespace detail {

/// What an inner policy's picks need to be shared by threads; `shared` if it keeps no state.
template <class Inner>
struct threading_of {
  using type = shared;
};
template <class Inner>
  requires requires { typename Inner::threading; }
struct threading_of<Inner> {
  using type = typename Inner::threading;
};
template <class Inner>
using threading_or_shared = typename threading_of<Inner>::type;

/// Whether a policy may pick a backend that is not eligible in its snapshot (in panic).
template <class Policy>
[[nodiscard]] constexpr auto may_pick_unhealthy() noexcept -> bool {
  if constexpr (requires { Policy::picks_unhealthy; }) {
    return Policy::picks_unhealthy;
  } else {
    return false;
  }
}

/// What a wrapper takes over from the policy in it: the member type `threading`, if there is one,
/// whether it may pick unhealthy backends, and whether it asks for the sum of the loads.
template <class Inner>
struct wraps {
  static constexpr bool picks_unhealthy = may_pick_unhealthy<Inner>();
  static constexpr bool reads_total_load = balance::reads_total_load<Inner>();
};
template <class Inner>
  requires requires { typename Inner::threading; }
struct wraps<Inner> {
  using threading = typename Inner::threading;
  static constexpr bool picks_unhealthy = may_pick_unhealthy<Inner>();
  static constexpr bool reads_total_load = balance::reads_total_load<Inner>();
};

/// Random bits for a wrapper's own use; `salt` keeps them apart from those that the inner policy
/// and other wrappers take from the same context.
template <class Context>
[[nodiscard]] constexpr auto draw(const Context& c, draw_by by, std::uint64_t salt) noexcept
    -> std::uint64_t {
  return more_random(by == draw_by::hash ? c.hash : c.random, salt);
}
inline constexpr std::uint64_t priority_salt = 0x1'0000;
inline constexpr std::uint64_t zone_salt = 0x2'0000;
inline constexpr std::uint64_t thinning_salt = 0x3'0000;

/// A policy of its own for some of the backends.
template <class Inner>
struct part {
  snapshot backends{};
  Inner policy;

  template <class Context, admission Allowed>
  [[nodiscard]] auto pick(const Context& c, const Allowed& allowed) noexcept -> backend_index {
    return policy.pick(backends, c, allowed);
  }
};

/// A part for `backends` whose policy goes on from `known`.
template <class Inner>
[[nodiscard]] auto part_of(snapshot backends, Inner known) -> expected<part<Inner>> {
  if (auto built = known.rebuild(backends); !built) return unexpected{built.error()};
  return part<Inner>{std::move(backends), std::move(known)};
}

}  // namespace detail
}  // namespace lepton::balance
