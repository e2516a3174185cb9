// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/dot.hpp>
#include <lepton/predict/pivoted_qr.hpp>

namespace lepton::predict::detail {

/// Singular value decomposition A = U S Vᵀ of a small square matrix by one-sided Jacobi rotations
/// (Hestenes, "Inversion of matrices by biorthogonalization and related results", 1958): columns
/// are rotated in pairs until all are orthogonal. Those of Rᵀ, R from a QR with pivots, as these
/// are nearly so at once (Drmač and Veselić, "New fast and accurate Jacobi SVD algorithm", SIAM J.
/// Matrix Anal. Appl. 29, 2008). Accurate for small singular values too; about 5 sweeps of 4 n³
/// operations. Matrices are column after column.
struct jacobi_svd {
  std::vector<double> u;
  std::vector<double> v;
  std::vector<double> singular;  ///< in no order; where one is 0, the column of u is too

  jacobi_svd(const std::vector<double>& a, std::size_t n)
      : u(n * n, 0.0), v(n * n, 0.0), singular(n, 0.0) {
    const pivoted_qr qr(a, n, 0);
    // Rᵀ = W S Zᵀ gives A = Q R Pᵀ = (Q Z) S (P W)ᵀ.
    std::vector<double> w(n * n, 0.0);
    std::vector<double> z(n * n, 0.0);
    for (std::size_t k = 0; k < n; ++k) {
      z[k * n + k] = 1;
      for (std::size_t i = k; i < n && k < qr.rank(); ++i) w[k * n + i] = qr.r(k, i);
    }
    std::vector<double> squares(n);
    for (int sweep = 0; sweep < 60; ++sweep) {
      for (std::size_t k = 0; k < n; ++k) squares[k] = dot(&w[k * n], &w[k * n], n);
      bool rotated = false;
      for (std::size_t i = 0; i + 1 < n; ++i)
        for (std::size_t j = i + 1; j < n; ++j) rotated = rotate(w, z, squares, i, j, n) || rotated;
      if (!rotated) break;
    }
    for (std::size_t k = 0; k < n; ++k) {
      singular[k] = std::sqrt(dot(&w[k * n], &w[k * n], n));
      if (singular[k] == 0) continue;
      for (std::size_t i = 0; i < n; ++i) v[k * n + qr.order(i)] = w[k * n + i] / singular[k];
      const auto column = std::span{u}.subspan(k * n, n);
      for (std::size_t i = 0; i < n; ++i) column[i] = z[k * n + i];
      qr.apply(column);
    }
  }

 private:
  static auto rotate(std::vector<double>& w, std::vector<double>& z, std::vector<double>& squares,
                     std::size_t i, std::size_t j, std::size_t n) noexcept -> bool {
    double& aa = squares[i];
    double& bb = squares[j];
    const double ab = dot(&w[i * n], &w[j * n], n);
    if (!(std::fabs(ab) > 1e-15 * std::sqrt(aa) * std::sqrt(bb))) return false;
    const double zeta = (bb - aa) / (2 * ab);
    const double t = (zeta > 0 ? 1 : -1) / (std::fabs(zeta) + std::sqrt(1 + zeta * zeta));
    const double c = 1 / std::sqrt(1 + t * t);
    turn(&w[i * n], &w[j * n], c, c * t, n);
    turn(&z[i * n], &z[j * n], c, c * t, n);
    aa = std::fmax(aa - t * ab, 0.0);
    bb += t * ab;
    return true;
  }
  static void turn(double* __restrict a, double* __restrict b, double c, double s,
                   std::size_t n) noexcept {
    std::size_t k = 0;
    for (; k + 4 <= n; k += 4) {
      for (std::size_t e = 0; e < 4; ++e) {
        const double x = a[k + e];
        a[k + e] = c * x - s * b[k + e];
        b[k + e] = s * x + c * b[k + e];
      }
    }
    for (; k < n; ++k) {
      const double x = a[k];
      a[k] = c * x - s * b[k];
      b[k] = s * x + c * b[k];
    }
  }
};

}  // namespace lepton::predict::detail
