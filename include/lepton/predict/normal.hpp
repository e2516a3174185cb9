// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include <lepton/detail/rng.hpp>

namespace lepton::predict {

/// Probability that a standard normal number is at most x.
[[nodiscard]] inline auto normal_cdf(double x) noexcept -> double {
  return 0.5 * std::erfc(-x * 0.70710678118654752440);
}

/// Density of the standard normal distribution.
[[nodiscard]] inline auto normal_density(double x) noexcept -> double {
  return 0.39894228040143267794 * std::exp(-0.5 * x * x);
}

namespace detail {

template <class... C>
[[nodiscard]] constexpr auto horner(double x, double first, C... rest) noexcept -> double {
  double sum = first;
  ((sum = sum * x + rest), ...);
  return sum;
}

}  // namespace detail

/// Quantile p of the standard normal distribution, to about 16 digits: Wichura's algorithm AS 241
/// (PPND16, Applied Statistics 37, 1988). -inf for 0, inf for 1, NaN outside [0, 1].
[[nodiscard]] inline auto normal_quantile(double p) noexcept -> double {
  using detail::horner;
  const double q = p - 0.5;
  if (std::fabs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q *
           horner(r, 2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
                  4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
                  1.3314166789178437745e2, 3.3871328727963666080e0) /
           horner(r, 5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
                  2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
                  4.2313330701600911252e1, 1.0);
  }
  const double tail = q < 0 ? p : 1 - p;
  if (!(tail >= 0)) return std::numeric_limits<double>::quiet_NaN();
  if (tail == 0)
    return q < 0 ? -std::numeric_limits<double>::infinity()
                 : std::numeric_limits<double>::infinity();
  double r = std::sqrt(-std::log(tail));
  double x = 0;
  if (r <= 5) {
    r -= 1.6;
    x = horner(r, 7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
               1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
               4.63033784615654529590e0, 1.42343711074968357734e0) /
        horner(r, 1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
               1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
               2.05319162663775882187e0, 1.0);
  } else {
    r -= 5;
    x = horner(r, 2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
               2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
               5.46378491116411436990e0, 6.65790464350110377720e0) /
        horner(r, 2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
               7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
               5.99832206555887937690e-1, 1.0);
  }
  return q < 0 ? -x : x;
}

namespace detail {

/// A number uniform on (0, 1), never 0 or 1.
[[nodiscard]] inline auto open_uniform(lepton::detail::pcg32& random) noexcept -> double {
  return (static_cast<double>(random()) + 0.5) * 0x1p-32;
}

/// A standard normal number.
[[nodiscard]] inline auto normal_number(lepton::detail::pcg32& random) noexcept -> double {
  return normal_quantile(open_uniform(random));
}

}  // namespace detail
}  // namespace lepton::predict
