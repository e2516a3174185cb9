// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/direct_equations.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict {

struct direct_regression_options {
  std::size_t lags = 24;     ///< last values regressed on, 1 to 512
  std::size_t season = 0;    ///< also on the values one season ago around the steps ahead; 0: none
  std::size_t horizon = 12;  ///< steps ahead with a regression each, 1 to 512
  bool changes = false;      ///< everything relative to the last value, so that the level may shift
  double ridge = 1;          ///< weight of the pull towards zero, in observations
  double half_life = 500;    ///< values after which an error counts half in the standard errors
};

/// Regression on past values with equations of its own for each step ahead (direct multi-step
/// forecasts), which goes on learning with every value by recursive least squares.
///
/// All steps have the same regressors, so one inverse covariance serves them all: a row is learnt
/// once its last target is known; one with errors beyond three standard errors counts less (Huber,
/// Annals of Mathematical Statistics 35, 1964). With d regressors, `update` is O(d² + d · horizon)
/// and `fit` that times n. Beyond the horizon, forecasts are put in for values. Standard errors are
/// those of the forecasts of late, quantiles normal. Missing values are replaced by the last one as
/// regressors, and as targets left out. Too little history for the season: without it ("direct
/// regression without season"); for the lags, or a constant series: the last value.
class direct_regression {
 public:
  static constexpr std::string_view model_name = "direct regression";

  direct_regression() : direct_regression(direct_regression_options{}) {}
  explicit direct_regression(direct_regression_options o) : options_(o) {
    options_.lags = std::clamp<std::size_t>(o.lags, 1, 512);
    options_.horizon = std::clamp<std::size_t>(o.horizon, 1, 512);
    options_.season = std::min<std::size_t>(o.season, 1U << 20);
    if (!(options_.ridge > 0 && options_.ridge < 1e12)) options_.ridge = 1;
    if (!(options_.half_life > 0)) options_.half_life = 1;
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    direct_regression fitted{options_};
    if (auto report = fitted.naive_.fit(values); !report)
      return failure("direct regression: " + report.error().message);
    fit_report report;
    double sum = 0;
    double change = 0;
    double last = std::numeric_limits<double>::quiet_NaN();
    for (const double x : values) {
      if (std::isnan(x)) continue;
      sum += x;
      if (!std::isnan(last)) change += std::fabs(x - last);
      last = x;
      ++report.observations;
    }
    const auto n = static_cast<double>(report.observations);
    fitted.mean_ = sum / n;
    fitted.scale_ = change / std::max(n - 1, 1.0);
    for (const std::size_t season : {options_.season, std::size_t{0}}) {
      fitted.set_up(season);
      if (report.observations < fitted.past_ + 2 * (fitted.width_ + options_.horizon)) continue;
      if (!(fitted.scale_ > 0) || !std::isfinite(n / fitted.scale_) || !std::isfinite(sum)) break;
      if (season != options_.season) report.fallback = "direct regression without season";
      fitted.naive_ = {};
      for (const double x : values) fitted.update(x);
      report.parameters = fitted.width_ * options_.horizon;
      *this = std::move(fitted);
      return report;
    }
    fitted.set_up(0);
    fitted.width_ = 0;
    report.fallback = last_value::model_name;
    *this = std::move(fitted);
    return report;
  }

  void update(double value) noexcept {
    naive_.update(value);
    if (width_ == 0) return;
    const bool there = std::isfinite(value);
    if (!there && seen_ == 0) return;
    push(there ? value : history_[at_ + history_.size() / 2 - 1], there);
    if (seen_ >= past_ + options_.horizon) learn();
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (!learnt()) return naive_.forecast(horizon, quantiles, out);
    for_each_step(horizon, [&](std::size_t h, double mean, double error) {
      for (std::size_t i = 0; i < quantiles.size(); ++i)
        out[h * quantiles.size() + i] = mean + error * normal_quantile(quantiles[i]);
    });
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    if (!learnt()) return naive_.moments(mean, error);
    for_each_step(mean.size(), [&](std::size_t h, double m, double e) {
      mean[h] = m;
      error[h] = e;
    });
  }

  /// By simulation, with errors that are correlated as those of a random walk are.
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!learnt()) return naive_.peak_quantile(horizon, q);
    if (horizon == 0) return std::numeric_limits<double>::quiet_NaN();
    // There is room for the means up to the regressions' horizon; beyond, steps count one by one.
    const std::size_t kept = std::min(horizon, options_.horizon);
    double beyond = -std::numeric_limits<double>::infinity();
    for_each_step(horizon, [&](std::size_t h, double mean, double error) {
      if (h < kept) {
        means_[h] = mean;
      } else {
        beyond = std::max(beyond, mean + error * normal_quantile(q));
      }
    });
    const double peak = simulated_peak(
        [&] {
          return [this, h = std::size_t{0}, off = 0.0, before = 0.0](double shock) mutable {
            const double error = error_of(h);
            if (error >= before) {
              off += std::sqrt(error * error - before * before) * shock;
            } else {
              off *= error / before;
            }
            before = error;
            return means_[h++] + off;
          };
        },
        kept, q);
    return std::max(peak, beyond);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return naive_.ready(); }

  /// Makes what was learnt count as four rows for each regressor, so that it is soon unlearnt.
  void forget() noexcept { equations_.forget(); }

  template <class Archive>
  void persist(Archive& a);

 private:
  // Enough rows for the regression to be of use.
  [[nodiscard]] auto learnt() const noexcept -> bool {
    return width_ > 0 && equations_.rows() >= width_;
  }
  [[nodiscard]] auto error_of(std::size_t h) const noexcept -> double {
    const std::size_t last = options_.horizon - 1;
    const double error = std::sqrt(squares_[std::min(h, last)] / weight_);
    return h <= last
               ? error
               : error * std::sqrt(static_cast<double>(h + 1) / static_cast<double>(last + 1));
  }

  void set_up(std::size_t season) {
    const std::size_t lags = options_.lags;
    season_ = season > lags + 1 ? season : 0;
    // Values from two before the season's start to one after its last step, unless they are lags.
    around_ = season_ == 0 ? 0 : std::min(options_.horizon + 3, season_ + 2 - lags);
    past_ = season_ == 0 ? lags : season_ + 2;
    width_ = 1 + lags + around_ - (options_.changes ? 1 : 0);
    equations_ = detail::direct_equations{width_, options_.horizon, options_.ridge};
    squares_.assign(options_.horizon, 0.0);
    history_.assign(2 * (past_ + options_.horizon), 0.0);
    present_.assign(past_ + options_.horizon, 0);
    set_up_scratch();
  }
  void set_up_scratch() {
    row_.assign(width_, 0.0);
    errors_.assign(options_.horizon, 0.0);
    means_.assign(options_.horizon, 0.0);
    path_.assign(history_.size() / 2, 0.0);
  }

  // The values are written twice, so that those of late always lie side by side.
  void push(double value, bool there) noexcept {
    const std::size_t n = history_.size() / 2;
    history_[at_] = history_[at_ + n] = value;
    present_[at_] = there ? 1 : 0;
    at_ = at_ + 1 == n ? 0 : at_ + 1;
    if (seen_ < n) ++seen_;
  }
  // The row of regressors at the end of the past_ values from `past` on, and what it is relative
  // to.
  auto make_row(const double* past) noexcept -> double {
    const double* now = past + past_;
    const double base = options_.changes ? now[-1] : mean_;
    const double by = 1 / scale_;
    std::size_t k = 0;
    row_[k++] = 1;
    for (std::size_t i = options_.changes ? 2 : 1; i <= options_.lags; ++i)
      row_[k++] = (*(now - i) - base) * by;
    for (std::size_t i = 0; i < around_; ++i) row_[k++] = (past[i] - base) * by;
    return base;
  }
  void learn() noexcept;
  template <class Step>
  void for_each_step(std::size_t horizon, Step step) noexcept;

  direct_regression_options options_{};
  last_value naive_;
  std::size_t season_ = 0;  // as used
  std::size_t around_ = 0;  // values a season ago
  std::size_t past_ = 0;    // values a row looks back
  std::size_t width_ = 0;   // regressors; 0: the last value stands in
  double mean_ = 0;
  double scale_ = 1;
  detail::direct_equations equations_;
  std::vector<double> squares_;  // of errors, by step, old ones counting less
  double weight_ = 0;            // of the errors in them
  std::vector<double> history_;  // ring of past_ + horizon values, twice
  std::vector<unsigned char> present_;
  std::size_t at_ = 0;
  std::size_t seen_ = 0;
  std::vector<double> row_, errors_, means_, path_;  // scratch
};

inline void direct_regression::learn() noexcept {
  const std::size_t steps = options_.horizon;
  const std::size_t n = history_.size() / 2;
  for (std::size_t h = 1, i = at_; h <= steps; ++h) {
    i = i == 0 ? n - 1 : i - 1;
    if (present_[i] == 0) return;
  }
  const double* past = history_.data() + at_;
  const double base = make_row(past);
  equations_.predict(row_.data(), errors_.data());
  double off = 0;
  for (std::size_t h = 0; h < steps; ++h) {
    errors_[h] = (past[past_ + h] - base) / scale_ - errors_[h];
    off = std::max(off, std::fabs(errors_[h]) * scale_ / (3 * error_of(h)));
  }
  const double trust = equations_.rows() > 2 * width_ && off > 1 ? 1 / off : 1;
  if (!equations_.learn(row_.data(), errors_.data(), trust)) return;
  const double keep = std::exp2(-1 / options_.half_life);
  weight_ = weight_ * keep + 1;
  for (std::size_t h = 0; h < steps; ++h)
    squares_[h] = squares_[h] * keep + errors_[h] * errors_[h] * scale_ * scale_;
}

template <class Step>
void direct_regression::for_each_step(std::size_t horizon, Step step) noexcept {
  const std::size_t steps = options_.horizon;
  const std::size_t n = history_.size() / 2;
  std::copy_n(history_.data() + at_, n, path_.data());
  for (std::size_t done = 0; done < horizon; done += steps) {
    const double base = make_row(path_.data() + steps);
    equations_.predict(row_.data(), errors_.data());
    for (std::size_t h = 0; h < steps; ++h) errors_[h] = base + scale_ * errors_[h];
    for (std::size_t h = 0; h < steps && done + h < horizon; ++h)
      step(done + h, errors_[h], error_of(done + h));
    std::copy(path_.begin() + static_cast<std::ptrdiff_t>(steps), path_.end(), path_.begin());
    std::copy(errors_.begin(), errors_.end(), path_.end() - static_cast<std::ptrdiff_t>(steps));
  }
}

template <class Archive>
void direct_regression::persist(Archive& a) {
  auto& o = options_;
  a(o.lags, o.season, o.horizon, o.changes, o.ridge, o.half_life, naive_, season_, width_, mean_,
    scale_, equations_, squares_, weight_, history_, present_, at_, seen_);
  if constexpr (Archive::reads) {
    if (!(o.lags >= 1 && o.lags <= 512 && o.horizon >= 1 && o.horizon <= 512 &&
          o.season <= (1U << 20) && o.ridge > 0 && o.half_life > 0))
      return a.reject();
    if (width_ == 0) return;
    direct_regression fresh{o};
    fresh.set_up(season_ == o.season ? season_ : 0);
    const auto finite = [](double x) { return std::isfinite(x); };
    if (fresh.season_ != season_ || fresh.width_ != width_ || !std::isfinite(mean_) ||
        !(scale_ > 0) || !equations_.fits(width_, o.horizon) ||
        squares_.size() != fresh.squares_.size() || history_.size() != fresh.history_.size() ||
        present_.size() != fresh.present_.size() || at_ >= present_.size() ||
        seen_ > present_.size() || !(equations_.rows() == 0 || weight_ > 0) ||
        !std::all_of(squares_.begin(), squares_.end(), finite) ||
        !std::all_of(history_.begin(), history_.end(), finite))
      return a.reject();
    around_ = fresh.around_;
    past_ = fresh.past_;
    set_up_scratch();
  }
}

}  // namespace lepton::predict
