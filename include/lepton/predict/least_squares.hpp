// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <lepton/predict/double_double.hpp>
#include <lepton/predict/pivoted_qr.hpp>
#include <lepton/predict/regression_data.hpp>
#include <lepton/predict/tall_qr.hpp>

namespace lepton::predict::detail {

/// a + b, whose rounding error is added to `low`.
[[nodiscard]] inline auto add_exactly(double a, double b, double& low) noexcept -> double {
  const double sum = a + b;
  const double part = sum - a;
  low += (a - (sum - part)) + (b - part);
  return sum;
}

/// Least squares of prepared data by orthogonal transformations, without normal equations: QR in
/// panels, then QR with pivots of the triangle; the answer of least norm if features are collinear.
/// With an intercept, coefficient 0 is that of a column of ones.
class least_squares {
 public:
  least_squares(const regression_data& data, bool intercept)
      : data_(data),
        head_(intercept ? 1 : 0),
        n_(data.rows.size()),
        p_(data.x.columns() + head_),
        tall_(n_, p_),
        small_(triangle(), p_,
               // What the rounding of the features themselves can make of a dependent one.
               16 * std::numeric_limits<double>::epsilon() * data.rounding),
        residual_(tall_.padded_rows(), 0.0),
        top_(p_, 0.0) {
    for (std::size_t i = 0; i < n_; ++i) residual_[i] = data.y[data.rows[i]] - data.y_centre;
    tall_.apply_transposed(top_, residual_);
    small_.apply_transposed(top_);
    std::vector<double> solution(top_.begin(), top_.end());
    small_.solve(solution);
    coefficients = unscaled(solution);
    // What is orthogonal to X is the residual.
    std::vector<double> zero(p_, 0.0);
    for (std::size_t j = rank(); j < p_; ++j) zero[j] = top_[j];
    small_.apply(zero);
    tall_.apply(zero, residual_);
    inverse();
  }

  [[nodiscard]] auto rank() const noexcept -> std::size_t { return small_.rank(); }
  /// Residuals of the complete rows.
  [[nodiscard]] auto residual(std::size_t i) const noexcept -> double { return residual_[i]; }
  [[nodiscard]] auto columns() const noexcept -> std::size_t { return p_; }

  /// Iterative refinement of coefficients and residuals together, both kept and their errors
  /// computed to twice the precision (Björck, "Iterative refinement of linear least squares
  /// solutions", BIT 7, 1967; Demmel, Hida, Li and Riedy, "Extra-precise iterative refinement for
  /// overdetermined least squares problems", ACM TOMS 35, 2009): each round gains the digits that
  /// the condition number leaves, until all are right. Full rank only.
  void refine() {
    if (rank() < p_) return;
    low.assign(p_, 0.0);
    residual_low_.assign(n_, 0.0);
    double before = std::numeric_limits<double>::infinity();
    std::vector<double> f(tall_.padded_rows());
    std::vector<double> top(p_);
    for (int round = 0; round < 10; ++round) {
      auto g = errors(f);  // of the equations r + X b = y (in f) and Xᵀ r = 0
      small_.solve_transposed(g);
      tall_.apply_transposed(top, f);
      small_.apply_transposed(top);
      std::vector<double> step(p_);
      for (std::size_t j = 0; j < p_; ++j) step[j] = top[j] - g[j];
      small_.solve(step);
      double size = 0;
      double length = 0;
      const auto change = unscaled(step);
      for (std::size_t j = 0; j < p_; ++j) {
        const double unit = scale(j);
        size += change[j] * unit * change[j] * unit;
        length += coefficients[j] * unit * coefficients[j] * unit;
      }
      if (!(size < before / 4)) return;
      before = size;
      small_.apply(g);
      tall_.apply(g, f);
      for (std::size_t i = 0; i < n_; ++i)
        residual_[i] = add_exactly(residual_[i], f[i], residual_low_[i]);
      for (std::size_t j = 0; j < p_; ++j)
        coefficients[j] = add_exactly(coefficients[j], change[j], low[j]);
      // The next change would be smaller by about the condition number times 1e-15.
      if (size * condition * condition <= 1e-14 * length) return;
    }
  }

  std::vector<double> coefficients;  ///< of the centred features
  std::vector<double> low;           ///< what rounding took from them; empty if not refined
  /// Column k holds what the coefficients owe to the k-th orthogonal direction of the data:
  /// the covariance of the coefficients is sigma² times map mapᵀ. p · rank numbers.
  std::vector<double> map;
  /// Condition number of the centred features, each brought to length 1.
  double condition = 1;

 private:
  [[nodiscard]] auto scale(std::size_t j) const noexcept -> double {
    return j < head_ ? std::sqrt(static_cast<double>(n_)) : data_.scale[j - head_];
  }

  auto triangle() -> std::vector<double> {
    for (std::size_t i = 0; i < n_; ++i) {
      if (head_ == 1) tall_.at(i, 0) = 1 / scale(0);
      for (std::size_t j = head_; j < p_; ++j) tall_.at(i, j) = data_.centred(i, j - head_);
    }
    tall_.factor();
    std::vector<double> r(p_ * p_, 0.0);
    for (std::size_t j = 0; j < p_; ++j)
      for (std::size_t i = 0; i <= j; ++i) r[j * p_ + i] = tall_.r(i, j);
    return r;
  }

  /// From the pivots' order and scale to that of the features, orthogonal to the null space.
  auto unscaled(const std::vector<double>& solution) -> std::vector<double> {
    std::vector<double> b(p_, 0.0);
    for (std::size_t j = 0; j < rank(); ++j)
      b[small_.order(j)] = solution[j] / scale(small_.order(j));
    if (null_.empty() && rank() < p_) null_space();
    for (std::size_t k = 0; k < null_.size(); k += p_) project(b.data(), null_.data() + k);
    return b;
  }
  void project(double* b, const double* direction) const noexcept {
    double along = 0;
    for (std::size_t j = 0; j < p_; ++j) along += b[j] * direction[j];
    for (std::size_t j = 0; j < p_; ++j) b[j] -= along * direction[j];
  }

  /// An orthonormal basis of the coefficients that change nothing (Gram-Schmidt, done twice).
  void null_space() {
    for (std::size_t k = rank(); k < p_; ++k) {
      std::vector<double> v(p_, 0.0);
      std::vector<double> column(p_, 0.0);
      const std::size_t own = small_.order(k);
      // A constant feature has scale 0 and stands alone.
      const double unit = scale(own) == 0 ? 1 : scale(own);
      if (scale(own) != 0) {
        for (std::size_t i = 0; i < rank(); ++i) column[i] = small_.r(i, k);
        small_.solve(column);
      }
      for (std::size_t j = 0; j < rank(); ++j) {
        // Noise of a feature that is not involved must not grow where units are small.
        if (std::fabs(column[j]) > 1e-12)
          v[small_.order(j)] = -column[j] / scale(small_.order(j)) * unit;
      }
      v[own] = 1;
      for (int twice = 0; twice < 2; ++twice) {
        for (std::size_t d = 0; d < null_.size(); d += p_) project(v.data(), null_.data() + d);
        double square = 0;
        for (const double e : v) square += e * e;
        for (double& e : v) e /= std::sqrt(square);
      }
      null_.insert(null_.end(), v.begin(), v.end());
    }
  }

  void inverse() {
    const std::size_t r = rank();
    std::vector<double> solved(r * r, 0.0);
    std::vector<double> unit(p_);
    map.reserve(p_ * r);
    for (std::size_t k = 0; k < r; ++k) {
      std::fill(unit.begin(), unit.end(), 0.0);
      unit[k] = 1;
      small_.solve(unit);
      for (std::size_t j = 0; j < r; ++j) solved[k * r + j] = unit[j];
      const auto column = unscaled(unit);
      map.insert(map.end(), column.begin(), column.end());
    }
    std::vector<double> forward(r * r, 0.0);
    for (std::size_t k = 0; k < r; ++k)
      for (std::size_t j = 0; j <= k; ++j) forward[k * r + j] = small_.r(j, k);
    condition = norm(forward, r) * norm(solved, r);
  }

  /// The largest singular value, by the power method; an estimate from below, good to a percent.
  static auto norm(const std::vector<double>& a, std::size_t n) -> double {
    std::vector<double> v(n, 1.0);
    std::vector<double> w(n);
    double value = 0;
    for (int round = 0; round < 30; ++round) {
      std::fill(w.begin(), w.end(), 0.0);
      for (std::size_t k = 0; k < n; ++k)
        for (std::size_t i = 0; i < n; ++i) w[i] += a[k * n + i] * v[k];
      double square = 0;
      for (std::size_t k = 0; k < n; ++k) {
        v[k] = 0;
        for (std::size_t i = 0; i < n; ++i) v[k] += a[k * n + i] * w[i];
        square += v[k] * v[k];
      }
      const double length = std::sqrt(square);
      if (length == 0) return 0;
      for (double& e : v) e /= length;
      value = std::sqrt(length);
    }
    return value;
  }

  /// y - r - X b in `f`; returns -Xᵀ r in the pivots' order and scale.
  auto errors(std::vector<double>& f) const -> std::vector<double> {
    std::vector<double_double> along(p_);
    std::array<double_double, 4> parts;  // four chains, as each step waits for the one before
    std::fill(f.begin(), f.end(), 0.0);
    for (std::size_t i = 0; i < n_; ++i) {
      const auto row = data_.x.row(data_.rows[i]);
      parts = {};
      auto& e = parts[0];
      e.add(data_.y[data_.rows[i]]);
      e.add(-data_.y_centre);
      e.add(-residual_[i]);
      e.add(-residual_low_[i]);
      if (head_ == 1) {
        e.add(-coefficients[0]);
        e.add(-low[0]);
        along[0].add(residual_[i]);
        along[0].add(residual_low_[i]);
      }
      for (std::size_t j = head_; j < p_; ++j) {
        const double x = row[j - head_];
        const double m = data_.centre[j - head_];
        parts[j % 4].add_product(x, m, -coefficients[j]);
        parts[j % 4].add_small(-(x - m) * low[j]);
        along[j].add_product(x, m, residual_[i]);
        along[j].add_small((x - m) * residual_low_[i]);
      }
      for (std::size_t k = 1; k < parts.size(); ++k) e.add(parts[k]);
      f[i] = e.value();
    }
    std::vector<double> g(p_);
    for (std::size_t j = 0; j < p_; ++j) {
      const std::size_t own = small_.order(j);
      g[j] = -along[own].value() / scale(own);
    }
    return g;
  }

  const regression_data& data_;
  std::size_t head_;
  std::size_t n_;
  std::size_t p_;
  tall_qr tall_;
  pivoted_qr small_;
  std::vector<double> residual_;
  std::vector<double> residual_low_;
  std::vector<double> top_;
  std::vector<double> null_;
};

}  // namespace lepton::predict::detail
