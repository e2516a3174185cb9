// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <lepton/predict/arima_polynomial.hpp>
#include <lepton/predict/matrix_view.hpp>

namespace lepton::predict::detail {

/// A series made ready for the likelihood of an ARIMA model: trimmed of missing values at both
/// ends (which carry no information), with its regressors and with one more regressor, an impulse,
/// for each gap that is filled; differenced, unless the gaps are left to the Kalman filter.
///
/// Filling: the likelihood of a series with gaps is that of the filled series, integrated over the
/// filling values; with impulses as regressors under a flat prior this is exact, differenced or
/// not, whatever numbers were filled in (Gómez, Maravall and Peña 1999). For a differenced series
/// it is the likelihood with exactly diffuse starting values. A gap costs a column, so that for
/// many gaps the filter is cheaper; there only gaps among the first values, which start the
/// differences, get an impulse.
class arima_data {
 public:
  std::size_t first = 0;      ///< place of the first value that is not missing
  std::size_t length = 0;     ///< values from there to the last one that is not missing
  std::size_t lost = 0;       ///< values taken by differencing
  std::vector<double> delta;  ///< y_t = w_t + sum delta_i y_{t-i}
  std::vector<lag_term> sparse_delta;
  bool filter = false;            ///< gaps are left to the filter; the columns are not differenced
  std::size_t impulses = 0;       ///< columns first to come
  std::size_t regressors = 0;     ///< columns after them; the series itself is the last one
  std::size_t rows = 0;           ///< entries of a column
  std::vector<double> columns;    ///< one after another
  std::vector<char> seen;         ///< for each of `length` values: not missing
  std::vector<double> filled;     ///< the values, gaps interpolated
  std::vector<std::size_t> gaps;  ///< where the impulses are
  std::vector<double> origin;     ///< the multiple of each regressor that was taken from the series
  std::vector<double> triangle;   ///< R of the regressors' QR, column by column
  std::size_t regressor_of_inputs = 0;  ///< regressors before the first input

  [[nodiscard]] auto column(std::size_t c) const noexcept -> const double* {
    return columns.data() + c * rows;
  }
  [[nodiscard]] auto count() const noexcept -> std::size_t { return impulses + regressors + 1; }
  /// Values that are left after differencing and gaps.
  [[nodiscard]] auto observations() const noexcept -> std::size_t {
    const auto n = static_cast<std::size_t>(std::count(seen.begin(), seen.end(), 1));
    return n > lost ? n - lost : 0;
  }

  /// `values` has a number that is not missing, and none infinite; `inputs` has a row for each or
  /// no column. False in the result: too short for its regressors.
  [[nodiscard]] auto set(const arima_options& o, std::span<const double> values, matrix_view inputs)
      -> expected<bool>;

  /// Coefficients of mean, drift and inputs from those of the columns.
  void original(std::span<const double> beta, std::span<double> out) const noexcept {
    for (std::size_t j = 0; j < regressors; ++j) out[j] = origin[j] + beta[j];
    without_origin(out, out);
  }
  /// Solves R out = in; both may be the same.
  void without_origin(std::span<const double> in, std::span<double> out) const noexcept {
    for (std::size_t j = regressors; j-- > 0;) {
      double sum = in[j];
      for (std::size_t k = j + 1; k < regressors; ++k) sum -= triangle[k * regressors + j] * out[k];
      out[j] = sum / triangle[j * regressors + j];
    }
  }

 private:
  void difference(const double* in, double* out) const noexcept {
    for (std::size_t i = 0; i < length - lost; ++i) out[i] = in[i + lost];
    for (const auto& t : sparse_delta)
      for (std::size_t i = 0; i < length - lost; ++i) out[i] -= t.value * in[i + lost - t.lag];
  }
  [[nodiscard]] auto filter_is_cheaper(const arima_options& o, std::size_t missing) const noexcept
      -> bool {
    const double n = static_cast<double>(length);
    const double m = static_cast<double>(missing);
    const auto ar = static_cast<double>(o.p + o.P * o.season);
    const auto ma = static_cast<double>(o.q + o.Q * o.season);
    const double state = std::max(ar + static_cast<double>(lost), ma + 1);
    return missing > 0 && n * (state * state + 8) < n * m * (std::max(ar, ma) + 4 + m) / 2;
  }
  [[nodiscard]] auto orthogonalise(std::vector<double>& plain, std::vector<double>& differenced)
      -> status;
};

inline auto arima_data::set(const arima_options& o, std::span<const double> values,
                            matrix_view inputs) -> expected<bool> {
  const auto missing = [&](std::size_t i) { return std::isnan(values[i]); };
  first = 0;
  std::size_t last = values.size();
  while (first < last && missing(first)) ++first;
  while (last > first && missing(last - 1)) --last;
  length = last - first;
  lost = o.lost();
  if (length <= lost) return false;
  delta = differencing_terms(o);
  sparse_terms(delta, sparse_delta);
  seen.assign(length, 1);
  filled.assign(length, 0.0);
  gaps.clear();
  for (std::size_t i = 0, before = 0; i < length; ++i) {
    if (!missing(first + i)) {
      for (std::size_t k = before + 1; k < i; ++k) {
        const double w = static_cast<double>(k - before) / static_cast<double>(i - before);
        filled[k] = filled[before] + w * (values[first + i] - filled[before]);
      }
      filled[before = i] = values[first + i];
    } else {
      seen[i] = 0;
      gaps.push_back(i);
    }
  }
  filter = filter_is_cheaper(o, gaps.size());
  if (filter)
    gaps.resize(
        static_cast<std::size_t>(std::lower_bound(gaps.begin(), gaps.end(), lost) - gaps.begin()));
  const std::size_t after = length - lost;
  rows = filter ? length : after;
  impulses = gaps.size();
  regressor_of_inputs = (o.has_mean() ? 1U : 0U) + (o.drift ? 1U : 0U);
  regressors = regressor_of_inputs + inputs.columns();
  if (after < regressors) return false;

  std::vector<double> plain(regressors * length);
  for (std::size_t j = 0; j < regressors; ++j)
    for (std::size_t i = 0; i < length; ++i) {
      double& x = plain[j * length + i];
      if (j >= regressor_of_inputs) {
        x = inputs(first + i, j - regressor_of_inputs) -
            (lost > 0 ? inputs(first, j - regressor_of_inputs) : 0);
      } else {
        x = o.has_mean() && j == 0 ? 1 : static_cast<double>(first + i + 1);
      }
    }
  std::vector<double> differenced(regressors * after);
  for (std::size_t j = 0; j < regressors; ++j)
    difference(plain.data() + j * length, differenced.data() + j * after);
  if (auto ok = orthogonalise(plain, differenced); !ok) return unexpected{ok.error()};

  std::vector<double> level = filled;
  if (lost > 0)  // differencing takes it away
    for (auto& x : level) x -= values[first];
  std::vector<double> series(after);
  difference(level.data(), series.data());
  origin.assign(regressors, 0.0);
  for (std::size_t j = 0; j < regressors; ++j) {
    const double* x = differenced.data() + j * after;
    double sum = 0;
    for (std::size_t i = 0; i < after; ++i) sum += x[i] * series[i];
    origin[j] = sum;
    for (std::size_t i = 0; i < after; ++i) series[i] -= sum * x[i];
    for (std::size_t i = 0; i < length; ++i) level[i] -= sum * plain[j * length + i];
  }

  columns.assign(count() * rows, 0.0);
  for (std::size_t c = 0; c < impulses; ++c) {
    double* x = columns.data() + c * rows;
    if (filter) {
      x[gaps[c]] = 1;
      continue;
    }
    if (gaps[c] >= lost) x[gaps[c] - lost] = 1;
    for (const auto& t : sparse_delta) {
      const std::size_t at = gaps[c] + t.lag;
      if (at >= lost && at - lost < rows) x[at - lost] = -t.value;
    }
  }
  const auto& from = filter ? plain : differenced;
  std::copy(from.begin(), from.end(),
            columns.begin() + static_cast<std::ptrdiff_t>(impulses * rows));
  const auto& y = filter ? level : series;
  std::copy(y.begin(), y.end(),
            columns.begin() + static_cast<std::ptrdiff_t>((impulses + regressors) * rows));
  return true;
}

/// Gram and Schmidt, twice over.
inline auto arima_data::orthogonalise(std::vector<double>& plain, std::vector<double>& differenced)
    -> status {
  const std::size_t after = length - lost;
  triangle.assign(regressors * regressors, 0.0);
  for (std::size_t j = 0; j < regressors; ++j) {
    double* x = differenced.data() + j * after;
    double* u = plain.data() + j * length;
    const auto norm = [&] {
      double sum = 0;
      for (std::size_t i = 0; i < after; ++i) sum += x[i] * x[i];
      return std::sqrt(sum);
    };
    double size = 0;  // what rounding of the plain column leaves behind counts as nothing
    for (std::size_t i = 0; i < length; ++i) size = std::max(size, std::fabs(u[i]));
    const double before = std::max(norm(), size);
    for (int pass = 0; pass < 2; ++pass)
      for (std::size_t k = 0; k < j; ++k) {
        const double* z = differenced.data() + k * after;
        double sum = 0;
        for (std::size_t i = 0; i < after; ++i) sum += z[i] * x[i];
        triangle[j * regressors + k] += sum;
        for (std::size_t i = 0; i < after; ++i) x[i] -= sum * z[i];
        for (std::size_t i = 0; i < length; ++i) u[i] -= sum * plain[k * length + i];
      }
    const double left = norm();
    if (!(left > 1e-10 * before)) {
      if (j < regressor_of_inputs)
        return failure("arima: mean and drift cannot be told apart in so short a series");
      return failure("arima: input column " + std::to_string(j - regressor_of_inputs) +
                     " is, once differenced, a combination of the mean, the drift and the columns "
                     "before it; leave it out");
    }
    triangle[j * regressors + j] = left;
    for (std::size_t i = 0; i < after; ++i) x[i] /= left;
    for (std::size_t i = 0; i < length; ++i) u[i] /= left;
  }
  return {};
}

}  // namespace lepton::predict::detail
