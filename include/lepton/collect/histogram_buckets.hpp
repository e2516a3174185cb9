// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::collect {

/// Bounds of a histogram's buckets. The first begins at 0 (and holds what is below), bucket n is
/// `ratio` times as wide as the one before, and the last has no end: it begins at the greatest
/// value to tell apart, or above. With ratio 1 they are equally wide.
class histogram_buckets {
 public:
  /// All positive (contract), and ratio at least 1. A bucket of less than `least_weight` is empty.
  histogram_buckets(double greatest, double first_width, double ratio, double least_weight)
      : width_(first_width), ratio_(ratio), least_weight_(least_weight) {
    LEPTON_ASSERT(greatest > 0 && first_width > 0 && ratio >= 1 && least_weight > 0,
                  "histogram_buckets: sizes and weights must be positive, the ratio 1 or more");
    const auto last = ratio > 1 ? std::log1p(greatest * (ratio - 1) / first_width) / std::log(ratio)
                                : greatest / first_width;
    LEPTON_ASSERT(last < 1e6, "histogram_buckets: that would be more than a million buckets");
    fill(static_cast<std::size_t>(std::ceil(last)) + 1);
  }
  /// Cores: up to 1000, the first bucket 0.01 wide, then each 5 % wider than the last; 0.0001 is
  /// the least weight.
  [[nodiscard]] static auto cpu() -> histogram_buckets { return {1000, 0.01, 1.05, 0.0001}; }
  /// Bytes: up to 10^12, the first bucket 10^7 wide, then each 5 % wider.
  [[nodiscard]] static auto memory() -> histogram_buckets { return {1e12, 1e7, 1.05, 0.0001}; }

  [[nodiscard]] auto count() const noexcept -> std::size_t { return starts_.size(); }
  [[nodiscard]] auto least_weight() const noexcept -> double { return least_weight_; }
  [[nodiscard]] auto start(std::size_t bucket) const noexcept -> double { return starts_[bucket]; }

  /// The bucket with start(b) <= value < start(b + 1), at the ends the nearest; NaN gives 0. O(1).
  [[nodiscard]] auto find(double value) const noexcept -> std::size_t {
    if (!(value >= starts_[1])) return 0;
    const auto last = count() - 1;
    if (value >= starts_[last]) return last;
    const auto guess =
        ratio_ > 1 ? std::log1p(value * (ratio_ - 1) / width_) * scale_ : value / width_;
    auto bucket = std::min(static_cast<std::size_t>(guess), last);
    // The logarithm may be off by a rounding error; the table of starts is what counts.
    while (value < starts_[bucket]) --bucket;
    while (value >= starts_[bucket + 1]) ++bucket;
    return bucket;
  }

  friend auto operator==(const histogram_buckets& a, const histogram_buckets& b) noexcept -> bool {
    return a.count() == b.count() && a.width_ == b.width_ && a.ratio_ == b.ratio_ &&
           a.least_weight_ == b.least_weight_;
  }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t buckets = count();
    a(buckets, width_, ratio_, least_weight_);
    if constexpr (Archive::reads) {
      const auto good = buckets >= 2 && buckets <= 1000001 && width_ > 0 && ratio_ >= 1 &&
                        least_weight_ > 0 && std::isfinite(width_) && std::isfinite(ratio_);
      if (good) {
        fill(static_cast<std::size_t>(buckets));
      } else {
        a.reject();
      }
    }
  }

 private:
  void fill(std::size_t buckets) {
    buckets = std::max<std::size_t>(buckets, 2);
    starts_.assign(buckets, 0);
    for (std::size_t b = 1; b < buckets; ++b) {
      const auto n = static_cast<double>(b);
      starts_[b] = ratio_ > 1 ? width_ * (std::pow(ratio_, n) - 1) / (ratio_ - 1) : width_ * n;
    }
    scale_ = 1 / std::log(ratio_);
  }

  double width_;
  double ratio_;
  double least_weight_;
  double scale_ = 0;
  std::vector<double> starts_;
};

}  // namespace lepton::collect
