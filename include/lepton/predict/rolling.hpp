// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict {

/// Mean and standard deviation of the last `window` values, in O(1) a value; missing ones (NaN) are
/// left out. The sums are of distances from the mean of the window before, and are computed anew
/// each `window` values, so that rounding does not add up.
class rolling_moments {
 public:
  explicit rolling_moments(std::size_t window) : ring_(window, missing) {
    LEPTON_ASSERT(window > 0, "rolling_moments: the window holds at least one value");
  }

  void push(double value) noexcept {
    take(ring_[at_], -1);
    ring_[at_] = value;
    take(value, 1);
    if (++at_ == ring_.size()) {
      at_ = 0;
      anew();
    }
  }
  /// Values that are not missing.
  [[nodiscard]] auto count() const noexcept -> std::size_t { return count_; }
  /// NaN if all are missing.
  [[nodiscard]] auto mean() const noexcept -> double {
    return count_ == 0 ? missing : origin_ + sum_ / static_cast<double>(count_);
  }
  /// Of a sample (divided by one less than the values); NaN for fewer than two.
  [[nodiscard]] auto sd() const noexcept -> double {
    if (count_ < 2) return missing;
    const auto n = static_cast<double>(count_);
    return std::sqrt(std::max(0.0, (squares_ - sum_ * sum_ / n) / (n - 1)));
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

  void take(double value, double sign) noexcept {
    if (std::isnan(value)) return;
    if (count_ == 0) {
      origin_ = value;
      sum_ = squares_ = 0;
    }
    const double d = value - origin_;
    sum_ += sign * d;
    squares_ += sign * d * d;
    count_ = sign > 0 ? count_ + 1 : count_ - 1;
  }
  void anew() noexcept {
    const double centre = mean();
    origin_ = std::isnan(centre) ? 0 : centre;
    sum_ = squares_ = 0;
    for (const double v : ring_) {
      if (std::isnan(v)) continue;
      sum_ += v - origin_;
      squares_ += (v - origin_) * (v - origin_);
    }
  }

  std::vector<double> ring_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  double origin_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

/// The largest of the last `window` values (or, of their negatives, the least), in O(1) a value on
/// average: a queue of those that no later one exceeds (Lemire, "Streaming maximum-minimum filter
/// using no more than three comparisons per element", 2006). Missing values are left out.
class rolling_max {
 public:
  explicit rolling_max(std::size_t window) : values_(window), times_(window) {
    LEPTON_ASSERT(window > 0, "rolling_max: the window holds at least one value");
  }

  void push(double value) noexcept {
    const std::size_t w = values_.size();
    if (size_ > 0 && times_[first_] + w <= time_) {
      first_ = first_ + 1 == w ? 0 : first_ + 1;
      --size_;
    }
    if (!std::isnan(value)) {
      while (size_ > 0 && values_[place(size_ - 1)] <= value) --size_;
      values_[place(size_)] = value;
      times_[place(size_)] = time_;
      ++size_;
    }
    ++time_;
  }
  /// NaN if all are missing.
  [[nodiscard]] auto value() const noexcept -> double {
    return size_ == 0 ? std::numeric_limits<double>::quiet_NaN() : values_[first_];
  }

 private:
  [[nodiscard]] auto place(std::size_t i) const noexcept -> std::size_t {
    const std::size_t at = first_ + i;
    return at < values_.size() ? at : at - values_.size();
  }

  std::vector<double> values_;
  std::vector<std::uint64_t> times_;
  std::uint64_t time_ = 0;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

/// The median of the last `window` values: a sorted copy of the window, O(log window) comparisons
/// a value and one move of numbers that lie together (which beats heaps up to many thousands).
/// Missing values are left out; of an even number, the mean of the middle two.
class rolling_median {
 public:
  explicit rolling_median(std::size_t window)
      : ring_(window, std::numeric_limits<double>::quiet_NaN()), sorted_(window) {
    LEPTON_ASSERT(window > 0, "rolling_median: the window holds at least one value");
  }

  void push(double value) noexcept {
    const double old = ring_[at_];
    ring_[at_] = value;
    at_ = at_ + 1 == ring_.size() ? 0 : at_ + 1;
    const auto begin = sorted_.begin();
    auto end = begin + static_cast<std::ptrdiff_t>(count_);
    if (!std::isnan(old) && !std::isnan(value)) {
      // One move for both.
      const auto gone = std::lower_bound(begin, end, old);
      const auto to = std::lower_bound(begin, end, value);
      if (to <= gone) {
        std::move_backward(to, gone, gone + 1);
        *to = value;
      } else {
        std::move(gone + 1, to, gone);
        *(to - 1) = value;
      }
    } else if (!std::isnan(old)) {
      const auto gone = std::lower_bound(begin, end, old);
      std::move(gone + 1, end, gone);
      --count_;
    } else if (!std::isnan(value)) {
      const auto to = std::lower_bound(begin, end, value);
      std::move_backward(to, end, end + 1);
      *to = value;
      ++count_;
    }
  }
  /// NaN if all are missing.
  [[nodiscard]] auto value() const noexcept -> double {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const double upper = sorted_[count_ / 2];
    return count_ % 2 == 1 ? upper : sorted_[count_ / 2 - 1] / 2 + upper / 2;
  }

 private:
  std::vector<double> ring_;
  std::vector<double> sorted_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

}  // namespace lepton::predict
