// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::schedule {

/// What a regression pays for a wrong guess. With e = guess - truth, of the logarithms:
///
///     weight (over e² or over |e|)    if e > 0: the guess was too long
///     weight (under e² or under |e|)  if e < 0: it was too short, and had to be corrected
///
/// where the weight is 1, or ln(1 + demand · run time) so that large tasks count for more.
///
/// Source: the asymmetric, weighted losses of Gaussier, Glesser, Reis, Trystram, "Improving
/// backfilling by using machine learning to predict running times", SC 2015 (there of seconds).
struct runtime_loss {
  enum class shape : std::uint8_t { squared, linear };

  shape over_shape = shape::squared;
  shape under_shape = shape::squared;
  double over = 1;
  double under = 1;
  bool by_area = false;

  /// The derivative by the guess, without the weight.
  [[nodiscard]] constexpr auto slope(double e) const noexcept -> double {
    if (e > 0) return over * (over_shape == shape::squared ? 2 * e : 1);
    if (e < 0) return under * (under_shape == shape::squared ? 2 * e : -1);
    return 0;
  }
};

}  // namespace lepton::schedule
