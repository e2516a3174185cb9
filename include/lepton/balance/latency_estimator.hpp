// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>

#include <lepton/model/time.hpp>

namespace lepton::balance {

/// What foretells the latency of one backend from those that were measured.
///
/// 1. It is a value; a fresh one knows nothing.
/// 2. `e.update(seconds, now)` takes a measured latency, finite and at least 0.
/// 3. `e.estimate(now)` is the latency to expect at `now`, in seconds; 0 or NaN: nothing is known.
///    Moments do not run backwards by much, but may, since threads report in any order.
/// 4. Neither throws, allocates or reads a clock.
template <class E>
concept latency_estimator = std::copyable<E> && requires(E& e, double seconds, time_point now) {
  { e.update(seconds, now) }
  noexcept;
  { e.estimate(now) }
  noexcept->std::convertible_to<double>;
};

/// An estimator whose estimate fades by a rule that does not depend on what it has learned:
/// `e.estimate(t + d)` is `e.faded(e.estimate(t), d)` while no latency comes. Policies that several
/// threads use keep the estimate of the last update and fade that.
template <class E>
concept fading_estimator = latency_estimator<E> &&
    requires(const E& e, double seconds, duration d) {
  { e.faded(seconds, d) }
  noexcept->std::convertible_to<double>;
};

/// A predictor of a series: takes values, and foretells the quantiles of the one that comes
/// `horizon` steps from now.
template <class P>
concept series_predictor = std::copyable<P> &&
    requires(P& p, double value, std::size_t horizon, std::span<const double> quantiles,
             std::span<double> out) {
  { p.update(value) }
  noexcept;
  { p.forecast(horizon, quantiles, out) }
  noexcept;
};

/// A predictor as an estimator: the forecast of the next latency, the median or another quantile.
/// A forecast below 1 ns counts as 1 ns, so that it cannot pass for "nothing is known".
template <series_predictor Predictor>
class forecast_latency {
 public:
  forecast_latency() = default;
  explicit forecast_latency(const Predictor& p, double quantile = 0.5)
      : predictor_(p), quantile_(quantile) {}

  void update(double seconds, time_point /*now*/) noexcept {
    predictor_.update(seconds);
    measured_ = true;
  }
  [[nodiscard]] auto estimate(time_point /*now*/) noexcept -> double {
    if (!measured_) return 0;
    double next = 0;
    predictor_.forecast(1, std::span<const double>{&quantile_, 1}, std::span<double>{&next, 1});
    return std::isfinite(next) ? std::max(next, 1e-9) : 0;
  }

 private:
  Predictor predictor_{};
  double quantile_ = 0.5;
  bool measured_ = false;
};

namespace detail {

template <class E>
struct as_estimator {
  static_assert(latency_estimator<E> || series_predictor<E>,
                "lepton: a latency estimator has update(double seconds, time_point) and "
                "estimate(time_point) -> double, a predictor update(double) and forecast(horizon, "
                "quantiles, out); all of them noexcept");
};
template <latency_estimator E>
struct as_estimator<E> {
  using type = E;
};
template <series_predictor P>
  requires(!latency_estimator<P>)
struct as_estimator<P> {
  using type = forecast_latency<P>;
};

}  // namespace detail

}  // namespace lepton::balance
