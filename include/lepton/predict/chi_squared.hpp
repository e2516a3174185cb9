// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>

namespace lepton::predict {

/// Probability that a chi-squared number with `freedom` > 0 degrees of freedom exceeds x: the upper
/// incomplete gamma function, by its series below freedom / 2 + 1 and Lentz's continued fraction
/// above, to about 14 digits. NaN for NaN or a freedom that is not positive.
[[nodiscard]] inline auto chi_squared_tail(double x, double freedom) noexcept -> double {
  if (std::isnan(x) || !(freedom > 0)) return std::numeric_limits<double>::quiet_NaN();
  if (x <= 0) return 1;
  const double a = freedom / 2;
  const double z = x / 2;
  int sign = 0;
#if defined(__GLIBC__)
  const double gamma = ::lgamma_r(a, &sign);  // lgamma writes to a global
#else
  const double gamma = std::lgamma(a);
  static_cast<void>(sign);
#endif
  const double scale = std::exp(a * std::log(z) - z - gamma);
  if (z < a + 1) {
    double term = 1 / a;
    double sum = term;
    for (double k = a + 1; term > 1e-17 * sum; ++k) {
      term *= z / k;
      sum += term;
    }
    return 1 - scale * sum;
  }
  constexpr double tiny = 1e-300;
  double b = z + 1 - a;
  double c = 1 / tiny;
  double d = 1 / b;
  double h = d;
  for (int i = 1; i < 10000; ++i) {
    const double step = -i * (i - a);
    b += 2;
    d = step * d + b;
    if (std::fabs(d) < tiny) d = tiny;
    c = b + step / c;
    if (std::fabs(c) < tiny) c = tiny;
    d = 1 / d;
    const double factor = d * c;
    h *= factor;
    if (std::fabs(factor - 1) < 1e-16) break;
  }
  return scale * h;
}

}  // namespace lepton::predict
