// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>

#include <lepton/predict/pack.hpp>

namespace lepton::predict::detail {

/// Hyperbolic tangent: a rational function of degrees 7 and 8, cut off at 8, with an error of less
/// than 5e-7 (1.5e-7 the function, the rest rounding); never beyond -1 or 1, and NaN of NaN. The
/// coefficients are a minimax fit of the relative error on [0, 8].
[[nodiscard]] inline auto tanh_of(pack<float> x) noexcept -> pack<float> {
  const auto top = spread(8.0F);
  const auto bottom = spread(-8.0F);
  x = x > top ? top : x;
  x = x < bottom ? bottom : x;
  const auto s = x * x;
  auto over = spread(1.14284175e-05F) * s + spread(2.95102318e-03F);
  over = over * s + spread(1.29256624e-01F);
  over = over * s + spread(9.99999854e-01F);
  auto under = spread(2.45920906e-07F) * s + spread(2.38669088e-04F);
  under = under * s + spread(2.38155516e-02F);
  under = under * s + spread(4.62588779e-01F);
  under = under * s + spread(1.0F);
  return x * over / under;
}

/// To the last digits.
[[nodiscard]] inline auto tanh_of(pack<double> x) noexcept -> pack<double> {
  for (std::size_t i = 0; i < pack_size<double>; ++i) x[i] = std::tanh(x[i]);
  return x;
}

/// Logistic function 1 / (1 + exp(-x)), by way of the hyperbolic tangent.
template <class Pack>
[[nodiscard]] inline auto logistic_of(Pack x, Pack half) noexcept -> Pack {
  return half * tanh_of(half * x) + half;
}

}  // namespace lepton::predict::detail
