// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/dot.hpp>
#include <lepton/predict/normal.hpp>

namespace lepton::predict {

struct recursive_least_squares_options {
  /// Weight of an observation relative to the one after it, in (0, 1]; with 0.99 about the last 100
  /// count.
  double forgetting = 1;
  /// Sum of squares that each feature is taken to have had before the first observation, with a
  /// coefficient of 0; in `fit`, in units of its mean square there. Small beside that of the
  /// features, as it is a ridge penalty.
  double prior = 1e-6;
  bool intercept = true;
};

/// Least squares that learns one observation at a time and forgets old ones exponentially: after
/// each update the coefficients are those that weighted least squares finds for all observations.
///
/// Kept is the triangular factor of the weighted data, into which Givens rotations work each row
/// (Golub, 1965; Gentleman, "Least squares computations by Givens transformations without square
/// roots", 1973): the covariance is positive definite by construction, however many updates
/// come, unlike in the textbook recursion. Old features that are no longer excited would let the
/// covariance grow without bound ("wind-up"); so in turn each coefficient is given a trace of
/// evidence for its present value, which keeps the information on it at about `prior` and changes
/// nothing else (after Gunnarsson, "Combining tracking and regularization in recursive least
/// squares identification", 1996).
///
/// `update` is O(p²), without allocation once the number of features is known (from `fit`, the
/// constructor, or the first update); observations with a number that is not finite are ignored.
/// `predict` is O(p), `predict_quantiles` O(p²).
class recursive_least_squares {
 public:
  static constexpr std::string_view model_name = "recursive least squares";

  recursive_least_squares() = default;
  explicit recursive_least_squares(recursive_least_squares_options options,
                                   std::size_t features = 0)
      : options_(options) {
    if (features > 0) make_room(features);
  }

  /// Begins anew and takes in the rows, the oldest first.
  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result {
    const auto wrong = [](std::string what) {
      return failure(std::string(model_name) + ": " + what);
    };
    if (!(options_.forgetting > 0 && options_.forgetting <= 1))
      return wrong("the forgetting factor must be above 0 and at most 1");
    if (!(options_.prior > 0) || !std::isfinite(options_.prior))
      return wrong("the prior sum of squares must be positive");
    if (x.columns() == 0) return wrong("there are no features; give at least one column");
    if (x.rows() != y.size())
      return wrong("there are " + std::to_string(x.rows()) + " rows of features but " +
                   std::to_string(y.size()) + " numbers to explain");
    recursive_least_squares fitted{options_, x.columns()};
    fitted.measure(x, y);
    for (std::size_t i = 0; i < y.size(); ++i) {
      if (std::isinf(y[i])) return wrong("number " + std::to_string(i) + " to explain is infinite");
      for (std::size_t j = 0; j < x.columns(); ++j)
        if (std::isinf(x(i, j)))
          return wrong("feature " + std::to_string(j) + " of row " + std::to_string(i) +
                       " is infinite; leave the row out or mark it missing (NaN)");
      fitted.update(x.row(i), y[i]);
    }
    if (fitted.observations_ == 0) return wrong("no row is complete; each has a missing number");
    *this = std::move(fitted);
    fit_report report;
    report.parameters = columns() + 1;
    report.observations = static_cast<std::size_t>(observations_);
    return report;
  }

  void update(std::span<const double> row, double y) noexcept {
    double sum = y;
    for (const double v : row) sum += v;
    if (!std::isfinite(sum)) return;
    if (columns_ == 0) make_room(row.size());
    LEPTON_ASSERT(row.size() + head() == columns_,
                  "recursive least squares: wrong number of features");
    load(row);
    const double rest = rotate(0, y, std::sqrt(options_.forgetting));
    residual_squares_ = options_.forgetting * residual_squares_ + rest * rest;
    weight_ = options_.forgetting * weight_ + 1;
    if (options_.forgetting < 1) {
      const std::size_t j = observations_ % columns_;
      const double trace =
          std::sqrt((1 - options_.forgetting) * prior_[j] * static_cast<double>(columns_));
      std::fill(work_.begin(), work_.end(), 0.0);
      work_[j] = trace;
      rotate(j, trace * theta_[j], 1);
    }
    ++observations_;
    solve();
  }

  /// NaN if nothing was learned yet, or a feature is NaN.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (observations_ == 0) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() + head() == columns_,
                  "recursive least squares: wrong number of features");
    return intercept() + detail::dot(theta_.data() + head(), row.data(), row.size());
  }

  /// Normal quantiles of a new observation: noise and uncertain coefficients together.
  void predict_quantiles(std::span<const double> row, std::span<const double> quantiles,
                         std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == quantiles.size(), "predict_quantiles: a place for each quantile");
    const double mean = predict(row);
    const double error = observations_ == 0 ? 0 : sigma() * std::sqrt(1 + leverage(row));
    for (std::size_t i = 0; i < quantiles.size(); ++i)
      out[i] = mean + error * normal_quantile(quantiles[i]);
  }

  /// Variance that uncertain coefficients give a prediction, in units of the noise's.
  [[nodiscard]] auto leverage(std::span<const double> row) noexcept -> double {
    if (columns_ == 0) return std::numeric_limits<double>::quiet_NaN();
    load(row);
    double sum = 0;
    for (std::size_t j = 0; j < columns_; ++j) {  // forward substitution of Rᵀ v = x
      const double* __restrict r = factor_.data() + j * stride_;
      const double v = work_[j] / r[j];
      for (std::size_t k = j + 1; k < columns_; ++k) work_[k] -= r[k] * v;
      sum += v * v;
    }
    return sum;
  }

  [[nodiscard]] auto intercept() const noexcept -> double {
    return options_.intercept && columns_ > 0 ? theta_[0] : 0;
  }
  [[nodiscard]] auto coefficients() const noexcept -> std::span<const double> {
    return std::span{theta_}.first(columns_).subspan(columns_ == 0 ? 0 : head());
  }
  /// Standard deviation of the noise, old observations forgotten as everywhere. 0 until there are
  /// more observations than coefficients.
  [[nodiscard]] auto sigma() const noexcept -> double {
    const double freedom = weight_ - static_cast<double>(columns_);
    if (observations_ <= columns_) return 0;
    return std::sqrt(residual_squares_ / std::max(freedom, 1.0));
  }
  /// Coefficients, the intercept among them.
  [[nodiscard]] auto columns() const noexcept -> std::size_t { return columns_; }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t columns = columns_;
    a(options_.forgetting, options_.prior, options_.intercept, columns, factor_, theta_, prior_,
      residual_squares_, weight_, observations_);
    if constexpr (Archive::reads) {
      const std::uint64_t stride = (columns + 4) / 4 * 4;
      if (columns > 1U << 16U || !(options_.forgetting > 0 && options_.forgetting <= 1) ||
          !(options_.prior > 0) || (columns > 0 && columns <= head()) ||
          factor_.size() != columns * stride || prior_.size() != columns ||
          theta_.size() != (columns > 0 ? stride : 0))
        return a.reject();
      columns_ = static_cast<std::size_t>(columns);
      stride_ = columns > 0 ? static_cast<std::size_t>(stride) : 0;
      for (std::size_t j = 0; j < columns_; ++j)
        if (!(factor_[j * stride_ + j] > 0) || !(prior_[j] > 0)) return a.reject();
      work_.assign(stride_, 0.0);
    }
  }

 private:
  [[nodiscard]] auto head() const noexcept -> std::size_t { return options_.intercept ? 1 : 0; }

  void make_room(std::size_t features) {
    columns_ = features + head();
    stride_ = (columns_ + 4) / 4 * 4;
    factor_.assign(columns_ * stride_, 0.0);
    theta_.assign(stride_, 0.0);
    work_.assign(stride_, 0.0);
    prior_.assign(columns_, options_.prior);
    begin();
  }
  void begin() noexcept {
    for (std::size_t j = 0; j < columns_; ++j) factor_[j * stride_ + j] = std::sqrt(prior_[j]);
  }

  /// The prior in units of the features' mean squares.
  void measure(matrix_view x, std::span<const double> y) {
    std::vector<double> squares(columns_, 0.0);
    double count = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      double sum = y[i];
      for (const double v : x.row(i)) sum += v;
      if (!std::isfinite(sum)) continue;
      for (std::size_t j = 0; j < x.columns(); ++j) squares[j + head()] += x(i, j) * x(i, j);
      ++count;
    }
    for (std::size_t j = head(); j < columns_; ++j)
      if (squares[j] > 1e-200 && std::isfinite(squares[j]))
        prior_[j] = options_.prior * squares[j] / count;
    begin();
  }

  void load(std::span<const double> row) noexcept {
    std::fill(work_.begin(), work_.end(), 0.0);
    if (head() == 1) work_[0] = 1;
    std::copy(row.begin(), row.end(), work_.begin() + static_cast<std::ptrdiff_t>(head()));
  }

  /// Works the row in `work_`, zero before `first`, and its number into the factor, old rows scaled
  /// by `keep`; returns what of the number no coefficient explains.
  auto rotate(std::size_t first, double y, double keep) noexcept -> double {
    double* __restrict x = work_.data();
    x[columns_] = y;  // the last column is that of the numbers
    for (std::size_t j = first; j < columns_; ++j) {
      double* __restrict r = factor_.data() + j * stride_;
      const double old = keep * r[j];
      const double length = std::sqrt(old * old + x[j] * x[j]);
      const double c = old / length;
      const double s = x[j] / length;
      const double ck = c * keep;
      const double sk = s * keep;
      // From a multiple of four on, so that the loop can be vectorised: before j both are zero.
      for (std::size_t k = j / 4 * 4; k < stride_; k += 4) {
        for (std::size_t e = 0; e < 4; ++e) {
          const double a = r[k + e];
          r[k + e] = ck * a + s * x[k + e];
          x[k + e] = c * x[k + e] - sk * a;
        }
      }
      r[j] = length;
      x[j] = 0;
    }
    return x[columns_];
  }

  void solve() noexcept {
    double* __restrict b = theta_.data();
    for (std::size_t j = columns_; j-- > 0;) {
      const double* r = factor_.data() + j * stride_;
      b[j] = (r[columns_] - detail::dot(r + j + 1, b + j + 1, columns_ - j - 1)) / r[j];
    }
  }

  recursive_least_squares_options options_{};
  std::size_t columns_ = 0;
  std::size_t stride_ = 0;
  std::vector<double> factor_;  // upper triangular, row after row; then the rotated numbers
  std::vector<double> theta_;
  std::vector<double> prior_;  // least sum of squares of each feature
  std::vector<double> work_;
  double residual_squares_ = 0;
  double weight_ = 0;
  std::uint64_t observations_ = 0;
};

}  // namespace lepton::predict
