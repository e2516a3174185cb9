// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/arima_kernels.hpp>
#include <lepton/predict/arima_profile.hpp>
#include <lepton/predict/arima_roots.hpp>
#include <lepton/predict/bfgs.hpp>

namespace lepton::predict::detail {

/// Looks for the ARMA coefficients of the greatest likelihood.
///
/// The logarithm of the likelihood is, but for constants, that of a sum of squares of weighted
/// residuals: so steps of Gauss and Newton, damped as Levenberg and Marquardt do, lead close to the
/// optimum in a handful of iterations, with derivatives of the residuals by differences. Where
/// these steps do not serve (a moving average with a root on the unit circle, where the residuals'
/// derivatives vanish), the search goes on by `bfgs`.
///
/// Autoregressions are searched over the inverse hyperbolic tangents of their partial
/// autocorrelations; moving averages are free, as the likelihood does not mind roots within the
/// unit circle, and mirrored in the end.
class arima_search {
 public:
  /// A gain of log-likelihood that is not worth another step.
  static constexpr double enough = 1e-11;

  arima_search(const arima_options& options, const arima_data& data)
      : o_(options), k_(options.arma()), profile_(data) {}

  /// From the given coefficients (stationary) to the nearest optimum, or until a step promises no
  /// more than `good_enough`. Minus the log-likelihood; infinite if the start is not allowed.
  auto climb(std::vector<double>& coefficients, bool exact, double good_enough = enough) -> double {
    exact_ = exact;
    std::vector<double> x = coefficients;
    if (!to_search(x)) return infinity;
    double value = evaluate(x);
    if (!std::isfinite(value)) return infinity;
    if (k_ > 0) value = gauss_newton(x, value, good_enough);
    coefficients = x;
    to_natural(coefficients);
    return value;
  }

  /// Mirrors what is not invertible.
  void invert(std::span<double> coefficients) const {
    mirror_roots(coefficients.subspan(o_.p, o_.q));
    mirror_roots(coefficients.subspan(o_.p + o_.q + o_.P, o_.Q));
  }
  /// Evaluates the likelihood at these coefficients, for `profile()` to tell of. Infinite if the
  /// process is not stationary.
  auto evaluate_at(std::span<const double> coefficients, bool exact) -> double {
    form_.set(o_, coefficients);
    if (!(exact ? profile_.evaluate(form_) : profile_.evaluate_conditional(form_))) return infinity;
    return -profile_.loglik();
  }
  /// Inverse of the coefficients' information, row by row, from the residuals' derivatives at
  /// the coefficients; NaN where there is none.
  [[nodiscard]] auto covariance(std::span<const double> coefficients, bool exact)
      -> std::vector<double>;

  [[nodiscard]] auto profile() noexcept -> arima_profile& { return profile_; }
  [[nodiscard]] auto form() const noexcept -> const arma_form& { return form_; }
  [[nodiscard]] auto converged() const noexcept -> bool { return converged_; }
  [[nodiscard]] auto iterations() const noexcept -> std::size_t { return iterations_; }

 private:
  static constexpr double infinity = std::numeric_limits<double>::infinity();
  static constexpr double difference = 3e-7;

  auto to_search(std::span<double> x) const -> bool {
    if (!o_.transform) return true;
    for (const auto part : {x.subspan(0, o_.p), x.subspan(o_.p + o_.q, o_.P)}) {
      if (!to_partial(std::span<double>{part})) return false;
      for (auto& r : part) r = std::atanh(r);
    }
    return true;
  }
  void to_natural(std::span<double> x) const {
    if (!o_.transform) return;
    for (const auto part : {x.subspan(0, o_.p), x.subspan(o_.p + o_.q, o_.P)}) {
      for (auto& r : part) r = std::tanh(r);
      const std::vector<double> partial(part.begin(), part.end());
      from_partial(partial, part);
    }
  }
  auto evaluate(std::span<const double> x) -> double {
    natural_.assign(x.begin(), x.end());
    to_natural(natural_);
    return evaluate_at(natural_, exact_);
  }
  /// `into` takes the weighted residuals of the last evaluation.
  void keep(double* into) const {
    const double w = profile_.weight();
    const double* r = profile_.residuals();
    for (std::size_t i = 0; i < profile_.size(); ++i) into[i] = w * r[i];
  }

  auto gauss_newton(std::vector<double>& x, double value, double good_enough) -> double;
  auto quasi_newton(std::vector<double>& x, double value) -> double;
  /// Derivatives of the weighted residuals at x, of which those at x are in `residuals_`; and from
  /// them `normal_` and `gradient_`, both scaled to the log-likelihood.
  auto linearise(std::vector<double>& x) -> bool;

  arima_options o_;
  std::size_t k_;
  arima_profile profile_;
  arma_form form_;
  bool exact_ = true;
  bool converged_ = false;
  std::size_t iterations_ = 0;
  std::vector<double> natural_;
  std::vector<double> residuals_;
  std::vector<double> derivatives_;
  std::vector<double> normal_;
  std::vector<double> gradient_;
  std::vector<double> step_;
};

inline auto arima_search::linearise(std::vector<double>& x) -> bool {
  const std::size_t n = residuals_.size();
  derivatives_.resize(n * k_);
  for (std::size_t j = 0; j < k_; ++j) {
    const double at = x[j];
    double h = difference * std::max(1.0, std::fabs(at));
    x[j] = at + h;
    double f = evaluate(x);
    if (!std::isfinite(f)) {
      h = -h;
      x[j] = at + h;
      f = evaluate(x);
    }
    h = x[j] - at;
    x[j] = at;
    if (!std::isfinite(f)) return false;
    double* __restrict d = derivatives_.data() + j * n;
    keep(d);
    const double* __restrict u = residuals_.data();
    for (std::size_t i = 0; i < n; ++i) d[i] = (d[i] - u[i]) / h;
  }
  double squares = 0;
  for (const double u : residuals_) squares += u * u;
  const double scale = static_cast<double>(profile_.observations()) / squares;
  normal_.assign(k_ * k_, 0.0);
  gradient_.assign(k_, 0.0);
  for (std::size_t j = 0; j < k_; ++j) {
    const double* d = derivatives_.data() + j * n;
    gradient_[j] = scale * dot(d, residuals_.data(), n);
    for (std::size_t i = 0; i <= j; ++i)
      normal_[i * k_ + j] = normal_[j * k_ + i] = scale * dot(d, derivatives_.data() + i * n, n);
  }
  return true;
}

inline auto arima_search::gauss_newton(std::vector<double>& x, double value, double good_enough)
    -> double {
  double damping = 1e-3;
  converged_ = false;
  std::vector<double> next(k_);
  residuals_.resize(profile_.size());
  keep(residuals_.data());
  for (std::size_t round = 0, slow = 0; round < (good_enough > enough ? 12 : 30) && slow < 3;
       ++round, ++iterations_) {
    if (!linearise(x)) break;
    bool accepted = false;
    for (int tries = 0; tries < 10 && !accepted; ++tries) {
      if (!solve_damped(normal_, gradient_, damping, step_)) {
        damping = std::max(damping * 10, 1e-6);
        continue;
      }
      double promise = 0;
      double longest = 0;
      for (std::size_t j = 0; j < k_; ++j) {
        promise += 0.5 * step_[j] * gradient_[j];
        longest = std::max(longest, std::fabs(step_[j]));
      }
      if (promise < good_enough && damping < 1e-2) {
        converged_ = true;
        return value;
      }
      const double shrink = longest > 1 ? 1 / longest : 1;
      for (std::size_t j = 0; j < k_; ++j) next[j] = x[j] - shrink * step_[j];
      const double there = evaluate(next);
      if (!(there < value)) {
        damping = std::max(damping * 10, 1e-3);
        continue;
      }
      accepted = true;
      // Where the promises are not kept, second derivatives of the residuals matter.
      const double kept = (value - there) / (promise * shrink);
      slow = kept < 0.25 && promise < 1 ? slow + 1 : 0;
      damping = kept > 0.5 ? damping * 0.05 : kept < 0.25 ? damping * 4 : damping;
      x = next;
      value = there;
      keep(residuals_.data());
    }
    if (!accepted) break;
  }
  return good_enough > enough ? value : quasi_newton(x, value);
}

inline auto arima_search::quasi_newton(std::vector<double>& x, double value) -> double {
  std::vector<double> moved(k_);
  const auto f = [&](std::span<const double> at, std::span<double> gradient) {
    const double there = evaluate(at);
    if (gradient.empty() || !std::isfinite(there)) return there;
    moved.assign(at.begin(), at.end());
    for (std::size_t j = 0; j < k_; ++j) {
      const double h = 1e-6 * std::max(1.0, std::fabs(at[j]));
      moved[j] = at[j] + h;
      double above = evaluate(moved);
      double width = 2 * h;
      moved[j] = at[j] - h;
      double below = evaluate(moved);
      moved[j] = at[j];
      if (!std::isfinite(above)) above = there, width = h;
      if (!std::isfinite(below)) below = there, width = h;
      gradient[j] = (above - below) / width;
    }
    return there;
  };
  if (!std::isfinite(evaluate(x))) return value;
  keep(residuals_.data());
  std::vector<double> metric;
  if (linearise(x)) {
    std::vector<double> unit(k_);
    for (std::size_t j = 0; j < k_; ++j) {
      unit.assign(k_, 0.0);
      unit[j] = 1;
      if (!solve_damped(normal_, unit, 1e-2, step_)) break;
      metric.insert(metric.end(), step_.begin(), step_.end());
    }
    if (metric.size() != k_ * k_) metric.clear();
  }
  const auto result = bfgs{bfgs_options{100, enough}}.minimise(f, std::span<double>{x}, metric);
  converged_ = result.converged;
  iterations_ += result.iterations;
  return std::min(value, result.value);
}

inline auto arima_search::covariance(std::span<const double> coefficients, bool exact)
    -> std::vector<double> {
  std::vector<double> out(k_ * k_, std::numeric_limits<double>::quiet_NaN());
  if (k_ == 0) return out;
  const arima_options kept = o_;
  o_.transform = false;
  exact_ = exact;
  std::vector<double> x(coefficients.begin(), coefficients.end());
  if (std::isfinite(evaluate(x))) {
    residuals_.resize(profile_.size());
    keep(residuals_.data());
    std::vector<double> unit;
    if (linearise(x)) {
      for (std::size_t j = 0; j < k_; ++j) {
        unit.assign(k_, 0.0);
        unit[j] = 1;
        if (!solve_damped(normal_, unit, 0, step_)) break;
        std::copy(step_.begin(), step_.end(), out.begin() + static_cast<std::ptrdiff_t>(j * k_));
      }
    }
    (void)evaluate(x);
  }
  o_ = kept;
  return out;
}

}  // namespace lepton::predict::detail
