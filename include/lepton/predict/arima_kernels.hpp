// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/dot.hpp>

namespace lepton::predict::detail {

/// Solves (A + damping diag A) x = b by Cholesky's method.
[[nodiscard]] inline auto solve_damped(std::span<const double> a, std::span<const double> b,
                                       double damping, std::vector<double>& out) -> bool {
  const std::size_t k = b.size();
  std::vector<double> l(a.begin(), a.end());
  out.assign(b.begin(), b.end());
  for (std::size_t j = 0; j < k; ++j) {
    double d = l[j * k + j] * (1 + damping);
    for (std::size_t i = 0; i < j; ++i) d -= l[j * k + i] * l[j * k + i];
    if (!(d > 1e-13 * l[j * k + j])) return false;
    d = std::sqrt(d);
    l[j * k + j] = d;
    for (std::size_t r = j + 1; r < k; ++r) {
      double sum = l[r * k + j];
      for (std::size_t i = 0; i < j; ++i) sum -= l[r * k + i] * l[j * k + i];
      l[r * k + j] = sum / d;
    }
  }
  for (std::size_t j = 0; j < k; ++j) {
    for (std::size_t i = 0; i < j; ++i) out[j] -= l[j * k + i] * out[i];
    out[j] /= l[j * k + j];
  }
  for (std::size_t j = k; j-- > 0;) {
    for (std::size_t i = j + 1; i < k; ++i) out[j] -= l[i * k + j] * out[i];
    out[j] /= l[j * k + j];
  }
  return true;
}

}  // namespace lepton::predict::detail
