// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::collect {

/// The last `length` numbers of a stream, kept in order of size as well, for medians and other
/// quantiles of a sliding window. Missing numbers (NaN) take their place in time but not in size.
///
/// `push` is two binary searches and one move of the numbers between the rank of the one that
/// leaves and the rank of the one that comes: for windows up to some ten thousand, that is faster
/// than any tree. `median` is O(1), `median_deviation` O(log length). No allocation after
/// construction.
class sorted_window {
 public:
  explicit sorted_window(std::size_t length) : in_time_(length), in_order_(length) {
    LEPTON_ASSERT(length > 0, "sorted_window: the length must be positive");
  }

  /// Takes the next number; the oldest leaves if the window is full.
  void push(double value) noexcept {
    const auto leaves = seen_ == length() ? in_time_[at_] : missing_value;
    seen_ = std::min(seen_ + 1, length());
    in_time_[at_] = value;
    at_ = at_ + 1 == length() ? 0 : at_ + 1;
    auto* const begin = in_order_.data();
    auto* const end = begin + known_;
    if (std::isnan(value)) {
      if (std::isnan(leaves)) return;
      auto* const hole = lower_bound(begin, known_, leaves);
      std::copy(hole + 1, end, hole);
      --known_;
      return;
    }
    auto* place = lower_bound(begin, known_, value);
    if (std::isnan(leaves)) {
      std::copy_backward(place, end, end + 1);
      ++known_;
    } else {
      auto* const hole = lower_bound(begin, known_, leaves);
      if (hole < place) {
        std::copy(hole + 1, place, hole);
        --place;
      } else {
        std::copy_backward(place, hole, hole + 1);
      }
    }
    *place = value;
  }

  /// Numbers that the window holds at most, and now, missing ones included; and without them.
  [[nodiscard]] auto length() const noexcept -> std::size_t { return in_time_.size(); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return seen_; }
  [[nodiscard]] auto known() const noexcept -> std::size_t { return known_; }
  /// The number pushed `back` calls ago (0: the last); `back < size()`.
  [[nodiscard]] auto recent(std::size_t back) const noexcept -> double {
    LEPTON_ASSERT(back < seen_, "sorted_window: the window does not reach back so far");
    return in_time_[at_ > back ? at_ - back - 1 : at_ + length() - back - 1];
  }
  /// The numbers that are not missing, smallest first.
  [[nodiscard]] auto sorted() const noexcept -> std::span<const double> {
    return {in_order_.data(), known_};
  }

  /// The middle number, or the mean of the two middle ones; NaN without numbers.
  [[nodiscard]] auto median() const noexcept -> double {
    if (known_ == 0) return missing_value;
    const auto low = in_order_[(known_ - 1) / 2];
    return low + (in_order_[known_ / 2] - low) / 2;
  }
  /// The median of the distances from `centre` (MAD, if that is the median).
  [[nodiscard]] auto median_deviation(double centre) const noexcept -> double {
    if (known_ == 0) return missing_value;
    const auto low = deviation((known_ - 1) / 2, centre);
    return known_ % 2 == 1 ? low : low + (deviation(known_ / 2, centre) - low) / 2;
  }
  /// The mean of the distances from `centre`; O(length).
  [[nodiscard]] auto mean_deviation(double centre) const noexcept -> double {
    double sum = 0;
    for (const auto x : sorted()) sum += std::abs(x - centre);
    return sum / static_cast<double>(known_);
  }

 private:
  static constexpr double missing_value = std::numeric_limits<double>::quiet_NaN();

  /// The first of the sorted numbers that is not below `value`. Without branches, which in a random
  /// stream are taken for wrong half of the time.
  template <class Number>
  [[nodiscard]] static auto lower_bound(Number* from, std::size_t count, double value) noexcept
      -> Number* {
    while (count > 1) {
      const auto half = count / 2;
      from += from[half - 1] < value ? half : 0;
      count -= half;
    }
    return from + (count == 1 && *from < value ? 1 : 0);
  }

  /// The distance from `centre` of rank `rank` (0: the smallest): of the numbers below the centre,
  /// taken downwards, and those above, upwards - two ascending sequences - the rank-th of both.
  [[nodiscard]] auto deviation(std::size_t rank, double centre) const noexcept -> double {
    const auto* const x = in_order_.data();
    const auto split = static_cast<std::size_t>(lower_bound(x, known_, centre) - x);
    // How many of the rank + 1 smallest distances are below the centre: the least number for which
    // the next one below is not nearer than the last taken above.
    auto least = rank + 1 > known_ - split ? rank + 1 - (known_ - split) : 0;
    auto left = std::min(rank + 1, split) - least;
    while (left > 0) {
      const auto half = left / 2;
      const auto below = least + half;
      const auto more = centre - x[split - below - 1] < x[split + rank - below] - centre;
      least = more ? below + 1 : least;
      left = more ? left - half - 1 : half;
    }
    const auto above = rank + 1 - least;
    const auto down = least > 0 ? centre - x[split - least] : 0;
    const auto up = above > 0 ? x[split + above - 1] - centre : 0;
    return std::max(down, up);
  }

  std::vector<double> in_time_;
  std::vector<double> in_order_;
  std::size_t at_ = 0;  // where the next number goes
  std::size_t seen_ = 0;
  std::size_t known_ = 0;
};

}  // namespace lepton::collect
