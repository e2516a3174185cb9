// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <lepton/predict/ets_options.hpp>

namespace lepton::predict {

namespace detail {

/// Whether no root of c[0] + c[1] z + ... + c[n] z^n lies outside the circle of radius `radius`:
/// Schur's and Cohn's recursion, which lowers the degree by one each step; O(n²), no roots needed.
[[nodiscard]] inline auto roots_within(std::vector<double> c, double radius) -> bool {
  double power = 1;
  for (double& x : c) {
    x *= power;
    power *= radius;
  }
  while (c.size() > 1) {
    const std::size_t n = c.size() - 1;
    if (c[n] == 0) return false;
    const double k = c[0] / c[n];
    if (!(std::fabs(k) < 1)) return false;
    // c(z) - k z^n c(1/z) has no constant term; divided by z.
    for (std::size_t i = 0, j = n; i < j; ++i, --j) {
      const double low = c[i];
      const double high = c[j];
      c[i] = low - k * high;
      c[j] = high - k * low;
    }
    if (n % 2 == 0) c[n / 2] *= 1 - k;
    c.erase(c.begin());
  }
  return true;
}

}  // namespace detail

/// Whether the weights that past values have in the forecasts fade with time, so that the model
/// forgets its start (Hyndman, Akram and Archibald, Annals of the Institute of Statistical
/// Mathematics 60, 2008): no root of the characteristic polynomial outside the unit circle (with a
/// margin of 1e-10 for models on its edge). Models with multiplying parts are judged by their
/// additive counterparts. O(period²).
[[nodiscard]] inline auto admissible(const ets_options& form, const ets_parameters& p) -> bool {
  const double phi = detail::is_damped(form) ? p.phi : 1;
  const double beta = detail::has_trend(form) ? phi * p.beta : 0;
  if (!(phi >= 0 && phi <= 1)) return false;
  constexpr double radius = 1 + 1e-10;
  if (!detail::has_season(form)) {
    if (!detail::has_trend(form)) return std::fabs(1 - p.alpha) <= radius;
    return detail::roots_within({phi * (1 - p.alpha), p.alpha + beta - 1 - phi, 1}, radius);
  }
  const std::size_t m = form.period;
  if (!detail::has_trend(form)) {
    // The factor z - 1, which stands for shifts between level and season, is left out.
    std::vector<double> c(m + 1, p.alpha);
    c[0] = p.alpha + p.gamma - 1;
    c[m] = 1;
    return detail::roots_within(std::move(c), radius);
  }
  std::vector<double> c(m + 2, p.alpha + beta - p.alpha * phi);
  c[0] = phi * (1 - p.alpha - p.gamma);
  c[1] += p.gamma - 1;
  c[m] = p.alpha + beta - phi;
  c[m + 1] = 1;
  return detail::roots_within(std::move(c), radius);
}

}  // namespace lepton::predict
