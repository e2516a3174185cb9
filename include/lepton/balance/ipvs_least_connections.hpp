// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>

namespace lepton::balance {

/// A context for the IPVS policies: `loads` are the active connections, `inactive` those that are
/// still remembered but quiet (in TIME_WAIT, say).
template <class Loads, class Inactive>
struct ipvs_context : context {
  constexpr ipvs_context(const context& c, const Loads& active, const Inactive& quiet) noexcept
      : context(c), loads(active), inactive(quiet) {}
  const Loads& loads;
  const Inactive& inactive;
};

namespace detail {

/// 256 for each active connection and 1 for each inactive one, if the context knows of those; at
/// most 2^32 - 1 (the kernel's own number overflows before that).
template <class Context>
[[nodiscard]] constexpr auto ipvs_overhead(const Context& c, backend_index i) noexcept
    -> std::uint32_t {
  auto overhead = std::uint64_t{load_of(c.loads, i)} << 8;
  if constexpr (requires { c.inactive[i]; }) overhead += load_of(c.inactive, i);
  return static_cast<std::uint32_t>(
      std::min(overhead, std::uint64_t{std::numeric_limits<std::uint32_t>::max()}));
}

/// The first backend, by index, of the least cost / weight among those allowed. O(n).
template <admission Allowed, class Cost>
[[nodiscard]] constexpr auto first_least(const snapshot& s, const Allowed& allowed,
                                         const Cost& cost) noexcept -> backend_index {
  auto best = no_backend;
  relative_load least{0, 1};
  for (const auto i : s.eligible()) {
    const relative_load mine = cost(i);
    if ((best != no_backend && !(mine < least)) || !allowed(i)) continue;
    best = i;
    least = mine;
  }
  return best;
}

}  // namespace detail

/// IPVS's `lc`: the fewest connections, whatever the weight, an active one counting as 256 inactive
/// ones. Ties go to the lowest index. O(n). Source: Linux, net/netfilter/ipvs/ip_vs_lc.c.
class ipvs_least_connections {
 public:
  auto rebuild(const snapshot& /*s*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    return detail::first_least(s, allowed, [&](backend_index i) noexcept {
      return detail::relative_load{detail::ipvs_overhead(c, i), 1};
    });
  }
};

/// IPVS's `wlc`: the least (256 * active + inactive) / weight. Ties go to the lowest index. O(n).
/// Source: Linux, net/netfilter/ipvs/ip_vs_wlc.c.
class ipvs_weighted_least_connections {
 public:
  auto rebuild(const snapshot& /*s*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    return detail::first_least(s, allowed, [&](backend_index i) noexcept {
      return detail::relative_load{detail::ipvs_overhead(c, i), s.weight(i)};
    });
  }
};

/// IPVS's `sed`: the least (active + 1) / weight, the delay that the request would see if the
/// weight is the speed. Ties go to the lowest index. O(n). Source: Linux,
/// net/netfilter/ipvs/ip_vs_sed.c; Weinrib and Shenker, INFOCOM 1988.
class shortest_expected_delay {
 public:
  auto rebuild(const snapshot& /*s*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    return detail::first_least(s, allowed, [&](backend_index i) noexcept {
      return detail::relative_load{detail::one_more(detail::load_of(c.loads, i)), s.weight(i)};
    });
  }
};

/// IPVS's `nq`: the first idle backend by index, however slow; if none is idle, the shortest
/// expected delay. O(n). Source: Linux, net/netfilter/ipvs/ip_vs_nq.c.
class never_queue {
 public:
  auto rebuild(const snapshot& /*s*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    for (const auto i : s.eligible()) {
      if (detail::load_of(c.loads, i) == 0 && allowed(i)) return i;
    }
    return shortest_expected_delay{}.pick(s, c, allowed);
  }
};

}  // namespace lepton::balance
