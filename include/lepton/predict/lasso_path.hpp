// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lepton::predict::detail {

/// Sums of products of centred features and numbers: all that the lasso needs to know of the rows.
struct product_sums {
  std::size_t p = 0;
  std::size_t stride = 0;  ///< p rounded up to a multiple of 4
  double n = 0;
  double yy = 0;
  double y = 0;
  std::vector<double> x;  ///< sums of the features
  std::vector<double> xy;
  std::vector<double> xx;  ///< rows of `stride`; whole after `mirror`

  explicit product_sums(std::size_t features)
      : p(features),
        stride((features + 3) / 4 * 4),
        x(stride, 0.0),
        xy(stride, 0.0),
        xx(features * stride, 0.0) {}

  /// `row` holds `stride` numbers, those after the features 0.
  void add(const double* __restrict row, double number) noexcept {
    n += 1;
    y += number;
    yy += number * number;
    for (std::size_t j = 0; j < p; ++j) {
      x[j] += row[j];
      xy[j] += row[j] * number;
      double* __restrict into = xx.data() + j * stride;
      const double factor = row[j];
      for (std::size_t k = j / 4 * 4; k < stride; k += 4)
        for (std::size_t e = 0; e < 4; ++e) into[k + e] += factor * row[k + e];
    }
  }
  void mirror() noexcept {
    for (std::size_t j = 0; j < p; ++j)
      for (std::size_t k = 0; k < j; ++k) xx[j * stride + k] = xx[k * stride + j];
  }
  void add(const product_sums& other, double sign) noexcept {
    n += sign * other.n;
    yy += sign * other.yy;
    y += sign * other.y;
    for (std::size_t j = 0; j < p; ++j) {
      x[j] += sign * other.x[j];
      xy[j] += sign * other.xy[j];
    }
    for (std::size_t i = 0; i < xx.size(); ++i) xx[i] += sign * other.xx[i];
  }
  /// Takes the means out (if asked to) and divides by n, so that all are means.
  void centre(bool intercept) noexcept {
    const double mean_y = intercept ? y / n : 0;
    yy = std::max(yy / n - mean_y * mean_y, 0.0);
    for (std::size_t j = 0; j < p; ++j) {
      const double mean = intercept ? x[j] / n : 0;
      xy[j] = xy[j] / n - mean * mean_y;
      for (std::size_t k = 0; k < p; ++k)
        xx[j * stride + k] = xx[j * stride + k] / n - mean * (intercept ? x[k] / n : 0);
    }
  }
};

/// Coefficients that minimise ½ bᵀ G b - cᵀ b + penalty (mixing ‖b‖₁ + (1 - mixing)/2 ‖b‖²) by
/// cyclic coordinate descent with covariance updates and an active set (Friedman, Hastie and
/// Tibshirani, "Regularization paths for generalized linear models via coordinate descent", J.
/// Stat. Software 33, 2010). It goes on from the coefficients that it has.
class lasso_descent {
 public:
  /// `sums` are centred and outlive this.
  lasso_descent(const product_sums& sums, double mixing)
      : sums_(sums), mixing_(mixing), b_(sums.p, 0.0), gradient_(sums.xy) {}

  /// Down to `tolerance` times the largest |c| in the conditions of optimality. Returns whether it
  /// got there; `sweeps` counts the rounds.
  auto solve(double penalty, double tolerance, std::size_t most_sweeps, std::size_t& sweeps)
      -> bool {
    const double l1 = penalty * mixing_;
    const double l2 = penalty * (1 - mixing_);
    const double limit = tolerance * largest_product();
    for (std::size_t sweep = 0; sweep < most_sweeps; ++sweep) {
      ++sweeps;
      bool moved = false;
      for (std::size_t j = 0; j < sums_.p; ++j) moved = step(j, l1, l2) || moved;
      if (!moved || violation(l1, l2) <= limit) return true;
      for (int inner = 0; inner < 50; ++inner) {  // among those that are not zero
        double largest = 0;
        for (std::size_t j = 0; j < sums_.p; ++j) {
          if (b_[j] == 0) continue;
          largest = std::max(largest, std::fabs(slack(j, l1, l2)));
          step(j, l1, l2);
        }
        if (largest <= limit) break;
      }
    }
    return false;
  }

  [[nodiscard]] auto coefficients() const noexcept -> std::span<const double> { return b_; }
  /// The least penalty at which all coefficients are zero; for mixing 0, that of mixing 0.001.
  [[nodiscard]] auto largest_penalty() const noexcept -> double {
    return largest_product() / std::max(mixing_, 1e-3);
  }
  /// How far the conditions of optimality are from holding.
  [[nodiscard]] auto violation(double l1, double l2) const noexcept -> double {
    double worst = 0;
    for (std::size_t j = 0; j < sums_.p; ++j) worst = std::max(worst, std::fabs(slack(j, l1, l2)));
    return worst;
  }
  /// Mean squared error on other (centred alike) sums of data whose mean is that of the features.
  [[nodiscard]] auto error_on(const product_sums& other) const noexcept -> double {
    double sum = other.yy;
    for (std::size_t j = 0; j < other.p; ++j) {
      if (b_[j] == 0) continue;
      double along = 0;
      for (std::size_t k = 0; k < other.p; ++k) along += other.xx[j * other.stride + k] * b_[k];
      sum += b_[j] * (along - 2 * other.xy[j]);
    }
    return sum;
  }

 private:
  [[nodiscard]] auto largest_product() const noexcept -> double {
    double largest = 0;
    for (std::size_t j = 0; j < sums_.p; ++j) largest = std::max(largest, std::fabs(sums_.xy[j]));
    return largest;
  }
  [[nodiscard]] auto slack(std::size_t j, double l1, double l2) const noexcept -> double {
    const double g = gradient_[j] - l2 * b_[j];
    if (b_[j] != 0) return g - (b_[j] > 0 ? l1 : -l1);
    return std::max(std::fabs(g) - l1, 0.0);
  }
  auto step(std::size_t j, double l1, double l2) noexcept -> bool {
    const double* __restrict g = sums_.xx.data() + j * sums_.stride;
    const double curvature = g[j] + l2;
    if (!(g[j] > 0)) return false;  // a constant feature
    const double at = gradient_[j] + g[j] * b_[j];
    const double shrunk = std::fabs(at) - l1;
    const double next = shrunk > 0 ? (at > 0 ? shrunk : -shrunk) / curvature : 0;
    const double change = next - b_[j];
    if (change == 0) return false;
    b_[j] = next;
    double* __restrict into = gradient_.data();
    for (std::size_t k = 0; k < sums_.stride; k += 4)
      for (std::size_t e = 0; e < 4; ++e) into[k + e] -= change * g[k + e];
    return true;
  }

  const product_sums& sums_;
  double mixing_;
  std::vector<double> b_;
  std::vector<double> gradient_;  // c - G b
};

}  // namespace lepton::predict::detail
