// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict {

struct conformal_options {
  double rate = 0.1;       ///< of a step, in units of the mean absolute error
  double half_life = 200;  ///< updates after which an error counts half in that mean
};

/// Offsets that make quantile forecasts right in the long run, whatever the series does: for each
/// step ahead and each quantile level, a number to be added to the forecast quantile.
///
/// After each number that came, the offset of a level q goes up by rate · scale · q if the number
/// lies above the quantile that was forecast (offset included), and down by
/// rate · scale · (1 - q) if not. This is the quantile tracker of Angelopoulos, Candès and
/// Tibshirani ("Conformal PID control for time series prediction", NeurIPS 2023), adaptive
/// conformal inference (Gibbs and Candès, NeurIPS 2021) on the scale of the series. Over T numbers
/// the share that lies above differs from 1 - q by at most (range of the offset) / (step · T),
/// without any assumption, also if forecasts are scored several steps late. The scale is the mean
/// absolute error, recent ones counting more, one for each step ahead.
///
/// O(levels) an update, a state of (levels + 1) · steps numbers, no allocation.
class conformal {
 public:
  conformal() noexcept = default;
  /// `levels` rise strictly between 0 and 1; the median, if it is one of them, is corrected too.
  conformal(std::span<const double> levels, std::size_t steps, conformal_options o = {})
      : options_(o),
        levels_(levels.begin(), levels.end()),
        offsets_(levels.size() * steps, 0.0),
        scales_(steps, -1.0) {
    if (!(options_.rate >= 0)) options_.rate = 0;
    if (!(options_.half_life > 0)) options_.half_life = 1;
  }

  [[nodiscard]] auto steps() const noexcept -> std::size_t { return scales_.size(); }
  [[nodiscard]] auto levels() const noexcept -> std::span<const double> { return levels_; }

  /// `value` came; `step` steps (counted from 0) before it, its median was forecast as `median` and
  /// its quantiles as `quantiles`, offsets included. A number that is not finite changes nothing.
  void update(std::size_t step, double value, double median,
              std::span<const double> quantiles) noexcept {
    LEPTON_ASSERT(step < steps() && quantiles.size() == levels_.size(),
                  "conformal: no such step, or not one quantile for each level");
    const double error = std::fabs(value - median);
    if (!(error <= 1e300)) return;
    const double keep = std::exp2(-1 / options_.half_life);
    double& scale = scales_[step];
    scale = scale < 0 ? error : keep * scale + (1 - keep) * error;
    const double by = options_.rate * scale;
    double* offsets = offsets_.data() + step * levels_.size();
    for (std::size_t i = 0; i < levels_.size(); ++i) {
      if (std::isnan(quantiles[i])) continue;
      offsets[i] += by * (value > quantiles[i] ? levels_[i] : levels_[i] - 1);
    }
  }

  /// The offset of levels()[i], `step` + 1 steps ahead.
  [[nodiscard]] auto offset(std::size_t step, std::size_t i) const noexcept -> double {
    LEPTON_ASSERT(step < steps() && i < levels_.size(), "conformal: no such step or level");
    return offsets_[step * levels_.size() + i];
  }
  /// The offset for any level: interpolated between its neighbours; that of the outermost level
  /// beyond it. The median's is 0 unless it is one of the levels.
  [[nodiscard]] auto offset_at(std::size_t step, double level) const noexcept -> double {
    LEPTON_ASSERT(step < steps(), "conformal: no such step");
    const std::size_t n = levels_.size();
    if (n == 0) return 0;
    const auto above = static_cast<std::size_t>(
        std::lower_bound(levels_.begin(), levels_.end(), level) - levels_.begin());
    if (above < n && levels_[above] == level) return offset(step, above);
    double low = above == 0 ? level : levels_[above - 1];
    double high = above == n ? level : levels_[above];
    double at_low = above == 0 ? offset(step, 0) : offset(step, above - 1);
    double at_high = above == n ? offset(step, n - 1) : offset(step, above);
    if (low < 0.5 && level >= 0.5 && high > 0.5)
      low = 0.5, at_low = 0;
    else if (low < 0.5 && level < 0.5 && high > 0.5)
      high = 0.5, at_high = 0;
    return high > low ? at_low + (level - low) / (high - low) * (at_high - at_low) : at_low;
  }
  /// Mean absolute error of the forecasts this many steps ahead; 0 before the first.
  [[nodiscard]] auto scale(std::size_t step) const noexcept -> double {
    LEPTON_ASSERT(step < steps(), "conformal: no such step");
    return std::max(scales_[step], 0.0);
  }

  void reset() noexcept {
    std::fill(offsets_.begin(), offsets_.end(), 0.0);
    std::fill(scales_.begin(), scales_.end(), -1.0);
  }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.rate, options_.half_life, levels_, offsets_, scales_);
    if constexpr (Archive::reads) {
      bool good = options_.rate >= 0 && options_.half_life > 0 &&
                  offsets_.size() == levels_.size() * scales_.size();
      double last = 0;
      for (const double q : levels_) {
        good = good && q > last && q < 1;
        last = q;
      }
      for (const double x : offsets_) good = good && std::isfinite(x);
      for (const double x : scales_) good = good && std::isfinite(x);
      if (!good) a.reject();
    }
  }

 private:
  conformal_options options_{};
  std::vector<double> levels_;
  std::vector<double> offsets_;  // step by step
  std::vector<double> scales_;   // negative: nothing came yet
};

}  // namespace lepton::predict
