// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/model/expected.hpp>
#include <lepton/predict/differencing.hpp>

namespace lepton::predict {

/// How orders are searched.
enum class order_search_mode : std::uint8_t {
  stepwise,    ///< from several starts through neighbourhoods
  exhaustive,  ///< every model with p + q + P + Q up to `max_order`
};

/// What makes one order better than another: -2 loglik plus 2 k (aic), the same corrected for
/// small samples (aicc), or plus k log n (bic).
enum class information_criterion : std::uint8_t { aicc, aic, bic };

/// What `auto_arima` may choose between, and how.
struct auto_arima_options {
  std::size_t season = 1;        ///< steps in a season; 1: none
  std::optional<std::size_t> d;  ///< differences; without a value `ndiffs` decides
  std::optional<std::size_t> D;  ///< seasonal differences; without a value `nsdiffs` decides
  std::size_t max_d = 2;         ///< differences at most
  std::size_t max_D = 1;         ///< seasonal differences at most
  std::size_t max_p = 5;
  std::size_t max_q = 5;
  std::size_t max_P = 2;
  std::size_t max_Q = 2;
  std::size_t max_order =
      5;  ///< p + q + P + Q at most (the first walk of the stepwise search may exceed it)
  bool mean = true;   ///< a mean may be there when nothing is differenced
  bool drift = true;  ///< a drift may be there when the series is differenced once
  information_criterion criterion = information_criterion::aicc;
  order_search_mode search = order_search_mode::stepwise;
  unit_root_test test = unit_root_test::kpss;
  seasonal_test seasonal = seasonal_test::strength;
  /// Candidates are compared by their conditional sums of squares, and only the best five fitted
  /// exactly: several times faster on long series, and it may miss the best.
  bool approximation = false;
  /// Roots nearer to the unit circle than this count as on it: of seasonal polynomials, those in
  /// powers of the season's lag. There lie the spurious maxima of likelihoods (a moving average
  /// that undoes a difference, pairs of nearly equal roots), which win by a little in small
  /// samples. Models with such an autoregressive root are never chosen; with such a moving average,
  /// which is also what a season that never changes looks like, if they are better by `handicap`.
  /// (R's "forecast" takes neither, with 1.01 and seasonal roots in terms of one step, which turns
  /// down most models with long seasons.)
  double least_root = 1.001;
  double handicap = 10;
  std::size_t width = 3;    ///< best candidates whose neighbourhoods the stepwise search exhausts
  std::size_t threads = 1;  ///< 0: one a processor; the result is the same for any number

  /// Says which option no model could have.
  [[nodiscard]] auto check() const -> status {
    if (season == 0 || season > 100'000)
      return failure("auto_arima: the season must be from 1 (none) to 100000 steps");
    if (max_p > 24 || max_q > 24 || max_P > 24 || max_Q > 24 || max_d > 24 || max_D > 24 ||
        d.value_or(0) > 24 || D.value_or(0) > 24)
      return failure("auto_arima: an order is above 24; orders that high cannot be searched");
    if (season == 1 && D.value_or(0) > 0)
      return failure("auto_arima: seasonal differences need a season of 2 steps or more");
    if (!std::isfinite(least_root) || !(handicap >= 0))
      return failure(
          "auto_arima: least_root must be a number such as 1.001, and handicap 0 or more");
    if (search > order_search_mode::exhaustive || criterion > information_criterion::bic ||
        test > unit_root_test::phillips_perron || seasonal > seasonal_test::ocsb)
      return failure("auto_arima: an option has none of its values");
    return {};
  }

  template <class Archive>
  void persist(Archive& a) {
    bool given[2] = {d.has_value(), D.has_value()};
    std::size_t values[2] = {d.value_or(0), D.value_or(0)};
    a(season, given[0], given[1], values[0], values[1], max_d, max_D, max_p, max_q, max_P, max_Q,
      max_order, mean, drift, criterion, search, test, seasonal, approximation, least_root,
      handicap, width, threads);
    if constexpr (Archive::reads) {
      d = given[0] ? std::optional{values[0]} : std::nullopt;
      D = given[1] ? std::optional{values[1]} : std::nullopt;
      if (!check()) a.reject();
    }
  }
};

}  // namespace lepton::predict
