// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/arima_estimate.hpp>
#include <lepton/predict/arima_filter.hpp>
#include <lepton/predict/arima_options.hpp>
#include <lepton/predict/arima_roots.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/last_value.hpp>

namespace lepton::predict {

/// Seasonal ARIMA (Box and Jenkins), (p,d,q)(P,D,Q), by exact maximum likelihood, with missing
/// values, a mean or drift, and regressors (regression with ARIMA errors).
///
/// With B the backshift operator and z_t the value less mean, drift · t (t = 1, 2, ...) and
/// regressors: phi(B) Phi(B^s) (1 - B)^d (1 - B^s)^D z_t = theta(B) Theta(B^s) e_t, where phi(B) =
/// 1 - phi_1 B - ..., theta(B) = 1 + theta_1 B + ..., and the e_t are independent normal shocks.
///
/// - The likelihood is the exact one of the differenced series; with missing values, its exact
///   extension by a flat prior over starting values. The variance of the shocks and the regression
///   coefficients are concentrated out. `arima_method` css settles for conditional least squares.
/// - `fit` costs O(n · terms) for short lags, O(n · max(lag)) at most, for each of some tens of
///   evaluations; missing values come on top (see `detail::arima_data`). Memory O(n ·
///   coefficients).
/// - `update` costs O(terms), after missing values O(r²) with r = max(p + sP + d + sD, q + sQ + 1)
///   (see `detail::arima_filter`); it allocates nothing.
/// - Intervals are those of the process with its parameters as they are estimated: the uncertainty
///   of these is left out, as in most software.
/// - Too short a series (no more values than parameters, after differencing) or one without a
///   change that the model leaves unexplained falls back to `last_value`.
class arima {
 public:
  static constexpr std::string_view model_name = "arima";

  /// A name of the field ("ar1", "ma2", "sar1", "sma1", "mean", "drift", "xreg1") and its value.
  using coefficient = std::pair<std::string, double>;

  arima() = default;
  explicit arima(const arima_options& options) : options_(options) {}

  [[nodiscard]] auto options() const noexcept -> const arima_options& { return options_; }

  /// Fits the model from scratch; with `inputs`, a row for each value.
  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return estimate(values, {}, false);
  }
  [[nodiscard]] auto fit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return estimate(values, inputs, false);
  }
  /// The same, but the search starts from the present coefficients, and only there.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    return estimate(values, {}, true);
  }
  [[nodiscard]] auto refit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return estimate(values, inputs, true);
  }

  /// The next value, with its inputs; without them, as many as there are stay as they were.
  void update(double value) noexcept;
  void update(double value, std::span<const double> row) noexcept {
    LEPTON_ASSERT(row.size() == row_.size(), "arima: update needs as many inputs as fit was given");
    for (std::size_t j = 0; j < row_.size(); ++j)
      if (std::isfinite(row[j])) row_[j] = row[j];
    update(value);
  }

  /// Without inputs, they stay as they were.
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    quantiles_ahead(horizon, {}, quantiles, out);
  }
  /// A row of inputs for each step.
  void forecast(matrix_view inputs, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(inputs.columns() == row_.size(), "arima: forecast needs the inputs of fit");
    quantiles_ahead(inputs.rows(), inputs, quantiles, out);
  }
  /// Mean and standard error of the next values.
  void moments(std::span<double> mean, std::span<double> error) noexcept {
    moments_ahead({}, mean, error);
  }
  void moments(matrix_view inputs, std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(inputs.columns() == row_.size() && inputs.rows() == mean.size(),
                  "arima: moments needs the inputs of fit, a row for each step");
    moments_ahead(inputs, mean, error);
  }
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!fitted_) return fallback_.peak_quantile(horizon, q);
    return filter_.peak(horizon, q, [this](std::size_t h) { return level(h, {}); });
  }
  [[nodiscard]] auto ready() const noexcept -> bool { return fitted_ || fallback_.ready(); }

  /// Whether the model itself is in use, and not what stands in for it.
  [[nodiscard]] auto fitted() const noexcept -> bool { return fitted_; }
  /// What the last `fit` gave.
  [[nodiscard]] auto report() const noexcept -> const fit_report& { return report_; }
  /// Named coefficients: ar, ma, sar, sma, mean, drift, xreg. Empty if not fitted.
  [[nodiscard]] auto coefficients() const -> std::vector<coefficient>;
  /// Standard error of each, of the same order, from the information matrix that the residuals'
  /// derivatives give; NaN where it is singular.
  [[nodiscard]] auto standard_errors() const noexcept -> std::span<const double> { return errors_; }
  /// Variance of the shocks: sum of squares over the number of observations.
  [[nodiscard]] auto sigma2() const noexcept -> double { return sigma2_; }
  /// One-step errors over the `fit`, in the series's units, each divided by its standard error
  /// relative to the shocks'; NaN where there is none. Not part of the saved state.
  [[nodiscard]] auto residuals() const noexcept -> std::span<const double> { return residuals_; }
  /// Smallest modulus of a root of the autoregressive polynomials, seasonal roots in terms of B;
  /// infinite without any. Above 1: stationary.
  [[nodiscard]] auto smallest_ar_root() const -> double { return smallest(0, -1); }
  /// The same of the moving average. Above 1: invertible.
  [[nodiscard]] auto smallest_ma_root() const -> double { return smallest(options_.p, 1); }

  template <class Archive>
  void persist(Archive& a);

 private:
  [[nodiscard]] auto estimate(std::span<const double> values, matrix_view inputs, bool warm)
      -> fit_result;
  [[nodiscard]] auto smallest(std::size_t plain, double sign) const -> double;
  void quantiles_ahead(std::size_t horizon, matrix_view inputs, std::span<const double> quantiles,
                       std::span<double> out) noexcept;
  void moments_ahead(matrix_view inputs, std::span<double> mean, std::span<double> error) noexcept;

  /// Mean, drift and inputs h + 1 steps after the last value.
  [[nodiscard]] auto level(std::size_t h, matrix_view inputs) const noexcept -> double {
    std::size_t at = options_.arma();
    double sum = 0;
    if (options_.has_mean()) sum += coefficients_[at++];
    if (options_.drift) sum += coefficients_[at++] * static_cast<double>(time_ + h + 1);
    for (std::size_t j = 0; j < row_.size(); ++j)
      sum += coefficients_[at + j] * (inputs.empty() ? row_[j] : inputs(h, j));
    return sum;
  }

  arima_options options_{};
  std::vector<double> coefficients_;
  std::vector<double> errors_;
  std::vector<double> row_;
  std::vector<double> residuals_;
  detail::arima_filter filter_;
  last_value fallback_;
  fit_report report_;
  double sigma2_ = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t time_ = 0;
  bool fitted_ = false;
};

inline void arima::update(double value) noexcept {
  fallback_.update(value);
  if (!fitted_) return;
  // Beyond that, sums of products with coefficients would no longer be finite.
  const double off = value - level(0, {});
  if (std::fabs(off) < 1e290) {
    filter_.observe(off);
  } else {
    filter_.miss();
  }
  ++time_;
}

inline void arima::quantiles_ahead(std::size_t horizon, matrix_view inputs,
                                   std::span<const double> quantiles,
                                   std::span<double> out) noexcept {
  LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                "forecast: out must hold horizon times quantiles numbers");
  if (!fitted_) return fallback_.forecast(horizon, quantiles, out);
  filter_.look_ahead(horizon, [&](std::size_t h, double mean, double variance) {
    for (std::size_t i = 0; i < quantiles.size(); ++i)
      out[h * quantiles.size() + i] =
          mean + level(h, inputs) + std::sqrt(variance) * normal_quantile(quantiles[i]);
  });
}

inline void arima::moments_ahead(matrix_view inputs, std::span<double> mean,
                                 std::span<double> error) noexcept {
  LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
  if (!fitted_) return fallback_.moments(mean, error);
  filter_.look_ahead(mean.size(), [&](std::size_t h, double m, double variance) {
    mean[h] = m + level(h, inputs);
    error[h] = std::sqrt(variance);
  });
}

inline auto arima::coefficients() const -> std::vector<coefficient> {
  std::vector<coefficient> out;
  if (!fitted_) return out;
  const auto add = [&](const char* name, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      out.emplace_back(name + std::to_string(i + 1), coefficients_[out.size()]);
  };
  add("ar", options_.p);
  add("ma", options_.q);
  add("sar", options_.P);
  add("sma", options_.Q);
  if (options_.has_mean()) out.emplace_back("mean", coefficients_[out.size()]);
  if (options_.drift) out.emplace_back("drift", coefficients_[out.size()]);
  add("xreg", row_.size());
  return out;
}

inline auto arima::smallest(std::size_t plain, double sign) const -> double {
  if (!fitted_) return std::numeric_limits<double>::infinity();
  const auto part = [&](std::size_t from, std::size_t count) {
    std::vector<double> a(coefficients_.begin() + static_cast<std::ptrdiff_t>(from),
                          coefficients_.begin() + static_cast<std::ptrdiff_t>(from + count));
    for (auto& x : a) x *= sign;
    return detail::smallest_root(a);
  };
  const std::size_t seasonal = options_.p + options_.q + (plain == 0 ? 0 : options_.P);
  const double s = part(seasonal, plain == 0 && sign < 0 ? options_.P : options_.Q);
  return std::fmin(part(plain, sign < 0 ? options_.p : options_.q),
                   std::pow(s, 1 / static_cast<double>(options_.season)));
}

inline auto arima::estimate(std::span<const double> values, matrix_view inputs, bool warm)
    -> fit_result {
  if (auto ok = options_.check(); !ok) return unexpected{ok.error()};
  if (inputs.columns() > 0 && inputs.rows() != values.size())
    return failure("arima: there are " + std::to_string(values.size()) + " values but " +
                   std::to_string(inputs.rows()) + " rows of inputs");
  for (std::size_t i = 0; i < inputs.values().size(); ++i)
    if (!std::isfinite(inputs.values()[i]))
      return failure("arima: row " + std::to_string(i / inputs.columns()) +
                     " of the inputs, column " + std::to_string(i % inputs.columns()) +
                     ", is missing or infinite; inputs must be complete");
  arima next{options_};
  if (auto plain = next.fallback_.fit(values); !plain)
    return failure("arima: " + plain.error().message.substr(12));
  std::vector<double> start;
  if (warm && fitted_)
    start.assign(coefficients_.begin(),
                 coefficients_.begin() + static_cast<std::ptrdiff_t>(options_.arma()));
  auto found = detail::estimate_arima(options_, values, inputs, start);
  if (!found) return unexpected{found.error()};
  auto& e = found.value();
  next.report_ = e.report;
  if (e.fitted) {
    next.coefficients_ = std::move(e.coefficients);
    next.errors_ = std::move(e.errors);
    next.residuals_ = std::move(e.residuals);
    next.filter_ = std::move(e.filter);
    next.sigma2_ = e.sigma2;
    next.fitted_ = true;
    if (inputs.columns() > 0) {
      const auto last = inputs.row(values.size() - 1);
      next.row_.assign(last.begin(), last.end());
    }
    next.time_ = e.end;
    for (std::size_t i = e.end; i < values.size(); ++i) {
      next.filter_.miss();
      ++next.time_;
    }
  } else {
    next.report_.fallback = last_value::model_name;
    next.row_.assign(inputs.columns(), 0.0);
  }
  *this = std::move(next);
  return report_;
}

template <class Archive>
void arima::persist(Archive& a) {
  a(options_, coefficients_, errors_, row_, filter_, fallback_, sigma2_, time_, fitted_);
  bool stand_in = !report_.fallback.empty();
  a(report_.converged, report_.loglik, report_.parameters, report_.observations, report_.iterations,
    stand_in);
  if constexpr (Archive::reads) {
    report_.fallback = stand_in ? last_value::model_name : std::string_view{};
    residuals_.clear();
    const std::size_t count = options_.arma() + (options_.has_mean() ? 1U : 0U) +
                              (options_.drift ? 1U : 0U) + row_.size();
    const std::size_t r = std::max(options_.p + options_.P * options_.season + options_.lost(),
                                   options_.q + options_.Q * options_.season + 1);
    if (fitted_ && (coefficients_.size() != count || errors_.size() != count ||
                    filter_.size() != r || !(sigma2_ >= 0)))
      a.reject();
  }
}

}  // namespace lepton::predict
