// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace lepton::predict::detail {

/// Σ a[i] b[i], in eight sums side by side so that it can be vectorised and no step waits for the
/// one before.
[[nodiscard]] inline auto dot(const double* __restrict a, const double* __restrict b,
                              std::size_t n) noexcept -> double {
  double s[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (std::size_t e = 0; e < 8; ++e) s[e] += a[i + e] * b[i + e];
  for (; i < n; ++i) s[0] += a[i] * b[i];
  return ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
}

/// into[i] += factor · a[i]
inline void add_multiple(double* __restrict into, double factor, const double* __restrict a,
                         std::size_t n) noexcept {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (std::size_t e = 0; e < 4; ++e) into[i + e] += factor * a[i + e];
  for (; i < n; ++i) into[i] += factor * a[i];
}

}  // namespace lepton::predict::detail
