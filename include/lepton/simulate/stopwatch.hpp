// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace lepton::simulate {

/// Adds up the real time spent in the parts of a simulation that are to be measured.
class stopwatch {
 public:
  void start() noexcept { started_ = clock::now(); }
  void stop() noexcept { total_ += clock::now() - started_; }
  [[nodiscard]] auto seconds() const noexcept -> double {
    return std::chrono::duration<double>(total_).count();
  }

 private:
  using clock = std::chrono::steady_clock;  // allow: it measures the real time of decisions

  clock::time_point started_{};
  clock::duration total_{};
};

}  // namespace lepton::simulate
