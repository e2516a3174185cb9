// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// How good guesses of run times were.
class runtime_accuracy {
 public:
  /// A task that was expected to run for `guess` ran for `ran`; both more than 0.
  void add(duration guess, duration ran) noexcept {
    const double shorter = seconds(std::min(guess, ran));
    const double longer = seconds(std::max(guess, ran));
    ++count_;
    ratios_ += longer > 0 ? shorter / longer : 1;
    errors_ += longer - shorter;
    if (guess < ran) ++under_;
  }

  [[nodiscard]] auto count() const noexcept -> std::uint64_t { return count_; }
  /// The mean of shorter / longer of the two: 1 is perfect. (The "accuracy" of Tsafrir, Etsion,
  /// Feitelson 2007.) 0 if nothing was added, like the rest.
  [[nodiscard]] auto accuracy() const noexcept -> double { return mean(ratios_); }
  /// The mean of |guess - run time|, seconds.
  [[nodiscard]] auto mean_absolute_error() const noexcept -> double { return mean(errors_); }
  /// The share of guesses that were too short.
  [[nodiscard]] auto under_predicted() const noexcept -> double {
    return mean(static_cast<double>(under_));
  }

 private:
  [[nodiscard]] static auto seconds(duration d) noexcept -> double {
    return std::chrono::duration<double>(d).count();
  }
  [[nodiscard]] auto mean(double sum) const noexcept -> double {
    return count_ == 0 ? 0 : sum / static_cast<double>(count_);
  }

  std::uint64_t count_ = 0;
  std::uint64_t under_ = 0;
  double ratios_ = 0;
  double errors_ = 0;
};

}  // namespace lepton::simulate
