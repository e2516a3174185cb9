// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <lepton/predict/dot.hpp>
#include <lepton/predict/jacobi_svd.hpp>
#include <lepton/predict/regression_data.hpp>
#include <lepton/predict/tall_qr.hpp>

namespace lepton::predict::detail {

/// Features and numbers in the coordinates in which every penalty is a shrinkage of each.
struct ridge_spectrum {
  std::size_t n;
  std::size_t p;
  std::vector<double> unit;    ///< what each centred feature is divided by; 0: constant
  std::vector<double> v;       ///< right singular vectors, column after column
  std::vector<double> square;  ///< squared singular values
  std::vector<double> along;   ///< Uᵀ y
  double outside = 0;          ///< square of what of y no feature explains
  std::vector<double> left;    ///< U, a row for each observation; by leaving one out only
  std::vector<double> centred_y;

  ridge_spectrum(const regression_data& data, bool standardise, bool with_left)
      : n(data.rows.size()), p(data.x.columns()), unit(p, 0.0), square(p), along(p, 0.0) {
    for (std::size_t j = 0; j < p; ++j)
      if (data.scale[j] != 0) unit[j] = standardise ? data.spread[j] : 1;
    const auto feature = [&](std::size_t i, std::size_t j) {
      return unit[j] == 0 ? 0 : (data.x(data.rows[i], j) - data.centre[j]) / unit[j];
    };
    tall_qr tall(n, p);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < p; ++j) tall.at(i, j) = feature(i, j);
    tall.factor();
    std::vector<double> r(p * p, 0.0);
    for (std::size_t j = 0; j < p; ++j)
      for (std::size_t i = 0; i <= j; ++i) r[j * p + i] = tall.r(i, j);
    jacobi_svd svd(r, p);
    std::vector<double> rest(tall.padded_rows(), 0.0);
    for (std::size_t i = 0; i < n; ++i) rest[i] = data.y[data.rows[i]] - data.y_centre;
    if (with_left) centred_y.assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(n));
    std::vector<double> top(p);
    tall.apply_transposed(top, rest);
    const double largest = *std::max_element(svd.singular.begin(), svd.singular.end());
    for (const double e : rest) outside += e * e;
    auto unexplained = top;
    for (std::size_t k = 0; k < p; ++k) {
      double& s = svd.singular[k];
      if (!(s > 1e-14 * largest)) s = 0;
      square[k] = s * s;
      for (std::size_t i = 0; i < p && s > 0; ++i) along[k] += svd.u[k * p + i] * top[i];
      for (std::size_t i = 0; i < p && s > 0; ++i) unexplained[i] -= svd.u[k * p + i] * along[k];
    }
    for (const double e : unexplained) outside += e * e;
    v = std::move(svd.v);
    if (!with_left) return;
    left.assign(n * p, 0.0);
    std::vector<double> row(p);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < p; ++j) row[j] = feature(i, j);
      for (std::size_t k = 0; k < p; ++k) {
        if (svd.singular[k] == 0) continue;
        left[i * p + k] = dot(row.data(), &v[k * p], p) / svd.singular[k];
      }
    }
  }

  [[nodiscard]] auto kept(std::size_t k, double penalty) const noexcept -> double {
    return square[k] == 0 ? 0 : square[k] / (square[k] + penalty);
  }
  [[nodiscard]] auto trace(double penalty) const noexcept -> double {
    double sum = 0;
    for (std::size_t k = 0; k < p; ++k) sum += kept(k, penalty);
    return sum;
  }
  [[nodiscard]] auto residual_squares(double penalty) const noexcept -> double {
    double sum = outside;
    for (std::size_t k = 0; k < p; ++k) {
      const double lost = (1 - kept(k, penalty)) * along[k];
      sum += lost * lost;
    }
    return sum;
  }
  /// `own` are the coefficients that are not penalised: 1 for the intercept.
  [[nodiscard]] auto generalised(double penalty, double own) const noexcept -> double {
    const auto count = static_cast<double>(n);
    const double free = 1 - (trace(penalty) + own) / count;
    return free > 1e-12 ? residual_squares(penalty) / count / (free * free)
                        : std::numeric_limits<double>::infinity();
  }
  [[nodiscard]] auto leave_one_out(double penalty, double own) const -> double {
    std::vector<double> shrink(p);
    for (std::size_t k = 0; k < p; ++k) shrink[k] = kept(k, penalty);
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double* __restrict u = left.data() + i * p;
      double fit = 0;
      double weight = own / static_cast<double>(n);
      for (std::size_t k = 0; k < p; ++k) {
        const double part = u[k] * shrink[k];
        fit += part * along[k];
        weight += part * u[k];
      }
      if (!(weight < 1 - 1e-12)) return std::numeric_limits<double>::infinity();
      const double error = (centred_y[i] - fit) / (1 - weight);
      sum += error * error;
    }
    return sum / static_cast<double>(n);
  }
};

}  // namespace lepton::predict::detail
