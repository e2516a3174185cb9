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
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/ets_fit.hpp>
#include <lepton/predict/ets_moments.hpp>
#include <lepton/predict/ets_options.hpp>
#include <lepton/predict/ets_state.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict {

/// Exponential smoothing with its statistical model: ETS(error, trend, season), innovations state
/// space (Hyndman, Koehler, Ord and Snyder, Forecasting with Exponential Smoothing, 2008).
///
/// `fit` maximises the Gaussian likelihood over smoothing parameters and the states before the
/// first value, seasons of any length included, with exact gradients; O(length) a step of the
/// search. A missing value corrects nothing and does not count. The log-likelihood leaves out
/// constants, as R's `forecast::ets` does: -n/2 log(sum of squared errors) - sum of
/// log |forecast| (the latter if the error multiplies; errors are then relative), so that AICc can
/// be compared with R's and within this family; `density_loglik` is the complete one.
///
/// Too little history for a season (two periods) or for the number of parameters: the model without
/// it; fewer than five values, or a constant series: `last_value`.
///
/// Forecasts: see `detail::ets_moments`; intervals are normal. `update` is O(1) for any period.
/// Where something multiplies, values not above 0 push level and factors down to a floor, not
/// through it. After a gap forecasts are as uncertain as after as many steps, up to 1,000.
class ets {
 public:
  static constexpr std::string_view model_name = "ets";

  ets() = default;
  explicit ets(const ets_options& options) : options_(options), form_(options) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return take(detail::fit_ets(options_, values, nullptr));
  }
  /// From the parameters found before: one search instead of several.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    return take(detail::fit_ets(options_, values, fitted_ ? &state_.p : nullptr));
  }

  void update(double value) noexcept {
    if (!fitted_) {
      naive_.update(value);
    } else if (std::isfinite(value)) {
      (void)state_.move(value, nullptr, ring_.data());
      known_ = state_;
      gap_ = 0;
    } else {
      if (gap_ < longest_gap) {
        ++gap_;
      } else {
        known_.skip();
      }
      state_.skip();
    }
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (out.empty()) return;
    if (!fitted_) return naive_.forecast(horizon, quantiles, out);
    const std::size_t n = quantiles.size();
    std::array<double, 16> scores;
    for (std::size_t i = 0; i < std::min(n, scores.size()); ++i)
      scores[i] = normal_quantile(quantiles[i]);
    each(horizon, out.data(), n, [&](std::size_t h, double mean, double error) {
      for (std::size_t i = 0; i < n; ++i)
        out[h * n + i] =
            finite(mean + error * (i < scores.size() ? scores[i] : normal_quantile(quantiles[i])));
    });
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    if (mean.empty()) return;
    if (!fitted_) return naive_.moments(mean, error);
    each(mean.size(), error.data(), 1, [&](std::size_t h, double m, double e) {
      mean[h] = finite(m);
      error[h] = finite(e);
    });
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!fitted_) return naive_.peak_quantile(horizon, q);
    const double peak = simulated_peak(
        [this, number = std::size_t{0}]() mutable {
          return detail::ets_path{known_, ring_.data(), spare_.data(), gap(), number++};
        },
        horizon, q);
    return horizon == 0 ? peak : finite(peak);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return fitted_ || naive_.ready(); }

  /// Whether a model of the family was fitted, not only `last_value`.
  [[nodiscard]] auto fitted() const noexcept -> bool { return fitted_; }
  /// What was asked for.
  [[nodiscard]] auto options() const noexcept -> const ets_options& { return options_; }
  /// What was fitted: simpler than the options if there was too little history.
  [[nodiscard]] auto form() const noexcept -> const ets_options& { return form_; }
  [[nodiscard]] auto parameters() const noexcept -> const ets_parameters& { return state_.p; }
  /// Level now, in the units of the series.
  [[nodiscard]] auto level() const noexcept -> double { return state_.level; }
  /// Slope now: a change a step, or a factor if the trend multiplies; 0 without a trend.
  [[nodiscard]] auto slope() const noexcept -> double { return state_.slope; }
  /// The season of the value h + 1 steps ahead: a difference from the level, or a factor; 0 if
  /// there is no season.
  [[nodiscard]] auto season(std::size_t h) const noexcept -> double {
    return ring_.empty() ? 0 : ring_[(state_.place + h) % ring_.size()];
  }
  /// Variance of the errors, those of a multiplying error being relative; divisor n less the number
  /// of parameters, as in R.
  [[nodiscard]] auto sigma2() const noexcept -> double { return state_.variance; }
  /// What came of the last fit.
  [[nodiscard]] auto report() const noexcept -> const fit_report& { return report_; }
  /// The log-likelihood with its constants, as that of other families (statsmodels' convention).
  [[nodiscard]] auto density_loglik() const noexcept -> double {
    const auto n = static_cast<double>(report_.observations);
    return report_.loglik - 0.5 * n * (1 + std::log(2 * 3.14159265358979323846 / n));
  }
  /// Names and values: alpha, beta, gamma, phi as far as the model has them, and the states before
  /// the first value: l, b, s1 (of the first value), s2 ...
  [[nodiscard]] auto coefficients() const -> std::vector<std::pair<std::string, double>> {
    std::vector<std::pair<std::string, double>> all;
    if (!fitted_) return all;
    all.emplace_back("alpha", state_.p.alpha);
    if (detail::has_trend(form_)) all.emplace_back("beta", state_.p.beta);
    if (detail::has_season(form_)) all.emplace_back("gamma", state_.p.gamma);
    if (detail::is_damped(form_)) all.emplace_back("phi", state_.p.phi);
    for (std::size_t i = 0; i < start_.size(); ++i) {
      const std::size_t first = detail::has_trend(form_) ? 2 : 1;
      all.emplace_back(i == 0      ? std::string("l")
                       : i < first ? std::string("b")
                                   : "s" + std::to_string(i + 1 - first),
                       start_[i]);
    }
    return all;
  }

  template <class Archive>
  void persist(Archive& a);

 private:
  static constexpr std::size_t longest_gap = 1000;

  [[nodiscard]] auto gap() const noexcept -> std::size_t { return static_cast<std::size_t>(gap_); }
  /// Numbers too large for a double become the largest.
  [[nodiscard]] static auto finite(double x) noexcept -> double {
    constexpr double most = std::numeric_limits<double>::max();
    return std::isnan(x) ? most : std::clamp(x, -most, most);
  }
  template <class F>
  void each(std::size_t horizon, double* room, std::size_t stride, F&& f) noexcept {
    detail::ets_moments{known_, ring_.data(), spare_.data(), gap()}.each(horizon, room, stride, f);
  }
  [[nodiscard]] auto take(expected<detail::ets_fitted> result) -> fit_result {
    if (!result) return unexpected{result.error()};
    accept(std::move(*result));
    return report_;
  }

  friend class auto_ets;
  void accept(detail::ets_fitted&& f) {
    form_ = f.form;
    state_ = f.state;
    known_ = f.state;
    gap_ = 0;
    ring_ = std::move(f.ring);
    spare_ = ring_;
    start_ = std::move(f.start);
    naive_ = f.naive;
    fitted_ = f.fitted;
    report_ = f.report;
  }

  ets_options options_{};
  ets_options form_{};
  detail::ets_state state_{};  // now
  detail::ets_state known_{};  // at the last value that was not missing
  std::uint64_t gap_ = 0;      // missing values since then
  std::vector<double> ring_{};
  std::vector<double> spare_{};  // seasons of a simulated path
  std::vector<double> start_{};
  last_value naive_{};  // what stands in as long as nothing was fitted
  bool fitted_ = false;
  fit_report report_{};
};

template <class Archive>
void ets::persist(Archive& a) {
  const auto options = [&](ets_options& o) {
    std::uint64_t period = o.period;
    std::uint64_t iterations = o.iterations;
    a(o.error, o.trend, o.season, period, o.region, o.alpha, o.beta, o.gamma, o.phi, iterations);
    o.period = static_cast<std::size_t>(period);
    o.iterations = static_cast<std::size_t>(iterations);
  };
  options(options_);
  options(form_);
  std::uint64_t parameters = report_.parameters;
  std::uint64_t observations = report_.observations;
  std::uint64_t iterations = report_.iterations;
  a(state_, known_, gap_, ring_, start_, naive_, fitted_, report_.converged, report_.loglik,
    parameters, observations, iterations);
  if constexpr (Archive::reads) {
    report_.parameters = static_cast<std::size_t>(parameters);
    report_.observations = static_cast<std::size_t>(observations);
    report_.iterations = static_cast<std::size_t>(iterations);
    // A model that never was fitted has no report.
    report_.fallback =
        observations == 0 ? std::string_view{} : detail::fallback_name(options_, form_, fitted_);
    bool good = detail::check(options_).has_value() && detail::check(form_).has_value() &&
                state_.period == ring_.size() && known_.period == ring_.size() &&
                gap_ <= longest_gap;
    for (const double s : ring_)
      good = good && std::isfinite(s) && (s > 0 || state_.season != ets_season::multiplicative);
    if (good && fitted_)
      good = state_.error == form_.error && state_.trend == form_.trend &&
             state_.season == form_.season && known_.error == form_.error &&
             known_.trend == form_.trend && known_.season == form_.season &&
             start_.size() == detail::ets_states(form_);
    if (!good) {
      *this = ets{};
      a.reject();
    }
    spare_ = ring_;
  }
}

}  // namespace lepton::predict
