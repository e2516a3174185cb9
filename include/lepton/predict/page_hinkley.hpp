// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace lepton::predict {

struct page_hinkley_options {
  double tolerance = 1;        ///< rise of the mean that is let pass, in standard deviations
  double threshold = 30;       ///< sum of rises beyond it at which there is an alarm, likewise
  std::uint64_t warm_up = 30;  ///< numbers after a start before there can be an alarm
};

/// Tells when the mean of a stream of numbers (losses, say) has risen: the test of Page (Biometrika
/// 41, 1954) and Hinkley (Biometrika 58, 1971) on numbers standardised by mean and standard
/// deviation of all since the start.
///
/// With the default options and independent normal numbers a false alarm comes less than once in
/// 10^5 numbers, a rise by four standard deviations is noticed within 20, and one of up to
/// `tolerance` never. One number never counts for more than half the threshold. After an alarm it
/// starts anew. O(1).
class page_hinkley {
 public:
  explicit page_hinkley(page_hinkley_options o = {}) noexcept : options_(o) {}

  /// Takes in the next number; true on an alarm. Numbers that are not finite are passed over.
  auto update(double x) noexcept -> bool {
    if (!(std::fabs(x) < 1e150)) return false;
    if (count_ >= options_.warm_up) {
      const double deviation = std::sqrt(squares_ / static_cast<double>(count_));
      const double z = deviation > 0 ? (x - mean_) / deviation : (x > mean_ ? 1e300 : 0);
      sum_ = std::max(0.0, sum_ + std::min(z - options_.tolerance, options_.threshold / 2));
      if (sum_ > options_.threshold) {
        ++alarms_;
        reset();
        return true;
      }
    }
    ++count_;
    const double change = x - mean_;
    mean_ += change / static_cast<double>(count_);
    squares_ += change * (x - mean_);
    return false;
  }

  /// Starts anew; the number of alarms stays.
  void reset() noexcept {
    count_ = 0;
    mean_ = squares_ = sum_ = 0;
  }

  [[nodiscard]] auto alarms() const noexcept -> std::uint64_t { return alarms_; }
  [[nodiscard]] auto mean() const noexcept -> double { return mean_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.tolerance, options_.threshold, options_.warm_up, count_, alarms_, mean_, squares_,
      sum_);
    if constexpr (Archive::reads) {
      if (!std::isfinite(mean_) || !(squares_ >= 0) || !(sum_ >= 0)) a.reject();
    }
  }

 private:
  page_hinkley_options options_;
  std::uint64_t count_ = 0;
  std::uint64_t alarms_ = 0;
  double mean_ = 0;
  double squares_ = 0;  // squared deviations from the mean, summed up
  double sum_ = 0;
};

}  // namespace lepton::predict
