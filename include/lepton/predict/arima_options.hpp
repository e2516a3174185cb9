// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// How the parameters of an ARIMA model are found.
enum class arima_method : std::uint8_t {
  css_ml,  ///< exact maximum likelihood, started at the least conditional sum of squares
  ml,      ///< exact maximum likelihood, started at white noise
  css,     ///< least conditional sum of squares only (fast, approximate)
};

/// Orders and choices of a seasonal ARIMA model, (p,d,q)(P,D,Q) with a season of that many steps.
struct arima_options {
  std::size_t p = 0;       ///< autoregressive terms
  std::size_t d = 0;       ///< differences
  std::size_t q = 0;       ///< moving-average terms
  std::size_t P = 0;       ///< seasonal autoregressive terms
  std::size_t D = 0;       ///< seasonal differences
  std::size_t Q = 0;       ///< seasonal moving-average terms
  std::size_t season = 1;  ///< steps in a season; 1: none, and P, D and Q are 0
  bool mean = true;        ///< estimate a mean; without effect when the series is differenced
  bool drift = false;      ///< estimate a linear trend; at most one difference then
  arima_method method = arima_method::css_ml;
  /// Search over partial autocorrelations, so that the autoregression is stationary throughout;
  /// otherwise over its coefficients, and what is not stationary is turned down.
  bool transform = true;

  /// Values that differencing takes from the start of the series.
  [[nodiscard]] constexpr auto lost() const noexcept -> std::size_t { return d + D * season; }
  [[nodiscard]] constexpr auto has_mean() const noexcept -> bool { return mean && d + D == 0; }
  /// Autoregressive and moving-average coefficients.
  [[nodiscard]] constexpr auto arma() const noexcept -> std::size_t { return p + q + P + Q; }
  /// Whether the model is one that can be; says which option is wrong.
  [[nodiscard]] auto check() const -> status;

  friend auto operator==(const arima_options&, const arima_options&) -> bool = default;

  template <class Archive>
  void persist(Archive& a) {
    a(p, d, q, P, D, Q, season, mean, drift, method, transform);
    if constexpr (Archive::reads) {
      if (!check()) a.reject();
    }
  }
};

inline auto arima_options::check() const -> status {
  constexpr std::size_t most = 24;
  constexpr std::size_t longest = 100'000;
  if (p > most || q > most || P > most || Q > most || d > most || D > most)
    return failure("arima: an order is above " + std::to_string(most) +
                   "; use seasonal terms or regressors for long memory");
  if (season == 0 || season > longest)
    return failure("arima: the season is " + std::to_string(season) +
                   "; it must be from 1 (none) to " + std::to_string(longest) + " steps");
  if (season == 1 && P + D + Q > 0)
    return failure("arima: seasonal orders need a season of 2 steps or more");
  if (drift && d + D > 1)
    return failure("arima: a drift needs at most one difference, not " + std::to_string(d + D));
  if (method > arima_method::css) return failure("arima: there is no such method");
  return {};
}

}  // namespace lepton::predict
