// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/predict/concept.hpp>

namespace lepton::predict {

struct histogram_options {
  double half_life = 1000;  ///< values after which one counts half
  std::size_t season = 0;   ///< length of the season; 0: none
  std::size_t phases = 24;  ///< parts of the season with a histogram each, at most 64
  std::size_t bins = 128;   ///< of equal width; at least 2
};

/// The next number is drawn from those that came before, recent ones more likely: quantiles of a
/// histogram whose counts decay exponentially, one for each part of the season if there is one (and
/// one for all, for parts that saw too little). The idea of the recommender of the Kubernetes
/// vertical pod autoscaler, for any numbers.
///
/// The bins widen by a factor of two whenever a number falls outside. Quantiles are interpolated
/// within a bin and never beyond the least and largest number seen. The peak of a window is that of
/// independent draws, which is never too low where numbers depend on each other positively.
/// `update` is O(1) but for widening; a forecast O(horizon + phases · bins · quantiles).
class histogram_member {
 public:
  static constexpr std::string_view model_name = "histogram";

  histogram_member() : histogram_member(histogram_options{}) {}
  explicit histogram_member(histogram_options o) : options_(o) {
    options_.bins = std::clamp<std::size_t>(o.bins, 2, 1U << 16);
    options_.phases = o.season == 0 ? 0 : std::clamp<std::size_t>(o.phases, 1, max_phases);
    options_.phases = std::min(options_.phases, options_.season);
    if (!(options_.half_life > 0)) options_.half_life = 1;
    mass_.resize((options_.phases + 1) * options_.bins);
    totals_.resize(options_.phases + 1);
  }

  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    histogram_member fitted{options_};
    fit_report report;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isinf(values[i]))
        return failure("histogram: value " + std::to_string(i) +
                       " of the series is infinite; leave it out or mark it missing (NaN)");
      fitted.update(values[i]);
      if (!std::isnan(values[i])) ++report.observations;
    }
    if (!fitted.ready()) return failure("histogram: the series has no value that is not missing");
    *this = std::move(fitted);
    return report;
  }

  void update(double value) noexcept {
    const std::size_t row = phase(time_);
    ++time_;
    weight_ *= std::exp2(1 / options_.half_life);
    if (weight_ > 1e100) scale_down();
    if (!std::isfinite(value)) return;
    value = std::clamp(value, -1e300, 1e300);
    widen_to(value);
    const auto bin = bin_of(value);
    for (const std::size_t r : {std::size_t{0}, row}) {
      mass_[r * options_.bins + bin] += weight_;
      totals_[r] += weight_;
      if (row == 0) break;
    }
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    const std::size_t n = quantiles.size();
    std::size_t before = max_phases + 1;
    for (std::size_t h = 0; h < horizon; ++h) {
      const std::size_t row = usable(phase(time_ + h));
      for (std::size_t i = 0; i < n; ++i)
        out[h * n + i] =
            h > 0 && row == before ? out[(h - 1) * n + i] : quantile(row, quantiles[i]);
      before = row;
    }
  }

  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double {
    if (horizon == 0 || !ready()) return std::numeric_limits<double>::quiet_NaN();
    std::array<double, max_phases + 1> draws{};
    std::array<double, max_phases + 1> below{};
    for (std::size_t h = 0; h < horizon; ++h) draws[usable(phase(time_ + h))] += 1;
    double before = 0;
    for (std::size_t b = 0; b < options_.bins; ++b) {
      double chance = 0;  // logarithm of the probability that all lie below the bin's end
      for (std::size_t r = 0; r <= options_.phases; ++r) {
        if (draws[r] == 0) continue;
        below[r] += mass_[r * options_.bins + b];
        chance += draws[r] * std::log(std::min(1.0, below[r] / totals_[r]));
      }
      const double now = std::exp(chance);
      if (now >= q || b + 1 == options_.bins) {
        const double part = now > before ? std::clamp((q - before) / (now - before), 0.0, 1.0) : 1;
        return std::clamp(low_ + (static_cast<double>(b) + part) * width_, least_, largest_);
      }
      before = now;
    }
    return largest_;
  }

  [[nodiscard]] auto ready() const noexcept -> bool { return totals_[0] > 0; }

  /// Makes all that was seen count as ten values.
  void forget() noexcept {
    for (std::size_t r = 0; r < totals_.size(); ++r) {
      if (!(totals_[r] > 10 * weight_)) continue;
      const double keep = 10 * weight_ / totals_[r];
      totals_[r] *= keep;
      for (std::size_t b = 0; b < options_.bins; ++b) mass_[r * options_.bins + b] *= keep;
    }
  }

  template <class Archive>
  void persist(Archive& a) {
    a(options_.half_life, options_.season, options_.phases, options_.bins, mass_, totals_, time_,
      weight_, low_, width_, least_, largest_);
    if constexpr (Archive::reads) {
      bool good = options_.half_life > 0 && options_.bins >= 2 && options_.bins <= (1U << 16) &&
                  options_.phases <= max_phases && (options_.phases > 0) == (options_.season > 0) &&
                  options_.phases <= options_.season + 0U &&
                  mass_.size() == (options_.phases + 1) * options_.bins &&
                  totals_.size() == options_.phases + 1 && weight_ > 0 && weight_ < 1e200 &&
                  std::isfinite(low_) && width_ >= 0 && std::isfinite(width_);
      for (const double x : mass_) good = good && x >= 0 && std::isfinite(x);
      for (const double x : totals_) good = good && x >= 0 && std::isfinite(x);
      if (good && totals_[0] > 0) good = width_ > 0 && least_ <= largest_;
      if (!good) a.reject();
    }
  }

 private:
  static constexpr std::size_t max_phases = 64;

  // Row of the histogram of a time; 0 is that of all times.
  [[nodiscard]] auto phase(std::uint64_t time) const noexcept -> std::size_t {
    if (options_.phases == 0) return 0;
    return 1 + static_cast<std::size_t>(time % options_.season) * options_.phases / options_.season;
  }
  // A part of the season tells something once it saw about ten values.
  [[nodiscard]] auto usable(std::size_t row) const noexcept -> std::size_t {
    return totals_[row] >= 10 * weight_ ? row : 0;
  }
  [[nodiscard]] auto bin_of(double value) const noexcept -> std::size_t {
    const double at = (value - low_) / width_;
    return std::min(at > 0 ? static_cast<std::size_t>(at) : 0, options_.bins - 1);
  }
  [[nodiscard]] auto quantile(std::size_t row, double q) const noexcept -> double {
    if (!ready()) return std::numeric_limits<double>::quiet_NaN();
    const double* mass = mass_.data() + row * options_.bins;
    const double wanted = q * totals_[row];
    double below = 0;
    std::size_t b = 0;
    while (b + 1 < options_.bins && (mass[b] == 0 || below + mass[b] < wanted)) below += mass[b++];
    const double part = mass[b] > 0 ? std::clamp((wanted - below) / mass[b], 0.0, 1.0) : 0;
    return std::clamp(low_ + (static_cast<double>(b) + part) * width_, least_, largest_);
  }

  void widen_to(double value) noexcept {
    const auto bins = static_cast<double>(options_.bins);
    if (!ready()) {
      width_ = std::max(std::fabs(value) * 1e-6, 1e-9) / bins;
      low_ = value - width_ * bins / 2;
      least_ = largest_ = value;
    }
    least_ = std::min(least_, value);
    largest_ = std::max(largest_, value);
    while (!(value >= low_ && value <= low_ + bins * width_)) merge(value < low_);
  }
  // Two bins become one; the room gained is below or above what there was.
  void merge(bool below) noexcept {
    const std::size_t bins = options_.bins;
    const double range = width_ * static_cast<double>(bins);
    for (std::size_t r = 0; r <= options_.phases; ++r) {
      double* mass = mass_.data() + r * bins;
      if (below) {
        // Old bin b starts at range / 2 + b / 2 new widths.
        for (std::size_t b = bins; b-- > 0;) {
          const double moved = mass[b];
          mass[b] = 0;
          mass[(bins + b) / 2] += moved;
        }
      } else {
        for (std::size_t b = 0; b < bins; ++b) {
          const double moved = mass[b];
          mass[b] = 0;
          mass[b / 2] += moved;
        }
      }
    }
    if (below) low_ -= range;
    width_ *= 2;
  }
  LEPTON_COLD void scale_down() noexcept {
    for (double& x : mass_) x *= 1e-100;
    for (double& x : totals_) x *= 1e-100;
    weight_ *= 1e-100;
  }

  histogram_options options_{};
  std::vector<double> mass_;    // row by row
  std::vector<double> totals_;  // of the rows
  std::uint64_t time_ = 0;
  double weight_ = 1;  // of the latest value
  double low_ = 0;
  double width_ = 0;
  double least_ = 0;
  double largest_ = 0;
};

}  // namespace lepton::predict
