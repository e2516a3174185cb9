// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/feature.hpp>
#include <lepton/predict/lagged_rows.hpp>
#include <lepton/predict/past_window.hpp>

namespace lepton::predict::detail {

/// Regressors over features of the past, the k-th for k + 1 steps ahead, and the room for a path of
/// forecasts from them. None: nothing is learned yet.
template <regressor Regressor, feature Features>
class lagged_model {
 public:
  lagged_model(Features own, std::size_t difference, std::size_t leads)
      : features(std::move(own)), difference_(difference), leads_(leads) {
    make_room();
  }

  Features features;
  std::vector<Regressor> regressors;

  /// Values that a forecast needs to know.
  [[nodiscard]] auto reach() const noexcept -> std::size_t {
    return std::max(features.reach(), difference_);
  }
  [[nodiscard]] auto leads() const noexcept -> std::size_t { return leads_; }
  [[nodiscard]] auto rows() const noexcept -> lagged_rows<Features> {
    return {features, difference_};
  }
  /// Forecasts stay within the range of the values seen, widened by its own size on both sides.
  void see(double value) noexcept {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }
  /// More than one value was seen, and they differ.
  [[nodiscard]] auto varied() const noexcept -> bool { return low_ < high_; }

  /// Starts a path: `past` ends before `time`.
  void begin(std::span<const double> past, std::uint64_t time) noexcept {
    run_.restart(past);
    time_ = time;
  }
  /// The forecast at step h, from forecasts for the steps before; to be called for h = 0, 1, ...
  auto next(std::size_t h) noexcept -> double {
    const std::size_t lead = std::min(h, regressors.size() - 1);
    const auto known = run_.values();
    double mean = value(known.first(known.size() - lead), time_ + h, lead);
    if (!std::isfinite(mean)) mean = run_.last_finite();
    const double room = high_ - low_;
    mean = std::clamp(mean, low_ - room, high_ + room);
    run_.push(mean);
    return mean;
  }
  /// What regressor `lead`, which sees nothing of the `lead` values before `time`, says of it.
  auto value(std::span<const double> past, std::uint64_t time, std::size_t lead) noexcept
      -> double {
    const double base = rows().write(past, time, lead, row_);
    return base + regressors[lead].predict(row_);
  }
  /// Lets regressors that can learn from the value at `time`.
  void learn_on(std::span<const double> past, std::uint64_t time, double value) noexcept {
    if constexpr (online_regressor<Regressor>) {
      for (std::size_t lead = 0; lead < regressors.size(); ++lead) {
        const auto known = past.first(past.size() - std::min(lead, past.size()));
        const double base = rows().write(known, time, lead, row_);
        regressors[lead].update(row_, value - base);
      }
    }
  }

  template <class Archive>
  void persist(Archive& a) {
    std::uint64_t difference = difference_;
    std::uint64_t leads = leads_;
    a(features, difference, leads, regressors, low_, high_);
    if constexpr (Archive::reads) {
      // Before room is made for numbers that cannot be.
      if (!a.good() || leads == 0 || leads > longest_reach || difference > longest_reach ||
          (!regressors.empty() && (regressors.size() != leads || !varied())))
        return a.reject();
      difference_ = static_cast<std::size_t>(difference);
      leads_ = static_cast<std::size_t>(leads);
      make_room();
    }
  }

 private:
  void make_room() {
    run_ = past_window{reach() + leads_};
    row_.assign(features.width(), 0.0);
  }

  std::size_t difference_;
  std::size_t leads_;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
  past_window run_;
  std::uint64_t time_ = 0;
  std::vector<double> row_;
};

}  // namespace lepton::predict::detail
