// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/simulate/balance_result.hpp>

namespace lepton::simulate {

/// Samples a number over simulated time without knowing how long that will be: evenly spaced, and
/// when there are too many samples every other one is dropped.
class flight_recorder {
 public:
  static constexpr std::size_t most = 512;

  /// When the next sample is due.
  [[nodiscard]] auto due() const noexcept -> time_point { return due_; }

  /// The number that held from the last sample until after `due`; the next one is due after `now`.
  void record(time_point now, std::size_t in_flight) {
    for (; due_ <= now; due_ += step_) {
      samples_.push_back(
          {std::chrono::duration<double>(due_.time_since_epoch()).count(), in_flight});
      if (samples_.size() == most) halve();
    }
  }

  [[nodiscard]] auto samples() const noexcept -> const std::vector<flight_sample>& {
    return samples_;
  }

 private:
  void halve() {
    for (std::size_t i = 0; i < most / 2; ++i) samples_[i] = samples_[2 * i];
    samples_.resize(most / 2);
    step_ *= 2;
    due_ = time_point{} + step_ * static_cast<std::int64_t>(most / 2 - 1);
  }

  duration step_{1'000};
  time_point due_{};
  std::vector<flight_sample> samples_{};
};

}  // namespace lepton::simulate
