// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include <lepton/detail/rng.hpp>

namespace lepton::simulate {

/// Uniform on (0, 1], with 53 bits.
[[nodiscard]] inline auto unit_number(lepton::detail::pcg32& random) noexcept -> double {
  const auto high = std::uint64_t{random()} << 21;
  return static_cast<double>((high ^ (random() >> 11)) + 1) * 0x1p-53;
}

/// Exponential: the time to the next of events that do not know of each other; mean > 0.
[[nodiscard]] inline auto exponential(lepton::detail::pcg32& random, double mean) noexcept
    -> double {
  return -std::log(unit_number(random)) * mean;
}

/// Normal with mean 0 and deviation 1 (Box and Muller 1958).
[[nodiscard]] inline auto standard_normal(lepton::detail::pcg32& random) noexcept -> double {
  constexpr double two_pi = 6.283185307179586;
  const double radius = std::sqrt(-2 * std::log(unit_number(random)));
  return radius * std::cos(two_pi * unit_number(random));
}

/// Log-normal: the exponential of a normal with mean `mu` and deviation `sigma`.
[[nodiscard]] inline auto log_normal(lepton::detail::pcg32& random, double mu,
                                     double sigma) noexcept -> double {
  return std::exp(mu + sigma * standard_normal(random));
}

/// Pareto: P(X > x) = (least / x)^shape from `least` on. The variance is infinite for shapes up to
/// 2, and the mean for shapes up to 1.
[[nodiscard]] inline auto pareto(lepton::detail::pcg32& random, double least, double shape) noexcept
    -> double {
  return least * std::pow(unit_number(random), -1 / shape);
}

/// 64 random bits.
[[nodiscard]] inline auto random_word(lepton::detail::pcg32& random) noexcept -> std::uint64_t {
  const auto high = std::uint64_t{random()} << 32;
  return high | random();
}

}  // namespace lepton::simulate
