// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict {

/// The next number is the mean of all that were seen, give or take independent normal numbers of
/// their variance s² (divisor n - 1); as the mean of n is itself uncertain, the variance of a
/// forecast is s² (1 + 1/n), the same at each step.
///
/// Missing values change nothing. `update` is O(1) (Welford 1962, so that it does not lose digits);
/// a state of 24 bytes.
class mean_value {
 public:
  static constexpr std::string_view model_name = "mean value";

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    mean_value fitted;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isinf(values[i]))
        return failure("mean value: value " + std::to_string(i) +
                       " of the series is infinite; leave it out or mark it missing (NaN)");
      fitted.update(values[i]);
    }
    if (!fitted.ready()) return failure("mean value: the series has no value that is not missing");
    *this = fitted;
    fit_report report;
    report.parameters = 2;
    report.observations = static_cast<std::size_t>(count_);
    return report;
  }

  void update(double value) noexcept {
    if (!std::isfinite(value)) return;
    const double off = value - mean_;
    const double mean = mean_ + off / static_cast<double>(count_ + 1);
    const double squares = squares_ + off * (value - mean);
    if (!std::isfinite(squares)) return;  // beyond what a double can square
    ++count_;
    mean_ = mean;
    squares_ = squares;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double value = mean() + normal_quantile(quantiles[i]) * error();
      for (std::size_t h = 0; h < horizon; ++h) out[h * quantiles.size() + i] = value;
    }
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    for (std::size_t h = 0; h < mean.size(); ++h) {
      mean[h] = this->mean();
      error[h] = this->error();
    }
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return simulated_peak(
        [this] {
          // What a path has drawn counts as seen: this is the joint distribution with the mean
          // uncertain.
          return [mean = mean(), s = deviation(),
                  n = static_cast<double>(count_)](double shock) mutable {
            const double value = mean + s * std::sqrt(1 + 1 / n) * shock;
            n += 1;
            mean += (value - mean) / n;
            return value;
          };
        },
        horizon, q);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return count_ > 0; }
  /// Mean of the values seen; NaN before the first.
  [[nodiscard]] auto mean() const noexcept -> double {
    return ready() ? mean_ : std::numeric_limits<double>::quiet_NaN();
  }
  /// Standard deviation of the values seen; 0 as long as there was only one.
  [[nodiscard]] auto deviation() const noexcept -> double {
    return count_ < 2 ? 0 : std::sqrt(squares_ / static_cast<double>(count_ - 1));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(mean_, squares_, count_);
    if constexpr (Archive::reads) {
      if (!std::isfinite(mean_) || !(squares_ >= 0) || std::isinf(squares_)) a.reject();
    }
  }

 private:
  [[nodiscard]] auto error() const noexcept -> double {
    if (!ready()) return std::numeric_limits<double>::quiet_NaN();
    return deviation() * std::sqrt(1 + 1 / static_cast<double>(count_));
  }

  double mean_ = 0;
  double squares_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace lepton::predict
