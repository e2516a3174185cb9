// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/detail/rng.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/feasible_nodes.hpp>
#include <lepton/place/none_found.hpp>

namespace lepton::place {

/// Random fit: any node with room, all equally likely; a share goes to any fitting device.
///
/// Draws nodes until one fits; after 64 misses it looks at all of them and draws among the fitting
/// ones. Expected O(n / fitting), at most O(n).
class random_fit {
 public:
  explicit random_fit(std::uint64_t seed = 0) noexcept : random_(seed) {}

  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    const auto n = static_cast<std::uint32_t>(v.size());
    if (n == 0) return decision::infeasible();
    nodes_.look(t, v);
    for (int draw = 0; draw < most_draws; ++draw) {
      const auto i = random_.below(n);
      if (!nodes_.failure(t, v, i)) return placed_on(t, v[i], i);
    }
    reason_counts why;
    std::uint32_t fitting = 0;
    node_index chosen = 0;
    for (node_index i = 0; i < n; ++i) {
      if (const auto failed = nodes_.failure(t, v, i)) {
        ++why[*failed];
      } else if (random_.below(++fitting) == 0) {
        chosen = i;
      }
    }
    if (fitting != 0) return placed_on(t, v[chosen], chosen);
    return detail::feasible_somewhere(t, v) ? decision::busy(why) : decision::infeasible(why);
  }

 private:
  static constexpr int most_draws = 64;

  template <class Task, class Node>
  [[nodiscard]] auto placed_on(const Task& t, const Node& n, node_index i) -> decision {
    const auto& request = devices_of(t);
    if (request.none()) return decision::placed(i);
    const auto& devices = devices_of(n);
    if (!request.is_share()) return decision::placed(i, devices.tightest(request));
    device_mask chosen = 0;
    std::uint32_t fitting = 0;
    for (std::size_t d = 0; d < devices.count(); ++d) {
      if (devices.free(d) >= request.milli() && random_.below(++fitting) == 0) {
        chosen = static_cast<device_mask>(1U << d);
      }
    }
    return decision::placed(i, chosen);
  }

  lepton::detail::pcg32 random_;
  detail::feasibility nodes_;
};

}  // namespace lepton::place
