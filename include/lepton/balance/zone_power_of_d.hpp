// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>

namespace lepton::balance {

/// Draws D different backends of the caller's zone and `Away` of other zones, and takes the one of
/// least workload: (in_flight + 1) / weight, and `away_cost` times that in another zone. Ties go to
/// the own zone, then to the first drawn. So a request leaves the zone only when the zone's own
/// backends have `away_cost` times as much to do; no threshold has to be guessed for "full".
///
/// Draws are uniform; reads `context::random` and `c.loads`. O(1). With `allowed` it draws up to 8
/// times as many in each part, then looks at all of the part, O(n).
///
/// Source: the weighted workload of Balanced-PANDAS (Xie, Yekkehkhany, Lu: "Scheduling with
/// multi-level data locality", INFOCOM 2016), with `away_cost` the ratio of the service rates, over
/// draws as in Mitzenmacher 2001.
template <std::size_t D = 2, std::size_t Away = 1>
class zone_power_of_d {
 public:
  static_assert(D >= 1 && D <= 16 && Away >= 1 && Away <= 16,
                "lepton: zone_power_of_d draws from 1 to 16 backends of each part");

  struct options {
    /// The caller's zone. If no backend is in it, all are away.
    std::string zone{};
    /// How many times dearer a request to another zone is, at least 1.
    double away_cost = 2;
  };

  zone_power_of_d() = default;
  explicit zone_power_of_d(options o) : options_(std::move(o)) {}

  /// O(n).
  auto rebuild(const snapshot& s) -> status {
    if (!std::isfinite(options_.away_cost) || options_.away_cost < 1) {
      return failure(
          "zone_power_of_d: away_cost must be a finite number of at least 1 (2 means "
          "that a request to another zone counts twice)");
    }
    ordered_.assign(s.eligible().begin(), s.eligible().end());
    const auto away = std::stable_partition(ordered_.begin(), ordered_.end(), [&](backend_index i) {
      return s.zone_names()[s.zone(i)] == options_.zone;
    });
    here_ = static_cast<std::size_t>(away - ordered_.begin());
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    choice best;
    const std::span<const backend_index> all{ordered_};
    look<D>(s, c, allowed, all.first(here_), 1, 0, best);
    look<Away>(s, c, allowed, all.subspan(here_), options_.away_cost, 8 * D, best);
    return best.index;
  }

 private:
  struct choice {
    backend_index index = no_backend;
    double cost = 0;
  };

  /// Compares so many of a part with the best so far.
  template <std::size_t Count, class Context, class Allowed>
  static void look(const snapshot& s, const Context& c, const Allowed& allowed,
                   std::span<const backend_index> part, double cost, std::uint64_t used,
                   choice& best) noexcept {
    const auto compare = [&](backend_index i) noexcept {
      const auto mine = cost * (static_cast<double>(detail::load_of(c.loads, i)) + 1) / s.weight(i);
      if (best.index == no_backend || mine < best.cost) best = {i, mine};
    };
    const auto n = part.size();
    if (n > Count) {
      std::array<std::uint64_t, Count> drawn{};
      std::size_t count = 0;
      const auto before = best;
      for (std::uint64_t k = 0; k < 8 * Count && count < Count; ++k) {
        const auto at = below(more_random(c.random, used + k), n);
        const auto end = drawn.begin() + count;
        if (std::find(drawn.begin(), end, at) != end || !allowed(part[at])) continue;
        compare(part[at]);
        drawn[count++] = at;
      }
      if (count == Count) return;
      best = before;
    }
    const auto begin = n == 0 ? 0 : below(c.random, n);
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = part[begin + k < n ? begin + k : begin + k - n];
      if (allowed(i)) compare(i);
    }
  }

  options options_{};
  std::vector<backend_index> ordered_;  ///< the eligible ones, those of the zone first
  std::size_t here_ = 0;
};

}  // namespace lepton::balance
