// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

namespace lepton::place::detail {

/// The weighted mean of up to nine ratios x_i / d_i, over one common denominator.
///
/// Exact while the least common multiple of the denominators, times the number of ratios, stays
/// below 2^44; beyond that each ratio is rounded down to a multiple of 2^−44.
class ratio_mean {
 public:
  constexpr ratio_mean() noexcept = default;
  /// Denominators of 0 leave their ratio out.
  constexpr explicit ratio_mean(const std::array<std::int64_t, 9>& denominators) noexcept {
    constexpr auto most = std::int64_t{1} << 44;
    std::int64_t used = 0;
    std::int64_t common = 1;
    bool exact = true;
    for (const auto d : denominators) {
      if (d <= 0) continue;
      ++used;
      const auto factor = d / std::gcd(common, d);
      exact = exact && factor <= most / common / 16;
      if (exact) common *= factor;
    }
    if (used == 0) return;
    denominator_ = exact ? common * used : most;
    for (std::size_t i = 0; i < denominators.size(); ++i) {
      if (denominators[i] > 0) factor_[i] = denominator_ / used / denominators[i];
    }
  }

  /// What x of ratio i adds to the mean, in parts of `denominator()`.
  [[nodiscard]] constexpr auto part(std::size_t i, std::int64_t x) const noexcept -> std::int64_t {
    return factor_[i] * x;
  }
  [[nodiscard]] constexpr auto denominator() const noexcept -> std::int64_t { return denominator_; }

 private:
  std::array<std::int64_t, 9> factor_{};
  std::int64_t denominator_ = 1;
};

}  // namespace lepton::place::detail
