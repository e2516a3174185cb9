// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/arima_filter.hpp>
#include <lepton/predict/arima_multistart.hpp>
#include <lepton/predict/arima_search.hpp>
#include <lepton/predict/fit_report.hpp>

namespace lepton::predict::detail {

/// All that fitting an ARIMA model gives.
struct arima_estimate {
  bool fitted = false;  ///< false: too short or constant
  fit_report report;
  std::vector<double> coefficients;  ///< ar, ma, sar, sma, mean, drift, inputs
  std::vector<double> errors;
  std::vector<double> residuals;
  arima_filter filter;  ///< stands after value `end`
  double sigma2 = 0;
  std::size_t end = 0;
};

/// Largest state whose covariance is followed exactly over the series; with more entries the
/// shocks are taken to be known at its end.
inline constexpr std::size_t arima_exact_state = 64;

/// After the search: the filter at the end of the series, and the residuals.
inline void arima_finish(const arima_options& o, std::span<const double> values, matrix_view inputs,
                         const arima_data& data, arima_search& search, arima_estimate& e) {
  std::vector<double> beta;
  search.profile().coefficients(beta);
  std::vector<double> eta = data.filled;
  for (std::size_t c = 0; c < data.impulses; ++c) eta[data.gaps[c]] -= beta[c];
  const double* b = e.coefficients.data() + o.arma();
  for (std::size_t i = 0; i < data.length; ++i) {
    std::size_t at = 0;
    if (o.has_mean()) eta[i] -= b[at++];
    if (o.drift) eta[i] -= b[at++] * static_cast<double>(data.first + i + 1);
    for (std::size_t j = 0; j < inputs.columns(); ++j)
      eta[i] -= b[at + j] * inputs(data.first + i, j);
  }
  e.residuals.assign(values.size(), std::numeric_limits<double>::quiet_NaN());
  const arma_form& f = search.form();
  const std::size_t r = std::max(f.phi.size() + data.lost, f.theta.size() + 1);
  double ignored = 0;
  if (r <= arima_exact_state) {
    // Gaps among the starting values have columns of their own.
    std::vector<std::size_t> early;
    std::vector<char> seen = data.seen;
    for (std::size_t i = 0; i < data.lost; ++i)
      if (std::exchange(seen[i], 1) == 0) early.push_back(i);
    std::vector<double> columns((early.size() + 1) * data.length, 0.0);
    std::copy(eta.begin(), eta.end(), columns.begin());
    for (std::size_t c = 0; c < early.size(); ++c) columns[(c + 1) * data.length + early[c]] = 1;
    std::vector<double> white(columns.size());
    arima_kalman kalman;
    if (!kalman.run(f, data.delta, columns.data(), data.length, early.size() + 1, seen,
                    white.data(), ignored))
      return;
    for (std::size_t i = data.lost, k = 0; i < data.length; ++i)
      if (seen[i] != 0) e.residuals[data.first + i] = white[k++];
    std::vector<double> covariance(kalman.covariance().begin(), kalman.covariance().end());
    for (std::size_t c = 1; c <= early.size(); ++c) {
      // What the state owes to a starting value that is only estimated.
      double* w = white.data() + c * data.length;
      std::vector<double> x(kalman.state(c).begin(), kalman.state(c).end());
      std::vector<double>& all = columns;
      for (std::size_t k = 1; k < c; ++k) {
        const double* u = white.data() + k * data.length;
        double sum = 0;
        for (std::size_t i = 0; i < data.length; ++i) sum += u[i] * w[i];
        for (std::size_t i = 0; i < data.length; ++i) w[i] -= sum * u[i];
        for (std::size_t i = 0; i < r; ++i) x[i] -= sum * all[k * data.length + i];
      }
      double norm = 0;
      for (std::size_t i = 0; i < data.length; ++i) norm += w[i] * w[i];
      if (!(norm > 1e-20)) norm = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < data.length; ++i) w[i] /= std::sqrt(norm);
      for (std::size_t i = 0; i < r && i < data.length; ++i)
        all[c * data.length + i] = x[i] /= std::sqrt(norm);
      for (std::size_t i = 0; i < r; ++i)
        for (std::size_t j = 0; j < r; ++j) covariance[i * r + j] += x[i] * x[j];
    }
    e.filter.set(kalman.autoregression(), kalman.shock(), kalman.state(0), covariance,
                 std::sqrt(e.sigma2));
    return;
  }
  std::vector<double> w(data.length - data.lost);
  for (std::size_t i = 0; i < w.size(); ++i) {
    w[i] = eta[i + data.lost];
    for (const auto& t : data.sparse_delta) w[i] -= t.value * eta[i + data.lost - t.lag];
  }
  std::vector<double> white(w.size());
  arima_whitener whitener;
  if (!whitener.run(f, w.data(), w.size(), 1, white.data(), ignored)) return;
  for (std::size_t i = 0; i < w.size(); ++i)
    if (data.seen[i + data.lost] != 0) e.residuals[data.first + data.lost + i] = white[i];
  std::vector<double> phi(r, 0.0);
  std::copy(f.phi.begin(), f.phi.end(), phi.begin());
  for (const auto& t : data.sparse_delta) {
    phi[t.lag - 1] += t.value;
    for (const auto& a : f.ar) phi[t.lag + a.lag - 1] -= t.value * a.value;
  }
  std::vector<double> shock(r, 0.0);
  shock[0] = 1;
  std::copy(f.theta.begin(), f.theta.end(), shock.begin() + 1);
  std::vector<double> state(r, 0.0);
  for (std::size_t i = 0; i < r; ++i) {
    for (std::size_t l = i; l < r && l - i < data.length; ++l)
      state[i] += phi[l] * eta[data.length - 1 - (l - i)];
    for (std::size_t l = i; l < f.theta.size() && l - i < white.size(); ++l)
      state[i] += f.theta[l] * white[white.size() - 1 - (l - i)];
  }
  e.filter.set(phi, shock, state, {}, std::sqrt(e.sigma2));
}

/// Fits; `start` holds ARMA coefficients to start from, or is empty.
[[nodiscard]] inline auto estimate_arima(const arima_options& o, std::span<const double> values,
                                         matrix_view inputs, std::span<const double> start)
    -> expected<arima_estimate> {
  arima_estimate e;
  e.report.converged = true;
  arima_data data;
  const auto ready = data.set(o, values, inputs);
  if (!ready) return unexpected{ready.error()};
  e.report.observations = static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](double x) { return !std::isnan(x); }));
  e.report.parameters = 1;
  if (!ready.value() || data.observations() <= o.arma() + data.regressors + 1) return e;

  arima_search search{o, data};
  const bool exact = o.method != arima_method::css;
  double largest = 0;
  for (const double x : data.filled) largest = std::max(largest, std::fabs(x));
  const std::vector<double> none(o.arma(), 0.0);
  if (!std::isfinite(search.evaluate_at(none, exact)) ||
      !(search.profile().sigma2() > 1e-26 * largest * largest))
    return e;

  std::vector<double> c(start.begin(), start.end());
  if (c.empty() || !std::isfinite(search.climb(c, exact))) {
    c = none;
    const double work = static_cast<double>(data.rows * data.count()) *
                        static_cast<double>(o.q + o.Q * o.season + 12);
    e.report.converged = arima_multistart{o, search, work}.find(c);
  } else {
    e.report.converged = o.arma() == 0 || search.converged();
  }
  search.invert(c);
  e.fitted = true;
  e.report.iterations = search.iterations();

  const auto information = search.covariance(c, exact);
  (void)search.evaluate_at(c, exact);
  auto& profile = search.profile();
  e.sigma2 = profile.sigma2();
  e.report.loglik = profile.loglik();
  e.report.parameters = o.arma() + data.regressors + 1;
  e.report.observations = profile.observations();
  std::vector<double> beta;
  profile.coefficients(beta);
  e.coefficients = c;
  e.coefficients.resize(o.arma() + data.regressors);
  data.original(std::span{beta}.subspan(data.impulses),
                std::span{e.coefficients}.subspan(o.arma()));
  e.errors.assign(e.coefficients.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t j = 0; j < o.arma(); ++j)
    e.errors[j] = std::sqrt(information[j * (o.arma() + 1)]);
  for (std::size_t j = 0; j < data.regressors; ++j) {
    // Row j of the inverse of (R of the whitened columns) (R of the regressors).
    std::vector<double> row(data.regressors, 0.0);
    const std::size_t k = data.count();
    double sum = 0;
    std::vector<double> unit(data.regressors, 0.0);
    for (std::size_t i = 0; i < data.regressors; ++i) {
      std::fill(unit.begin(), unit.end(), 0.0);
      for (std::size_t m = i + 1; m-- > 0;) {
        double x = m == i ? 1 : 0;
        for (std::size_t l = m + 1; l <= i; ++l)
          x -= profile.triangle()[(data.impulses + l) * k + data.impulses + m] * unit[l];
        unit[m] = x / profile.triangle()[(data.impulses + m) * k + data.impulses + m];
      }
      data.without_origin(unit, row);
      sum += row[j] * row[j];
    }
    e.errors[o.arma() + j] = std::sqrt(e.sigma2 * sum);
  }
  e.end = data.first + data.length;
  arima_finish(o, values, inputs, data, search, e);
  if (e.filter.size() == 0) e.fitted = false;
  return e;
}

}  // namespace lepton::predict::detail
