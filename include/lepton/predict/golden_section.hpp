// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lepton::predict::detail {

/// Where f is least in [a, b], to `tolerance`, by golden sections (Kiefer, 1953); a local minimum
/// if f has several. f is called about 1.44 log2((b - a) / tolerance) times.
template <class F>
[[nodiscard]] auto golden_section(F f, double a, double b, double tolerance) -> double {
  constexpr double ratio = 0.61803398874989484820;
  double x = b - ratio * (b - a);
  double y = a + ratio * (b - a);
  double fx = f(x);
  double fy = f(y);
  while (b - a > tolerance) {
    if (fx < fy) {
      b = y;
      y = x;
      fy = fx;
      x = b - ratio * (b - a);
      fx = f(x);
    } else {
      a = x;
      x = y;
      fx = fy;
      y = a + ratio * (b - a);
      fy = f(y);
    }
  }
  return (a + b) / 2;
}

}  // namespace lepton::predict::detail
