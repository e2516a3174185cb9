// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/predict/normal.hpp>

namespace lepton::predict::detail {

/// What the errors of forecasts 1, 2, ... steps ahead have been: their quantiles, kept as 21 knots
/// a step at normal scores -2.5, -2.25, ..., 2.5. Over the steps the distance of each knot from the
/// median never falls (isotonic regression), so that more distant forecasts are never surer.
class horizon_errors {
 public:
  static constexpr std::size_t knots = 21;

  /// `errors[h]` are those of step h + 1 (their order is lost); a step without any takes those of
  /// the step before. Nothing is left if there are none at all for the first, or one is too large
  /// to be squared.
  void learn(std::vector<std::vector<double>>& errors) {
    quantiles_.clear();
    rms_.clear();
    for (auto& step : errors) {
      if (step.empty() && rms_.empty()) return;
      std::array<double, knots> at{};
      double square = 0;
      if (step.empty()) {
        std::copy(quantiles_.end() - knots, quantiles_.end(), at.begin());
        square = rms_.back() * rms_.back();
      } else {
        std::sort(step.begin(), step.end());
        const auto n = static_cast<double>(step.size());
        for (std::size_t k = 0; k < knots; ++k) {
          // The order statistic below which a new error falls with that probability.
          const double place = std::clamp(normal_cdf(score(k)) * (n + 1) - 1, 0.0, n - 1);
          const auto low = static_cast<std::size_t>(place);
          const std::size_t high = std::min(low + 1, step.size() - 1);
          at[k] = step[low] + (place - static_cast<double>(low)) * (step[high] - step[low]);
        }
        for (const double e : step) square += e * e / n;
        if (!std::isfinite(square)) {
          quantiles_.clear();
          rms_.clear();
          return;
        }
      }
      quantiles_.insert(quantiles_.end(), at.begin(), at.end());
      rms_.push_back(std::sqrt(square));
    }
    widen();
  }

  [[nodiscard]] auto steps() const noexcept -> std::size_t { return rms_.size(); }

  /// Quantile of the error at step h (from 0) for a normal score; beyond the last step learned, as
  /// that, grown as the spread has grown before.
  [[nodiscard]] auto quantile(std::size_t h, double score) const noexcept -> double {
    if (rms_.empty()) return 0;
    if (std::isnan(score)) return score;
    const std::size_t step = std::min(h, rms_.size() - 1);
    const double* q = quantiles_.data() + step * knots;
    const double place = (score + 2.5) * 4;
    const auto low =
        static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(knots - 2)));
    double slope = q[low + 1] - q[low];
    const double along = place - static_cast<double>(low);
    double value = q[low] + along * slope;
    if (along < 0 || along > 1) {
      // Outside the knots: as steep as from 1 to 2.5 standard deviations on that side.
      const std::size_t edge = along < 0 ? 0 : knots - 1;
      slope = along < 0 ? (q[6] - q[0]) / 6 : (q[knots - 1] - q[knots - 7]) / 6;
      value = q[edge] + (place - static_cast<double>(edge)) * slope;
    }
    return h == step ? value : q[knots / 2] + (value - q[knots / 2]) * growth(h);
  }
  /// Root mean square of the error at step h.
  [[nodiscard]] auto rms(std::size_t h) const noexcept -> double {
    if (rms_.empty()) return 0;
    return h < rms_.size() ? rms_[h] : rms_.back() * growth(h);
  }

  template <class Archive>
  void persist(Archive& a) {
    a(quantiles_, rms_);
    if constexpr (Archive::reads) {
      const auto finite = [](double x) { return std::isfinite(x); };
      if (quantiles_.size() != rms_.size() * knots ||
          !std::all_of(quantiles_.begin(), quantiles_.end(), finite) ||
          !std::all_of(rms_.begin(), rms_.end(), finite))
        a.reject();
    }
  }

 private:
  [[nodiscard]] static constexpr auto score(std::size_t k) noexcept -> double {
    return -2.5 + 0.25 * static_cast<double>(k);
  }

  /// Power of the number of steps, between that of noise (0) and of a random walk (1/2).
  [[nodiscard]] auto growth(std::size_t h) const noexcept -> double {
    const std::size_t last = rms_.size() - 1;
    const std::size_t half = last / 2;
    if (half == last || !(rms_[half] > 0)) return 1;
    const double power =
        std::clamp(std::log(rms_[last] / rms_[half]) /
                       std::log(static_cast<double>(last + 1) / static_cast<double>(half + 1)),
                   0.0, 0.5);
    return std::pow(static_cast<double>(h + 1) / static_cast<double>(last + 1), power);
  }

  void widen() {
    const std::size_t n = rms_.size();
    std::vector<double> distance(n);
    for (std::size_t k = 0; k < knots; ++k) {
      if (k == knots / 2) continue;
      const double sign = k < knots / 2 ? -1 : 1;
      for (std::size_t h = 0; h < n; ++h)
        distance[h] = sign * (quantiles_[h * knots + k] - quantiles_[h * knots + knots / 2]);
      rise(distance);
      for (std::size_t h = 0; h < n; ++h)
        quantiles_[h * knots + k] = quantiles_[h * knots + knots / 2] + sign * distance[h];
    }
    rise(rms_);
  }

  /// Isotonic regression: pools neighbours that fall until none does.
  static void rise(std::vector<double>& v) {
    std::vector<std::array<double, 2>> pools;  // mean, count
    for (const double x : v) {
      pools.push_back({x, 1});
      while (pools.size() > 1 && pools[pools.size() - 2][0] > pools.back()[0]) {
        const auto last = pools.back();
        pools.pop_back();
        auto& into = pools.back();
        into[0] = (into[0] * into[1] + last[0] * last[1]) / (into[1] + last[1]);
        into[1] += last[1];
      }
    }
    std::size_t at = 0;
    for (const auto& pool : pools)
      for (double i = 0; i < pool[1]; ++i) v[at++] = pool[0];
  }

  std::vector<double> quantiles_;  // step after step
  std::vector<double> rms_;
};

}  // namespace lepton::predict::detail
