// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <lepton/predict/ets.hpp>
#include <lepton/predict/ets_options.hpp>

namespace lepton::predict {

/// Simple exponential smoothing, ETS(A,N,N): a level that follows the series (R's `ses`).
[[nodiscard]] inline auto simple_exponential_smoothing() -> ets { return ets{ets_options{}}; }

/// Holt's method, ETS(A,A,N): a level and a slope (R's `holt`).
[[nodiscard]] inline auto holt() -> ets {
  ets_options o;
  o.trend = ets_trend::additive;
  return ets{o};
}

/// Holt's method with a slope that fades, ETS(A,Ad,N): hard to beat where a slope is not certain
/// to last (Gardner and McKenzie, Management Science 31, 1985).
[[nodiscard]] inline auto damped_holt() -> ets {
  ets_options o;
  o.trend = ets_trend::damped;
  return ets{o};
}

/// Holt and Winters' method with `period` values in a season: ETS(A,A,A), or, for seasons that grow
/// with the level, ETS(M,A,M), which needs values above 0 (R's `hw`). `damped`: the slope fades.
[[nodiscard]] inline auto holt_winters(std::size_t period, ets_season season = ets_season::additive,
                                       bool damped = false) -> ets {
  ets_options o;
  o.trend = damped ? ets_trend::damped : ets_trend::additive;
  o.season = season;
  o.error = season == ets_season::multiplicative ? ets_error::multiplicative : ets_error::additive;
  o.period = period;
  return ets{o};
}

}  // namespace lepton::predict
