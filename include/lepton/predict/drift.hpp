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
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict {

/// Random walk with drift: h steps ahead the last value plus h times the mean step b, with variance
/// s² h (1 + h / n), where s² is the variance of the n steps seen (divisor n - 1); the second part
/// is the uncertainty of b (Hyndman and Athanasopoulos, Forecasting: Principles and Practice,
/// section 5.5; R's `rwf(drift = TRUE)`).
///
/// A change over a gap of g intervals is a number of mean g b and variance g s², which keeps the
/// estimates exact: b is the change from the first value to the last over the time between.
/// `update` is O(1); a state of 48 bytes. Fewer than two changes: `last_value`.
class drift {
 public:
  static constexpr std::string_view model_name = "random walk with drift";

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    drift fitted;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isinf(values[i]))
        return failure("drift: value " + std::to_string(i) +
                       " of the series is infinite; leave it out or mark it missing (NaN)");
      fitted.update(values[i]);
    }
    if (!fitted.ready()) return failure("drift: the series has no value that is not missing");
    *this = fitted;
    fit_report report;
    report.parameters = changes_ < 2 ? 1 : 2;
    report.observations = static_cast<std::size_t>(changes_) + 1;
    if (changes_ < 2) report.fallback = last_value::model_name;
    return report;
  }

  void update(double value) noexcept {
    if (!std::isfinite(value)) {
      if (ready()) ++gap_;
      return;
    }
    if (ready()) {
      const auto length = static_cast<double>(gap_ + 1);
      const double rate = (value - last_) / length;
      const double off = rate - slope_;
      const double time = time_ + length;
      const double slope = slope_ + off * length / time;
      const double squares = squares_ + length * off * (rate - slope);
      if (!std::isfinite(squares + rate * rate)) {  // beyond what a double can square
        ++gap_;
        if (changes_ == 0) {  // either value may be the wild one
          last_ = value;
          gap_ = 0;
        }
        return;
      }
      slope_ = slope;
      squares_ = squares;
      time_ = time;
      ++changes_;
    }
    last_ = value;
    gap_ = 0;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double z = normal_quantile(quantiles[i]);
      for (std::size_t h = 0; h < horizon; ++h)
        out[h * quantiles.size() + i] = mean_at(h) + z * error_at(h);
    }
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    for (std::size_t h = 0; h < mean.size(); ++h) {
      mean[h] = mean_at(h);
      error[h] = ready() ? error_at(h) : last_;
    }
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return simulated_peak(
        [this] {
          // What a path has drawn counts as seen: the joint distribution with the drift uncertain.
          return [at = last_, slope = slope(), s = step(), time = time_, certain = changes_ < 2,
                  length = 1.0 + static_cast<double>(gap_)](double shock) mutable {
            const double change =
                length * slope + s * std::sqrt(length * (certain ? 1 : 1 + length / time)) * shock;
            if (!certain) slope += (change - length * slope) / (time + length);
            time += length;
            length = 1;
            at += change;
            return at;
          };
        },
        horizon, q);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return !std::isnan(last_); }
  /// Mean change from one value to the next; 0 before two changes were seen.
  [[nodiscard]] auto slope() const noexcept -> double { return changes_ < 2 ? 0 : slope_; }
  /// Standard deviation of a step about its mean.
  [[nodiscard]] auto step() const noexcept -> double {
    if (changes_ == 0) return 0;
    if (changes_ == 1) return std::fabs(slope_) * std::sqrt(time_);
    return std::sqrt(squares_ / static_cast<double>(changes_ - 1));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(last_, slope_, squares_, time_, changes_, gap_);
    if constexpr (Archive::reads) {
      const bool fresh = changes_ == 0;
      if (std::isinf(last_) || !std::isfinite(slope_) || !std::isfinite(squares_) || squares_ < 0 ||
          !std::isfinite(time_) || (fresh ? time_ != 0 : !(time_ > 0)) ||
          (std::isnan(last_) && !fresh))
        a.reject();
    }
  }

 private:
  [[nodiscard]] auto ahead(std::size_t h) const noexcept -> double {
    return static_cast<double>(h + 1) + static_cast<double>(gap_);
  }
  [[nodiscard]] auto mean_at(std::size_t h) const noexcept -> double {
    return last_ + ahead(h) * slope();
  }
  [[nodiscard]] auto error_at(std::size_t h) const noexcept -> double {
    const double t = ahead(h);
    return step() * std::sqrt(t * (changes_ < 2 ? 1 : 1 + t / time_));
  }

  double last_ = std::numeric_limits<double>::quiet_NaN();
  double slope_ = 0;
  double squares_ = 0;
  double time_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t gap_ = 0;
};

}  // namespace lepton::predict
