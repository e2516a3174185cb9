// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include <lepton/config.hpp>
#include <lepton/predict/metrics.hpp>

namespace lepton::predict {

/// Means of what `score_sums` gathered; NaN where there was nothing.
struct forecast_scores {
  double mae = std::numeric_limits<double>::quiet_NaN();    ///< of the median
  double rmse = std::numeric_limits<double>::quiet_NaN();   ///< of the median
  double smape = std::numeric_limits<double>::quiet_NaN();  ///< of the median, 0 to 200
  double mape = std::numeric_limits<double>::quiet_NaN();   ///< of the median, percent
  double mase = std::numeric_limits<double>::quiet_NaN();   ///< mae / scale; NaN without a scale
  double bias = std::numeric_limits<double>::quiet_NaN();   ///< mean of what came minus the median
  double pinball = std::numeric_limits<double>::quiet_NaN();         ///< mean over all levels
  double crps = std::numeric_limits<double>::quiet_NaN();            ///< from the quantiles
  double coverage = std::numeric_limits<double>::quiet_NaN();        ///< of the central interval
  double interval_score = std::numeric_limits<double>::quiet_NaN();  ///< Winkler's
  double width = std::numeric_limits<double>::quiet_NaN();           ///< mean width of the interval
  std::size_t used = 0;                                              ///< values that were there
  std::size_t missing = 0;  ///< values that were missing (NaN), or without a forecast
};

/// Sums up errors of quantile forecasts, one value at a time.
class score_sums {
 public:
  /// One value that came, and its forecast quantiles at rising `levels`. `median`, `lower` and
  /// `upper` are the places in `levels` of 0.5 and of the ends of the central interval.
  void add(double actual, std::span<const double> levels, std::span<const double> values,
           std::size_t median, std::size_t lower, std::size_t upper) noexcept {
    LEPTON_ASSERT(levels.size() == values.size() && median < levels.size() &&
                      lower < levels.size() && upper < levels.size(),
                  "score_sums: no such level");
    double loss = 0;
    for (std::size_t i = 0; i < levels.size(); ++i)
      loss += predict::pinball(actual, values[i], levels[i]);
    if (std::isnan(loss)) {
      ++missing_;
      return;
    }
    const double error = actual - values[median];
    absolute_ += std::fabs(error);
    squared_ += error * error;
    error_ += error;
    symmetric_ += symmetric_percentage_error(actual, values[median]);
    if (actual != 0) {
      percentage_ += 100 * std::fabs(error / actual);
      ++nonzero_;
    }
    pinball_ += loss / static_cast<double>(levels.size());
    crps_ += crps_quantiles(actual, levels, values);
    covered_ += values[lower] <= actual && actual <= values[upper] ? 1 : 0;
    interval_ += winkler(actual, values[lower], values[upper], levels[upper] - levels[lower]);
    width_ += values[upper] - values[lower];
    ++used_;
  }

  /// The means; `scale` is the `naive_error` that MASE divides by.
  [[nodiscard]] auto means(double scale) const noexcept -> forecast_scores {
    forecast_scores s;
    s.used = used_;
    s.missing = missing_;
    if (used_ == 0) return s;
    const auto n = static_cast<double>(used_);
    s.mae = absolute_ / n;
    s.rmse = std::sqrt(squared_ / n);
    s.smape = symmetric_ / n;
    if (nonzero_ > 0) s.mape = percentage_ / static_cast<double>(nonzero_);
    if (scale > 0) s.mase = s.mae / scale;
    s.bias = error_ / n;
    s.pinball = pinball_ / n;
    s.crps = crps_ / n;
    s.coverage = static_cast<double>(covered_) / n;
    s.interval_score = interval_ / n;
    s.width = width_ / n;
    return s;
  }

 private:
  double absolute_ = 0;
  double squared_ = 0;
  double error_ = 0;
  double symmetric_ = 0;
  double percentage_ = 0;
  double pinball_ = 0;
  double crps_ = 0;
  double interval_ = 0;
  double width_ = 0;
  std::size_t covered_ = 0;
  std::size_t nonzero_ = 0;
  std::size_t used_ = 0;
  std::size_t missing_ = 0;
};

}  // namespace lepton::predict
