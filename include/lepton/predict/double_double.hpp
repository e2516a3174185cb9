// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace lepton::predict::detail {

/// A sum kept to about 32 digits: a number and what rounding took from it (Dekker, "A
/// floating-point technique for extending the available precision", 1971; the sum of two by Knuth).
class double_double {
 public:
  constexpr double_double() noexcept = default;
  constexpr explicit double_double(double x) noexcept : high_(x) {}

  constexpr void add(double x) noexcept {
    const double sum = high_ + x;
    const double part = sum - high_;
    low_ += (high_ - (sum - part)) + (x - part);
    high_ = sum;
  }

  constexpr void add(const double_double& other) noexcept {
    add(other.high_);
    low_ += other.low_;
  }
  /// Adds what is of the size of rounding errors.
  constexpr void add_small(double x) noexcept { low_ += x; }

  /// Adds a * b, with the rounding error of the product.
  void add_product(double a, double b) noexcept {
    const double product = a * b;
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    // A compiler that may fuse would spoil the splitting below.
    const double error = std::fma(a, b, -product);
#else
    const double ah = upper_half(a);
    const double bh = upper_half(b);
    const double al = a - ah;
    const double bl = b - bh;
    const double error = ((ah * bh - product) + ah * bl + al * bh) + al * bl;
#endif
    add(product);
    low_ += error;
  }

  /// Adds (x - m) * b; the difference keeps its rounding error.
  void add_product(double x, double m, double b) noexcept {
    const double difference = x - m;
    const double part = difference - x;
    add_product(difference, b);
    low_ += ((x - (difference - part)) - (m + part)) * b;
  }

  [[nodiscard]] constexpr auto value() const noexcept -> double { return high_ + low_; }

 private:
  [[nodiscard]] static constexpr auto upper_half(double x) noexcept -> double {
    const double t = 134217729.0 * x;  // 2^27 + 1
    return t - (t - x);
  }

  double high_ = 0;
  double low_ = 0;
};

}  // namespace lepton::predict::detail
