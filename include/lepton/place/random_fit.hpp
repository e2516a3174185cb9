// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/detail/rng.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/domain_rules.hpp>
#include <lepton/place/feasibility.hpp>

namespace lepton::place {

/// Random fit: any node with room, all equally likely; a share goes to any fitting device.
///
/// Draws nodes until one fits; after as many misses as there are cache lines in a small scan, counts
/// the fitting ones instead. Expected O(min(n / fitting, n)).
class random_fit {
 public:
  explicit random_fit(std::uint64_t seed = 0) noexcept : random_(seed) {}

  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    const auto n = static_cast<std::uint32_t>(v.size());
    if (n == 0) return decision::infeasible();
    domain_rules* across = nullptr;
    if (domain_rules::concern(t, v)) {
      domains_.look(t, v);
      across = &domains_;
    }
    const auto failure = [&](node_index i) -> std::optional<reason> {
      if (const auto own = first_failure(t, v[i])) return own;
      return across != nullptr ? across->failure(i) : std::nullopt;
    };
    for (int draw = 0; draw < most_draws; ++draw) {
      const auto i = random_.below(n);
      if (!failure(i)) return placed_on(t, v[i], i);
    }
    reason_counts why;
    std::uint32_t fitting = 0;
    node_index chosen = 0;
    bool feasible = false;
    for (node_index i = 0; i < n; ++i) {
      if (const auto reason = failure(i)) {
        ++why[*reason];
        feasible = feasible || fits_when_empty(t, v[i]);
      } else if (random_.below(++fitting) == 0) {
        chosen = i;
      }
    }
    if (fitting != 0) return placed_on(t, v[chosen], chosen);
    return feasible ? decision::busy(why) : decision::infeasible(why);
  }

 private:
  static constexpr int most_draws = 64;

  template <class Task, class Node>
  [[nodiscard]] auto placed_on(const Task& t, const Node& n, node_index i) -> decision {
    const auto& request = devices_of(t);
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
  domain_rules domains_;
};

}  // namespace lepton::place
