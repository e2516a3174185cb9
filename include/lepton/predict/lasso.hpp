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
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/dot.hpp>
#include <lepton/predict/lasso_path.hpp>
#include <lepton/predict/regression_data.hpp>

namespace lepton::predict {

struct lasso_options {
  /// The penalty; NaN: the one of a path of `path` penalties whose error on parts of the rows held
  /// out in turn is least.
  double penalty = std::numeric_limits<double>::quiet_NaN();
  double mixing = 1;        ///< 1: lasso, 0: ridge, between: elastic net
  bool intercept = true;    ///< not penalised
  bool standardise = true;  ///< the penalty is on features of standard deviation 1
  std::uint64_t path = 100;
  double least = 1e-4;      ///< the path's least penalty, as a share of the largest
  std::uint64_t folds = 5;  ///< blocks of rows that follow each other (in time)
  /// The largest penalty whose error is within a standard error of the least (fewer features).
  bool sparser = false;
  double tolerance = 1e-9;  ///< of the conditions of optimality, relative to the largest |xᵀy|/n
};

/// Least squares with few features: minimises 1/(2n) ‖y - Xb‖² + penalty (mixing ‖b‖₁ +
/// (1 - mixing)/2 ‖b‖²), the lasso (Tibshirani, 1996) and the elastic net (Zou and Hastie, 2005).
/// 2 n p² operations, once, whatever the number of penalties and folds; then O(p) for each step of
/// a coordinate. Rows with a missing number are left out.
class lasso {
 public:
  static constexpr std::string_view model_name = "lasso";

  lasso() noexcept = default;
  explicit lasso(lasso_options options) noexcept : options_(options) {}

  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result;

  /// O(p); NaN if a feature is, or nothing was learned yet.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (observations_ == 0) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == coefficients_.size(), "lasso: wrong number of features");
    return intercept_ + detail::dot(coefficients_.data(), row.data(), row.size());
  }

  [[nodiscard]] auto intercept() const noexcept -> double { return intercept_; }
  [[nodiscard]] auto coefficients() const noexcept -> std::span<const double> {
    return coefficients_;
  }
  /// Features whose coefficient is not zero.
  [[nodiscard]] auto chosen() const noexcept -> std::size_t {
    return coefficients_.size() -
           static_cast<std::size_t>(std::count(coefficients_.begin(), coefficients_.end(), 0.0));
  }
  [[nodiscard]] auto penalty() const noexcept -> double { return penalty_; }
  /// The penalties that were tried, falling, and their mean squared error on rows held out.
  [[nodiscard]] auto penalties() const noexcept -> std::span<const double> { return tried_; }
  [[nodiscard]] auto scores() const noexcept -> std::span<const double> { return scores_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.penalty, options_.mixing, options_.intercept, options_.standardise, options_.path,
      options_.least, options_.folds, options_.sparser, options_.tolerance, coefficients_, tried_,
      scores_, intercept_, penalty_, observations_);
    if constexpr (Archive::reads)
      if (tried_.size() != scores_.size() || (observations_ == 0) != coefficients_.empty())
        a.reject();
  }

 private:
  static constexpr std::size_t most_sweeps = 10000;

  void choose(const std::vector<detail::product_sums>& folds, const detail::product_sums& all,
              double largest);

  lasso_options options_{};
  std::vector<double> coefficients_;
  std::vector<double> tried_;
  std::vector<double> scores_;
  double intercept_ = 0;
  double penalty_ = 0;
  std::uint64_t observations_ = 0;
};

inline auto lasso::fit(matrix_view x, std::span<const double> y) -> fit_result {
  const auto& o = options_;
  if (!(o.mixing >= 0 && o.mixing <= 1)) return failure("lasso: mixing must be from 0 to 1");
  if (o.penalty < 0 || std::isinf(o.penalty))
    return failure("lasso: the penalty must be a number from 0 on (NaN: chosen from a path)");
  if (!(o.tolerance > 0) || !(o.least > 0 && o.least < 1) || o.path == 0)
    return failure("lasso: tolerance, least and path must be positive, least below 1");
  const auto data = detail::prepare_regression(model_name, x, y, o.intercept);
  if (!data) return unexpected{data.error()};
  const std::size_t n = data->rows.size();
  const std::size_t p = x.columns();
  std::vector<double> unit(p, 0.0);
  for (std::size_t j = 0; j < p; ++j)
    if (data->scale[j] != 0) unit[j] = o.standardise ? data->spread[j] : 1;

  const bool search = std::isnan(o.penalty);
  const std::size_t folds =
      search ? std::clamp<std::size_t>(static_cast<std::size_t>(o.folds), 1, n) : 1;
  std::vector<detail::product_sums> parts(folds, detail::product_sums(p));
  detail::product_sums all(p);
  std::vector<double> row(all.stride, 0.0);
  for (std::size_t f = 0; f < folds; ++f) {
    for (std::size_t i = n * f / folds; i < n * (f + 1) / folds; ++i) {
      const auto from = x.row(data->rows[i]);
      for (std::size_t j = 0; j < p; ++j)
        row[j] = unit[j] == 0 ? 0 : (from[j] - data->centre[j]) / unit[j];
      parts[f].add(row.data(), y[data->rows[i]] - data->y_centre);
    }
    parts[f].mirror();
    all.add(parts[f], 1);
  }
  auto whole = all;
  whole.centre(o.intercept);
  detail::lasso_descent descent(whole, o.mixing);
  lasso fitted{o};
  fitted.penalty_ = o.penalty;
  if (search) fitted.choose(parts, all, descent.largest_penalty());

  fit_report report;
  // Down the path to the penalty, so that each start is near.
  const double largest = descent.largest_penalty();
  for (int i = 1; i < 20 && fitted.penalty_ < largest; ++i) {
    const double share = std::pow(std::max(fitted.penalty_ / largest, o.least), i / 20.0);
    if (share * largest > fitted.penalty_)
      descent.solve(share * largest, 1e-3, most_sweeps, report.iterations);
  }
  report.converged = descent.solve(fitted.penalty_, o.tolerance, most_sweeps, report.iterations);
  fitted.coefficients_.assign(p, 0.0);
  fitted.intercept_ = data->y_centre;
  for (std::size_t j = 0; j < p; ++j) {
    if (unit[j] == 0) continue;
    fitted.coefficients_[j] = descent.coefficients()[j] / unit[j];
    fitted.intercept_ -= fitted.coefficients_[j] * data->centre[j];
  }
  fitted.observations_ = n;
  *this = std::move(fitted);
  report.parameters = chosen() + (o.intercept ? 2 : 1);
  report.observations = n;
  return report;
}

inline void lasso::choose(const std::vector<detail::product_sums>& folds,
                          const detail::product_sums& all, double largest) {
  const auto count = static_cast<std::size_t>(options_.path);
  for (std::size_t i = 0; i < count; ++i)
    tried_.push_back(
        (largest > 0 ? largest : 1) *
        std::pow(options_.least,
                 count == 1 ? 0 : static_cast<double>(i) / static_cast<double>(count - 1)));
  scores_.assign(count, 0.0);
  std::vector<double> squares(count, 0.0);
  for (const auto& held : folds) {
    // With a single fold there is nothing else to learn from than what is held out.
    auto train = all;
    if (folds.size() > 1) train.add(held, -1);
    // The held-out numbers relative to the means of the others.
    auto test = held;
    if (options_.intercept) {
      const double mean_y = train.y / train.n;
      test.yy += held.n * mean_y * mean_y - 2 * mean_y * held.y;
      for (std::size_t j = 0; j < held.p; ++j) {
        const double mean = train.x[j] / train.n;
        test.xy[j] += held.n * mean * mean_y - mean * held.y - mean_y * held.x[j];
        for (std::size_t k = 0; k < held.p; ++k) {
          const double other = train.x[k] / train.n;
          test.xx[j * held.stride + k] +=
              held.n * mean * other - mean * held.x[k] - other * held.x[j];
        }
      }
    }
    train.centre(options_.intercept);
    detail::lasso_descent descent(train, options_.mixing);
    std::size_t sweeps = 0;
    for (std::size_t i = 0; i < count; ++i) {
      descent.solve(tried_[i], 1e-5, most_sweeps, sweeps);
      const double error = descent.error_on(test);
      scores_[i] += error / all.n;
      squares[i] += error / held.n * (error / held.n);
    }
  }
  std::size_t best = 0;
  for (std::size_t i = 1; i < count; ++i)
    if (scores_[i] < scores_[best]) best = i;
  if (options_.sparser) {
    const auto k = static_cast<double>(folds.size());
    const double variance = std::max(squares[best] / k - scores_[best] * scores_[best], 0.0);
    const double limit = scores_[best] + std::sqrt(variance / std::max(k - 1, 1.0));
    for (std::size_t i = 0; i < best; ++i)
      if (scores_[i] <= limit) best = i;
  }
  penalty_ = tried_[best];
}

}  // namespace lepton::predict
