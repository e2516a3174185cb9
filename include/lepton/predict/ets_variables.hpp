// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

#include <lepton/predict/ets_options.hpp>

namespace lepton::predict::detail {

/// Least and largest value of a smoothing parameter.
struct ets_range {
  double low;
  double high;
};

/// The smoothing parameters that are estimated, as variables without bounds: a parameter is
/// low + (high - low) sin² x, so that an optimum at the edge of the region is an ordinary one.
/// Parameters are numbered alpha, beta, gamma, phi; the ranges of beta and gamma depend on alpha.
class ets_variables {
 public:
  explicit ets_variables(const ets_options& options) noexcept : o_(options) {
    const std::array<bool, 4> estimated{std::isnan(o_.alpha), has_trend(o_) && std::isnan(o_.beta),
                                        has_season(o_) && std::isnan(o_.gamma),
                                        is_damped(o_) && std::isnan(o_.phi)};
    for (std::size_t i = 0; i < 4; ++i)
      if (estimated[i]) free_[count_++] = i;
  }

  [[nodiscard]] auto count() const noexcept -> std::size_t { return count_; }

  /// The parameters at the point x, whose first `count()` numbers are the variables.
  [[nodiscard]] auto parameters(std::span<const double> x) const noexcept -> ets_parameters {
    auto p = known();
    for (std::size_t k = 0; k < count_; ++k) {
      const ets_range r = range(free_[k], p.alpha);
      const double sine = std::sin(x[k]);
      part(p, free_[k]) = r.low + (r.high - r.low) * sine * sine;
    }
    return p;
  }
  /// The variables of the parameters.
  void variables(ets_parameters p, std::span<double> x) const noexcept {
    for (std::size_t k = 0; k < count_; ++k) {
      const ets_range r = range(free_[k], p.alpha);
      const double share = r.high > r.low ? (part(p, free_[k]) - r.low) / (r.high - r.low) : 0.0;
      x[k] = std::asin(std::sqrt(std::clamp(share, 0.0, 1.0)));
    }
  }
  /// Derivatives by the variables from those by the parameters.
  void gradient(std::span<const double> x, const std::array<double, 4>& by,
                std::span<double> out) const noexcept {
    const auto p = parameters(x);
    // Ranges that move with alpha hand a part of their derivative on to it.
    double by_alpha = by[0];
    for (std::size_t k = 0; k < count_; ++k) {
      const std::size_t i = free_[k];
      const ets_range r = range(i, p.alpha);
      const double sine = std::sin(x[k]);
      out[k] = by[i] * (r.high - r.low) * std::sin(2 * x[k]);
      if (o_.region == ets_region::admissible || !(r.high > r.low)) continue;
      if (i == 1) by_alpha += by[i] * sine * sine;
      if (i == 2) by_alpha -= by[i] * sine * sine;
    }
    if (count_ > 0 && free_[0] == 0) {
      const ets_range r = range(0, p.alpha);
      out[0] = by_alpha * (r.high - r.low) * std::sin(2 * x[0]);
    }
  }

  /// Parameters at the given shares of their ranges.
  [[nodiscard]] auto at_shares(const std::array<double, 4>& shares) const noexcept
      -> ets_parameters {
    auto p = known();
    auto usual = *this;
    if (o_.region == ets_region::admissible) usual.o_.region = ets_region::usual;
    for (std::size_t k = 0; k < count_; ++k) {
      const ets_range r = usual.range(free_[k], p.alpha);
      part(p, free_[k]) = r.low + (r.high - r.low) * shares[free_[k]];
    }
    return p;
  }
  /// The parameters moved inside their ranges, off the edges, where the gradient vanishes.
  [[nodiscard]] auto inside(ets_parameters from) const noexcept -> ets_parameters {
    auto p = known();
    for (std::size_t k = 0; k < count_; ++k) {
      const ets_range r = range(free_[k], p.alpha);
      const double margin = 0.01 * (r.high - r.low);
      part(p, free_[k]) = std::clamp(part(from, free_[k]), r.low + margin, r.high - margin);
    }
    return p;
  }

 private:
  [[nodiscard]] auto range(std::size_t i, double alpha) const noexcept -> ets_range {
    constexpr double least = 1e-4;
    constexpr double most = 0.9999;
    if (o_.region == ets_region::admissible) {
      constexpr std::array<ets_range, 4> wide{{{-1, 3}, {-1, 4}, {0, 3}, {0, 1}}};
      return wide[i];
    }
    if (i == 1) return {least, std::max(least, std::min(alpha, most))};
    if (i == 2) return {least, std::max(least, std::min(1 - alpha, most))};
    if (i == 3) return {0.8, 0.98};
    double low = least;
    double high = most;
    if (has_trend(o_) && !std::isnan(o_.beta)) low = std::max(low, std::min(o_.beta, most));
    if (has_season(o_)) high = std::min(high, 1 - (std::isnan(o_.gamma) ? least : o_.gamma));
    return {low, std::max(low, high)};
  }
  static auto part(ets_parameters& p, std::size_t i) noexcept -> double& {
    return i == 0 ? p.alpha : i == 1 ? p.beta : i == 2 ? p.gamma : p.phi;
  }
  [[nodiscard]] auto known() const noexcept -> ets_parameters {
    ets_parameters p{o_.alpha, 0, 0, 1};
    if (has_trend(o_)) p.beta = o_.beta;
    if (has_season(o_)) p.gamma = o_.gamma;
    if (is_damped(o_)) p.phi = o_.phi;
    return p;
  }

  ets_options o_;
  std::array<std::size_t, 4> free_{};
  std::size_t count_ = 0;
};

}  // namespace lepton::predict::detail
