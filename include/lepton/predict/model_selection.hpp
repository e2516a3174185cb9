// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/joined_name.hpp>
#include <lepton/predict/rolling_origin.hpp>

namespace lepton::predict {

enum class selection_by : std::uint8_t {
  pinball,  ///< mean pinball loss of rolling-origin forecasts of the history's last part
  aicc,     ///< AICc; only for likelihoods of the same data (the same differences, for instance)
};

struct selection_options {
  selection_by by = selection_by::pinball;
  rolling_options rolling{};  ///< for `pinball`; a fit is made before the first origin
};

namespace detail {
struct selection_name {
  static constexpr std::string_view model_name = "model selection";
};
}  // namespace detail

/// One of several models: that which forecast the history best (rolling origin, pinball loss), or
/// has the smallest AICc. `fit` chooses and is then a fit of the chosen one; of equally good ones
/// it is the first. Candidates that cannot be judged (an error, too little history, a simpler model
/// standing in, no likelihood) come into question only if no other can: then the first is fitted.
///
/// `fit` costs a fit of each candidate and, by pinball loss, as many updates and forecasts as the
/// evaluation has; all else costs what it costs the chosen one. Before a fit it is the first.
template <class... Candidates>
class model_selection {
  static_assert(sizeof...(Candidates) > 0, "lepton: model_selection needs models to choose from");
  static_assert(
      (trainable<Candidates> && ...),
      "lepton: model_selection chooses between predictors that can be fitted: fit, update, "
      "forecast, peak_quantile, ready and persist, see predict/concept.hpp");

 public:
  static constexpr std::string_view model_name =
      detail::joined_name<detail::selection_name, Candidates...>::value;
  static constexpr std::size_t candidate_count = sizeof...(Candidates);

  model_selection() { scores_.fill(std::numeric_limits<double>::quiet_NaN()); }
  explicit model_selection(selection_options options, Candidates... candidates)
      : options_(std::move(options)), candidates_(std::move(candidates)...) {
    scores_.fill(std::numeric_limits<double>::quiet_NaN());
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    model_selection next = *this;
    next.chosen_ = 0;
    std::array<fit_result, candidate_count> reports = no_reports();
    next.visit_all([&](std::size_t i, auto& candidate) {
      next.scores_[i] = next.judge(candidate, values, reports[i]);
      if (next.scores_[i] < next.score_of_chosen()) next.chosen_ = i;
    });
    if (options_.by == selection_by::pinball || std::isnan(next.scores_[next.chosen_]))
      next.visit([&](auto& candidate) { reports[next.chosen_] = candidate.fit(values); });
    if (!reports[next.chosen_]) return unexpected{reports[next.chosen_].error()};
    const auto report = *reports[next.chosen_];
    *this = std::move(next);
    return report;
  }
  /// Fits the chosen one anew.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    if (!ready()) return fit(values);
    fit_result result = fit_report{};
    visit([&](auto& candidate) {
      if constexpr (requires { candidate.refit(values); })
        result = candidate.refit(values);
      else
        result = candidate.fit(values);
    });
    return result;
  }

  void update(double value) noexcept {
    visit([&](auto& c) { c.update(value); });
  }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    visit([&](auto& c) { c.forecast(horizon, quantiles, out); });
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    double peak = 0;
    visit([&](auto& c) { peak = c.peak_quantile(horizon, q); });
    return peak;
  }
  [[nodiscard]] auto ready() const noexcept -> bool {
    bool is = false;
    const_cast<model_selection*>(this)->visit([&](auto& c) { is = c.ready(); });
    return is;
  }

  /// Place of the chosen candidate, and its name.
  [[nodiscard]] auto chosen() const noexcept -> std::size_t { return chosen_; }
  [[nodiscard]] auto chosen_name() const noexcept -> std::string_view {
    return std::array<std::string_view, candidate_count>{Candidates::model_name...}[chosen_];
  }
  /// Mean pinball loss or AICc of each candidate; NaN for those that could not be judged.
  [[nodiscard]] auto scores() const noexcept -> std::span<const double> { return scores_; }
  [[nodiscard]] auto candidates() const noexcept -> const auto& { return candidates_; }

  template <class Archive>
  void persist(Archive& a) {
    auto& r = options_.rolling;
    std::uint64_t chosen = chosen_;
    a(options_.by, r.train, r.first, r.step, r.horizon, r.refit_every, r.window, r.partial,
      r.season, r.interval, r.quantiles, chosen, scores_);
    if constexpr (Archive::reads) {
      if (chosen >= candidate_count || options_.by > selection_by::aicc) return a.reject();
      chosen_ = static_cast<std::size_t>(chosen);
    }
    visit_all([&](std::size_t, auto& candidate) { a(candidate); });
  }

 private:
  template <class F>
  void visit_all(F f) {
    each(f, std::make_index_sequence<candidate_count>{});
  }
  template <class F, std::size_t... I>
  void each(F& f, std::index_sequence<I...>) {
    (f(I, std::get<I>(candidates_)), ...);
  }
  // Calls f with the chosen candidate.
  template <class F>
  void visit(F f) {
    visit_all([&](std::size_t i, auto& candidate) {
      if (i == chosen_) f(candidate);
    });
  }
  [[nodiscard]] static auto no_reports() -> std::array<fit_result, candidate_count> {
    return {((void)sizeof(Candidates), fit_result{fit_report{}})...};
  }
  [[nodiscard]] auto score_of_chosen() const noexcept -> double {
    return std::isnan(scores_[chosen_]) ? std::numeric_limits<double>::infinity()
                                        : scores_[chosen_];
  }
  template <class Candidate>
  [[nodiscard]] auto judge(Candidate& candidate, std::span<const double> values,
                           fit_result& report) const -> double {
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    if (options_.by == selection_by::aicc) {
      report = candidate.fit(values);
      return report && report->fallback.empty() ? predict::aicc(*report) : none;
    }
    const auto result = rolling_origin(candidate, values, options_.rolling);
    return result && result->fallbacks == 0 ? result->summary.pinball : none;
  }

  selection_options options_{};
  std::tuple<Candidates...> candidates_{};
  std::size_t chosen_ = 0;
  std::array<double, candidate_count> scores_{};
};

}  // namespace lepton::predict
