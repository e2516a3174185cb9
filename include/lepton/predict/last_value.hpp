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

/// The next number is the last one (random walk, "naive"), give or take normal steps whose
/// variance is the mean square of the steps seen; after h steps the variance is h times that.
///
/// A gap counts as one step of its length: the change over g intervals adds change²/g.
/// `update` is O(1); a state of 48 bytes. What all other models fall back to.
class last_value {
 public:
  static constexpr std::string_view model_name = "last value";

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    last_value fitted;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isinf(values[i]))
        return failure("last value: value " + std::to_string(i) +
                       " of the series is infinite; leave it out or mark it missing (NaN)");
      fitted.update(values[i]);
    }
    if (!fitted.ready()) return failure("last value: the series has no value that is not missing");
    *this = fitted;
    fit_report report;
    report.parameters = 1;
    report.observations = static_cast<std::size_t>(steps_) + 1;
    return report;
  }

  void update(double value) noexcept {
    if (!std::isfinite(value)) {
      if (ready()) ++gap_;
      return;
    }
    if (ready()) {
      const double change = value - last_;
      const double squares = squares_ + change * change / static_cast<double>(gap_ + 1);
      if (std::isfinite(squares)) {  // else beyond what a double can square
        squares_ = squares;
        ++steps_;
      }
    }
    last_ = value;
    gap_ = 0;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double z = normal_quantile(quantiles[i]) * step();
      for (std::size_t h = 0; h < horizon; ++h)
        out[h * quantiles.size() + i] = last_ + z * std::sqrt(static_cast<double>(h + 1 + gap_));
    }
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    for (std::size_t h = 0; h < mean.size(); ++h) {
      mean[h] = last_;
      error[h] = ready() ? step() * std::sqrt(static_cast<double>(h + 1 + gap_)) : last_;
    }
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    return simulated_peak(
        [this] {
          return [at = last_, step = step(), first = std::sqrt(1.0 + static_cast<double>(gap_)),
                  started = false](double shock) mutable {
            at += step * shock * (started ? 1 : first);
            started = true;
            return at;
          };
        },
        horizon, q);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return !std::isnan(last_); }
  /// Standard deviation of one step; 0 as long as only one number was seen.
  [[nodiscard]] auto step() const noexcept -> double {
    return steps_ == 0 ? 0 : std::sqrt(squares_ / static_cast<double>(steps_));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(last_, squares_, steps_, gap_);
    if constexpr (Archive::reads) {
      if (std::isinf(last_) || !(squares_ >= 0) || std::isinf(squares_)) a.reject();
    }
  }

 private:
  double last_ = std::numeric_limits<double>::quiet_NaN();
  double squares_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t gap_ = 0;
};

}  // namespace lepton::predict
