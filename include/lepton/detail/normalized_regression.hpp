// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>

namespace lepton::detail {

/// Linear regression learnt one example at a time, which does not mind features of very different
/// scales: normalized adaptive gradient descent (Ross, Mineiro, Langford, "Normalized online
/// learning", UAI 2013, algorithm 2). O(N), no memory but its own.
template <std::size_t N>
class normalized_regression {
 public:
  using features = std::array<double, N>;

  explicit normalized_regression(double rate) : rate_(rate) {}

  [[nodiscard]] auto guess(const features& x) const noexcept -> double {
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) sum += weights_[i] * x[i];
    return sum;
  }

  /// Learns from an example; `slope(guess)` is the derivative of the loss at that guess.
  template <class Slope>
  void learn(const features& x, Slope slope) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
      const double size = x[i] < 0 ? -x[i] : x[i];
      if (size <= scales_[i]) continue;
      weights_[i] *= scales_[i] / size;
      scales_[i] = size;
    }
    const double g = slope(guess(x));
    ++examples_;
    for (std::size_t i = 0; i < N; ++i) {
      if (scales_[i] > 0) norms_ += (x[i] / scales_[i]) * (x[i] / scales_[i]);
    }
    if (!(norms_ > 0)) return;
    const double step = rate_ * std::sqrt(examples_ / norms_);
    for (std::size_t i = 0; i < N; ++i) {
      const double gradient = g * x[i];
      squares_[i] += gradient * gradient;
      if (scales_[i] > 0 && squares_[i] > 0)
        weights_[i] -= step * gradient / (scales_[i] * std::sqrt(squares_[i]));
    }
  }

  [[nodiscard]] auto examples() const noexcept -> double { return examples_; }

 private:
  double rate_;
  features weights_{};
  features scales_{};   // the largest size of each feature yet
  features squares_{};  // of the gradients, summed
  double norms_ = 0;
  double examples_ = 0;
};

}  // namespace lepton::detail
