// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>

namespace lepton::balance::detail {

/// Mean and standard deviation (of the whole population) of success rates in percent, and what lies
/// so many standard deviations below the mean: the outlier threshold of Envoy.
class success_rates {
 public:
  /// `each(visit)` calls visit(rate) for every backend that had enough requests; it is called
  /// twice.
  template <class Each>
  explicit success_rates(const Each& each) noexcept {
    double sum = 0;
    each([&](double rate) noexcept {
      sum += rate;
      ++count_;
    });
    if (count_ == 0) return;
    mean_ = sum / static_cast<double>(count_);
    double squares = 0;
    each([&](double rate) noexcept { squares += (rate - mean_) * (rate - mean_); });
    deviation_ = std::sqrt(squares / static_cast<double>(count_));
  }

  [[nodiscard]] auto count() const noexcept -> std::size_t { return count_; }
  [[nodiscard]] auto mean() const noexcept -> double { return mean_; }
  [[nodiscard]] auto deviation() const noexcept -> double { return deviation_; }
  [[nodiscard]] auto threshold(double factor) const noexcept -> double {
    return mean_ - factor * deviation_;
  }

 private:
  std::size_t count_ = 0;
  double mean_ = 0;
  double deviation_ = 0;
};

}  // namespace lepton::balance::detail
