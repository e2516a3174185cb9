// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/arima_data.hpp>
#include <lepton/predict/arima_kalman.hpp>
#include <lepton/predict/arima_kernels.hpp>
#include <lepton/predict/arima_whitener.hpp>

namespace lepton::predict::detail {

/// The likelihood of a prepared series as a function of the ARMA coefficients alone: regression
/// coefficients and the variance of the shocks are at their best for them, by generalised least
/// squares. As a sum of squares of `residuals` of the length `size()`, times constants: loglik =
/// -n/2 (log(2 pi / n) + 1 + log(sum of squares)).
class arima_profile {
 public:
  explicit arima_profile(const arima_data& data) : data_(data) {}

  [[nodiscard]] auto size() const noexcept -> std::size_t { return written_; }
  [[nodiscard]] auto observations() const noexcept -> std::size_t { return used_; }
  /// The last column whitened, free of the others.
  [[nodiscard]] auto residuals() const noexcept -> const double* {
    return white_.data() + (data_.count() - 1) * data_.rows;
  }
  [[nodiscard]] auto sum_of_squares() const noexcept -> double { return squares_; }
  [[nodiscard]] auto loglik() const noexcept -> double {
    const auto n = static_cast<double>(used_);
    return -0.5 * (n * (1.8378770664093454836 + 1 + std::log(squares_ / n)) + log_determinant_);
  }
  [[nodiscard]] auto sigma2() const noexcept -> double {
    return squares_ / static_cast<double>(used_);
  }
  /// Factor that makes the residuals those whose squares alone tell the likelihood.
  [[nodiscard]] auto weight() const noexcept -> double {
    return std::exp(log_determinant_ / (2 * static_cast<double>(used_)));
  }

  /// False if the process is not stationary.
  [[nodiscard]] auto evaluate(const arma_form& f) -> bool {
    const std::size_t rows = data_.rows;
    white_.resize(data_.count() * rows);
    if (data_.filter) {
      if (!kalman_.run(f, data_.delta, data_.columns.data(), rows, data_.count(), data_.seen,
                       white_.data(), log_determinant_))
        return false;
      written_ = 0;
      for (std::size_t t = data_.lost; t < data_.length; ++t) written_ += data_.seen[t] != 0;
    } else {
      if (!whitener_.run(f, data_.columns.data(), rows, data_.count(), white_.data(),
                         log_determinant_))
        return false;
      written_ = rows;
    }
    return project();
  }

  /// Conditional sum of squares: shocks before the start are zero, and the first values, as many as
  /// the longest autoregressive lag, only start the recursion. Gaps are filled as in `evaluate`.
  [[nodiscard]] auto evaluate_conditional(const arma_form& f) -> bool {
    const std::size_t rows = data_.rows;
    const std::size_t skip = std::min(f.phi.size(), rows);
    white_.resize(data_.count() * rows);
    log_determinant_ = 0;
    written_ = rows - skip;
    for (std::size_t c = 0; c < data_.count(); ++c) {
      const double* __restrict w = data_.column(c) + skip;
      double* __restrict v = white_.data() + c * rows;
      for (std::size_t i = 0; i < written_; ++i) v[i] = w[i];
      for (const auto& a : f.ar) add_multiple(v, -a.value, w - a.lag, written_);
    }
    moving_average_inverse(f.ma, white_.data(), written_, data_.count(), rows);
    return project() && squares_ < 1e290;
  }

  /// Coefficients of impulses and regressors at the last evaluation.
  void coefficients(std::vector<double>& out) const {
    const std::size_t k = data_.count() - 1;
    out.assign(k, 0.0);
    for (std::size_t j = k; j-- > 0;) {
      if (triangle_[j * (k + 1) + j] == 0) continue;
      double sum = triangle_[k * (k + 1) + j];
      for (std::size_t i = j + 1; i < k; ++i) sum -= triangle_[i * (k + 1) + j] * out[i];
      out[j] = sum / triangle_[j * (k + 1) + j];
    }
  }
  /// R of the whitened columns' QR, column by column, the series as the last.
  [[nodiscard]] auto triangle() const noexcept -> std::span<const double> { return triangle_; }

 private:
  /// Modified Gram-Schmidt of the whitened columns.
  [[nodiscard]] auto project() -> bool {
    const std::size_t k = data_.count() - 1;
    const std::size_t rows = data_.rows;
    triangle_.assign((k + 1) * (k + 1), 0.0);
    used_ = written_;
    log_sum logs;
    for (std::size_t j = 0; j <= k; ++j) {
      double* x = white_.data() + j * rows;
      const double before = j < k ? dot(x, x, written_) : 0;
      for (std::size_t i = 0; i < j; ++i) {
        if (triangle_[i * (k + 1) + i] == 0) continue;
        const double* z = white_.data() + i * rows;
        const double sum = dot(z, x, written_);
        triangle_[j * (k + 1) + i] = sum;
        add_multiple(x, -sum, z, written_);
      }
      const double left = dot(x, x, written_);
      if (j == k) {
        squares_ = left;
        break;
      }
      if (!(left > 1e-22 * before)) {
        if (j >= data_.impulses) return false;
        continue;  // a filling that no value depends on
      }
      const double norm = std::sqrt(left);
      triangle_[j * (k + 1) + j] = norm;
      for (std::size_t i = 0; i < written_; ++i) x[i] *= 1 / norm;
      if (j >= data_.impulses) continue;
      logs.add(left);
      --used_;
    }
    log_determinant_ += logs.value();
    return std::isfinite(squares_) && std::isfinite(log_determinant_) && used_ > 0;
  }

  const arima_data& data_;
  arima_whitener whitener_;
  arima_kalman kalman_;
  std::vector<double> white_;
  std::vector<double> triangle_;
  std::size_t written_ = 0;
  std::size_t used_ = 0;
  double log_determinant_ = 0;
  double squares_ = 0;
};

}  // namespace lepton::predict::detail
