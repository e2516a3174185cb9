// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include <lepton/detail/rng.hpp>
#include <lepton/simulate/distributions.hpp>

namespace lepton::simulate {

/// Gamma: mean shape · scale, variance shape · scale²; both above 0. By rejection from a cubed
/// normal (Marsaglia and Tsang 2000), and for shapes below 1 from that of shape + 1.
[[nodiscard]] inline auto gamma_number(lepton::detail::pcg32& random, double shape,
                                       double scale) noexcept -> double {
  if (shape < 1) {
    const double power = std::pow(unit_number(random), 1 / shape);
    return power * gamma_number(random, shape + 1, scale);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double x = standard_normal(random);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(unit_number(random)) < 0.5 * x * x + d * (1 - v + std::log(v)))
      return d * v * scale;
  }
}

}  // namespace lepton::simulate
