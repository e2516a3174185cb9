// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/dot.hpp>
#include <lepton/predict/least_squares.hpp>
#include <lepton/predict/student_t.hpp>

namespace lepton::predict {

struct linear_regression_options {
  bool intercept = true;
  /// Refine the solution with errors computed to twice the precision once the condition number
  /// exceeds this: then all digits that the data give are right, for about the time of the
  /// factorisation again. 0: always, infinity: never.
  double refine_above = 100;
};

/// Ordinary least squares: y = intercept + Σ coefficient · feature + noise, the noise normal with
/// one variance. `fit` is 2 n p² operations by Householder QR (never normal equations), `predict`
/// O(p), `predict_quantiles` O(p²); n + p² numbers of state for p features.
///
/// Rows with a missing number (NaN) are left out. Where features depend on each other (or rows are
/// fewer than coefficients), of all coefficients that fit equally well those with the least sum of
/// squares are taken; `rank()` is then less than `columns()`, the report's fallback says
/// "minimum norm", and predictions for rows like those seen are as good as ever.
class linear_regression {
 public:
  static constexpr std::string_view model_name = "linear regression";
  static constexpr std::string_view minimum_norm = "minimum norm";

  linear_regression() noexcept = default;
  explicit linear_regression(linear_regression_options options) noexcept : options_(options) {}

  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result {
    const auto data = detail::prepare_regression(model_name, x, y, options_.intercept);
    if (!data) return unexpected{data.error()};
    detail::least_squares solver{*data, options_.intercept};
    if (solver.condition > options_.refine_above) solver.refine();
    linear_regression fitted{options_};
    fitted.take(*data, solver);
    *this = std::move(fitted);
    fit_report report;
    report.loglik = loglik();
    report.parameters = rank_ + 1;
    report.observations = static_cast<std::size_t>(observations_);
    if (rank() < columns()) report.fallback = minimum_norm;
    return report;
  }

  /// O(p); NaN if a feature is.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (observations_ == 0) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == coefficients_.size(),
                  "linear regression: wrong number of features");
    return intercept_ + detail::dot(coefficients_.data(), row.data(), row.size());
  }

  /// Standard error of a prediction for these features: of the noise and of the coefficients.
  [[nodiscard]] auto prediction_error(std::span<const double> row) const noexcept -> double {
    return sigma() * std::sqrt(1 + leverage(row));
  }

  /// Quantiles of a new observation (Student's distribution). Without a degree of freedom left to
  /// estimate the noise they all are the mean.
  void predict_quantiles(std::span<const double> row, std::span<const double> quantiles,
                         std::span<double> out) const noexcept {
    LEPTON_ASSERT(out.size() == quantiles.size(), "predict_quantiles: a place for each quantile");
    const double mean = predict(row);
    const double error = freedom() > 0 ? prediction_error(row) : 0;
    for (std::size_t i = 0; i < quantiles.size(); ++i)
      out[i] = error == 0 ? mean : mean + error * student_t_quantile(quantiles[i], freedom());
  }

  /// How far the features are from those seen: the variance that uncertain coefficients give the
  /// prediction, in units of the noise's. Between 0 and 1 for a row of the data.
  [[nodiscard]] auto leverage(std::span<const double> row) const noexcept -> double {
    if (observations_ == 0) return std::numeric_limits<double>::quiet_NaN();
    const std::size_t head = options_.intercept ? 1 : 0;
    const std::size_t p = row.size() + head;
    double sum = 0;
    for (std::size_t k = 0; k + p <= map_.size(); k += p) {
      double along = head == 1 ? map_[k] : 0;
      for (std::size_t j = 0; j < row.size(); ++j)
        along += map_[k + head + j] * (row[j] - centre_[j]);
      sum += along * along;
    }
    return sum;
  }

  [[nodiscard]] auto intercept() const noexcept -> double { return intercept_; }
  [[nodiscard]] auto coefficients() const noexcept -> std::span<const double> {
    return coefficients_;
  }
  /// Standard errors of the coefficients; NaN without a degree of freedom.
  [[nodiscard]] auto standard_error(std::size_t j) const noexcept -> double {
    return sigma() * std::sqrt(variance(options_.intercept ? j + 1 : j, 0));
  }
  [[nodiscard]] auto intercept_error() const noexcept -> double {
    return options_.intercept ? sigma() * std::sqrt(variance(0, 1)) : 0;
  }
  [[nodiscard]] auto t_statistic(std::size_t j) const noexcept -> double {
    return coefficients_[j] / standard_error(j);
  }
  /// Probability of a t statistic at least as large if the coefficient were 0.
  [[nodiscard]] auto p_value(std::size_t j) const noexcept -> double {
    return student_t_two_sided(t_statistic(j), freedom());
  }

  /// Standard deviation of the noise; NaN without a degree of freedom.
  [[nodiscard]] auto sigma() const noexcept -> double {
    return freedom() > 0 ? std::sqrt(residual_squares_ / freedom())
                         : std::numeric_limits<double>::quiet_NaN();
  }
  /// Part of the variance that is explained (without an intercept: of the sum of squares).
  [[nodiscard]] auto r_squared() const noexcept -> double {
    return total_squares_ > 0 ? 1 - residual_squares_ / total_squares_ : 1;
  }
  [[nodiscard]] auto adjusted_r_squared() const noexcept -> double {
    const double all = static_cast<double>(observations_) - (options_.intercept ? 1 : 0);
    return 1 - (1 - r_squared()) * all / freedom();
  }
  [[nodiscard]] auto residual_squares() const noexcept -> double { return residual_squares_; }
  [[nodiscard]] auto loglik() const noexcept -> double {
    const auto n = static_cast<double>(observations_);
    return -n / 2 * (std::log(6.283185307179586477 * residual_squares_ / n) + 1);
  }
  /// Observations less coefficients.
  [[nodiscard]] auto freedom() const noexcept -> double {
    return static_cast<double>(observations_) - static_cast<double>(rank_);
  }
  /// Coefficients that the data determine, the intercept among them.
  [[nodiscard]] auto rank() const noexcept -> std::size_t { return rank_; }
  /// Coefficients, the intercept among them.
  [[nodiscard]] auto columns() const noexcept -> std::size_t {
    return coefficients_.size() + (options_.intercept ? 1 : 0);
  }
  /// Condition number of the features, centred and brought to one length; of those that are
  /// independent. About log10 of it digits are lost where the solution is not refined.
  [[nodiscard]] auto condition() const noexcept -> double { return condition_; }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t rank = rank_;
    a(options_.intercept, options_.refine_above, coefficients_, centre_, map_, intercept_,
      residual_squares_, total_squares_, condition_, observations_, rank);
    if constexpr (Archive::reads) {
      rank_ = static_cast<std::size_t>(rank);
      if (centre_.size() != coefficients_.size() || rank > columns() ||
          map_.size() != rank_ * columns() || (observations_ == 0) != coefficients_.empty())
        a.reject();
    }
  }

 private:
  void take(const detail::regression_data& data, const detail::least_squares& solver) {
    const std::size_t head = options_.intercept ? 1 : 0;
    observations_ = data.rows.size();
    rank_ = solver.rank();
    condition_ = solver.condition;
    centre_ = data.centre;
    map_ = solver.map;
    coefficients_.assign(solver.coefficients.begin() + static_cast<std::ptrdiff_t>(head),
                         solver.coefficients.end());
    detail::double_double level{data.y_centre};
    if (head == 1) level.add(solver.coefficients[0]);
    for (std::size_t j = 0; j < centre_.size(); ++j)
      level.add_product(centre_[j], -coefficients_[j]);
    for (std::size_t j = 0; j < solver.low.size(); ++j) {
      if (j >= head) level.add(-solver.low[j] * centre_[j - head]);
      if (j < head) level.add(solver.low[j]);
    }
    intercept_ = head == 1 ? level.value() : 0;
    total_squares_ = data.total;
    for (std::size_t i = 0; i < data.rows.size(); ++i)
      residual_squares_ += solver.residual(i) * solver.residual(i);
  }

  /// Variance, in units of the noise's, of coefficient j of the centred features, less `shift`
  /// times their centre times the others (which makes it that of the intercept).
  [[nodiscard]] auto variance(std::size_t j, double shift) const noexcept -> double {
    const std::size_t p = columns();
    double sum = 0;
    for (std::size_t k = 0; k + p <= map_.size(); k += p) {
      double part = map_[k + j];
      if (shift != 0)
        for (std::size_t i = 0; i < centre_.size(); ++i) part -= map_[k + 1 + i] * centre_[i];
      sum += part * part;
    }
    return sum;
  }

  linear_regression_options options_{};
  std::vector<double> coefficients_;
  std::vector<double> centre_;
  std::vector<double> map_;  // what the coefficients owe to each direction, p · rank
  double intercept_ = 0;
  double residual_squares_ = 0;
  double total_squares_ = 0;
  double condition_ = 1;
  std::uint64_t observations_ = 0;
  std::size_t rank_ = 0;
};

}  // namespace lepton::predict
