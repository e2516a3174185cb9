// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/distinct_draws.hpp>
#include <lepton/balance/estimator_slot.hpp>
#include <lepton/balance/latency_estimator.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/config.hpp>

namespace lepton::balance {

/// The cheaper of two different backends drawn at random, where each has an estimator of its
/// latency and
///
///   cost = estimate(now) * (in_flight + 1) / weight
///
/// Ties go to the first drawn. A backend of which nothing is known costs nothing while it has no
/// request in flight, so it is tried; while it has some it costs 39 hours, so it gets no second one
/// before the first is back, unless all are like that (Finagle's rule).
///
/// Reads `context::random`, `context::now` and `c.loads`; learns by `finished` (a `balancer` calls
/// it). O(1). With `allowed` it draws up to 16 times for two that are allowed, then compares all
/// that are, O(n); with `scan_all` it always does.
///
/// With `shared`, a latency that ends while another thread puts one into the same backend's
/// estimator is dropped: nobody waits. Estimates of `fading_estimator`s fade as they should; others
/// stay between the latencies as the last one left them.
///
/// @tparam Estimator  a `latency_estimator`, or a predictor (`series_predictor`)
/// Source: Finagle's `P2CPeakEwma` for the cost and the rule for the unknown.
template <class Estimator, class Threading = shared>
class predicted_latency {
 public:
  using threading = Threading;
  using estimator = typename detail::as_estimator<Estimator>::type;

  struct options {
    /// What each backend's estimator is a copy of at first.
    estimator fresh{};
    /// Compare all backends at each pick: O(n).
    bool scan_all = false;
    /// A request that failed counts as having taken at least this long, so that a backend that
    /// fails fast does not look good.
    duration failure_latency{};
  };

  predicted_latency() = default;
  explicit predicted_latency(const options& o) : options_(o) {}

  auto rebuild(const snapshot& s) -> status {
    if (options_.failure_latency.count() < 0) {
      return failure("predicted_latency: failure_latency is negative; give a duration from 0");
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
    if (n < 2 || options_.scan_all) return cheapest(s, c, allowed);
    auto bits = c.random;
    for (std::uint64_t k = 0; k < 8; ++k, bits = more_random(c.random, k)) {
      const auto [x, y] = detail::two_distinct(bits, n);
      const auto a = candidates[x];
      const auto b = candidates[y];
      if (!allowed(a) || !allowed(b)) continue;
      return detail::either(a, b, cost(s, c, b) < cost(s, c, a));
    }
    return cheapest(s, c, allowed);
  }

  /// Latencies below 0 are not taken.
  void finished(backend_index i, const outcome& how) noexcept {
    if (i >= slots_.size() || how.latency.count() < 0) return;
    const auto latency =
        how.success ? how.latency : std::max(how.latency, options_.failure_latency);
    slots_[i].update(static_cast<double>(latency.count()) * 1e-9, how.now);
  }

  /// The latency that is expected of backend i, in seconds; 0 if nothing is known of it.
  [[nodiscard]] auto estimate(backend_index i, time_point now) noexcept -> double {
    const auto seconds = slots_[i].estimate(options_.fresh, now);
    return seconds > 0 ? seconds : 0;  // also of NaN
  }

 private:
  using slot = detail::estimator_slot<estimator, Threading>;
  static constexpr double unknown = 140'737.488355327;  ///< 2^47 - 1 ns

  template <class Context>
  [[nodiscard]] auto cost(const snapshot& s, const Context& c, backend_index i) noexcept -> double {
    const auto seconds = estimate(i, c.now);
    const auto in_flight = static_cast<double>(detail::load_of(c.loads, i));
    const auto all =
        seconds == 0 && in_flight > 0 ? unknown + in_flight : seconds * (in_flight + 1);
    return all / s.weight(i);
  }

  /// Of all that are allowed; of equal ones the first from a random place on.
  template <class Context, class Allowed>
  LEPTON_COLD [[nodiscard]] auto cheapest(const snapshot& s, const Context& c,
                                          const Allowed& allowed) noexcept -> backend_index {
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    const auto begin = below(c.random, n);
    auto best = no_backend;
    double least = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const auto i = candidates[begin + k < n ? begin + k : begin + k - n];
      if (!allowed(i)) continue;
      const auto mine = cost(s, c, i);
      if (best != no_backend && !(mine < least)) continue;
      best = i;
      least = mine;
    }
    return best;
  }

  options options_{};
  per_backend<slot> slots_;
};

}  // namespace lepton::balance
