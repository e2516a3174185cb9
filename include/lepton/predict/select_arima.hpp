// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/arima_estimate.hpp>
#include <lepton/predict/arima_options.hpp>
#include <lepton/predict/arima_order_search.hpp>
#include <lepton/predict/arima_roots.hpp>
#include <lepton/predict/auto_arima_options.hpp>
#include <lepton/predict/differencing.hpp>
#include <lepton/predict/fit_report.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/parallel_for.hpp>
#include <lepton/predict/small_least_squares.hpp>

namespace lepton::predict {

/// What `select_arima` chose.
struct arima_selection {
  arima_options orders;  ///< of the best model
  /// Criterion of the best model; infinite if the series is too short for any, and the orders are
  /// those of the differences alone.
  double criterion = std::numeric_limits<double>::infinity();
  std::vector<arima_candidate> tried;  ///< models that were fitted, the best first
};

/// The criterion of a fit, the smaller the better.
[[nodiscard]] inline auto criterion_of(const fit_report& r, information_criterion c) noexcept
    -> double {
  if (c == information_criterion::aicc) return aicc(r);
  if (c == information_criterion::aic) return aic(r);
  return aic(r) +
         static_cast<double>(r.parameters) * (std::log(static_cast<double>(r.observations)) - 2);
}

namespace detail {

[[nodiscard]] inline auto orders_of(const arima_candidate& c, const arima_options& base)
    -> arima_options {
  arima_options o = base;
  o.p = c.orders[0];
  o.q = c.orders[1];
  o.P = c.orders[2];
  o.Q = c.orders[3];
  o.mean = c.constant && o.d + o.D == 0;
  o.drift = c.constant && o.d + o.D == 1;
  return o;
}

/// Fits candidates, each on its own.
class arima_evaluation {
 public:
  arima_evaluation(std::span<const double> values, matrix_view inputs, const arima_options& base,
                   const auto_arima_options& options)
      : values_(values), inputs_(inputs), base_(base), options_(&options) {}

  void method(arima_method m) noexcept { base_.method = m; }

  /// Thoroughly, or only from the coefficients of a neighbour.
  void operator()(std::span<arima_candidate> candidates, const arima_candidate* near) const {
    const auto threads = threads_for(options_->threads, candidates.size());
    parallel_for(candidates.size(), threads,
                 [&](std::size_t i, std::size_t) { evaluate(candidates[i], near); });
  }

 private:
  void evaluate(arima_candidate& c, const arima_candidate* near) const {
    const arima_options orders = orders_of(c, base_);
    const auto fit = estimate_arima(orders, values_, inputs_,
                                    near == nullptr ? std::vector<double>{} : start_near(c, *near));
    if (!fit || !fit->fitted) return;
    c.coefficients.assign(fit->coefficients.begin(),
                          fit->coefficients.begin() + static_cast<std::ptrdiff_t>(orders.arma()));
    double roots[2] = {std::numeric_limits<double>::infinity(),
                       std::numeric_limits<double>::infinity()};  // autoregressive, moving-average
    for (std::size_t i = 0, at = 0; i < 4; at += c.orders[i++]) {
      std::vector<double> polynomial(c.orders[i]);
      for (std::size_t k = 0; k < polynomial.size(); ++k)
        polynomial[k] = (i % 2 == 0 ? -1 : 1) * c.coefficients[at + k];
      roots[i % 2] = std::fmin(roots[i % 2], smallest_root(polynomial));
    }
    c.least_root = std::fmin(roots[0], roots[1]);
    c.criterion = criterion_of(fit->report, options_->criterion);
    if (roots[1] < options_->least_root) c.handicap = options_->handicap;
    if (roots[0] < options_->least_root) c.handicap = std::numeric_limits<double>::infinity();
  }

  /// The coefficients of `near` as far as `c` has them, small ones for the others.
  static auto start_near(const arima_candidate& c, const arima_candidate& near)
      -> std::vector<double> {
    std::vector<double> start;
    for (std::size_t i = 0, at = 0; i < 4; at += near.orders[i++])
      for (std::size_t k = 0; k < c.orders[i]; ++k)
        start.push_back(k < near.orders[i] ? near.coefficients[at + k] : 0.05);
    return start;
  }

  std::span<const double> values_;
  matrix_view inputs_;
  arima_options base_;
  const auto_arima_options* options_;
};

/// Bounds of the orders for so many values.
[[nodiscard]] inline auto bounds_for(const auto_arima_options& o, std::size_t values,
                                     std::size_t differences) -> order_bounds {
  const std::size_t third = values / 3;
  const bool seasonal = o.season > 1;
  std::size_t most[4] = {std::min(o.max_p, third), std::min(o.max_q, third),
                         seasonal ? std::min(o.max_P, third / o.season) : 0,
                         seasonal ? std::min(o.max_Q, third / o.season) : 0};
  // A plain term at the season's lag would do what a seasonal term does.
  if (most[2] > 0) most[0] = std::min(most[0], o.season - 1);
  if (most[3] > 0) most[1] = std::min(most[1], o.season - 1);
  order_bounds b;
  for (std::size_t i = 0; i < 4; ++i) b.most[i] = static_cast<std::uint8_t>(most[i]);
  b.constant = differences == 0 ? o.mean : differences == 1 && o.drift;
  return b;
}

/// What a regression on a constant and the inputs leaves of the values; the values themselves if
/// there are no inputs, or they are collinear.
[[nodiscard]] inline auto without_inputs(std::span<const double> values, matrix_view inputs)
    -> std::vector<double> {
  std::vector<double> out{values.begin(), values.end()};
  if (inputs.columns() == 0) return out;
  std::vector<std::vector<double>> x(inputs.columns() + 1);
  std::vector<double> y;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    y.push_back(values[i]);
    x[0].push_back(1);
    for (std::size_t j = 0; j < inputs.columns(); ++j) x[j + 1].push_back(inputs(i, j));
  }
  const auto fit = solve_least_squares(x, y);
  if (!fit.full_rank) return out;
  for (std::size_t i = 0, at = 0; i < out.size(); ++i)
    if (!std::isnan(out[i])) out[i] = fit.residuals[at++];
  return out;
}

}  // namespace detail

/// Chooses the orders of an ARIMA model for a series. First D by `nsdiffs`, then d by `ndiffs` of
/// what is left (criteria of series that are differenced differently cannot be compared), then the
/// other orders and the constant by the criterion, each candidate fitted by exact likelihood.
///
/// Stepwise: the walk of Hyndman and Khandakar (J. Statistical Software 27, 2008) with its rule
/// that roots are at least 1.01, then from all it saw, and a few more starts, the neighbourhoods
/// of the `width` best until nothing better is near, within `max_order` or one above the order of
/// the best; so it never ends at a worse model than the walk. Exhaustive: all within `max_order`.
///
/// `first` are orders to start from instead, when they are known from before: only their
/// neighbourhood is searched then. With `inputs`, a row for each value, the differences are those
/// that the residuals of a regression on them want. An error for options that cannot be, a series
/// that is infinite somewhere or has no values, or inputs of another length.
[[nodiscard]] inline auto select_arima(std::span<const double> values,
                                       const auto_arima_options& options, matrix_view inputs = {},
                                       const arima_options* first = nullptr)
    -> expected<arima_selection> {
  if (const auto good = options.check(); !good) return unexpected{good.error()};
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i]))
      return failure("auto_arima: value " + std::to_string(i) +
                     " of the series is infinite; leave it out or mark it missing (NaN)");
    if (!std::isnan(values[i])) ++count;
  }
  if (count == 0) return failure("auto_arima: the series has no value that is not missing");
  if (inputs.columns() > 0 && inputs.rows() != values.size())
    return failure("auto_arima: there are " + std::to_string(values.size()) + " values but " +
                   std::to_string(inputs.rows()) + " rows of inputs");

  for (const double x : inputs.values())
    if (!std::isfinite(x))
      return failure("auto_arima: an input is missing or infinite; inputs must be complete");

  arima_selection s;
  arima_options& base = s.orders;
  base.season = options.season;
  base.D =
      options.D ? *options.D : nsdiffs(values, options.season, options.seasonal, options.max_D);
  auto rest = differenced(values, options.season, base.D);
  base.d = options.d ? *options.d : ndiffs(rest, options.test, 0.05, options.max_d);
  base.mean = options.mean;
  rest = differenced(rest, 1, base.d);
  if (inputs.columns() == 0 &&
      is_constant(rest)) {  // a straight line or season without noise: nothing to choose by
    base.drift = options.drift && base.d + base.D == 1;
    return s;
  }

  auto bounds = detail::bounds_for(options, count, base.d + base.D);
  const bool exhaustive = options.search == order_search_mode::exhaustive;
  if (exhaustive) bounds.fits = std::numeric_limits<std::size_t>::max();
  detail::arima_evaluation evaluation{values, inputs, base, options};
  if (options.approximation) evaluation.method(arima_method::css);
  detail::order_search search{bounds, evaluation};
  if (first != nullptr) {
    search.start({static_cast<std::uint8_t>(first->p), static_cast<std::uint8_t>(first->q),
                  static_cast<std::uint8_t>(first->P), static_cast<std::uint8_t>(first->Q)},
                 first->drift || first->has_mean());
    search.spread(1, options.max_order);
  } else if (exhaustive) {
    search.exhaust(options.max_order);
  } else {
    search.walk(count < 10, 1.01);
    search.start({1, 1, 0, 1}, false);
    search.start({3, 0, 1, 0}, false);
    search.start({0, 3, 0, 1}, true);
    search.start({0, 2, 0, 1}, true);
    if (options.season > 1) search.start({0, 1, 1, 2}, false);
    search.spread(std::max<std::size_t>(options.width, 1), options.max_order);
  }
  s.tried.assign(search.tried().begin(), search.tried().end());
  std::stable_sort(s.tried.begin(), s.tried.end(),
                   [](const auto& a, const auto& b) { return a.rank() < b.rank(); });
  if (options.approximation) {
    evaluation.method(arima_method::css_ml);
    s.tried.resize(std::min<std::size_t>(s.tried.size(), 5));
    for (auto& c : s.tried) {
      arima_candidate again;
      again.orders = c.orders;
      again.constant = c.constant;
      c = again;
    }
    evaluation(s.tried, nullptr);
    std::stable_sort(s.tried.begin(), s.tried.end(),
                     [](const auto& a, const auto& b) { return a.rank() < b.rank(); });
  }
  if (!s.tried.empty() && std::isfinite(s.tried.front().rank())) {
    s.criterion = s.tried.front().criterion;
    s.orders = detail::orders_of(s.tried.front(), base);
  }
  return s;
}

}  // namespace lepton::predict
