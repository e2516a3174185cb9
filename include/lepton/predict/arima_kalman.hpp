// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/predict/arima_start.hpp>
#include <lepton/predict/arima_whitener.hpp>

namespace lepton::predict::detail {

/// The Kalman filter of an ARIMA process in Harvey's form, differences included in the
/// autoregression, so that the state has max(p + lost, q + 1) entries; for series with gaps.
///
/// It starts after the first `lost` values, which must all be there: given these the state is that
/// of the differenced, stationary process, shifted. No diffuse covariance is needed, and the
/// likelihood is that of the differenced series. O(r²) a step as long as the state's covariance
/// changes, O(r) after.
class arima_kalman {
 public:
  /// `delta` are the differences' terms. `seen[t]` tells whether value t is there. Each of `count`
  /// columns of `rows` numbers is whitened into as many columns, of which only rows that are
  /// seen from `lost` on are written, one after another, `rows` apart. False if not stationary.
  [[nodiscard]] auto run(const arma_form& f, std::span<const double> delta, const double* in,
                         std::size_t rows, std::size_t count, std::span<const char> seen,
                         double* out, double& log_determinant) -> bool {
    if (!start_.set(f)) return false;
    const std::size_t lost = delta.size();
    size_ = std::max(f.phi.size() + lost, f.theta.size() + 1);
    const std::size_t r = size_;
    start_.covariance(f, r, p_);
    full_autoregression(f, delta);
    shock_.assign(r, 0.0);
    shock_[0] = 1;
    std::copy(f.theta.begin(), f.theta.end(), shock_.begin() + 1);
    a_.assign(count * (r + 1), 0.0);
    for (std::size_t c = 0; c < count; ++c) start_state(f, delta, in + c * rows, c);
    row_.resize(r + 1);
    log_sum logs;
    std::size_t written = 0;
    settled_ = false;
    for (std::size_t t = lost; t < rows; ++t) {
      if (seen[t] == 0) {
        for (std::size_t c = 0; c < count; ++c) skip(a_.data() + c * (r + 1));
        predict_unseen();
        settled_ = false;
        continue;
      }
      const double variance = p_[0];
      if (!(variance > 0)) return false;
      const double scale = std::sqrt(variance);
      for (std::size_t i = 0; i < r; ++i) row_[i] = p_[i];
      row_[r] = 0;
      for (std::size_t c = 0; c < count; ++c) {
        const double v = in[c * rows + t] - a_[c * (r + 1)];
        out[c * rows + written] = v / scale;
        take(a_.data() + c * (r + 1), in[c * rows + t], v / variance);
      }
      ++written;
      logs.add(variance);
      if (!settled_) predict_seen(variance);
    }
    log_determinant = logs.value();
    return std::isfinite(log_determinant);
  }

  /// After `run`: entries of the state, what a column's is, and its covariance, row by row.
  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto state(std::size_t c) const noexcept -> std::span<const double> {
    return std::span{a_}.subspan(c * (size_ + 1), size_);
  }
  [[nodiscard]] auto covariance() const noexcept -> std::span<const double> { return p_; }
  [[nodiscard]] auto autoregression() const noexcept -> std::span<const double> { return phi_; }
  [[nodiscard]] auto shock() const noexcept -> std::span<const double> { return shock_; }

 private:
  void full_autoregression(const arma_form& f, std::span<const double> delta) {
    phi_.assign(size_, 0.0);
    for (std::size_t i = 0; i < f.phi.size(); ++i) phi_[i] += f.phi[i];
    for (std::size_t k = 0; k < delta.size(); ++k) {
      phi_[k] += delta[k];
      if (delta[k] == 0) continue;
      for (const auto& t : f.ar) phi_[k + t.lag] -= t.value * delta[k];
    }
    sparse_terms(phi_, terms_);
  }

  void start_state(const arma_form& f, std::span<const double> delta, const double* y,
                   std::size_t c) {
    const std::size_t lost = delta.size();
    double* a = a_.data() + c * (size_ + 1);
    for (std::size_t s = 0; s < lost; ++s) {
      double sum = 0;  // what differencing takes from y at time lost + s that is known at lost
      for (std::size_t k = s; k < lost; ++k) sum += delta[k] * y[lost + s - k - 1];
      if (sum == 0) continue;
      a[s] += sum;
      for (const auto& t : f.ar)
        if (s + t.lag < size_) a[s + t.lag] -= t.value * sum;
    }
  }

  /// The state one step later when y was seen, with the error over its variance.
  void take(double* __restrict a, double y, double error) const noexcept {
    for (std::size_t i = 0; i < size_; ++i) a[i] = a[i + 1] + row_[i + 1] * error;
    for (const auto& t : terms_) a[t.lag - 1] += t.value * y;
  }
  void skip(double* __restrict a) const noexcept {
    const double y = a[0];
    for (std::size_t i = 0; i < size_; ++i) a[i] = a[i + 1];
    for (const auto& t : terms_) a[t.lag - 1] += t.value * y;
  }
  void predict_seen(double variance) noexcept {
    const std::size_t r = size_;
    double away = 0;
    for (std::size_t i = 0; i < r; ++i) {
      const double k = row_[i + 1] / variance;
      for (std::size_t j = 0; j < r; ++j) {
        const double next = i + 1 < r && j + 1 < r ? p_[(i + 1) * r + j + 1] - k * row_[j + 1] : 0;
        const double limit = shock_[i] * shock_[j];
        p_[i * r + j] = next + limit;
        away = std::max(away, std::fabs(next));
      }
    }
    settled_ = away < 1e-17;
  }
  void predict_unseen() noexcept {
    const std::size_t r = size_;
    for (std::size_t i = 0; i < r; ++i) row_[i] = p_[i];
    row_[r] = 0;
    for (std::size_t i = 0; i < r; ++i)
      for (std::size_t j = 0; j < r; ++j) {
        const double next = i + 1 < r && j + 1 < r ? p_[(i + 1) * r + j + 1] : 0;
        p_[i * r + j] = next + phi_[i] * row_[j + 1] + phi_[j] * row_[i + 1] +
                        phi_[i] * phi_[j] * row_[0] + shock_[i] * shock_[j];
      }
  }

  arima_start<double> start_;
  std::size_t size_ = 0;
  bool settled_ = false;
  std::vector<double> p_;
  std::vector<double> a_;
  std::vector<double> phi_;
  std::vector<lag_term> terms_;
  std::vector<double> shock_;
  std::vector<double> row_;
};

}  // namespace lepton::predict::detail
