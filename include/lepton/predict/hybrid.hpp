// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/arima.hpp>
#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/direct_regression.hpp>
#include <lepton/predict/exponential_smoothing.hpp>
#include <lepton/predict/fusion.hpp>
#include <lepton/predict/model_selection.hpp>
#include <lepton/predict/ridge.hpp>
#include <lepton/predict/seasonal_naive.hpp>

namespace lepton::predict {

struct hybrid_options {
  std::size_t season = 0;    ///< values in a season (a day of five-minute values has 288); 0: none
  std::size_t horizon = 12;  ///< largest step ahead that members are weighted for, 1 to 512
  std::size_t lags = 24;     ///< last values that regressions look at, 1 to 512
  double lowest = -std::numeric_limits<double>::infinity();  ///< no forecast is below (0, say)
  double highest = std::numeric_limits<double>::infinity();  ///< or above (the capacity)
  fusion_options fusion{};  ///< all else; its horizon and limits are replaced by those above
};

/// The predictor to take if you do not want to choose one: feature engineering, model selection and
/// fusion.
///
/// The members are the last value, a decaying histogram (by time of the season), a seasonal naive
/// forecast, exponential smoothing (simple or damped trend, by AICc), ARIMA (one of three orders
/// with a difference, by AICc), a ridge regression on the last values that is recursive, and two
/// direct regressions that go on learning: on values and those a season ago, and on changes, which
/// survive shifts of the level. `fusion` weighs them by their recent losses, keeps the coverage of
/// its intervals, and notices drift. Without a season the seasonal naive forecast is the last value
/// again.
///
/// With some thousands of values `fit` takes tenths of a second, most of it for ARIMA. See `fusion`
/// for what an update costs, and for making it cheaper (`score_every`).
class hybrid {
 public:
  using smoothing = model_selection<ets, ets>;
  using moving = model_selection<arima, arima, arima>;
  using members = fusion<seasonal_naive, smoothing, moving, autoregression<ridge>,
                         direct_regression, direct_regression>;

  static constexpr std::string_view model_name = "hybrid";

  hybrid() : hybrid(hybrid_options{}) {}
  explicit hybrid(const hybrid_options& o) : fusion_(make(o)) {}
  explicit hybrid(std::size_t season) : hybrid(with_season(season)) {}

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return fusion_.fit(values);
  }
  /// As `fusion::refit`: members anew, weights and offsets as they are.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    return fusion_.refit(values);
  }
  void update(double value) noexcept { fusion_.update(value); }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    fusion_.forecast(horizon, quantiles, out);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return fusion_.peak_quantile(horizon, q);
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return fusion_.ready(); }
  /// The combination, to look at weights, members, and which were left out.
  [[nodiscard]] auto combination() const noexcept -> const members& { return fusion_; }

  template <class Archive>
  void persist(Archive& a) {
    a(fusion_);
  }

 private:
  [[nodiscard]] static auto with_season(std::size_t season) -> hybrid_options {
    hybrid_options o;
    o.season = season;
    return o;
  }
  [[nodiscard]] static auto order(std::size_t p, std::size_t q) -> arima {
    arima_options o;
    o.p = p;
    o.d = 1;
    o.q = q;
    return arima{o};
  }
  [[nodiscard]] static auto make(const hybrid_options& o) -> members {
    fusion_options f = o.fusion;
    f.horizon = std::clamp<std::size_t>(o.horizon, 1, 512);
    f.lowest = o.lowest;
    f.highest = o.highest;
    histogram_options histogram;
    histogram.season = o.season;
    selection_options by_aicc;
    by_aicc.by = selection_by::aicc;
    const std::size_t lags_used = std::clamp<std::size_t>(o.lags, 1, 512);
    direct_regression_options values;
    values.lags = lags_used;
    values.horizon = f.horizon;
    values.season = o.season;
    direct_regression_options changes = values;
    changes.season = 0;
    changes.changes = true;
    return members{f,
                   histogram,
                   seasonal_naive{o.season == 0 ? 1 : o.season},
                   smoothing{by_aicc, simple_exponential_smoothing(), damped_holt()},
                   moving{by_aicc, order(0, 1), order(1, 1), order(2, 1)},
                   autoregression<ridge>{lags::up_to(lags_used)},
                   direct_regression{values},
                   direct_regression{changes}};
  }

  members fusion_;
};

}  // namespace lepton::predict
