// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/normal.hpp>

namespace lepton::predict {

/// How far off a model's forecasts were, 1, 2, ... steps ahead, on numbers it was not fitted to:
/// the shape of its intervals, whatever the distribution.
///
/// For each step the quantiles of the residuals at 31 probabilities, k/(n+1) for the k-th smallest
/// of n (so that a new number falls within with the probability stated, however few they are). Of
/// n residuals none tells of probabilities below 1/(n+1): there the quantiles go on as those of a
/// normal distribution. Beyond the last step they grow as they did over its second half, at most
/// as the root of the time. 272 bytes a step.
class residual_quantiles {
 public:
  /// Least number of residuals that tell anything.
  static constexpr std::size_t fewest = 8;

  /// Learns from a table with a row for each time of forecast, and a column for each step ahead;
  /// NaN where the number was missing. Steps with fewer than eight residuals take the quantiles of
  /// the step before. False, and nothing is changed, if that goes for the first.
  auto learn(matrix_view residuals) -> bool {
    std::vector<step> steps;
    std::vector<double> sorted;
    for (std::size_t h = 0; h < residuals.columns(); ++h) {
      sorted.clear();
      double products = 0;
      double before = 0;
      double now = 0;
      double squares = 0;
      for (std::size_t i = 0; i < residuals.rows(); ++i) {
        const double e = residuals(i, h);
        if (!std::isfinite(e)) continue;
        sorted.push_back(e);
        squares += e * e;
        const double last = h == 0 ? missing : residuals(i, h - 1);
        if (!std::isfinite(last)) continue;
        products += e * last;
        before += last * last;
        now += e * e;
      }
      if (sorted.size() < fewest) {
        if (h == 0) return false;
        steps.push_back(steps.back());
        continue;
      }
      step s;
      std::sort(sorted.begin(), sorted.end());
      s.fill(sorted);
      s.deviation = std::sqrt(squares / static_cast<double>(sorted.size()));
      const double scale = std::sqrt(before * now);
      s.correlation = scale > 0 ? std::clamp(products / scale, -0.99, 0.999) : 0;
      steps.push_back(s);
    }
    if (steps.empty()) return false;
    steps_ = std::move(steps);
    grow();
    return true;
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return !steps_.empty(); }
  /// Steps ahead that have residuals of their own.
  [[nodiscard]] auto steps() const noexcept -> std::size_t { return steps_.size(); }

  /// The residual of forecasts h + 1 steps ahead at the probability that a standard normal number
  /// is at most z; rises with z. O(1). The quantiles must be `ready`.
  [[nodiscard]] auto quantile(std::size_t h, double z) const noexcept -> double {
    LEPTON_ASSERT(ready(), "residual_quantiles: there are no residuals yet");
    return growth_beyond(h) * steps_[std::min(h, steps_.size() - 1)].at(z);
  }
  /// Root of the mean square residual h + 1 steps ahead.
  [[nodiscard]] auto deviation(std::size_t h) const noexcept -> double {
    LEPTON_ASSERT(ready(), "residual_quantiles: there are no residuals yet");
    return growth_beyond(h) * steps_[std::min(h, steps_.size() - 1)].deviation;
  }
  /// Correlation of the residuals h + 1 and h steps ahead from the same time; 0 for h = 0.
  [[nodiscard]] auto correlation(std::size_t h) const noexcept -> double {
    if (h == 0 || steps_.size() < 2) return 0;
    return steps_[std::min(h, steps_.size() - 1)].correlation;
  }

  template <class Archive>
  void persist(Archive& a) {
    a(steps_);
    if constexpr (Archive::reads) {
      for (const auto& s : steps_)
        if (!s.valid()) a.reject();
      if (ready()) grow();
    }
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();
  static constexpr std::size_t knots = 31;
  static constexpr std::size_t middle = knots / 2;
  static constexpr double spacing = 0.2;  // of standard normal numbers, from -3 to 3

  struct step {
    std::array<double, knots> knot{};
    double deviation = 0;
    double correlation = 0;

    void fill(std::span<const double> sorted) noexcept {
      const auto n = static_cast<double>(sorted.size());
      const auto place = [n](std::size_t k) {
        return normal_cdf((static_cast<double>(k) - static_cast<double>(middle)) * spacing) *
                   (n + 1) -
               1;
      };
      std::size_t low = middle;
      while (low > 0 && place(low - 1) >= 0) --low;
      const std::size_t high = knots - 1 - low;
      for (std::size_t k = low; k <= high; ++k) {
        const double at = std::clamp(place(k), 0.0, n - 1);
        const auto i = std::min(static_cast<std::size_t>(at), sorted.size() - 2);
        knot[k] = sorted[i] + (at - static_cast<double>(i)) * (sorted[i + 1] - sorted[i]);
      }
      const auto reach = static_cast<double>(middle - low);
      for (std::size_t k = 0; k < low; ++k) {
        const double factor = static_cast<double>(middle - k) / reach;
        knot[k] = knot[middle] + factor * (knot[low] - knot[middle]);
        knot[knots - 1 - k] = knot[middle] + factor * (knot[high] - knot[middle]);
      }
    }

    [[nodiscard]] auto at(double z) const noexcept -> double {
      const double place = z / spacing + static_cast<double>(middle);
      if (place <= 0)
        return knot[middle] +
               z / (-spacing * static_cast<double>(middle)) * (knot[0] - knot[middle]);
      if (place >= static_cast<double>(knots - 1))
        return knot[middle] +
               z / (spacing * static_cast<double>(middle)) * (knot[knots - 1] - knot[middle]);
      const auto k = static_cast<std::size_t>(place);
      return knot[k] + (place - static_cast<double>(k)) * (knot[k + 1] - knot[k]);
    }

    [[nodiscard]] auto valid() const noexcept -> bool {
      return std::all_of(knot.begin(), knot.end(), [](double x) { return std::isfinite(x); }) &&
             std::is_sorted(knot.begin(), knot.end()) && std::isfinite(deviation) &&
             deviation >= 0 && std::fabs(correlation) < 1;
    }

    template <class Archive>
    void persist(Archive& a) {
      a(knot, deviation, correlation);
    }
  };

  /// The power of time by which residuals grew from the middle of the steps to the last.
  void grow() noexcept {
    power_ = 0;
    const std::size_t n = steps_.size();
    if (n < 4) {
      power_ = n == 1 ? 0.5 : 0.25;
      return;
    }
    const std::size_t halfway = n / 2;
    const double half = steps_[halfway - 1].deviation;
    const double whole = steps_[n - 1].deviation;
    if (half > 0 && whole > half)
      power_ = std::min(0.5, std::log(whole / half) /
                                 std::log(static_cast<double>(n) / static_cast<double>(halfway)));
  }
  [[nodiscard]] auto growth_beyond(std::size_t h) const noexcept -> double {
    if (h < steps_.size()) return 1;
    return std::pow(static_cast<double>(h + 1) / static_cast<double>(steps_.size()), power_);
  }

  std::vector<step> steps_{};
  double power_ = 0;
};

}  // namespace lepton::predict
