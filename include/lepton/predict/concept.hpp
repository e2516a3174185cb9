// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <span>

#include <lepton/predict/fit_report.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/state.hpp>

namespace lepton::predict {

/// A model of a series of numbers that came at equal intervals.
///
/// 1. `p.update(value)` takes the next number of the series; NaN says that it is missing, and time
///    goes on all the same. An infinite value counts as missing. It allocates nothing, the
///    memory of the predictor does not grow, and parameters that were fitted stay.
/// 2. `p.forecast(horizon, quantiles, out)` writes quantiles of each of the next `horizon` numbers,
///    step by step: `out[h * quantiles.size() + i]` is the quantile `quantiles[i]`, strictly
///    between 0 and 1, of the number h + 1 steps ahead. The quantiles of a step do not cross.
///    `out` holds horizon times `quantiles.size()` numbers (contract); horizon 0 writes nothing. It
///    changes nothing that a later call could tell (but may use room set aside in the predictor,
///    hence is not `const`) and allocates nothing.
/// 3. `p.peak_quantile(horizon, q)` is the quantile q of the *largest* of the next `horizon`
///    numbers: what a capacity must reach so that it suffices throughout the window with
///    probability q. The numbers depend on each other, so it is more than the largest quantile of
///    one step. The same state gives the same answer (simulation draws from a seed of its own).
///    NaN for horizon 0.
/// 4. `p.ready()` tells whether there is anything to forecast from. Once it is, no forecast is NaN
///    or infinite; before, they all are NaN.
/// 5. It works from the first number on: one that was never fitted, or on too little history,
///    forecasts as a simpler model does (`last_value` if nothing better is known).
/// 6. It is a plain value: a copy goes its own way, and `save` and `load` give it back to the last
///    bit.
///
/// A predictor needs no lock if each thread has its own.
template <class P>
concept predictor = persistent<P> &&
    requires(P& p, const P& c, double value, std::size_t horizon, std::span<const double> quantiles,
             std::span<double> out) {
  { p.update(value) }
  noexcept->std::same_as<void>;
  { p.forecast(horizon, quantiles, out) }
  noexcept->std::same_as<void>;
  { p.peak_quantile(horizon, value) }
  noexcept->std::same_as<double>;
  { c.ready() }
  noexcept->std::same_as<bool>;
};

/// A predictor with parameters to learn from history.
///
/// 1. `p.fit(values)` learns from the series, oldest first, NaN for what is missing, and stands
///    at its end: the next `update` is the number after it. What it was before is forgotten.
/// 2. It never throws for what the numbers are: too little history (or a constant series) gives
///    a report that names the simpler model that stands in; an infinite number, nothing but
///    missing numbers, or options that no series could fit are an error that says which, and the
///    predictor is as it was.
template <class P>
concept trainable = predictor<P> && requires(P& p, std::span<const double> values) {
  { p.fit(values) } -> std::same_as<fit_result>;
};

/// A trainable predictor that can start the search from the parameters it has: `p.refit(values)`
/// is `fit`, only sooner done when little has changed.
template <class P>
concept refittable = trainable<P> && requires(P& p, std::span<const double> values) {
  { p.refit(values) } -> std::same_as<fit_result>;
};

/// A predictor whose forecasts have a mean and a standard error: `p.moments(mean, error)` writes
/// them for the next `mean.size()` numbers. Both spans have that length (contract).
template <class P>
concept with_moments = predictor<P> &&
    requires(P& p, std::span<double> mean, std::span<double> error) {
  { p.moments(mean, error) }
  noexcept->std::same_as<void>;
};

/// A predictor that takes into account other series, whose future is known or assumed (planned
/// load, calendar). Row i of the inputs belongs to value i; none may be missing.
template <class P>
concept with_inputs = trainable<P> &&
    requires(P& p, double value, std::span<const double> values, matrix_view inputs,
             std::span<const double> row, std::span<double> out) {
  { p.fit(values, inputs) } -> std::same_as<fit_result>;
  { p.update(value, row) }
  noexcept->std::same_as<void>;
  { p.forecast(inputs, values, out) }
  noexcept->std::same_as<void>;  // a row for each step
};

/// A model of a number that depends on others (features).
///
/// 1. `r.fit(x, y)` learns from rows of features and the number that belongs to each. Rows whose
///    number is missing (NaN) are left out; whether features may be missing is the model's own.
///    Errors as in `trainable`.
/// 2. `r.predict(row)` is the mean to expect for these features; it allocates nothing. NaN if
///    the model was never fitted.
template <class R>
concept regressor = persistent<R> && requires(R& r, matrix_view x, std::span<const double> row) {
  { r.fit(x, row) } -> std::same_as<fit_result>;
  { r.predict(row) }
  noexcept->std::same_as<double>;
};

/// A regressor that knows more than the mean: quantiles of the number for these features.
template <class R>
concept quantile_regressor = regressor<R> &&
    requires(R& r, std::span<const double> row, std::span<const double> quantiles,
             std::span<double> out) {
  { r.predict_quantiles(row, quantiles, out) }
  noexcept->std::same_as<void>;
};

/// A regressor that learns on, one observation at a time, without allocation.
template <class R>
concept online_regressor = regressor<R> && requires(R& r, std::span<const double> row, double y) {
  { r.update(row, y) }
  noexcept->std::same_as<void>;
};

}  // namespace lepton::predict
