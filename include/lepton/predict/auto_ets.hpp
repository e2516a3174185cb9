// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/ets.hpp>
#include <lepton/predict/ets_fit.hpp>
#include <lepton/predict/ets_options.hpp>

namespace lepton::predict {

/// Which models of the family to try.
struct auto_ets_options {
  std::size_t period = 1;  ///< values in a season; 1: none
  bool trend = true;       ///< also models with a trend
  bool damped = true;      ///< also damped trends
  /// Also models in which something multiplies (if all values are above 0).
  bool multiplicative = true;
  bool multiplicative_trend = false;  ///< also trends that multiply; they tend to overshoot
  /// Leaves out the combinations that are numerically unstable: an additive error with a trend or
  /// season that multiplies, and a multiplying error with a multiplying trend and an additive
  /// season.
  bool restricted = true;
  ets_region region = ets_region::both;
  std::size_t iterations = 1000;  ///< steps of each search at most
};

/// Fits the models of the ETS family that suit the series and keeps the one with the smallest AICc
/// (Hyndman, Koehler, Snyder and Grose, Int. J. Forecasting 18, 2002; the choice of R's
/// `forecast::ets`): up to 15 with a season, 6 without; of models with the same AICc the one tried
/// first, simple before complex. Then it is that model; see `ets` for costs and fallbacks.
class auto_ets {
 public:
  static constexpr std::string_view model_name = "auto ets";

  auto_ets() = default;
  explicit auto_ets(const auto_ets_options& options) : options_(options) {}
  /// All models of a season of `period` values; 1: without a season.
  explicit auto_ets(std::size_t period) { options_.period = period; }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return choose(values, nullptr);
  }
  /// Fits the model that was chosen before anew, from the parameters it has; chooses again if that
  /// cannot be done, or none was chosen.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    if (chosen_.fitted() && chosen_.report().fallback.empty()) {
      auto next = chosen_;
      auto report = next.refit(values);
      if (report && report->fallback.empty()) {
        chosen_ = std::move(next);
        return report;
      }
    }
    return choose(values, nullptr);
  }
  /// As `fit`; calls `tried(const ets_options&, const fit_report&)` for each model that was fitted.
  template <class F>
  [[nodiscard]] auto fit(std::span<const double> values, F&& tried) -> fit_result {
    return choose(values, &tried);
  }

  void update(double value) noexcept { chosen_.update(value); }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    chosen_.forecast(horizon, quantiles, out);
  }
  void moments(std::span<double> mean, std::span<double> error) noexcept {
    chosen_.moments(mean, error);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return chosen_.peak_quantile(horizon, q);
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return chosen_.ready(); }
  /// The model that was chosen.
  [[nodiscard]] auto chosen() const noexcept -> const ets& { return chosen_; }
  [[nodiscard]] auto options() const noexcept -> const auto_ets_options& { return options_; }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t period = options_.period;
    std::uint64_t iterations = options_.iterations;
    a(period, options_.trend, options_.damped, options_.multiplicative,
      options_.multiplicative_trend, options_.restricted, options_.region, iterations, chosen_);
    if constexpr (Archive::reads) {
      options_.period = static_cast<std::size_t>(period);
      options_.iterations = static_cast<std::size_t>(iterations);
      if (period == 0 || options_.region > ets_region::both) a.reject();
    }
  }

 private:
  struct silent {
    void operator()(const ets_options&, const fit_report&) const noexcept {}
  };
  /// Whether a combination is to be tried.
  [[nodiscard]] auto allowed(const ets_options& o, bool positive) const noexcept -> bool {
    const bool relative = o.error == ets_error::multiplicative;
    const bool factors = detail::season_multiplies(o);
    const bool growth = detail::trend_multiplies(o);
    if (detail::has_trend(o) && !options_.trend) return false;
    if (detail::is_damped(o) && !options_.damped) return false;
    if (growth && !options_.multiplicative_trend) return false;
    if (detail::needs_positive(o) && !(positive && options_.multiplicative)) return false;
    if (!options_.restricted) return true;
    if (!relative && (growth || factors)) return false;
    return !(relative && growth && o.season == ets_season::additive);
  }

  template <class F>
  [[nodiscard]] auto choose(std::span<const double> values, F* tried) -> fit_result;
  [[nodiscard]] auto choose(std::span<const double> values, std::nullptr_t) -> fit_result {
    silent none;
    return choose(values, &none);
  }

  auto_ets_options options_{};
  ets chosen_{};
};

template <class F>
auto auto_ets::choose(std::span<const double> values, F* tried) -> fit_result {
  if (options_.period == 0)
    return failure("auto ets: the period is the number of values in a season, at least 1");
  bool positive = true;
  for (const double x : values) positive = positive && !(x <= 0);
  detail::ets_fitted best;
  double least = std::numeric_limits<double>::infinity();
  std::size_t iterations = 0;
  bool any = false;
  for (const auto season : {ets_season::none, ets_season::additive, ets_season::multiplicative}) {
    if (season != ets_season::none && options_.period < 2) continue;
    for (const auto trend : {ets_trend::none, ets_trend::additive, ets_trend::damped,
                             ets_trend::multiplicative, ets_trend::multiplicative_damped}) {
      for (const auto error : {ets_error::additive, ets_error::multiplicative}) {
        ets_options o;
        o.error = error;
        o.trend = trend;
        o.season = season;
        o.period = options_.period;
        o.region = options_.region;
        o.iterations = options_.iterations;
        if (!allowed(o, positive)) continue;
        auto f = detail::fit_ets(o, values, nullptr);
        if (!f) return unexpected{f.error()};  // wrong for all: nothing there, or infinite
        const bool simpler = !f->report.fallback.empty();
        if (simpler && any) continue;  // another candidate already, or no model at all
        iterations += f->report.iterations;
        if (!simpler) (*tried)(o, f->report);
        const double score = f->fitted ? aicc(f->report) : least;
        if (!any || score < least) {
          least = score;
          best = std::move(*f);
        }
        any = true;
      }
    }
  }
  best.report.iterations = iterations;
  chosen_.accept(std::move(best));
  // What was chosen is not less than what was asked for; only `last_value` is.
  return chosen_.report();
}

}  // namespace lepton::predict
