// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace lepton::predict::detail {

/// Least squares for several targets that have the same regressors, learnt row by row: the inverse
/// of the regressors' cross products is shared, so a row costs O(d² + d · targets) (recursive least
/// squares; Plackett, Biometrika 37, 1950).
class direct_equations {
 public:
  direct_equations() = default;
  /// `ridge` > 0: weight of the pull of all coefficients towards zero.
  direct_equations(std::size_t regressors, std::size_t targets, double ridge)
      : width_(regressors),
        targets_(targets),
        inverse_(regressors * regressors, 0.0),
        coefficients_(regressors * targets, 0.0),
        gain_(regressors, 0.0) {
    for (std::size_t i = 0; i < width_; ++i) inverse_[i * width_ + i] = 1 / ridge;
  }

  [[nodiscard]] auto width() const noexcept -> std::size_t { return width_; }
  /// Rows learnt.
  [[nodiscard]] auto rows() const noexcept -> std::size_t { return rows_; }

  /// Writes what each target is expected to be for a row of regressors.
  void predict(const double* row, double* __restrict out) const noexcept {
    const std::size_t targets = targets_;
    for (std::size_t t = 0; t < targets; ++t) out[t] = 0;
    for (std::size_t k = 0; k < width_; ++k) {
      const double x = row[k];
      const double* __restrict c = coefficients_.data() + k * targets;
      for (std::size_t t = 0; t < targets; ++t) out[t] += x * c[t];
    }
  }

  /// Learns from a row and the errors that `predict` made of its targets; `trust` in [0, 1] is its
  /// weight. False, and nothing learnt, if the numbers are too large to be squared.
  auto learn(const double* row, const double* __restrict errors, double trust) noexcept -> bool {
    double spread = 1;
    for (std::size_t i = 0; i < width_; ++i) {
      const double* __restrict p = inverse_.data() + i * width_;
      double even = 0;
      double odd = 0;
      std::size_t j = 0;
      for (; j + 1 < width_; j += 2) {
        even += p[j] * row[j];
        odd += p[j + 1] * row[j + 1];
      }
      if (j < width_) even += p[j] * row[j];
      gain_[i] = even + odd;
      spread += gain_[i] * row[i];
    }
    if (!(spread >= 1 && spread < 1e200)) return false;
    for (std::size_t t = 0; t < targets_; ++t)
      if (!(std::fabs(errors[t]) < 1e100)) return false;
    ++rows_;
    if (!(trust > 0)) return true;
    const double by = 1 / (1 / trust + (spread - 1));
    for (std::size_t i = 0; i < width_; ++i) {
      const double g = gain_[i] * by;
      double* __restrict p = inverse_.data() + i * width_;
      const double* __restrict k = gain_.data();
      for (std::size_t j = 0; j < width_; ++j) p[j] -= g * k[j];
      double* __restrict c = coefficients_.data() + i * targets_;
      for (std::size_t t = 0; t < targets_; ++t) c[t] += g * errors[t];
    }
    return true;
  }

  /// Makes what was learnt count as four rows for each regressor.
  void forget() noexcept {
    if (rows_ <= 4 * width_) return;
    const double by = static_cast<double>(rows_) / static_cast<double>(4 * width_);
    for (double& x : inverse_) x *= by;
    rows_ = 4 * width_;
  }

  /// Whether the state is that of equations of this size.
  [[nodiscard]] auto fits(std::size_t regressors, std::size_t targets) const noexcept -> bool {
    const auto finite = [](double x) { return std::isfinite(x); };
    return width_ == regressors && targets_ == targets && inverse_.size() == width_ * width_ &&
           coefficients_.size() == width_ * targets_ &&
           std::all_of(inverse_.begin(), inverse_.end(), finite) &&
           std::all_of(coefficients_.begin(), coefficients_.end(), finite);
  }
  template <class Archive>
  void persist(Archive& a) {
    a(width_, targets_, inverse_, coefficients_, rows_);
    if constexpr (Archive::reads) {
      if (width_ > 4096 || inverse_.size() != width_ * width_) return a.reject();
      gain_.assign(width_, 0.0);
    }
  }

 private:
  std::size_t width_ = 0;
  std::size_t targets_ = 0;
  std::vector<double> inverse_;       // row by row
  std::vector<double> coefficients_;  // regressor by regressor
  std::size_t rows_ = 0;
  std::vector<double> gain_;  // scratch
};

}  // namespace lepton::predict::detail
