// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace lepton::predict::detail {

/// Least squares of a few columns by Householder reflections: what the tests for unit roots need,
/// without a library of linear algebra. O(rows · columns²).
struct small_least_squares {
  std::vector<double> coefficients;
  std::vector<double> errors;     ///< standard errors of the coefficients
  std::vector<double> residuals;  ///< one for each row
  double squares = 0;             ///< sum of squared residuals
  bool full_rank = false;         ///< false: nothing else is to be believed

  [[nodiscard]] auto t(std::size_t i) const noexcept -> double {
    return coefficients[i] / errors[i];
  }
};

/// Regresses `y` on the columns of `x`, each as long as `y`.
[[nodiscard]] inline auto solve_least_squares(const std::vector<std::vector<double>>& x,
                                              const std::vector<double>& y) -> small_least_squares {
  small_least_squares fit;
  const std::size_t n = y.size();
  const std::size_t k = x.size();
  if (n <= k) return fit;
  auto q = x;  // below the diagonal: the reflections
  std::vector<double> right = y;
  std::vector<double> diagonal(k);
  const auto reflect = [n](const std::vector<double>& v, std::size_t from, std::vector<double>& z) {
    double dot = 0;
    double norm = 0;
    for (std::size_t i = from; i < n; ++i) {
      dot += v[i] * z[i];
      norm += v[i] * v[i];
    }
    const double factor = 2 * dot / norm;
    for (std::size_t i = from; i < n; ++i) z[i] -= factor * v[i];
  };
  for (std::size_t j = 0; j < k; ++j) {
    double whole = 0;
    for (const double v : x[j]) whole += v * v;
    double norm = 0;
    for (std::size_t i = j; i < n; ++i) norm += q[j][i] * q[j][i];
    if (!(norm > 1e-20 * whole) || !std::isfinite(norm)) return fit;
    diagonal[j] = q[j][j] > 0 ? -std::sqrt(norm) : std::sqrt(norm);
    q[j][j] -= diagonal[j];
    for (std::size_t c = j + 1; c < k; ++c) reflect(q[j], j, q[c]);
    reflect(q[j], j, right);
  }
  fit.full_rank = true;
  for (std::size_t i = k; i < n; ++i) fit.squares += right[i] * right[i];

  const auto entry = [&](std::size_t i, std::size_t j) {  // of the triangle
    return i == j ? diagonal[i] : q[j][i];
  };
  // One right-hand side is the regression's, the others give the columns of the inverse.
  const auto back = [&](std::vector<double> b) {
    for (std::size_t i = k; i-- > 0;) {
      for (std::size_t j = i + 1; j < k; ++j) b[i] -= entry(i, j) * b[j];
      b[i] /= entry(i, i);
    }
    return b;
  };
  fit.coefficients = back({right.begin(), right.begin() + static_cast<std::ptrdiff_t>(k)});
  fit.errors.assign(k, 0);
  for (std::size_t c = 0; c < k; ++c) {
    std::vector<double> unit(k);
    unit[c] = 1;
    const auto column = back(unit);
    for (std::size_t i = 0; i < k; ++i) fit.errors[i] += column[i] * column[i];
  }
  for (auto& e : fit.errors) e = std::sqrt(e * fit.squares / static_cast<double>(n - k));
  fit.residuals = y;
  for (std::size_t j = 0; j < k; ++j)
    for (std::size_t i = 0; i < n; ++i) fit.residuals[i] -= fit.coefficients[j] * x[j][i];
  return fit;
}

}  // namespace lepton::predict::detail
