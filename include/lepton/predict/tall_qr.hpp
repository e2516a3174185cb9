// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace lepton::predict::detail {

/// Householder QR of a table with many more rows than columns, X = Q R, panel by panel: each panel
/// of 128 rows is rotated into the triangle that the panels before have left, so that the work
/// stays in the first-level cache (the sequential variant of Demmel, Grigori, Hoemmen and Langou,
/// "Communication-optimal parallel and sequential QR and LU factorizations", SIAM J. Sci. Comput.
/// 34, 2012). Fewer rows than columns are fine: R then has zeros on its diagonal.
///
/// Fill `at(i, j)`, then `factor()`: 2 rows · columns² operations, in place.
class tall_qr {
 public:
  static constexpr std::size_t panel = 128;

  tall_qr(std::size_t rows, std::size_t columns)
      : columns_(columns),
        panels_((rows + panel - 1) / panel),
        x_(panels_ * panel * columns, 0.0),
        tau_(panels_ * columns, 0.0),
        r_(columns * columns, 0.0) {}

  [[nodiscard]] auto columns() const noexcept -> std::size_t { return columns_; }
  /// Rows, rounded up to whole panels: the length of vectors that `apply` takes.
  [[nodiscard]] auto padded_rows() const noexcept -> std::size_t { return panels_ * panel; }

  [[nodiscard]] auto at(std::size_t i, std::size_t j) noexcept -> double& {
    return x_[((i / panel) * columns_ + j) * panel + i % panel];
  }
  /// R, upper triangular.
  [[nodiscard]] auto r(std::size_t i, std::size_t j) const noexcept -> double {
    return r_[j * columns_ + i];
  }

  void factor() noexcept {
    for (std::size_t k = 0; k < panels_; ++k)
      for (std::size_t j = 0; j < columns_; ++j) eliminate(k, j);
  }

  /// (top, v) becomes Qᵀ (0, v): `top` belongs to R's rows, the rest of v is orthogonal to X.
  void apply_transposed(std::span<double> top, std::span<double> v) const noexcept {
    for (double& t : top) t = 0;
    for (std::size_t k = 0; k < panels_; ++k)
      for (std::size_t j = 0; j < columns_; ++j)
        reflect<1>(column(k, j), tau_[k * columns_ + j], &top[j], 0, v.data() + k * panel);
  }
  /// v becomes the rows of Q (top, v) that belong to X.
  void apply(std::span<double> top, std::span<double> v) const noexcept {
    for (std::size_t k = panels_; k-- > 0;)
      for (std::size_t j = columns_; j-- > 0;)
        reflect<1>(column(k, j), tau_[k * columns_ + j], &top[j], 0, v.data() + k * panel);
  }

 private:
  [[nodiscard]] auto column(std::size_t k, std::size_t j) const noexcept -> const double* {
    return x_.data() + (k * columns_ + j) * panel;
  }

  [[nodiscard]] static auto dot(const double* __restrict a, const double* __restrict b) noexcept
      -> double {
    double s[8] = {};
    for (std::size_t i = 0; i < panel; i += 8)
      for (std::size_t e = 0; e < 8; ++e) s[e] += a[i + e] * b[i + e];
    return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
  }

  /// Applies the reflection I - tau (1, v)(1, v)ᵀ to `Width` columns that follow each other.
  template <std::size_t Width>
  static void reflect(const double* __restrict v, double tau, double* __restrict top,
                      std::size_t top_stride, double* __restrict c) noexcept {
    double w[Width];
    for (std::size_t k = 0; k < Width; ++k) {
      w[k] = tau * (top[k * top_stride] + dot(v, c + k * panel));
      top[k * top_stride] -= w[k];
    }
    for (std::size_t k = 0; k < Width; ++k) {
      double* __restrict into = c + k * panel;
      for (std::size_t i = 0; i < panel; ++i) into[i] -= w[k] * v[i];
    }
  }

  void eliminate(std::size_t k, std::size_t j) noexcept {
    double* v = x_.data() + (k * columns_ + j) * panel;
    double& diagonal = r_[j * columns_ + j];
    const double square = dot(v, v);
    if (square == 0) return;  // tau 0: nothing to eliminate
    const double length = std::sqrt(diagonal * diagonal + square);
    const double beta = diagonal > 0 ? -length : length;
    const double head = diagonal - beta;
    for (std::size_t i = 0; i < panel; ++i) v[i] /= head;
    const double tau = -head / beta;
    tau_[k * columns_ + j] = tau;
    diagonal = beta;
    std::size_t next = j + 1;
    for (; next + 2 <= columns_; next += 2)
      reflect<2>(v, tau, &r_[next * columns_ + j], columns_, v + (next - j) * panel);
    if (next < columns_)
      reflect<1>(v, tau, &r_[next * columns_ + j], columns_, v + (next - j) * panel);
  }

  std::size_t columns_;
  std::size_t panels_;
  std::vector<double> x_;    // panel after panel, each column after column
  std::vector<double> tau_;  // of each panel and column
  std::vector<double> r_;    // column after column
};

}  // namespace lepton::predict::detail
