// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/QR>

namespace lepton::predict::detail {

/// Householder QR with column pivoting of a small square matrix, A P = Q R (Businger and Golub,
/// "Linear least squares solutions by Householder transformations", 1965), by Eigen. The diagonal
/// of R falls in size, so that the rank is where it falls below `tolerance` times its first entry.
/// 4/3 n³ operations.
class pivoted_qr {
 public:
  /// `a` is column after column, n · n numbers.
  pivoted_qr(const std::vector<double>& a, std::size_t n, double tolerance)
      : qr_(Eigen::Map<const Eigen::MatrixXd>(a.data(), index(n), index(n))) {
    const double first = n == 0 ? 0 : std::fabs(r(0, 0));
    while (rank_ < n && std::fabs(r(rank_, rank_)) > tolerance * first) ++rank_;
  }

  [[nodiscard]] auto rank() const noexcept -> std::size_t { return rank_; }
  /// The column of A that stands at place j.
  [[nodiscard]] auto order(std::size_t j) const noexcept -> std::size_t {
    return static_cast<std::size_t>(qr_.colsPermutation().indices()[index(j)]);
  }
  [[nodiscard]] auto r(std::size_t i, std::size_t j) const noexcept -> double {
    return qr_.matrixQR()(index(i), index(j));
  }

  /// v becomes Qᵀ v.
  void apply_transposed(std::span<double> v) const {
    vector(v).applyOnTheLeft(qr_.householderQ().adjoint());
  }
  /// v becomes Q v.
  void apply(std::span<double> v) const { vector(v).applyOnTheLeft(qr_.householderQ()); }
  /// v[0, rank) becomes the solution of R v = v.
  void solve(std::span<double> v) const {
    auto part = vector(v.first(rank_));
    qr_.matrixQR()
        .topLeftCorner(part.size(), part.size())
        .triangularView<Eigen::Upper>()
        .solveInPlace(part);
  }
  /// v[0, rank) becomes the solution of Rᵀ v = v.
  void solve_transposed(std::span<double> v) const {
    auto part = vector(v.first(rank_));
    qr_.matrixQR()
        .topLeftCorner(part.size(), part.size())
        .triangularView<Eigen::Upper>()
        .transpose()
        .solveInPlace(part);
  }

 private:
  [[nodiscard]] static auto index(std::size_t i) noexcept -> Eigen::Index {
    return static_cast<Eigen::Index>(i);
  }
  [[nodiscard]] static auto vector(std::span<double> v) noexcept -> Eigen::Map<Eigen::VectorXd> {
    return {v.data(), index(v.size())};
  }

  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr_;
  std::size_t rank_ = 0;
};

}  // namespace lepton::predict::detail
