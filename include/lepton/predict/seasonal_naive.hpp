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
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>

namespace lepton::predict {

/// The next number is the one of the same place in the last season (yesterday's, for a season of a
/// day), give or take a normal change whose variance is the mean square of the changes from season
/// to season; k seasons ahead it is k times that. A place whose value was missing keeps the one
/// before, and its variance counts the seasons since.
///
/// As long as no place was seen twice the changes from value to value give the variance, and a
/// place not yet seen is forecast by `last_value`. A period of 1 is `last_value` throughout.
/// `update` is O(1); the memory is 24 bytes for each place of the season.
class seasonal_naive {
 public:
  static constexpr std::string_view model_name = "seasonal naive";

  seasonal_naive() : seasonal_naive(1) {}
  /// `period`: values in a season, at least 1.
  explicit seasonal_naive(std::size_t period)
      : values_(std::max<std::size_t>(period, 1), missing),
        gaps_(values_.size(), 0),
        path_(values_) {
    LEPTON_ASSERT(period >= 1, "seasonal_naive: the period is at least 1");
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    seasonal_naive fitted{period()};
    std::size_t seen = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isinf(values[i]))
        return failure("seasonal naive: value " + std::to_string(i) +
                       " of the series is infinite; leave it out or mark it missing (NaN)");
      if (!std::isnan(values[i])) ++seen;
      fitted.update(values[i]);
    }
    if (seen == 0) return failure("seasonal naive: the series has no value that is not missing");
    *this = fitted;
    fit_report report;
    report.parameters = 1;
    report.observations = seen;
    if (changes_ == 0) report.fallback = last_value::model_name;
    return report;
  }

  void update(double value) noexcept {
    naive_.update(value);
    double& kept = values_[at_];
    if (std::isfinite(value)) {
      if (!std::isnan(kept)) {
        const double change = value - kept;
        const double squares = squares_ + change * change / static_cast<double>(gaps_[at_] + 1);
        if (std::isfinite(squares)) {  // else beyond what a double can square
          squares_ = squares;
          ++changes_;
        }
      }
      kept = value;
      gaps_[at_] = 0;
    } else if (!std::isnan(kept)) {
      ++gaps_[at_];
    }
    at_ = at_ + 1 == values_.size() ? 0 : at_ + 1;
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    const double step = this->step();
    const double walk = std::isnan(value()) ? 0 : naive_.step();
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const double z = normal_quantile(quantiles[i]);
      each_step(horizon, [&](std::size_t h, double kept, double seasons) {
        out[h * quantiles.size() + i] =
            std::isnan(kept) ? value() + z * walk * std::sqrt(static_cast<double>(h + 1))
                             : kept + z * step * std::sqrt(seasons);
      });
    }
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    const double step = this->step();
    const double walk = std::isnan(value()) ? value() : naive_.step();
    each_step(mean.size(), [&](std::size_t h, double kept, double seasons) {
      mean[h] = std::isnan(kept) ? value() : kept;
      error[h] = std::isnan(kept) ? walk * std::sqrt(static_cast<double>(h + 1))
                                  : step * std::sqrt(seasons);
    });
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (!ready()) return missing;
    return simulated_peak(
        [this] {
          path_ = values_;  // of the same size: no allocation
          return [this, place = at_, h = std::size_t{0}, step = step(), walk = value(),
                  stride = naive_.step()](double shock) mutable {
            const std::size_t i = place;
            place = place + 1 == values_.size() ? 0 : place + 1;
            walk += stride * shock;
            const double gap = h++ < values_.size() ? static_cast<double>(gaps_[i]) : 0;
            if (std::isnan(values_[i])) return walk;
            return path_[i] += step * std::sqrt(1 + gap) * shock;
          };
        },
        horizon, q);
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return naive_.ready(); }
  [[nodiscard]] auto period() const noexcept -> std::size_t { return values_.size(); }
  /// Standard deviation of the change from season to season.
  [[nodiscard]] auto step() const noexcept -> double {
    return changes_ == 0 ? naive_.step() : std::sqrt(squares_ / static_cast<double>(changes_));
  }

  template <class Archive>
  void persist(Archive& a) {
    a(values_, gaps_, naive_, squares_, changes_, at_);
    if constexpr (Archive::reads) {
      if (values_.empty() || gaps_.size() != values_.size() || at_ >= values_.size() ||
          !(squares_ >= 0) ||
          std::any_of(values_.begin(), values_.end(), [](double x) { return std::isinf(x); })) {
        *this = seasonal_naive{};
        a.reject();
      }
      path_ = values_;
    }
  }

 private:
  static constexpr double missing = std::numeric_limits<double>::quiet_NaN();

  /// The last value seen, at any place.
  [[nodiscard]] auto value() noexcept -> double {
    double mean = missing;
    double error = missing;
    naive_.moments({&mean, 1}, {&error, 1});
    return mean;
  }
  /// Calls f(h, value kept for the place, seasons since it was seen).
  template <class F>
  void each_step(std::size_t horizon, F&& f) noexcept {
    std::size_t place = at_;
    double ahead = 1;
    for (std::size_t h = 0; h < horizon; ++h) {
      f(h, values_[place], ahead + static_cast<double>(gaps_[place]));
      if (++place == values_.size()) place = 0;
      if (place == at_) ahead += 1;
    }
  }

  std::vector<double> values_;
  std::vector<std::uint64_t> gaps_;  // seasons since the value was seen
  std::vector<double> path_;         // a simulated future
  last_value naive_{};
  double squares_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t at_ = 0;
};

}  // namespace lepton::predict
