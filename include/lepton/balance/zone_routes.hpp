// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/mul_div.hpp>

namespace lepton::balance::detail {

/// Which requests of one zone stay in it, and where the others go, so that all backends get about
/// the same number (zone aware routing of Envoy; whole numbers, in 1/10,000).
///
/// With u and o the shares of a zone in the backends and in the callers: if u >= o in the local
/// zone, all stay. Otherwise u / o of them do, and the rest goes to the zones with u > o in
/// proportion to u - o, what their own callers leave free.
struct zone_routes {
  bool all_local = false;
  std::uint32_t stays_local = 0;        ///< of 10,000 requests
  std::vector<std::uint64_t> residual;  ///< for each zone: u - o of it and those before, added up

  /// All requests in `bound` parts: up to the first edge they stay, then up to edge z + 1 they go
  /// to zone z.
  std::uint64_t bound = 1;
  std::vector<std::uint64_t> edges;

  /// Zone of a request; `u` is random, below `bound`. O(zones), without a branch for each.
  [[nodiscard]] auto zone_at(std::uint64_t u, std::size_t local) const noexcept -> std::size_t {
    std::size_t z = 0;
    for (const auto edge : edges) z += u >= edge ? 1U : 0U;
    return z == 0 ? local : z - 1;
  }

  /// `backends[z]` and `callers[z]` are numbers (or weights) in zone z; the sum of the callers may
  /// be larger than that of the list, when there are callers in zones without backends. `local` is
  /// a zone, or backends.size() if the local one has no backends.
  [[nodiscard]] static auto plan(const std::vector<std::uint64_t>& backends,
                                 const std::vector<std::uint64_t>& callers,
                                 std::uint64_t all_callers, std::size_t local) -> zone_routes {
    std::uint64_t all_backends = 0;
    for (const auto n : backends) all_backends += n;
    const auto part = [](std::uint64_t n, std::uint64_t all) {
      return all > 0 ? lepton::detail::mul_div(10'000, n, all) : 0;
    };
    zone_routes r;
    r.residual.resize(backends.size());
    std::uint64_t sum = 0;
    for (std::size_t z = 0; z < backends.size(); ++z) {
      const auto u = part(backends[z], all_backends);
      const auto o = part(callers[z], all_callers);
      if (z == local) {
        r.all_local = u > 0 && u >= o;
        r.stays_local = o > 0 ? static_cast<std::uint32_t>(u * 10'000 / o) : 0;
      } else if (u > o) {
        sum += u - o;
      }
      r.residual[z] = sum;
    }
    // If by rounding nobody has room for the rest, it goes to all zones alike.
    const auto parts = sum > 0 ? sum : backends.size();
    const auto stays = r.all_local ? 10'000U : r.stays_local;
    r.bound = 10'000 * parts;
    r.edges.push_back(stays * parts);
    for (std::size_t z = 0; z < backends.size(); ++z)
      r.edges.push_back(stays * parts + (10'000 - stays) * (sum > 0 ? r.residual[z] : z + 1));
    return r;
  }
};

}  // namespace lepton::balance::detail
