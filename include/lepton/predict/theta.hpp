// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>
#include <lepton/predict/theta_fit.hpp>

namespace lepton::predict {

/// The Theta method (Assimakopoulos and Nikolopoulos, Int. J. Forecasting 16, 2000; it won the M3
/// competition): simple exponential smoothing plus half the slope of a straight line through the
/// series (Hyndman and Billah, Int. J. Forecasting 19, 2003), or, `optimised`, plus the share of it
/// that fits best (Fiorucci et al., Int. J. Forecasting 32, 2016). A series with a season is
/// divided by seasonal indices first (if values are not above 0 they are subtracted), and the
/// forecasts multiplied by them.
///
/// h steps ahead the variance is sigma² (1 + (h - 1) alpha²). `update` moves the level on, O(1);
/// slope and season stay as fitted. Fewer than five values, or a constant series: `last_value`.
class theta {
 public:
  static constexpr std::string_view model_name = "theta";

  theta() = default;
  explicit theta(const theta_options& options) : options_(options) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    auto result = detail::fit_theta(options_, values);
    if (!result) return unexpected{result.error()};
    fitted_ = result->fitted;
    naive_ = result->naive;
    line_ = result->line;
    season_ = std::move(result->season);
    place_ = result->place;
    gap_ = 0;
    return result->report;
  }

  void update(double value) noexcept {
    if (!fitted_) {
      naive_.update(value);
      return;
    }
    line_.decay *= 1 - line_.alpha;
    if (std::isfinite(value)) {
      const double x = adjusted(value, place_);
      const double level = line_.alpha * x + (1 - line_.alpha) * line_.level;
      if (std::isfinite(level)) line_.level = level;
      gap_ = 0;
    } else {
      // The level goes on as forecast would say; its uncertainty is counted.
      ++gap_;
    }
    if (!season_.empty()) place_ = place_ + 1 == season_.size() ? 0 : place_ + 1;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (!fitted_) return naive_.forecast(horizon, quantiles, out);
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double z = normal_quantile(quantiles[i]);
      for (std::size_t h = 0; h < horizon; ++h)
        out[h * quantiles.size() + i] = mean_at(h) + z * error_at(h);
    }
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    if (!fitted_) return naive_.moments(mean, error);
    for (std::size_t h = 0; h < mean.size(); ++h) {
      mean[h] = mean_at(h);
      error[h] = error_at(h);
    }
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!fitted_) return naive_.peak_quantile(horizon, q);
    return simulated_peak(
        [this] {
          // Past errors raise all later values by alpha of them.
          return [this, h = std::size_t{0}, moved = 0.0](double shock) mutable {
            const double s = deviation();
            const double gap = std::sqrt(1 + gap_steps() * line_.alpha * line_.alpha);
            const double error = s * shock * (h == 0 ? gap : 1);
            const double value = line_.ahead(h) + moved + error;
            moved += line_.alpha * error;
            return restored(value, h++);
          };
        },
        horizon, q);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return fitted_ || naive_.ready(); }
  [[nodiscard]] auto options() const noexcept -> const theta_options& { return options_; }
  [[nodiscard]] auto alpha() const noexcept -> double { return line_.alpha; }
  /// What a step adds to the forecast, before the season.
  [[nodiscard]] auto drift() const noexcept -> double { return line_.weight * line_.slope; }
  /// The parameter of the method, by which it multiplies the curvature of the series;
  /// 2 unless it was optimised.
  [[nodiscard]] auto theta_value() const noexcept -> double { return 1 / (1 - line_.weight); }
  [[nodiscard]] auto sigma2() const noexcept -> double { return line_.variance; }
  /// Whether a season was found and taken out.
  [[nodiscard]] auto seasonal() const noexcept -> bool { return !season_.empty(); }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t period = options_.period;
    a(period, options_.optimised, options_.additive, fitted_, naive_, line_, season_, place_, gap_);
    if constexpr (Archive::reads) {
      options_.period = static_cast<std::size_t>(period);
      bool good = period >= 1 && (season_.empty() ? place_ == 0 : place_ < season_.size()) &&
                  (season_.empty() || season_.size() == period) &&
                  (!fitted_ || line_.alpha >= 1e-6);  // divided by
      for (const double s : season_) good = good && std::isfinite(s) && (line_.additive || s > 0);
      if (!good) {
        *this = theta{};
        a.reject();
      }
    }
  }

 private:
  [[nodiscard]] auto adjusted(double value, std::uint64_t place) const noexcept -> double {
    if (season_.empty()) return value;
    return line_.additive ? value - season_[place] : value / season_[place];
  }
  [[nodiscard]] auto index(std::size_t h) const noexcept -> double {
    return season_[(place_ + h) % season_.size()];
  }
  [[nodiscard]] auto restored(double value, std::size_t h) const noexcept -> double {
    if (season_.empty()) return value;
    return line_.additive ? value + index(h) : value * index(h);
  }
  [[nodiscard]] auto deviation() const noexcept -> double { return std::sqrt(line_.variance); }
  [[nodiscard]] auto gap_steps() const noexcept -> double { return static_cast<double>(gap_); }
  [[nodiscard]] auto mean_at(std::size_t h) const noexcept -> double {
    return restored(line_.ahead(h), h);
  }
  [[nodiscard]] auto error_at(std::size_t h) const noexcept -> double {
    const double steps = static_cast<double>(h) + gap_steps();
    const double error = deviation() * std::sqrt(1 + steps * line_.alpha * line_.alpha);
    return season_.empty() || line_.additive ? error : error * index(h);
  }

  theta_options options_{};
  bool fitted_ = false;
  last_value naive_{};
  detail::theta_line line_{};
  std::vector<double> season_{};
  std::uint64_t place_ = 0;
  std::uint64_t gap_ = 0;
};

}  // namespace lepton::predict
