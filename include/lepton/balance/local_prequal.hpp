// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/distinct_draws.hpp>
#include <lepton/balance/estimator_slot.hpp>
#include <lepton/balance/peak_ewma_estimator.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/balance/rif_quantile.hpp>
#include <lepton/config.hpp>

namespace lepton::balance {

/// Prequal's rule on what the caller knows by itself: of D different backends drawn at random, the
/// cold one of least latency, or if all are hot the one with the fewest requests in flight. A
/// backend is hot if it has more than the quantile `q_rif` of what was seen lately (one pick in 16
/// is looked at). For a balancer that all requests pass through, this is the paper's synchronous
/// mode without the probes. The paper's servers tell their latency at the requests they have in
/// flight now; what is known here is the latency of requests past, so it counts times
/// (in_flight + 1), as in `predicted_latency`. Without that, requests flock to whoever was idle.
///
/// A backend whose latency is not known comes first while it has nothing in flight, last of the
/// cold ones otherwise. Reads `context::random`, `context::now` and `c.loads`; learns by
/// `finished`. O(D). Backends drawn that are not allowed are left out; if none is left it draws
/// again, eight times, then compares all that are allowed, O(n).
///
/// Source: Wydrowski et al., NSDI 2024, see `prequal`.
template <std::size_t D = 3, class Estimator = peak_ewma_estimator, class Threading = shared>
class local_prequal {
 public:
  using threading = Threading;
  using estimator = typename detail::as_estimator<Estimator>::type;
  static_assert(D >= 2 && D <= 16, "lepton: local_prequal draws from 2 to 16 backends");

  struct options {
    estimator fresh{};    ///< what each backend's estimator is a copy of at first
    double q_rif = 0.84;  ///< from 0 (go by requests in flight) to 1 (go by latency)
  };

  local_prequal() = default;
  explicit local_prequal(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    if (!(options_.q_rif >= 0 && options_.q_rif <= 1)) {
      return failure("local_prequal: q_rif is a quantile, give a number from 0 to 1");
    }
    slots_.follow(s, slot{options_.fresh});
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    require_loads<Context>();
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    if (n > 0 && c.random % 16 == 0) {
      rif_.report(detail::load_of(c.loads, candidates[below(c.random, n)]), options_.q_rif);
    }
    choice best;
    if (n <= D) {
      all(s, c, allowed, best);
      return best.index;
    }
    auto bits = c.random;
    for (std::uint64_t k = 0; k < 8; ++k, bits = more_random(c.random, k)) {
      for (const auto at : detail::distinct_draws<D>(bits, n)) {
        if (allowed(candidates[at])) compare(c, candidates[at], best);
      }
      if (best.index == no_backend) continue;
      return best.index;
    }
    all(s, c, allowed, best);
    return best.index;
  }

  /// Latencies below 0 are not taken.
  void finished(backend_index i, const outcome& how) noexcept {
    if (i >= slots_.size() || how.latency.count() < 0) return;
    slots_[i].update(static_cast<double>(how.latency.count()) * 1e-9, how.now);
  }

 private:
  using slot = detail::estimator_slot<estimator, Threading>;
  struct choice {
    backend_index index = no_backend;
    std::uint64_t rank = 0;
  };

  template <class Context>
  void compare(const Context& c, backend_index i, choice& best) noexcept {
    const auto rif = detail::load_of(c.loads, i);
    const auto seconds = slots_[i].estimate(options_.fresh, c.now) * (static_cast<double>(rif) + 1);
    // In units of 0.1 us, up to 3.5 minutes.
    auto latency = static_cast<std::uint32_t>(std::min(seconds > 0 ? seconds * 1e7 : 0.0, 2.1e9));
    if (!(seconds > 0) && rif > 0) latency = 0x7fff'ffff;
    const auto mine = detail::hot_cold(rif, rif_.value(), latency);
    if (best.index == no_backend || mine < best.rank) best = {i, mine};
  }
  template <class Context, class Allowed>
  LEPTON_COLD void all(const snapshot& s, const Context& c, const Allowed& allowed,
                       choice& best) noexcept {
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    const auto begin = below(c.random, n);
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = candidates[begin + k < n ? begin + k : begin + k - n];
      if (allowed(i)) compare(c, i, best);
    }
  }

  options options_{};
  per_backend<slot> slots_;
  detail::rif_quantile<Threading> rif_;
};

}  // namespace lepton::balance
