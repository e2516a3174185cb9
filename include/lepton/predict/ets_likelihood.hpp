// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/ets_options.hpp>

namespace lepton::predict::detail {

/// What a run through the series leaves: sums of the errors, and the states at its end.
struct ets_run {
  double squares = 0;     ///< of the errors (relative ones if the error multiplies)
  double log_levels = 0;  ///< sum of log |forecast|, if the error multiplies
  std::size_t observations = 0;
};

/// The likelihood of a model of the ETS family and its gradient.
///
/// All models share one recursion (Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential
/// Smoothing, 2008, tables 2.2 and 2.3, in error correction form): with q the trend's forecast, f
/// that with the season, e = y - f, and d = e (or e / s if the season multiplies)
///
///     q = l | l + phi b | l b^phi      f = q | q + s | q s
///     l' = q + alpha d                 b' = phi b + beta d | b^phi + beta d / l
///     s' = s + gamma e | s + gamma e / q
///
/// A missing value corrects nothing. The error's kind does not change the recursion, only the
/// likelihood. States are in order level, slope, seasons in order of their first use.
///
/// The gradient goes backwards through the recursion (adjoint), so it costs two runs, however many
/// states there are: a season of 288 is no burden.
class ets_likelihood {
 public:
  ets_likelihood(const ets_options& form, std::vector<double> values)
      : form_(form),
        y_(std::move(values)),
        l_(y_.size()),
        b_(has_trend(form) ? y_.size() : 0),
        s_(has_season(form) ? y_.size() : 0),
        q_(y_.size()),
        e_(y_.size()) {
    for (const double y : y_) observed_ += std::isnan(y) ? 0 : 1;
  }

  [[nodiscard]] auto form() const noexcept -> const ets_options& { return form_; }
  [[nodiscard]] auto values() const noexcept -> const std::vector<double>& { return y_; }
  [[nodiscard]] auto observed() const noexcept -> std::size_t { return observed_; }

  /// Runs through the series from `state`, which becomes that at its end (the season in the order
  /// of the series: place i is that of values i, i + period ...). False if a number that must be
  /// above 0 is not, or the sums are not finite.
  [[nodiscard]] auto run(const ets_parameters& p, std::span<double> state, ets_run& sums) -> bool {
    return pick([&](auto trend, auto season) {
      return forward<decltype(trend)::value, decltype(season)::value>(p, state, sums);
    });
  }

  /// -loglik / observations (without constants): log(squares) / 2 + log_levels / observations.
  /// Infinite where `run` fails; errors below 1e-15 count as none. The gradients are with respect
  /// to alpha, beta, gamma, phi, and to the states before the first value. `state` is overwritten.
  [[nodiscard]] auto gradient(const ets_parameters& p, std::span<double> state,
                              std::span<double> by_parameter, std::span<double> by_state)
      -> double {
    ets_run sums;
    if (!run(p, state, sums)) return infinite;
    if (sums.squares <= least(sums)) {
      std::fill(by_parameter.begin(), by_parameter.end(), 0.0);
      std::fill(by_state.begin(), by_state.end(), 0.0);
      return value(sums);
    }
    pick([&](auto trend, auto season) {
      backward<decltype(trend)::value, decltype(season)::value>(p, sums, by_parameter, by_state);
      return true;
    });
    return value(sums);
  }
  [[nodiscard]] static auto value(const ets_run& sums) noexcept -> double {
    return 0.5 * std::log(std::max(sums.squares, least(sums))) +
           sums.log_levels / static_cast<double>(sums.observations);
  }
  /// Sum of squares of errors of 1e-15: what rounding makes of values of size 1.
  [[nodiscard]] static auto least(const ets_run& sums) noexcept -> double {
    return 1e-30 * static_cast<double>(sums.observations);
  }
  /// Errors of the last run (relative ones if the error multiplies; 0 where a value is missing).
  [[nodiscard]] auto errors() const noexcept -> std::span<const double> { return e_; }

  static constexpr double infinite = std::numeric_limits<double>::infinity();

 private:
  template <int I>
  struct kind {
    static constexpr int value = I;
  };
  template <class F>
  auto pick(F&& f) -> bool {
    const auto with_trend = [&](auto trend) {
      if (form_.season == ets_season::none) return f(trend, kind<0>{});
      if (form_.season == ets_season::additive) return f(trend, kind<1>{});
      return f(trend, kind<2>{});
    };
    if (!has_trend(form_)) return with_trend(kind<0>{});
    if (!trend_multiplies(form_)) return with_trend(kind<1>{});
    return with_trend(kind<2>{});
  }

  template <int Trend, int Season>
  auto forward(const ets_parameters& p, std::span<double> state, ets_run& sums) -> bool;
  template <int Trend, int Season>
  void backward(const ets_parameters& p, const ets_run& sums, std::span<double> by_parameter,
                std::span<double> by_state);

  ets_options form_;
  std::vector<double> y_;
  // What stood before each value: level, slope, season; the trend's forecast, and the error.
  std::vector<double> l_, b_, s_, q_, e_;
  std::size_t observed_ = 0;
};

template <int Trend, int Season>
auto ets_likelihood::forward(const ets_parameters& p, std::span<double> state, ets_run& sums)
    -> bool {
  const bool relative = form_.error == ets_error::multiplicative;
  const bool positive = needs_positive(form_);
  const std::size_t n = y_.size();
  const double alpha = p.alpha;
  const double beta = p.beta;
  const double gamma = p.gamma;
  const double phi = p.phi;
  double l = state[0];
  double b = Trend == 0 ? 0 : state[1];
  double* const seasons = state.data() + (Trend == 0 ? 1 : 2);
  std::size_t at = 0;
  double squares = 0;
  double product = 1;  // logarithms are taken of products, of a few forecasts at a time
  double logs = 0;
  for (std::size_t t = 0; t < n; ++t) {
    const double y = y_[t];
    double damped = phi * b;
    double q = l;
    if constexpr (Trend == 1) q = l + damped;
    if constexpr (Trend == 2) {
      if (!(b > 0)) return false;
      damped = phi == 1 ? b : std::exp(phi * std::log(b));
      q = l * damped;
    }
    double s = 0;
    double f = q;
    if constexpr (Season != 0) s = seasons[at];
    if constexpr (Season == 1) f = q + s;
    if constexpr (Season == 2) f = q * s;
    l_[t] = l;
    if constexpr (Trend != 0) b_[t] = b;
    if constexpr (Season != 0) s_[t] = s;
    q_[t] = q;
    if (positive && !(f > 0 && q > 0 && (Season != 2 || s > 0))) return false;
    if (std::isnan(y)) {
      l = q;
      b = damped;
      e_[t] = 0;
    } else {
      const double e = y - f;
      const double d = Season == 2 ? e / s : e;
      if constexpr (Trend == 1) b = damped + beta * d;
      if constexpr (Trend == 2) b = damped + beta * d / l;
      l = q + alpha * d;
      if constexpr (Season == 1) seasons[at] = s + gamma * e;
      if constexpr (Season == 2) seasons[at] = s + gamma * e / q;
      if (relative) {
        const double r = e / f;
        e_[t] = r;
        squares += r * r;
        product *= f;
        if (!(product > 1e-150 && product < 1e150)) {
          logs += std::log(product);
          product = 1;
        }
      } else {
        e_[t] = e;
        squares += e * e;
      }
    }
    if constexpr (Season != 0) at = at + 1 == form_.period ? 0 : at + 1;
  }
  if (positive && !(l > 0)) return false;
  state[0] = l;
  if constexpr (Trend != 0) state[1] = b;
  sums.squares = squares;
  sums.log_levels = relative ? logs + std::log(product) : 0;
  sums.observations = observed_;
  return std::isfinite(squares) && std::isfinite(l) && std::isfinite(sums.log_levels);
}

template <int Trend, int Season>
void ets_likelihood::backward(const ets_parameters& p, const ets_run& sums,
                              std::span<double> by_parameter, std::span<double> by_state) {
  const bool relative = form_.error == ets_error::multiplicative;
  const std::size_t n = y_.size();
  const std::size_t period = form_.period;
  const double alpha = p.alpha;
  const double beta = p.beta;
  const double gamma = p.gamma;
  const double phi = p.phi;
  const double weight = 1 / sums.squares;
  const double share = 1 / static_cast<double>(sums.observations);
  double by_alpha = 0;
  double by_beta = 0;
  double by_gamma = 0;
  double by_phi = 0;
  std::fill(by_state.begin(), by_state.end(), 0.0);
  double* const seasons = by_state.data() + (Trend == 0 ? 1 : 2);
  // `to_x`: derivative of the whole by x as it is after step t, then as it is before.
  double to_l = 0;
  double to_b = 0;
  std::size_t at = Season == 0 ? 0 : n % period;
  for (std::size_t t = n; t-- > 0;) {
    if constexpr (Season != 0) at = at == 0 ? period - 1 : at - 1;
    const double b = Trend == 0 ? 0 : b_[t];
    double to_q = to_l;
    double to_s = Season == 0 ? 0 : seasons[at];
    double to_damped = to_b;
    double l_again = 0;  // derivative by l besides that through q
    if (!std::isnan(y_[t])) {
      const double q = q_[t];
      const double s = Season == 0 ? 0 : s_[t];
      double e = e_[t];
      double to_e = e * weight;
      double to_f = 0;
      if (relative) {
        const double f = Season == 0 ? q : Season == 1 ? q + s : q * s;
        to_f = (share - to_e * e) / f;
        to_e /= f;
        e *= f;
      }
      const double d = Season == 2 ? e / s : e;
      double to_d = alpha * to_l;
      by_alpha += to_l * d;
      if constexpr (Trend == 1) {
        to_d += beta * to_b;
        by_beta += to_b * d;
      }
      if constexpr (Trend == 2) {
        const double l = l_[t];
        to_d += beta * to_b / l;
        by_beta += to_b * d / l;
        l_again = -beta * to_b * d / (l * l);
      }
      if constexpr (Season == 0) to_e += to_d;
      if constexpr (Season == 1) {
        to_e += to_d + gamma * to_s;
        by_gamma += to_s * e;
      }
      if constexpr (Season == 2) {
        to_e += to_d / s + gamma * to_s / q;
        by_gamma += to_s * e / q;
        to_q -= to_s * gamma * e / (q * q);
      }
      to_f -= to_e;
      if constexpr (Season == 0) to_q += to_f;
      if constexpr (Season == 1) {
        to_q += to_f;
        to_s += to_f;
      }
      if constexpr (Season == 2) {
        to_q += to_f * s;
        to_s += to_f * q - to_d * d / s;
      }
    }
    if constexpr (Season != 0) seasons[at] = to_s;
    if constexpr (Trend == 0) to_l = to_q;
    if constexpr (Trend == 1) {
      by_phi += b * (to_q + to_damped);
      to_l = to_q;
      to_b = phi * (to_q + to_damped);
    }
    if constexpr (Trend == 2) {
      const double damped = q_[t] / l_[t];
      const double to = to_q * l_[t] + to_damped;
      by_phi += to * damped * std::log(b);
      to_b = to * phi * damped / b;
      to_l = to_q * damped + l_again;
    }
  }
  by_state[0] = to_l;
  if constexpr (Trend != 0) by_state[1] = to_b;
  by_parameter[0] = by_alpha;
  by_parameter[1] = by_beta;
  by_parameter[2] = by_gamma;
  by_parameter[3] = by_phi;
}

}  // namespace lepton::predict::detail
