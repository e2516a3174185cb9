// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace lepton::predict {

/// Running mean and deviation of a series (Welford 1962), and the scale on which it has mean 0 and
/// deviation 1. Numbers that are not finite are left out. O(1), 24 bytes.
class standardiser {
 public:
  void update(double x) noexcept {
    if (!std::isfinite(x)) return;
    ++count_;
    const double change = x - mean_;
    mean_ += change / static_cast<double>(count_);
    squares_ += change * (x - mean_);
  }

  [[nodiscard]] auto count() const noexcept -> std::uint64_t { return count_; }
  [[nodiscard]] auto mean() const noexcept -> double { return mean_; }
  /// Root of the mean square distance from the mean; 0 for fewer than two numbers.
  [[nodiscard]] auto deviation() const noexcept -> double {
    return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_));
  }
  /// Whether the numbers differ by more than the rounding of their size.
  [[nodiscard]] auto varies() const noexcept -> bool {
    const double d = deviation();
    return std::isfinite(d) && d > 1e-12 * std::fabs(mean_) && d > 1e-290;
  }

  /// What deviations are divided by: the deviation, or 1 if the numbers hardly differ.
  [[nodiscard]] auto scale() const noexcept -> double { return varies() ? deviation() : 1; }
  [[nodiscard]] auto apply(double x) const noexcept -> double { return (x - mean_) / scale(); }
  [[nodiscard]] auto invert(double z) const noexcept -> double { return mean_ + z * scale(); }

  template <class Archive>
  void persist(Archive& a) {
    a(count_, mean_, squares_);
    if constexpr (Archive::reads) {
      if (!std::isfinite(mean_) || !(squares_ >= 0)) a.reject();
    }
  }

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace lepton::predict
