// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <lepton/predict/ets_options.hpp>

namespace lepton::predict::detail {

/// A model of the ETS family at a moment: parameters, level and slope. What `update` moves on and
/// forecasts start from. The season, a ring of `period` numbers, lies elsewhere, so that a copy of
/// the state is cheap (each path of a simulation has one).
struct ets_state {
  ets_error error = ets_error::additive;
  ets_trend trend = ets_trend::none;
  ets_season season = ets_season::none;
  ets_parameters p;
  double level = 0;
  double slope = 0;
  double variance = 0;       ///< of the error (the relative one if it multiplies)
  double floor = 0;          ///< levels and factors stay above it if something multiplies
  std::uint64_t period = 0;  ///< 0 without a season
  std::uint64_t place = 0;   ///< of the next value in the ring

  [[nodiscard]] auto damped_slope() const noexcept -> double {
    if (trend == ets_trend::none) return 0;
    if (!multiplies()) return p.phi * slope;
    return p.phi == 1 ? slope : std::exp(p.phi * std::log(slope));
  }
  [[nodiscard]] auto multiplies() const noexcept -> bool {
    return trend == ets_trend::multiplicative || trend == ets_trend::multiplicative_damped;
  }
  [[nodiscard]] auto positive() const noexcept -> bool {
    return error == ets_error::multiplicative || season == ets_season::multiplicative ||
           multiplies();
  }
  /// The trend's forecast for the next value, given `damped_slope()`.
  [[nodiscard]] auto trended(double damped) const noexcept -> double {
    return multiplies() ? level * damped : level + damped;
  }
  [[nodiscard]] auto with_season(double q, double s) const noexcept -> double {
    return season == ets_season::none ? q : season == ets_season::additive ? q + s : q * s;
  }
  void turn() noexcept { place = place + 1 >= period ? 0 : place + 1; }

  /// The next value is not known: the state goes on as forecast.
  void skip() noexcept {
    const double damped = damped_slope();
    level = trended(damped);
    slope = damped;
    turn();
  }

  /// Moves on by the next value, or, given `shock` (a standard normal number), by one drawn from
  /// the model, which is returned. Numbers beyond what a double holds leave the state as `skip`
  /// does. `ring` is the season to read and write.
  auto move(double value, const double* shock, double* ring) noexcept -> double {
    const double damped = damped_slope();
    const double q = trended(damped);
    const bool seasonal = season != ets_season::none;
    const double s = seasonal ? ring[place] : 0;
    const double f = with_season(q, s);
    const bool relative = error == ets_error::multiplicative;
    if (shock != nullptr) {
      const double e = std::sqrt(variance) * *shock;
      value = relative ? f * (1 + e) : f + e;
    }
    const double e = value - f;
    const bool factor = season == ets_season::multiplicative;
    const double d = factor ? e / s : e;
    double l = q + p.alpha * d;
    double b = trend == ets_trend::none ? 0
               : multiplies()           ? damped + p.beta * d / level
                                        : damped + p.beta * d;
    double next = s + p.gamma * (factor ? e / q : e);
    if (positive()) l = std::max(l, floor);
    if (multiplies()) b = std::clamp(b, 1e-6, 1e6);
    if (factor) next = std::max(next, 1e-6);
    if (std::isfinite(l) && std::isfinite(b) && (!seasonal || std::isfinite(next))) {
      level = l;
      slope = b;
      if (seasonal) ring[place] = next;
    } else if (std::isfinite(q) && std::isfinite(damped)) {
      level = q;
      slope = damped;
    }
    turn();
    return value;
  }

  template <class Archive>
  void persist(Archive& a) {
    a(error, trend, season, p.alpha, p.beta, p.gamma, p.phi, level, slope, variance, floor, period,
      place);
    if constexpr (Archive::reads) {
      const bool known = error <= ets_error::multiplicative &&
                         trend <= ets_trend::multiplicative_damped &&
                         season <= ets_season::multiplicative;
      const bool ring =
          season == ets_season::none ? period == 0 && place == 0 : period >= 2 && place < period;
      bool finite = std::isfinite(level) && std::isfinite(slope) && std::isfinite(p.alpha) &&
                    std::isfinite(p.beta) && std::isfinite(p.gamma) && p.phi >= 0 && p.phi <= 1 &&
                    variance >= 0 && std::isfinite(variance) && floor >= 0 && std::isfinite(floor);
      if (positive()) finite = finite && level > 0;
      if (multiplies()) finite = finite && slope > 0;
      if (!known || !ring || !finite) {
        *this = ets_state{};
        a.reject();
      }
    }
  }
};

}  // namespace lepton::predict::detail
