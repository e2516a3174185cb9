// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include <lepton/collect/sorted_window.hpp>

namespace lepton::collect {

/// What takes the place of an outlier.
enum class outlier_action : std::uint8_t { use_median, mark_missing };

struct hampel_options {
  /// Numbers in the window, the judged one included.
  std::size_t window = 25;
  /// Numbers after the judged one that are waited for: 0 judges at once; half the window is the
  /// centred filter, which also knows a step from a spike.
  std::size_t delay = 0;
  /// How many standard deviations of normal numbers are too far.
  double threshold = 3;
  /// Standard deviations below this count as this: what is nearer than `threshold` times it to
  /// the median is no outlier.
  double least_scale = 0;
  outlier_action action = outlier_action::use_median;
  /// With fewer known numbers in the window nothing is judged.
  std::size_t least_known = 3;
};

/// What the filter says of one number.
struct hampel_verdict {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< the number, or what replaces it
  bool outlier = false;
  double median = std::numeric_limits<double>::quiet_NaN();  ///< of the window
  double scale = std::numeric_limits<double>::quiet_NaN();   ///< estimated standard deviation
};

/// Finds outliers by median and median absolute deviation (MAD) of a sliding window: a number is
/// one if |x - median| > threshold · 1.4826 · MAD (Hampel 1974; Davies and Gather 1993).
///
/// Where more than half of the window is the same number the MAD is 0; then the scale is 1.2533
/// times the mean absolute deviation (Iglewicz and Hoaglin 1993), so that an idle machine's
/// occasional work does not count as an error. Missing numbers (NaN; infinite ones as well) stay
/// missing and do not count. The window holds the raw numbers.
///
/// `update` costs what `sorted_window::push` does, plus O(log window); O(window) where the MAD is 0
/// and the number is not the median.
class hampel {
 public:
  explicit hampel(hampel_options options = hampel_options())
      : options_(options), window_(options.window) {
    LEPTON_ASSERT(options.delay < options.window, "hampel: the delay must be below the window");
  }

  /// Takes the next number and judges the one `delay` before it; with too few numbers so far, the
  /// verdict is of none (a missing value).
  auto update(double value) noexcept -> hampel_verdict {
    window_.push(std::isfinite(value) ? value : std::numeric_limits<double>::quiet_NaN());
    return window_.size() > options_.delay ? judge(window_.recent(options_.delay))
                                           : hampel_verdict{};
  }

  /// Judges a number against the window as it is.
  [[nodiscard]] auto judge(double value) const noexcept -> hampel_verdict {
    hampel_verdict verdict;
    verdict.value = value;
    if (std::isnan(value) || window_.known() < std::max<std::size_t>(options_.least_known, 1))
      return verdict;
    verdict.median = window_.median();
    const auto distance = std::abs(value - verdict.median);
    verdict.scale = 1.4826022185056018 * window_.median_deviation(verdict.median);
    if (verdict.scale == 0 && distance > 0)
      verdict.scale = 1.2533141373155003 * window_.mean_deviation(verdict.median);
    verdict.scale = std::max(verdict.scale, options_.least_scale);
    verdict.outlier = distance > options_.threshold * verdict.scale;
    if (verdict.outlier) {
      verdict.value = options_.action == outlier_action::use_median
                          ? verdict.median
                          : std::numeric_limits<double>::quiet_NaN();
    }
    return verdict;
  }

  [[nodiscard]] auto options() const noexcept -> const hampel_options& { return options_; }

 private:
  hampel_options options_;
  sorted_window window_;
};

/// Cleans a series in place with the filter and returns how many outliers there were. Every number
/// is judged: at the ends, against the part of its window that there is.
inline auto clean_outliers(std::span<double> values, const hampel_options& options) -> std::size_t {
  hampel filter{options};
  std::size_t outliers = 0;
  const auto steps = values.size() + (values.empty() ? 0 : options.delay);
  for (std::size_t i = 0; i < steps; ++i) {
    const auto verdict =
        filter.update(i < values.size() ? values[i] : std::numeric_limits<double>::quiet_NaN());
    if (i < options.delay) continue;
    if (verdict.outlier) {
      values[i - options.delay] = verdict.value;
      ++outliers;
    }
  }
  return outliers;
}

}  // namespace lepton::collect
