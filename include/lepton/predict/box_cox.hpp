// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/golden_section.hpp>
#include <lepton/predict/test_result.hpp>

namespace lepton::predict {

/// Transformation of Box and Cox (J. Royal Statistical Society B 26, 1964) that makes the size of
/// a series' variation independent of its level: log x for lambda 0, (x^lambda - 1) / lambda else;
/// for negative x, (-|x|^lambda - 1) / lambda (Bickel and Doksum, 1981), which only a positive
/// lambda allows. NaN where there is no such number.
class box_cox {
 public:
  constexpr box_cox() noexcept = default;
  constexpr explicit box_cox(double lambda) noexcept : lambda_(lambda) {}
  [[nodiscard]] constexpr auto lambda() const noexcept -> double { return lambda_; }

  [[nodiscard]] auto operator()(double x) const noexcept -> double {
    if (lambda_ == 1) return x - 1;
    if (!(x > 0) && (lambda_ <= 0 || std::isnan(x)))
      return std::numeric_limits<double>::quiet_NaN();
    if (lambda_ == 0) return std::log(x);
    // (x^lambda - 1) / lambda without cancellation.
    if (x > 0) return std::expm1(lambda_ * std::log(x)) / lambda_;
    return (-std::pow(-x, lambda_) - 1) / lambda_;
  }

  /// The number whose transform is y; of a quantile it is the same quantile. NaN where y is beyond
  /// all transforms.
  [[nodiscard]] auto inverse(double y) const noexcept -> double {
    if (lambda_ == 1) return y + 1;
    if (lambda_ == 0) return std::exp(y);
    const double power = lambda_ * y + 1;
    if (power > 0) return std::exp(std::log1p(lambda_ * y) / lambda_);
    if (lambda_ < 0 || std::isnan(y)) return std::numeric_limits<double>::quiet_NaN();
    return -std::pow(-power, 1 / lambda_);
  }

  /// The mean of the number whose transform has this mean and variance (the plain inverse is its
  /// median, if the transform is symmetric): exact for lambda 0 and normal transforms, otherwise
  /// by the second-order term of the inverse.
  [[nodiscard]] auto inverse_mean(double mean, double variance) const noexcept -> double {
    const double x = inverse(mean);
    if (lambda_ == 1) return x;
    if (lambda_ == 0) return std::exp(mean + variance / 2);
    return x * (1 + 0.5 * variance * (1 - lambda_) / std::pow(std::fabs(x), 2 * lambda_));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(lambda_);
    if constexpr (Archive::reads) {
      if (!std::isfinite(lambda_)) a.reject();
    }
  }

 private:
  double lambda_ = 1;
};

namespace detail {

/// Values that are there, all positive, more than two seasons of them; else an error.
[[nodiscard]] inline auto positive_series(std::span<const double> values, std::size_t season)
    -> status {
  const auto there = present(values, 2 * std::max<std::size_t>(season, 2) + 1, "box_cox");
  if (!there) return unexpected{there.error()};
  for (const double x : *there)
    if (x <= 0)
      return failure("box_cox: the series has a value that is not positive; add a constant first");
  return {};
}

}  // namespace detail

/// The lambda in [lower, upper] that makes the ratio of standard deviation to level^(1 - lambda)
/// vary the least from season to season (pairs of values for a season below 2): Guerrero,
/// J. Forecasting 12, 1993. The latest whole seasons count. An error unless more than two seasons
/// of positive values are there. O(n), about 40 times.
[[nodiscard]] inline auto guerrero_lambda(std::span<const double> values, std::size_t season = 1,
                                          double lower = -1, double upper = 2) -> expected<double> {
  const auto good = detail::positive_series(values, season);
  if (!good) return unexpected{good.error()};
  const std::size_t length = std::max<std::size_t>(season, 2);
  std::vector<double> means;
  std::vector<double> deviations;
  for (std::size_t at = values.size() % length; at < values.size(); at += length) {
    double mean = 0;
    double squares = 0;
    double count = 0;
    for (const double x : values.subspan(at, length)) {
      if (std::isnan(x)) continue;
      ++count;
      const double d = x - mean;
      mean += d / count;
      squares += d * (x - mean);
    }
    if (count < 2) continue;
    means.push_back(std::log(mean));
    deviations.push_back(std::sqrt(squares / (count - 1)));
  }
  const auto variation = [&](double lambda) {
    double mean = 0;
    double squares = 0;
    double count = 0;
    for (std::size_t i = 0; i < means.size(); ++i) {
      const double ratio = deviations[i] / std::exp((1 - lambda) * means[i]);
      ++count;
      const double d = ratio - mean;
      mean += d / count;
      squares += d * (ratio - mean);
    }
    return std::sqrt(squares / (count - 1)) / mean;
  };
  if (means.size() < 2 || !(variation(1) > 0))
    return failure("box_cox: too few seasons with values, or all vary alike; nothing to choose by");
  return detail::golden_section(variation, lower, upper, 1e-7);
}

/// The lambda in [lower, upper] with the largest likelihood when the transformed series is a line
/// plus a figure for each place of the season plus normal noise (Box and Cox). Errors as of
/// `guerrero_lambda`. O(n · season²) once, then O(n · season) about 40 times.
[[nodiscard]] inline auto likelihood_lambda(std::span<const double> values, std::size_t season = 1,
                                            double lower = -1, double upper = 2)
    -> expected<double> {
  const auto good = detail::positive_series(values, season);
  if (!good) return unexpected{good.error()};
  std::vector<double> logs;
  std::vector<std::size_t> at;
  double mean = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    logs.push_back(std::log(values[i]));
    at.push_back(i);
    mean += logs.back();
  }
  mean /= static_cast<double>(logs.size());
  const std::size_t places = std::max<std::size_t>(season, 1);
  // Within-place deviations take the season's figures off; the line is then a single regressor.
  const auto centred = [&](std::vector<double> z) {
    std::vector<double> sum(places);
    std::vector<double> count(places);
    for (std::size_t i = 0; i < z.size(); ++i) {
      sum[at[i] % places] += z[i];
      ++count[at[i] % places];
    }
    for (std::size_t i = 0; i < z.size(); ++i) z[i] -= sum[at[i] % places] / count[at[i] % places];
    return z;
  };
  std::vector<double> time(at.begin(), at.end());
  const auto line = centred(std::move(time));
  double spread = 0;
  for (const double x : line) spread += x * x;
  const auto squares = [&](double lambda) {
    std::vector<double> z(logs.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double log = logs[i];
      z[i] = lambda == 0 ? log : std::expm1(lambda * log) / lambda;
      z[i] /= std::exp((lambda - 1) * mean);
    }
    z = centred(std::move(z));
    double product = 0;
    double sum = 0;
    for (std::size_t i = 0; i < z.size(); ++i) {
      product += z[i] * line[i];
      sum += z[i] * z[i];
    }
    return spread > 0 ? sum - product * product / spread : sum;
  };
  return detail::golden_section(squares, lower, upper, 1e-7);
}

}  // namespace lepton::predict
