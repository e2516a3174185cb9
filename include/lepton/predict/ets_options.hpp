// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace lepton::predict {

/// How the error enters: value = forecast + error, or value = forecast · (1 + error).
enum class ets_error : std::uint8_t { additive, multiplicative };

/// How the level changes: not; by a slope b a step (level + b), one that fades by the factor phi
/// each step; by a factor b (level · b), one whose logarithm fades.
enum class ets_trend : std::uint8_t {
  none,
  additive,
  damped,
  multiplicative,
  multiplicative_damped
};

/// How the season enters: not, trend + season, or trend · season.
enum class ets_season : std::uint8_t { none, additive, multiplicative };

/// Where smoothing parameters are sought.
///
/// - `usual`: 0.0001 <= alpha <= 0.9999, 0.0001 <= beta <= alpha, 0.0001 <= gamma <= 1 - alpha,
///   0.8 <= phi <= 0.98: each equation is a weighted mean.
/// - `admissible`: wherever the weights of past values fade (`admissible`), with 0 <= phi <= 1.
/// - `both`: where the two regions overlap.
enum class ets_region : std::uint8_t { usual, admissible, both };

/// Smoothing parameters. Those that a model does not have are 0 (phi: 1).
struct ets_parameters {
  double alpha = 0;  ///< of the level
  double beta = 0;   ///< of the slope
  double gamma = 0;  ///< of the season
  double phi = 1;    ///< damping of the slope
};

/// Which model of the family ETS(error, trend, season), and how it is fitted.
struct ets_options {
  ets_error error = ets_error::additive;
  ets_trend trend = ets_trend::none;
  ets_season season = ets_season::none;
  std::size_t period = 1;  ///< values in a season, at least 2 if there is a season
  ets_region region = ets_region::both;
  /// Smoothing parameters that are known; NaN: estimated.
  double alpha = std::numeric_limits<double>::quiet_NaN();
  double beta = std::numeric_limits<double>::quiet_NaN();
  double gamma = std::numeric_limits<double>::quiet_NaN();
  double phi = std::numeric_limits<double>::quiet_NaN();
  std::size_t iterations = 1000;  ///< steps of the search at most
};

/// Short name of the model: "ETS(M,Ad,M)".
[[nodiscard]] inline auto ets_name(const ets_options& o) -> std::string {
  constexpr const char* trends[] = {"N", "A", "Ad", "M", "Md"};
  constexpr const char* seasons[] = {"N", "A", "M"};
  return std::string("ETS(") + (o.error == ets_error::additive ? "A" : "M") + "," +
         trends[static_cast<std::size_t>(o.trend)] + "," +
         seasons[static_cast<std::size_t>(o.season)] + ")";
}

namespace detail {

[[nodiscard]] constexpr auto has_trend(const ets_options& o) noexcept -> bool {
  return o.trend != ets_trend::none;
}
[[nodiscard]] constexpr auto has_season(const ets_options& o) noexcept -> bool {
  return o.season != ets_season::none;
}
[[nodiscard]] constexpr auto is_damped(const ets_options& o) noexcept -> bool {
  return o.trend == ets_trend::damped || o.trend == ets_trend::multiplicative_damped;
}
[[nodiscard]] constexpr auto trend_multiplies(const ets_options& o) noexcept -> bool {
  return o.trend == ets_trend::multiplicative || o.trend == ets_trend::multiplicative_damped;
}
[[nodiscard]] constexpr auto season_multiplies(const ets_options& o) noexcept -> bool {
  return o.season == ets_season::multiplicative;
}
/// Whether some part multiplies: then all values, levels and factors must be above 0.
[[nodiscard]] constexpr auto needs_positive(const ets_options& o) noexcept -> bool {
  return o.error == ets_error::multiplicative || trend_multiplies(o) || season_multiplies(o);
}
/// Numbers that describe the present: level, slope, season.
[[nodiscard]] constexpr auto ets_states(const ets_options& o) noexcept -> std::size_t {
  return 1 + (has_trend(o) ? 1U : 0U) + (has_season(o) ? o.period : 0U);
}

/// Whether a shift (or factor) between level and season changes no forecast, so that one number of
/// the season is not free: always but for a level that multiplies beside a season that is added.
[[nodiscard]] constexpr auto season_slides(const ets_options& o) noexcept -> bool {
  return has_season(o) && !(trend_multiplies(o) && o.season == ets_season::additive);
}

}  // namespace detail
}  // namespace lepton::predict
