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
#include <lepton/predict/normal.hpp>
#include <lepton/predict/regression_data.hpp>
#include <lepton/predict/ridge_spectrum.hpp>

namespace lepton::predict {

/// How `ridge` chooses among several penalties: by the error of leaving each row out in turn, in
/// closed form, or by its rotation-invariant version, generalised cross-validation (Golub, Heath
/// and Wahba, Technometrics 21, 1979).
enum class ridge_choice : std::uint8_t { generalised, leave_one_out };

struct ridge_options {
  /// Penalties to choose from, each at least 0; none: 41 between 1e-8 and 100 times the largest
  /// squared singular value of the features, a decimal exponent of 1/4 apart.
  std::vector<double> penalties{};
  ridge_choice choice = ridge_choice::generalised;
  bool intercept = true;    ///< not penalised
  bool standardise = true;  ///< the penalty is on features of standard deviation 1
};

/// Least squares with a penalty on the squares of the coefficients: minimises
/// ‖y - Xb‖² + penalty · ‖b‖² (Hoerl and Kennard, 1970), for many penalties at the price of one:
/// QR of the features, then the singular values of the triangle. 2 n p² operations, and O(p²) for
/// each penalty (by leaving one out: n p² once more, and O(n p) each).
///
/// Rows with a missing number are left out; collinear features and fewer rows than features are
/// fine. Intervals are normal, of the noise and the coefficients (whose prior the penalty is).
class ridge {
 public:
  static constexpr std::string_view model_name = "ridge";

  ridge() = default;
  explicit ridge(ridge_options options) : options_(std::move(options)) {}

  [[nodiscard]] auto fit(matrix_view x, std::span<const double> y) -> fit_result;

  /// O(p); NaN if a feature is, or nothing was learned yet.
  [[nodiscard]] auto predict(std::span<const double> row) const noexcept -> double {
    if (observations_ == 0) return std::numeric_limits<double>::quiet_NaN();
    LEPTON_ASSERT(row.size() == coefficients_.size(), "ridge: wrong number of features");
    return intercept_ + detail::dot(coefficients_.data(), row.data(), row.size());
  }

  void predict_quantiles(std::span<const double> row, std::span<const double> quantiles,
                         std::span<double> out) const noexcept {
    LEPTON_ASSERT(out.size() == quantiles.size(), "predict_quantiles: a place for each quantile");
    const double mean = predict(row);
    double variance = 1;
    if (observations_ > 0) {
      if (options_.intercept) variance += 1 / static_cast<double>(observations_);
      const std::size_t p = row.size();
      for (std::size_t k = 0; k + p <= map_.size(); k += p) {
        double along = 0;
        for (std::size_t j = 0; j < p; ++j) along += map_[k + j] * (row[j] - centre_[j]);
        variance += along * along;
      }
    }
    const double error = sigma_ * std::sqrt(variance);
    for (std::size_t i = 0; i < quantiles.size(); ++i)
      out[i] = mean + error * normal_quantile(quantiles[i]);
  }

  [[nodiscard]] auto intercept() const noexcept -> double { return intercept_; }
  [[nodiscard]] auto coefficients() const noexcept -> std::span<const double> {
    return coefficients_;
  }
  /// The penalty chosen.
  [[nodiscard]] auto penalty() const noexcept -> double { return penalty_; }
  /// Trace of the hat matrix, intercept included: how many free coefficients it amounts to.
  [[nodiscard]] auto effective_parameters() const noexcept -> double { return parameters_; }
  /// Mean squared error of the choice's kind, of each penalty tried.
  [[nodiscard]] auto scores() const noexcept -> std::span<const double> { return scores_; }
  [[nodiscard]] auto penalties() const noexcept -> std::span<const double> { return tried_; }
  /// Standard deviation of the noise.
  [[nodiscard]] auto sigma() const noexcept -> double { return sigma_; }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.penalties, options_.choice, options_.intercept, options_.standardise, coefficients_,
      centre_, map_, tried_, scores_, intercept_, penalty_, parameters_, sigma_, observations_);
    if constexpr (Archive::reads)
      if (options_.choice > ridge_choice::leave_one_out || tried_.size() != scores_.size() ||
          centre_.size() != coefficients_.size() || (observations_ == 0) != coefficients_.empty() ||
          map_.size() != coefficients_.size() * coefficients_.size())
        a.reject();
  }

 private:
  ridge_options options_{};
  std::vector<double> coefficients_;
  std::vector<double> centre_;
  std::vector<double> map_;  // its squares are the covariance, in units of the noise's
  std::vector<double> tried_;
  std::vector<double> scores_;
  double intercept_ = 0;
  double penalty_ = 0;
  double parameters_ = 0;
  double sigma_ = 0;
  std::uint64_t observations_ = 0;
};

inline auto ridge::fit(matrix_view x, std::span<const double> y) -> fit_result {
  for (const double penalty : options_.penalties)
    if (!(penalty >= 0) || std::isinf(penalty))
      return failure("ridge: a penalty is negative or not a number");
  const auto data = detail::prepare_regression(model_name, x, y, options_.intercept);
  if (!data) return unexpected{data.error()};
  const bool by_rows = options_.choice == ridge_choice::leave_one_out;
  const detail::ridge_spectrum s(*data, options_.standardise, by_rows);
  const double own = options_.intercept ? 1 : 0;

  ridge fitted{options_};
  fitted.tried_ = options_.penalties;
  if (fitted.tried_.empty()) {
    const double largest = *std::max_element(s.square.begin(), s.square.end());
    for (int i = -32; i <= 8; ++i)
      fitted.tried_.push_back(std::exp2(0.25 * i * 3.3219280948873623479) *
                              (largest > 0 ? largest : 1));
  }
  double best = std::numeric_limits<double>::infinity();
  fitted.penalty_ = *std::max_element(fitted.tried_.begin(), fitted.tried_.end());
  for (const double penalty : fitted.tried_) {
    const double score = by_rows ? s.leave_one_out(penalty, own) : s.generalised(penalty, own);
    fitted.scores_.push_back(score);
    if (score < best) {
      best = score;
      fitted.penalty_ = penalty;
    }
  }
  fitted.centre_ = data->centre;
  fitted.coefficients_.assign(s.p, 0.0);
  fitted.map_.assign(s.p * s.p, 0.0);
  for (std::size_t k = 0; k < s.p; ++k) {
    if (s.square[k] == 0) continue;
    const double weight = s.kept(k, fitted.penalty_) * s.along[k] / std::sqrt(s.square[k]);
    const double length = 1 / std::sqrt(s.square[k] + fitted.penalty_);
    for (std::size_t j = 0; j < s.p; ++j) {
      if (s.unit[j] == 0) continue;
      fitted.coefficients_[j] += s.v[k * s.p + j] * weight / s.unit[j];
      fitted.map_[k * s.p + j] = s.v[k * s.p + j] * length / s.unit[j];
    }
  }
  fitted.intercept_ = data->y_centre;
  for (std::size_t j = 0; j < s.p; ++j)
    fitted.intercept_ -= fitted.coefficients_[j] * data->centre[j];
  fitted.observations_ = s.n;
  fitted.parameters_ = s.trace(fitted.penalty_) + own;
  const double rss = s.residual_squares(fitted.penalty_);
  const auto n = static_cast<double>(s.n);
  fitted.sigma_ = std::sqrt(rss / std::max(n - fitted.parameters_, 1.0));
  *this = std::move(fitted);
  fit_report report;
  report.loglik = -n / 2 * (std::log(6.283185307179586477 * rss / n) + 1);
  report.parameters = static_cast<std::size_t>(std::ceil(parameters_)) + 1;
  report.observations = s.n;
  return report;
}

}  // namespace lepton::predict
