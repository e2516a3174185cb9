// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace lepton::predict::detail {

/// The last `length` values of a series, one after the other in memory: twice the room, moved to
/// its front when full, so O(1) a value on average and no allocation.
class past_window {
 public:
  past_window() : past_window(1) {}
  explicit past_window(std::size_t length) : length_(length), room_(2 * length + 32, missing) {}

  void push(double value) noexcept {
    if (end_ == room_.size()) {
      std::copy(room_.end() - static_cast<std::ptrdiff_t>(length_), room_.end(), room_.begin());
      end_ = length_;
    }
    room_[end_++] = value;
  }
  /// Forgets all and takes the last of `past`.
  void restart(std::span<const double> past) noexcept {
    const auto kept = past.last(std::min(past.size(), length_));
    std::copy(kept.begin(), kept.end(), room_.begin());
    end_ = kept.size();
  }
  /// At most `length` values, the newest last.
  [[nodiscard]] auto values() const noexcept -> std::span<const double> {
    return std::span<const double>{room_}.first(end_).last(std::min(end_, length_));
  }
  /// The newest value that is not missing, NaN if none is.
  [[nodiscard]] auto last_finite() const noexcept -> double {
    for (std::size_t i = end_; i-- > 0;)
      if (std::isfinite(room_[i])) return room_[i];
    return missing;
  }

  /// Always `length` numbers, so that states keep their size; `length` itself is not written.
  template <class Archive>
  void persist(Archive& a) {
    for (std::size_t i = length_; i > 0; --i) {
      double value = i <= end_ ? room_[end_ - i] : missing;
      a(value);
      if constexpr (Archive::reads) room_[length_ - i] = value;
    }
    if constexpr (Archive::reads) end_ = length_;
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

  std::size_t length_;
  std::vector<double> room_;
  std::size_t end_ = 0;
};

}  // namespace lepton::predict::detail
