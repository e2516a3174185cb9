// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include <lepton/config.hpp>
#include <lepton/predict/normal.hpp>

namespace lepton::predict {

/// A mean over the values that were there. Values that are missing (NaN) are left out and counted;
/// with none left the mean is NaN.
struct score {
  double value = std::numeric_limits<double>::quiet_NaN();
  std::size_t used = 0;     ///< values the mean is over
  std::size_t missing = 0;  ///< values that were left out
};

/// Loss of the quantile forecast `forecast` of level q for what came: q per unit that it was too
/// low, 1 - q per unit that it was too high. Half the absolute error for the median.
[[nodiscard]] constexpr auto pinball(double actual, double forecast, double q) noexcept -> double {
  return actual >= forecast ? q * (actual - forecast) : (1 - q) * (forecast - actual);
}

/// Winkler's interval score (1972) of a central interval that is to hold `level` of all values:
/// its width, plus 2 / (1 - level) per unit that the value lies outside.
[[nodiscard]] constexpr auto winkler(double actual, double lower, double upper,
                                     double level) noexcept -> double {
  const double penalty = 2 / (1 - level);
  if (actual < lower) return upper - lower + penalty * (lower - actual);
  if (actual > upper) return upper - lower + penalty * (actual - upper);
  return upper - lower;
}

/// Symmetric percentage error 200 |a - f| / (|a| + |f|), 0 to 200; 0 if both are 0.
[[nodiscard]] inline auto symmetric_percentage_error(double actual, double forecast) noexcept
    -> double {
  const double size = std::fabs(actual) + std::fabs(forecast);
  return size == 0 ? 0 : 200 * std::fabs(actual - forecast) / size;
}

/// Continuous ranked probability score of a normal forecast (Gneiting and Raftery, JASA 102, 2007);
/// the absolute error if the standard deviation is 0.
[[nodiscard]] inline auto crps_normal(double actual, double mean, double deviation) noexcept
    -> double {
  if (!(deviation > 0)) return std::fabs(actual - mean);
  const double z = (actual - mean) / deviation;
  return deviation * (z * (2 * normal_cdf(z) - 1) + 2 * normal_density(z) - 0.56418958354775628695);
}

/// Continuous ranked probability score of a forecast known by its quantiles `values` at `levels`
/// (rising, in (0, 1)): twice the integral of the pinball loss over all levels, where each level
/// stands for those nearer to it than to the others. The absolute error if the median is all there
/// is. NaN without levels.
[[nodiscard]] inline auto crps_quantiles(double actual, std::span<const double> levels,
                                         std::span<const double> values) noexcept -> double {
  LEPTON_ASSERT(levels.size() == values.size(),
                "crps_quantiles: levels and values differ in length");
  if (levels.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  double from = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const double to = i + 1 < levels.size() ? (levels[i] + levels[i + 1]) / 2 : 1;
    sum += (to - from) * pinball(actual, values[i], levels[i]);
    from = to;
  }
  return 2 * sum;
}

namespace detail {

/// Mean of loss(i) over the i where `actual` and the loss are not NaN.
template <class Loss>
[[nodiscard]] auto mean_loss(std::span<const double> actual, Loss loss) noexcept -> score {
  score s;
  double sum = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double x = std::isnan(actual[i]) ? actual[i] : loss(i);
    if (std::isnan(x)) {
      ++s.missing;
    } else {
      sum += x;
      ++s.used;
    }
  }
  if (s.used > 0) s.value = sum / static_cast<double>(s.used);
  return s;
}

}  // namespace detail

/// Mean absolute error (MAE). This and all below: the spans are equally long (contract).
[[nodiscard]] inline auto mean_absolute_error(std::span<const double> actual,
                                              std::span<const double> forecast) noexcept -> score {
  LEPTON_ASSERT(actual.size() == forecast.size(), "metrics: spans differ in length");
  return detail::mean_loss(actual,
                           [&](std::size_t i) { return std::fabs(actual[i] - forecast[i]); });
}

/// Root of the mean squared error (RMSE).
[[nodiscard]] inline auto root_mean_squared_error(std::span<const double> actual,
                                                  std::span<const double> forecast) noexcept
    -> score {
  LEPTON_ASSERT(actual.size() == forecast.size(), "metrics: spans differ in length");
  score s = detail::mean_loss(actual, [&](std::size_t i) {
    const double e = actual[i] - forecast[i];
    return e * e;
  });
  s.value = std::sqrt(s.value);
  return s;
}

/// Mean of `symmetric_percentage_error` (sMAPE, as in the M3 and M4 competitions), 0 to 200.
[[nodiscard]] inline auto symmetric_mean_absolute_percentage_error(
    std::span<const double> actual, std::span<const double> forecast) noexcept -> score {
  LEPTON_ASSERT(actual.size() == forecast.size(), "metrics: spans differ in length");
  return detail::mean_loss(
      actual, [&](std::size_t i) { return symmetric_percentage_error(actual[i], forecast[i]); });
}

/// Mean absolute percentage error (MAPE) in percent of what came; values that are 0 have none and
/// are left out like missing ones.
[[nodiscard]] inline auto mean_absolute_percentage_error(std::span<const double> actual,
                                                         std::span<const double> forecast) noexcept
    -> score {
  LEPTON_ASSERT(actual.size() == forecast.size(), "metrics: spans differ in length");
  return detail::mean_loss(actual, [&](std::size_t i) {
    return actual[i] == 0 ? std::numeric_limits<double>::quiet_NaN()
                          : 100 * std::fabs((actual[i] - forecast[i]) / actual[i]);
  });
}

/// What MASE divides by: the mean absolute error, within the training part, of the forecast that
/// the value will be that of a season before (season 1: the last value). Pairs with a missing
/// value are left out; NaN if no pair is left or the season is 0.
[[nodiscard]] inline auto naive_error(std::span<const double> training,
                                      std::size_t season = 1) noexcept -> double {
  if (season == 0 || training.size() <= season) return std::numeric_limits<double>::quiet_NaN();
  return mean_absolute_error(training.subspan(season), training.first(training.size() - season))
      .value;
}

/// Mean absolute scaled error (MASE): MAE divided by `scale`, the `naive_error` of the training
/// part (Hyndman and Koehler, Int. J. Forecasting 22, 2006). NaN if the scale is not positive.
[[nodiscard]] inline auto mean_absolute_scaled_error(std::span<const double> actual,
                                                     std::span<const double> forecast,
                                                     double scale) noexcept -> score {
  score s = mean_absolute_error(actual, forecast);
  s.value = scale > 0 ? s.value / scale : std::numeric_limits<double>::quiet_NaN();
  return s;
}

/// Mean pinball loss of forecasts of the quantile q.
[[nodiscard]] inline auto mean_pinball_loss(std::span<const double> actual,
                                            std::span<const double> forecast, double q) noexcept
    -> score {
  LEPTON_ASSERT(actual.size() == forecast.size(), "metrics: spans differ in length");
  return detail::mean_loss(actual,
                           [&](std::size_t i) { return pinball(actual[i], forecast[i], q); });
}

/// Share of the values that lie in their interval, ends included.
[[nodiscard]] inline auto interval_coverage(std::span<const double> actual,
                                            std::span<const double> lower,
                                            std::span<const double> upper) noexcept -> score {
  LEPTON_ASSERT(actual.size() == lower.size() && actual.size() == upper.size(),
                "metrics: spans differ in length");
  return detail::mean_loss(actual, [&](std::size_t i) {
    if (std::isnan(lower[i] + upper[i])) return std::numeric_limits<double>::quiet_NaN();
    return lower[i] <= actual[i] && actual[i] <= upper[i] ? 1.0 : 0.0;
  });
}

/// Mean of `winkler` over intervals that are to hold `level` of the values.
[[nodiscard]] inline auto mean_interval_score(std::span<const double> actual,
                                              std::span<const double> lower,
                                              std::span<const double> upper, double level) noexcept
    -> score {
  LEPTON_ASSERT(actual.size() == lower.size() && actual.size() == upper.size(),
                "metrics: spans differ in length");
  return detail::mean_loss(
      actual, [&](std::size_t i) { return winkler(actual[i], lower[i], upper[i], level); });
}

}  // namespace lepton::predict
