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

#include <lepton/predict/conformal.hpp>
#include <lepton/predict/online_weights.hpp>
#include <lepton/predict/page_hinkley.hpp>

namespace lepton::predict {

struct fusion_options {
  std::size_t horizon = 12;     ///< largest step ahead at which forecasts are scored, at least 1
  std::size_t score_every = 1;  ///< forecasts are made to be scored at every k-th value
  /// Share of the history that members are fitted to first, so that the rest tells how good they
  /// are; 1: all weights start equal, and fitting takes half the time.
  double train = 0.75;
  online_weights_options weights{};
  conformal_options conformal{};
  page_hinkley_options drift{};
  double drift_memory = 5;       ///< scores that weights remember once drift was noticed
  bool forget_on_drift = false;  ///< members that can (`forget()`) forget, too
  double lowest = -std::numeric_limits<double>::infinity();  ///< no forecast is below
  double highest = std::numeric_limits<double>::infinity();  ///< or above
};

namespace detail {

/// Keeps the forecasts that members made, and scores each once the number it was for has come:
/// weights for each step ahead and level, conformal offsets, and drift.
class fusion_board {
 public:
  /// Levels at which members are forecast and the combination is corrected.
  static constexpr std::array<double, 9> levels{0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98};
  static constexpr std::size_t median = 4;
  /// Places of those at which weights are learnt.
  static constexpr std::array<std::size_t, 3> scored{2, 4, 6};

  fusion_board() = default;
  fusion_board(std::size_t members, const fusion_options& o)
      : members_(members),
        every_(std::max<std::size_t>(o.score_every, 1)),
        memory_(o.drift_memory) {
    const std::size_t horizon = std::clamp<std::size_t>(o.horizon, 1, 4096);
    steps_.clear();
    // 1, 2, 3, 4, 6, 8, 12, 16, 24, ... and the horizon itself.
    for (std::size_t h = 1; h < horizon; h = next_step(h)) steps_.push_back(h - 1);
    steps_.push_back(horizon - 1);
    weights_ = online_weights{members, steps_.size() * scored.size(), o.weights};
    std::array<double, levels.size() - 1> corrected{};
    for (std::size_t i = 0, j = 0; i < levels.size(); ++i)
      if (i != median) corrected[j++] = levels[i];
    conformal_ = predict::conformal{corrected, steps_.size(), o.conformal};
    drift_ = page_hinkley{o.drift};
    const std::size_t slots = (horizon - 1) / every_ + 1;
    made_.assign(slots, never);
    kept_.assign(slots * slot_size(), 0.0);
    losses_.assign(members, 0.0);
  }

  [[nodiscard]] auto horizon() const noexcept -> std::size_t { return steps_.back() + 1; }
  [[nodiscard]] auto steps() const noexcept -> std::span<const std::size_t> { return steps_; }
  [[nodiscard]] auto weights() const noexcept -> const online_weights& { return weights_; }
  [[nodiscard]] auto weights() noexcept -> online_weights& { return weights_; }
  [[nodiscard]] auto offsets() const noexcept -> const predict::conformal& { return conformal_; }
  [[nodiscard]] auto drift() const noexcept -> const page_hinkley& { return drift_; }

  /// Where a step ahead lies between those scored: between `low` and `low + 1`, `part` of the way.
  struct place {
    std::size_t low = 0;
    double part = 0;
  };
  [[nodiscard]] auto step_place(std::size_t h) const noexcept -> place {
    const auto above = static_cast<std::size_t>(std::upper_bound(steps_.begin(), steps_.end(), h) -
                                                steps_.begin());
    if (above == steps_.size()) return {steps_.size() - 1, 0};
    const std::size_t low = above - 1;  // steps_ begins with 0
    return {low, static_cast<double>(h - steps_[low]) /
                     static_cast<double>(steps_[above] - steps_[low])};
  }
  [[nodiscard]] static auto level_place(double q) noexcept -> place {
    if (q <= levels[scored[0]]) return {0, 0};
    if (q >= levels[scored[2]]) return {2, 0};
    const std::size_t low = q >= levels[scored[1]] ? 1 : 0;
    const double from = levels[scored[low]];
    return {low, (q - from) / (levels[scored[low + 1]] - from)};
  }
  /// Weight of a member, interpolated between steps and levels.
  [[nodiscard]] auto weight(std::size_t member, place step, place level) const noexcept -> double {
    const auto at = [&](std::size_t s) {
      const double low = weights_.weights(s * scored.size() + level.low)[member];
      if (level.part == 0) return low;
      return low + level.part * (weights_.weights(s * scored.size() + level.low + 1)[member] - low);
    };
    const double low = at(step.low);
    return step.part == 0 ? low : low + step.part * (at(step.low + 1) - low);
  }
  [[nodiscard]] auto offset(place step, double q) const noexcept -> double {
    const double low = conformal_.offset_at(step.low, q);
    if (step.part == 0) return low;
    return low + step.part * (conformal_.offset_at(step.low + 1, q) - low);
  }

  /// A member's mean weight over the levels.
  [[nodiscard]] auto mean_weight(std::size_t member, place step) const noexcept -> double {
    double sum = 0;
    for (std::size_t i = 0; i < scored.size(); ++i) sum += weight(member, step, {i, 0});
    return sum / static_cast<double>(scored.size());
  }
  /// The furthest that an offset moves a quantile away from the median, of those between it and q:
  /// unlike the offset itself it never falls as q rises.
  [[nodiscard]] auto widening(place step, double q) const noexcept -> double {
    double widest = offset(step, q);
    widest = q < 0.5 ? std::min(widest, 0.0) : std::max(widest, 0.0);
    for (const double level : levels) {
      if (q < 0.5 && level > q && level < 0.5) widest = std::min(widest, offset(step, level));
      if (q > 0.5 && level < q && level > 0.5) widest = std::max(widest, offset(step, level));
    }
    return widest;
  }

  /// Whether forecasts are to be made now.
  [[nodiscard]] auto due() const noexcept -> bool { return time_ % every_ == 0; }

  /// Keeps the forecasts made now. `forecasts` are those of the members, one after the other,
  /// horizon() times levels each; `fused` their combination.
  void keep(std::span<const double> forecasts, std::span<const double> fused) noexcept {
    const auto slot = static_cast<std::size_t>((time_ / every_) % made_.size());
    made_[slot] = time_;
    double* to = kept_.data() + slot * slot_size();
    for (const std::size_t h : steps_) {
      for (const std::size_t i : scored)
        for (std::size_t m = 0; m < members_; ++m)
          *to++ = forecasts[(m * horizon() + h) * levels.size() + i];
      for (std::size_t i = 0; i < levels.size(); ++i) *to++ = fused[h * levels.size() + i];
    }
  }

  /// The next number came. True if drift was noticed.
  auto score(double value) noexcept -> bool {
    bool drifted = false;
    if (std::isfinite(value)) {
      for (std::size_t s = 0; s < steps_.size(); ++s) {
        const std::size_t h = steps_[s];
        if (time_ < h || (time_ - h) % every_ != 0) continue;
        const auto slot = static_cast<std::size_t>(((time_ - h) / every_) % made_.size());
        if (made_[slot] != time_ - h) continue;
        drifted = score(value, s, kept_.data() + slot * slot_size() + s * step_size(),
                        made_[slot] >= since_) ||
                  drifted;
      }
    }
    ++time_;
    if (drifted) {
      weights_.forget(memory_);
      since_ = time_;
    }
    return drifted;
  }

  template <class Archive>
  void persist(Archive& a) {
    a(members_, every_, memory_, steps_, weights_, conformal_, drift_, made_, kept_, time_, since_);
    if constexpr (Archive::reads) {
      bool good =
          !steps_.empty() && steps_.front() == 0 && steps_.back() < 4096 && every_ > 0 &&
          weights_.experts() == members_ && weights_.groups() == steps_.size() * scored.size() &&
          conformal_.steps() == steps_.size() && conformal_.levels().size() + 1 == levels.size();
      for (std::size_t i = 1; i < steps_.size(); ++i) good = good && steps_[i - 1] < steps_[i];
      good = good && made_.size() == steps_.back() / every_ + 1 &&
             kept_.size() == made_.size() * slot_size();
      if (!good) return a.reject();
      losses_.assign(members_, 0.0);
    }
  }

 private:
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  [[nodiscard]] static constexpr auto next_step(std::size_t h) noexcept -> std::size_t {
    if (h < 4) return h + 1;
    std::size_t power = 4;
    while (power * 2 <= h) power *= 2;
    return h + power / 2;
  }
  [[nodiscard]] auto step_size() const noexcept -> std::size_t {
    return scored.size() * members_ + levels.size();
  }
  [[nodiscard]] auto slot_size() const noexcept -> std::size_t {
    return steps_.size() * step_size();
  }

  auto score(double value, std::size_t s, const double* kept, bool weigh) noexcept -> bool {
    for (std::size_t g = 0; g < scored.size(); ++g) {
      const double q = levels[scored[g]];
      for (std::size_t m = 0; m < members_; ++m) {
        const double off = value - *kept++;
        losses_[m] = off >= 0 ? q * off : (q - 1) * off;
      }
      if (weigh) weights_.update(s * scored.size() + g, losses_);
    }
    std::array<double, levels.size() - 1> quantiles{};
    for (std::size_t i = 0, j = 0; i < levels.size(); ++i)
      if (i != median) quantiles[j++] = kept[i];
    conformal_.update(s, value, kept[median], quantiles);
    return s == 0 && drift_.update(std::fabs(value - kept[median]));
  }

  std::size_t members_ = 0;
  std::size_t every_ = 1;
  double memory_ = 0;
  std::vector<std::size_t> steps_{0};  // steps ahead that are scored, counted from 0
  online_weights weights_;
  predict::conformal conformal_;
  page_hinkley drift_{};
  std::vector<std::uint64_t> made_;  // when the forecasts of each slot were made
  std::vector<double> kept_;         // ring of slots
  std::uint64_t time_ = 0;
  std::uint64_t since_ = 0;     // forecasts made before the last drift tell nothing of the weights
  std::vector<double> losses_;  // scratch
};

}  // namespace detail
}  // namespace lepton::predict
