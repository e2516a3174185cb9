// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict {

struct online_weights_options {
  double half_life = 1000;      ///< updates after which a loss counts half; infinite: all alike
  double fast_half_life = 12;   ///< the same for weights that are quick to follow a change
  double sharpness = 25;        ///< 0: equal weights; large: the best expert takes all
  double scale_half_life = 20;  ///< the same for the loss of the mixture, the unit of losses
  double cap = 20;              ///< no loss counts as more units than this
  double share = 0.001;         ///< part of the weight that is always spread evenly
};

/// Weights of experts by their recent losses, for several groups (steps ahead, quantile levels)
/// that learn each for itself.
///
/// The weight of an expert is the mean of a fast and a slow one, and these are proportional to
/// L^-sharpness, L being the mean of its losses with exponentially falling weights: exponential
/// weighting (Vovk, COLT 1990) of the logarithm of the mean loss, which needs no learning rate. A
/// loss is measured in units of what the mixture of the experts has lost of late, so that stormy
/// times do not drown all others. A small part of the weight is spread evenly over all experts, as
/// in the fixed share of Herbster and Warmuth (Machine Learning 32, 1998).
///
/// Whatever the losses are, the weights of a group are numbers from 0 to 1 with the sum 1. A loss
/// that is NaN or infinite counts as the cap; if none of the losses is finite, nothing is learnt.
/// `update` is O(experts) and allocates nothing.
class online_weights {
 public:
  online_weights() noexcept = default;
  online_weights(std::size_t experts, std::size_t groups, online_weights_options o = {})
      : options_(o),
        experts_(experts),
        slow_(experts, groups),
        fast_(experts, groups),
        weights_(experts * groups, experts == 0 ? 0.0 : 1 / static_cast<double>(experts)),
        scales_(groups, -1.0),
        ages_(groups, 1e300),
        included_(experts, 1),
        relative_(experts, 0.0) {
    if (!(options_.half_life > 0)) options_.half_life = 1;
    if (!(options_.fast_half_life > 0)) options_.fast_half_life = 1;
    if (!(options_.scale_half_life > 0)) options_.scale_half_life = 1;
    if (!(options_.sharpness >= 0)) options_.sharpness = 0;
    if (!(options_.cap >= 1)) options_.cap = 1;
    if (!(options_.share >= 0 && options_.share <= 1)) options_.share = 0;
  }

  [[nodiscard]] auto experts() const noexcept -> std::size_t { return experts_; }
  [[nodiscard]] auto groups() const noexcept -> std::size_t { return slow_.counts.size(); }
  [[nodiscard]] auto options() const noexcept -> const online_weights_options& { return options_; }

  /// Takes in what the experts lost in a group; one loss for each expert, none negative.
  void update(std::size_t group, std::span<const double> losses) noexcept {
    LEPTON_ASSERT(group < groups() && losses.size() == experts_,
                  "online_weights: no such group, or not one loss for each expert");
    double mixed = 0;
    double largest = -1;
    const double* weights = weights_.data() + group * experts_;
    for (std::size_t i = 0; i < experts_; ++i) {
      if (included_[i] == 0 || !std::isfinite(losses[i])) continue;
      largest = std::max(largest, losses[i]);
      mixed += weights[i] * std::min(losses[i], 1e280);
    }
    if (largest < 0) return;
    double& scale = scales_[group];
    const double keep = std::exp2(-1 / options_.scale_half_life);
    scale = scale < 0 ? mixed : scale * keep + mixed * (1 - keep);
    if (!(scale > 0)) scale = 0;
    const double unit = scale > 0 ? scale : std::max(largest, 1e-280);
    double& age = ages_[group];
    age += 1;
    // What came right after a change is often no sign of what is to come; it must not stay long.
    const double memory = std::clamp(age / 4, std::min(options_.fast_half_life, options_.half_life),
                                     options_.half_life);
    slow_.add(group, losses, unit, options_.cap, std::exp2(-1 / memory));
    fast_.add(group, losses, unit, options_.cap, std::exp2(-1 / options_.fast_half_life));
    weigh(group);
  }

  /// The weights of a group's experts.
  [[nodiscard]] auto weights(std::size_t group) const noexcept -> std::span<const double> {
    LEPTON_ASSERT(group < groups(), "online_weights: no such group");
    return {weights_.data() + group * experts_, experts_};
  }
  /// Mean loss of an expert, in units of the mixture's loss, recent ones counting more; NaN before
  /// the first update.
  [[nodiscard]] auto mean_loss(std::size_t group, std::size_t expert) const noexcept -> double {
    LEPTON_ASSERT(group < groups() && expert < experts_, "online_weights: no such expert");
    return slow_.counts[group] > 0 ? slow_.sums[group * experts_ + expert] / slow_.counts[group]
                                   : std::numeric_limits<double>::quiet_NaN();
  }

  /// Makes what was learnt count as no more than `updates` updates (0: nothing), and slow weights
  /// begin as fast ones: after a change of the series they soon follow what comes now.
  void forget(double updates = 0) noexcept {
    for (std::size_t g = 0; g < groups(); ++g) {
      ages_[g] = 0;
      slow_.forget(g, experts_, updates);
      fast_.forget(g, experts_, updates);
      weigh(g);
    }
  }

  /// Leaves an expert out (weight 0), or takes it back. If all are left out, they weigh the same.
  void include(std::size_t expert, bool in) noexcept {
    LEPTON_ASSERT(expert < experts_, "online_weights: no such expert");
    included_[expert] = in ? 1 : 0;
    for (std::size_t g = 0; g < groups(); ++g) weigh(g);
  }
  [[nodiscard]] auto included(std::size_t expert) const noexcept -> bool {
    LEPTON_ASSERT(expert < experts_, "online_weights: no such expert");
    return included_[expert] != 0;
  }

  template <class Archive>
  void persist(Archive& a) {
    auto& o = options_;
    a(o.half_life, o.fast_half_life, o.scale_half_life, o.sharpness, o.cap, o.share, experts_,
      slow_.sums, slow_.counts, fast_.sums, fast_.counts, scales_, ages_, weights_, included_);
    if constexpr (Archive::reads) {
      const std::size_t n = weights_.size();
      bool good = o.half_life > 0 && o.fast_half_life > 0 && o.scale_half_life > 0 &&
                  o.sharpness >= 0 && o.cap >= 1 && o.share >= 0 && o.share <= 1 &&
                  included_.size() == experts_;
      for (const auto* t : {&slow_, &fast_}) {
        good = good && t->sums.size() == n && t->counts.size() == slow_.counts.size() &&
               n == experts_ * t->counts.size();
        for (const double x : t->sums) good = good && x >= 0 && std::isfinite(x);
        for (const double x : t->counts) good = good && x >= 0 && std::isfinite(x);
      }
      good = good && scales_.size() == groups() && ages_.size() == groups();
      for (const double x : scales_) good = good && std::isfinite(x);
      for (const double x : ages_) good = good && x >= 0;
      for (const double x : weights_) good = good && x >= 0 && x <= 1;
      if (!good) return a.reject();
      relative_.assign(experts_, 0.0);
    }
  }

 private:
  // Losses summed up, old ones counting less.
  struct tally {
    tally() = default;
    tally(std::size_t experts, std::size_t groups)
        : sums(experts * groups, 0.0), counts(groups, 0.0) {}

    void add(std::size_t group, std::span<const double> losses, double unit, double cap,
             double keep) noexcept {
      double* sum = sums.data() + group * losses.size();
      for (std::size_t i = 0; i < losses.size(); ++i) {
        const double loss = std::isfinite(losses[i]) ? std::clamp(losses[i] / unit, 0.0, cap) : cap;
        sum[i] = sum[i] * keep + loss;
        // What is left of very old losses must not become a denormal number.
        if (sum[i] < 1e-280) sum[i] = 0;
      }
      counts[group] = counts[group] * keep + 1;
    }
    void forget(std::size_t group, std::size_t experts, double updates) noexcept {
      if (counts[group] <= updates) return;
      const double keep = updates > 0 ? updates / counts[group] : 0;
      counts[group] *= keep;
      for (std::size_t i = 0; i < experts; ++i) sums[group * experts + i] *= keep;
    }

    std::vector<double> sums;  // group by group
    std::vector<double> counts;
  };

  void weigh(std::size_t group) noexcept {
    double* weights = weights_.data() + group * experts_;
    std::size_t in = 0;
    for (std::size_t i = 0; i < experts_; ++i) {
      in += included_[i];
      weights[i] = 0;
    }
    if (in == 0) {
      std::fill_n(weights, experts_, 1 / static_cast<double>(experts_));
      return;
    }
    // Below this share of the best weight there is none.
    const double cut = options_.sharpness > 0 ? std::exp(-50 / options_.sharpness) : 0;
    for (const tally* t : {&slow_, &fast_}) {
      const double* sums = t->sums.data() + group * experts_;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < experts_; ++i)
        if (included_[i] != 0) least = std::min(least, sums[i]);
      double total = 0;
      for (std::size_t i = 0; i < experts_; ++i) {
        double w = 0;
        if (included_[i] != 0) {
          if (sums[i] <= least || options_.sharpness == 0) {
            w = 1;
          } else if (least > cut * sums[i]) {
            w = std::exp(options_.sharpness * std::log(least / sums[i]));
          }
        }
        relative_[i] = w;
        total += w;
      }
      const double by = 0.5 * (1 - options_.share) / total;
      for (std::size_t i = 0; i < experts_; ++i) weights[i] += by * relative_[i];
    }
    const double even = options_.share / static_cast<double>(in);
    for (std::size_t i = 0; i < experts_; ++i)
      weights[i] = std::min(weights[i] + (included_[i] != 0 ? even : 0), 1.0);
  }

  online_weights_options options_{};
  std::size_t experts_ = 0;
  tally slow_;
  tally fast_;
  std::vector<double> weights_;  // group by group
  std::vector<double> scales_;   // mean loss of the mixture of late, negative before the first
  std::vector<double> ages_;     // updates since something was forgotten
  std::vector<unsigned char> included_;
  std::vector<double> relative_;  // scratch
};

}  // namespace lepton::predict
