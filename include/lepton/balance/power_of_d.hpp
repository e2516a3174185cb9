// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/distinct_draws.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/config.hpp>

namespace lepton::balance {

/// The least loaded of D different eligible backends drawn at random; ties go to the first drawn.
/// Reads `context::random` and `c.loads`. O(1), with most of the evenness of looking at all.
///
/// If weights differ, backends are drawn in proportion to them and in_flight / weight is compared
/// (as exact fractions): without load each gets its share, and under load the shares of load
/// follow. Unless `weighted` is false; then draws are uniform and in_flight is compared.
///
/// With `allowed` it draws until it has D different ones that are allowed. If 8 D draws do not find
/// them, and if fewer than D are eligible, it takes the least loaded of all that are allowed, of
/// equal ones the first from a random place on: O(n) then.
///
/// Source: Mitzenmacher 2001, "The power of two choices in randomized load balancing"; used by
/// nginx (`random two least_conn`), Envoy, HAProxy, Finagle.
template <std::size_t D = 2>
class power_of_d {
 public:
  static_assert(D >= 1 && D <= 16, "lepton: power_of_d draws from 1 to 16 backends");

  struct options {
    bool weighted = true;
  };

  power_of_d() = default;
  explicit power_of_d(const options& o) : options_(o) {}

  /// O(n) if weights differ.
  auto rebuild(const snapshot& s) -> status {
    by_weight_ = options_.weighted && !s.equal_weights();
    if (by_weight_) return by_share_.rebuild(s);
    by_share_ = {};
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    require_loads<Context>();
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    if (n < D) return least(s, c, allowed);
    if (by_weight_) return by_weight(s, c, allowed);
    if constexpr (D == 2) {
      const auto [k, l] = detail::two_distinct(c.random, n);
      const auto a = at(s, k);
      const auto b = at(s, l);
      if (!allowed(a) || !allowed(b)) return redraw(s, c, allowed);
      return detail::either(a, b, detail::load_of(c.loads, b) < detail::load_of(c.loads, a));
    } else {
      const auto drawn = detail::distinct_draws<D>(c.random, n);
      auto best = at(s, drawn[0]);
      auto fewest = detail::load_of(c.loads, best);
      bool open = allowed(best);
      for (std::size_t k = 1; k < D; ++k) {
        const auto i = at(s, drawn[k]);
        const auto load = detail::load_of(c.loads, i);
        best = detail::either(best, i, load < fewest);
        fewest = std::min(load, fewest);
        open = open && allowed(i);
      }
      return open ? best : redraw(s, c, allowed);
    }
  }

 private:
  [[nodiscard]] static auto at(const snapshot& s, std::uint64_t k) noexcept -> backend_index {
    return s.all_eligible() ? static_cast<backend_index>(k) : s.eligible()[k];
  }

  template <class Context>
  [[nodiscard]] auto share(const snapshot& s, const Context& c, backend_index i) const noexcept
      -> detail::relative_load {
    return {detail::load_of(c.loads, i), by_weight_ ? s.weight(i) : 1};
  }

  /// Draws in proportion to the weights; a draw that may not be is drawn again, at last among all.
  template <class Context, class Allowed>
  [[nodiscard]] auto by_weight(const snapshot& s, const Context& c,
                               const Allowed& allowed) const noexcept -> backend_index {
    context one = c;
    auto best = by_share_.pick(s, one, allowed);
    if (best == no_backend) return no_backend;
    std::array<backend_index, D> drawn{best};
    for (std::size_t k = 1; k < D; ++k) {
      one.random = more_random(~c.random, k);
      const auto i = by_share_.pick(s, one, [&](backend_index j) noexcept {
        for (std::size_t d = 0; d < k; ++d) {
          if (drawn[d] == j) return false;
        }
        return static_cast<bool>(allowed(j));
      });
      if (i == no_backend) break;
      drawn[k] = i;
      best = detail::either(best, i, share(s, c, i) < share(s, c, best));
    }
    return best;
  }

  /// Draws one by one until D different ones are allowed.
  template <class Context, class Allowed>
  LEPTON_COLD [[nodiscard]] auto redraw(const snapshot& s, const Context& c,
                                        const Allowed& allowed) const noexcept -> backend_index {
    std::array<backend_index, D> drawn{};
    std::size_t count = 0;
    auto best = no_backend;
    for (std::uint64_t k = 0; k < 8 * D; ++k) {
      const auto i = at(s, below(more_random(c.random, k), s.eligible().size()));
      const auto end = drawn.begin() + count;
      if (std::find(drawn.begin(), end, i) != end || !allowed(i)) continue;
      if (count == 0 || share(s, c, i) < share(s, c, best)) best = i;
      drawn[count++] = i;
      if (count == D) return best;
    }
    return least(s, c, allowed);
  }

  /// The least loaded of all.
  template <class Context, class Allowed>
  LEPTON_COLD [[nodiscard]] auto least(const snapshot& s, const Context& c,
                                       const Allowed& allowed) const noexcept -> backend_index {
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    const auto begin = below(c.random, n);
    auto best = no_backend;
    detail::relative_load fewest{0, 1};
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = candidates[begin + k < n ? begin + k : begin + k - n];
      const auto mine = share(s, c, i);
      if ((best != no_backend && !(mine < fewest)) || !allowed(i)) continue;
      best = i;
      fewest = mine;
    }
    return best;
  }

  options options_{};
  bool by_weight_ = false;
  weighted_random by_share_;  ///< built if it is needed
};

}  // namespace lepton::balance
