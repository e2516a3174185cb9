// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace lepton::predict::detail {

/// Inverses of the roots of 1 + sum a_i z^i, all at once by the method of Ehrlich and Aberth.
/// A double root is found to half the digits. O(p²) an iteration, of which a few dozen do.
[[nodiscard]] inline auto inverse_roots(std::span<const double> a)
    -> std::vector<std::complex<double>> {
  using complex = std::complex<double>;
  std::size_t n = a.size();
  while (n > 0 && a[n - 1] == 0) --n;
  // The inverses x solve x^n + a_1 x^(n-1) + ... + a_n = 0.
  std::vector<complex> x(n);
  if (n == 1) x[0] = -a[0];
  if (n <= 1) return x;
  double radius = 0;
  for (std::size_t i = 0; i < n; ++i)
    radius = std::max(radius, std::pow(std::fabs(a[i]), 1 / static_cast<double>(i + 1)));
  for (std::size_t i = 0; i < n; ++i)
    x[i] = std::polar(radius,
                      0.4 + 6.283185307179586 * static_cast<double>(i) / static_cast<double>(n));
  for (int round = 0; round < 200; ++round) {
    double change = 0;
    for (std::size_t i = 0; i < n; ++i) {
      complex value = 1;
      complex slope = 0;
      for (std::size_t k = 0; k < n; ++k) {
        slope = slope * x[i] + value;
        value = value * x[i] + a[k];
      }
      if (value == complex{}) continue;
      complex others = 0;
      for (std::size_t k = 0; k < n; ++k)
        if (k != i && x[k] != x[i]) others += 1.0 / (x[i] - x[k]);
      const complex step = value / (slope - value * others);
      if (!std::isfinite(step.real()) || !std::isfinite(step.imag())) continue;
      x[i] -= step;
      change = std::max(change, std::abs(step));
    }
    if (change <= 1e-15 * radius) break;
  }
  return x;
}

/// The smallest modulus of a root of 1 + sum a_i z^i; infinite when it has none.
[[nodiscard]] inline auto smallest_root(std::span<const double> a) -> double {
  double largest = 0;
  for (const auto& x : inverse_roots(a)) largest = std::max(largest, std::abs(x));
  return largest == 0 ? std::numeric_limits<double>::infinity() : 1 / largest;
}

/// Replaces the roots of 1 + sum a_i z^i within the unit circle by their mirror images outside: a
/// moving average with the same autocorrelations, and invertible. True if there were any.
inline auto mirror_roots(std::span<double> a) -> bool {
  auto x = inverse_roots(a);
  bool any = false;
  for (auto& root : x) {
    if (std::abs(root) <= 1) continue;
    root = 1.0 / std::conj(root);
    any = true;
  }
  if (!any) return false;
  std::vector<std::complex<double>> product(a.size() + 1);
  product[0] = 1;
  for (std::size_t i = 0; i < x.size(); ++i)
    for (std::size_t k = i + 1; k > 0; --k) product[k] -= x[i] * product[k - 1];
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = product[i + 1].real();
  return true;
}

}  // namespace lepton::predict::detail
