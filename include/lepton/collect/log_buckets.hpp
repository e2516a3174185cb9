// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace lepton::collect {

/// Numbers the positive numbers by their logarithm, in buckets whose ends differ by at most a
/// ratio of (1 + e)/(1 - e) for a relative error e.
///
/// Instead of the logarithm to base 2, a function that is the same at the powers of 2 and a cubic
/// between them, 1 % steeper at most than it need be (the cubic interpolation of Masson et al.
/// 2019): a few products, with the same result on every machine.
///
/// `coarsen` makes each two buckets one: 2i and 2i + 1 become i.
class log_buckets {
 public:
  /// Levels of coarsening after which all numbers are in two buckets.
  static constexpr std::int32_t most_levels = 24;

  explicit log_buckets(double relative_error, std::int32_t level = 0) noexcept
      // The slope of `log` over the natural logarithm is 10/7 at least. A hair narrower, for
      // rounding.
      : width_(std::log((1 + relative_error) / (1 - relative_error)) * (10.0 / 7) * (1 - 1e-9)),
        per_bucket_(1 / width_),
        level_(level) {}

  /// The bucket of a normal positive number.
  [[nodiscard]] auto index(double x) const noexcept -> std::int32_t {
    const auto at = log(x) * per_bucket_;
    const auto toward_zero = static_cast<std::int32_t>(at);
    return (toward_zero - (at < toward_zero ? 1 : 0)) >> level_;
  }
  /// The number that is nearest, relatively, to both ends of a bucket.
  [[nodiscard]] auto value(std::int32_t index) const noexcept -> double {
    const auto size = std::ldexp(width_, level_);
    const auto low = power(index * size);
    const auto high = power((index + 1.0) * size);
    // 2 · low · high / (low + high), without overflow; `high` may be infinite.
    return 2 * low / (low / high + 1);
  }
  [[nodiscard]] auto relative_error() const noexcept -> double {
    // (ratio - 1)/(ratio + 1) of a bucket's ends.
    return std::tanh(std::ldexp(width_ * 0.7, level_) / 2);
  }

  [[nodiscard]] auto level() const noexcept -> std::int32_t { return level_; }
  void coarsen() noexcept { ++level_; }

 private:
  // The cubic is A s³ + B s² + C s for 1 + s, s from 0 to 1.
  static constexpr double cubic_a = 6.0 / 35;
  static constexpr double cubic_b = -3.0 / 5;
  static constexpr double cubic_c = 10.0 / 7;

  [[nodiscard]] static auto log(double x) noexcept -> double {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const auto exponent = static_cast<std::int32_t>(bits >> 52) - 1023;
    const auto s =
        std::bit_cast<double>((bits & 0x000f'ffff'ffff'ffffU) | 0x3ff0'0000'0000'0000U) - 1;
    return exponent + s * (cubic_c + s * (cubic_b + s * cubic_a));
  }
  /// The number with that logarithm; 0 or infinite beyond all numbers.
  [[nodiscard]] static auto power(double y) noexcept -> double {
    const auto exponent = std::floor(y);
    const auto wanted = y - exponent;
    auto s = wanted;
    for (int step = 0; step < 6; ++step) {  // Newton; the slope is above 0.7 everywhere
      const auto off = s * (cubic_c + s * (cubic_b + s * cubic_a)) - wanted;
      s -= off / (cubic_c + s * (2 * cubic_b + s * 3 * cubic_a));
    }
    if (exponent > 2000 || exponent < -2000) return exponent > 0 ? HUGE_VAL : 0;
    return std::ldexp(1 + s, static_cast<int>(exponent));
  }

  double width_;
  double per_bucket_;
  std::int32_t level_;
};

}  // namespace lepton::collect
