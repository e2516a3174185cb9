// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace lepton::predict::detail {

/// Level of a series by exponential smoothing: 1/memory of the distance to each new number is made
/// up for, and more at the start, where it is the mean of all. That a recurrent network sees a
/// series relative to such a level is from Smyl, "A hybrid method of exponential smoothing and
/// recurrent neural networks for time series forecasting" (Int. J. Forecasting 36, 2020).
template <class Scalar>
class local_level {
 public:
  local_level() = default;
  /// Memory 0: the level is always 0.
  explicit local_level(std::size_t memory) noexcept : memory_(memory) {}

  void update(Scalar x) noexcept {
    if (memory_ == 0) return;
    count_ = std::min<std::uint64_t>(count_ + 1, memory_);
    value_ += (x - value_) / static_cast<Scalar>(count_);
  }
  [[nodiscard]] auto value() const noexcept -> Scalar { return value_; }

  template <class Archive>
  void persist(Archive& a) {
    a(memory_, count_, value_);
    if constexpr (Archive::reads) {
      if (count_ > memory_ || !std::isfinite(value_)) a.reject();
    }
  }

 private:
  std::uint64_t memory_ = 0;
  std::uint64_t count_ = 0;
  Scalar value_ = 0;
};

}  // namespace lepton::predict::detail
