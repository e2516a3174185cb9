// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <lepton/predict/normal.hpp>

namespace lepton::predict {
namespace detail {

/// Logarithm of the gamma function for x > 0, by Stirling's series (std::lgamma writes a global).
[[nodiscard]] inline auto log_gamma(double x) noexcept -> double {
  double shift = 0;
  for (; x < 16; ++x) shift -= std::log(x);
  const double r = 1 / (x * x);
  const double series =
      (((((-691.0 / 360360 * r + 1.0 / 1188) * r - 1.0 / 1680) * r + 1.0 / 1260) * r - 1.0 / 360) *
           r +
       1.0 / 12) /
      x;
  return shift + (x - 0.5) * std::log(x) - x + 0.91893853320467274178 + series;
}

/// log Γ(a + ½) - log Γ(a), without the cancellation that large a would bring.
[[nodiscard]] inline auto log_gamma_half_step(double a) noexcept -> double {
  if (a < 30) return log_gamma(a + 0.5) - log_gamma(a);
  const double r = 1 / (a * a);
  return 0.5 * std::log(a) + (((17.0 / 14336 * r - 1.0 / 640) * r + 1.0 / 192) * r - 0.125) / a;
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22) by Lentz's method; quick
/// for x below (a + 1)/(a + b + 2).
[[nodiscard]] inline auto beta_fraction(double a, double b, double x) noexcept -> double {
  constexpr double tiny = 1e-300;
  const auto not_zero = [](double v) { return std::fabs(v) < tiny ? tiny : v; };
  double c = 1;
  double d = 1 / not_zero(1 - (a + b) * x / (a + 1));
  double value = d;
  for (int i = 1; i < 10000; ++i) {
    const double m = i;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / not_zero(1 + even * d);
    c = not_zero(1 + even / c);
    value *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / not_zero(1 + odd * d);
    c = not_zero(1 + odd / c);
    value *= d * c;
    if (std::fabs(d * c - 1) < 1e-16) break;
  }
  return value;
}

/// log B(a, b); one of the two may be ½.
[[nodiscard]] inline auto log_beta(double a, double b) noexcept -> double {
  constexpr double log_sqrt_pi = 0.57236494292470008707;
  if (b == 0.5) return log_sqrt_pi - log_gamma_half_step(a);
  if (a == 0.5) return log_sqrt_pi - log_gamma_half_step(b);
  return log_gamma(a) + log_gamma(b) - log_gamma(a + b);
}

}  // namespace detail

/// The regularised incomplete beta function I_x(a, b), with y = 1 - x given apart so that x close
/// to 1 loses nothing; a, b > 0. About 14 digits.
[[nodiscard]] inline auto incomplete_beta(double a, double b, double x, double y) noexcept
    -> double {
  if (!(a > 0 && b > 0 && x >= 0 && y >= 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x == 0) return 0;
  if (y == 0) return 1;
  const double log_x = x > 0.5 ? std::log1p(-y) : std::log(x);
  const double log_y = y > 0.5 ? std::log1p(-x) : std::log(y);
  const double front = std::exp(a * log_x + b * log_y - detail::log_beta(a, b));
  if (x < (a + 1) / (a + b + 2)) return front * detail::beta_fraction(a, b, x) / a;
  return 1 - front * detail::beta_fraction(b, a, y) / b;
}

/// Probability that |T| is at least |t|, T of Student's distribution with `freedom` degrees of
/// freedom: the two-sided p value of a t statistic.
[[nodiscard]] inline auto student_t_two_sided(double t, double freedom) noexcept -> double {
  if (std::isnan(t) || !(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (std::isinf(t)) return 0;
  const double scaled = t / std::sqrt(freedom) * t / std::sqrt(freedom);
  if (std::isinf(scaled)) return 0;
  return incomplete_beta(freedom / 2, 0.5, 1 / (1 + scaled), scaled / (1 + scaled));
}

/// Quantile p of Student's distribution, by Newton's method on the logarithm of the tail;
/// the normal one if `freedom` is above 1e10.
[[nodiscard]] inline auto student_t_quantile(double p, double freedom) noexcept -> double {
  if (!(freedom > 0) || !(p > 0 && p < 1)) return std::numeric_limits<double>::quiet_NaN();
  if (freedom > 1e10) return normal_quantile(p);
  const double tail = std::min(p, 1 - p);
  const double sign = p < 0.5 ? -1 : 1;
  if (tail == 0.5) return 0;
  const double log_density =
      detail::log_gamma_half_step(freedom / 2) - 0.5 * std::log(freedom) - 0.57236494292470008707;
  // A first guess from the tail's power law, or from the normal quantile for many degrees.
  double t = -normal_quantile(tail);
  t += (t * t * t + t) / (4 * freedom);
  if (freedom < 3)
    t = std::max(
        t,
        std::exp((log_density + (freedom - 1) / 2 * std::log(freedom) - std::log(tail)) / freedom));
  for (int i = 0; i < 100; ++i) {
    const double at = student_t_two_sided(t, freedom) / 2;
    const double density = std::exp(log_density - (freedom + 1) / 2 * std::log1p(t * t / freedom));
    const double step = at / density * std::log(at / tail);
    const double next = std::max(t + step, t / 8);
    const bool done = std::fabs(next - t) <= 1e-15 * t;
    t = next;
    if (done) break;
  }
  return sign * t;
}

}  // namespace lepton::predict
