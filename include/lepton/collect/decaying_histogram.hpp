// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/collect/histogram_buckets.hpp>
#include <lepton/collect/histogram_checkpoint.hpp>
#include <lepton/config.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>

namespace lepton::collect {

/// The least weight of a CPU sample in the Vertical Pod Autoscaler.
inline constexpr double least_sample_weight = 0.1;

/// The weight of a CPU sample there: the cores requested at the time, so that a raised request
/// makes what was seen under the lower one count for less.
[[nodiscard]] constexpr auto request_weight(double requested_cores) noexcept -> double {
  return std::max(requested_cores, least_sample_weight);
}

/// Distribution of a resource's use in which a sample counts half as much with every half-life that
/// passes: the histogram of Kubernetes' Vertical Pod Autoscaler.
///
/// A sample at time t weighs 2^((t - reference)/half-life) times its weight, so nothing has to be
/// decayed as time goes by; when the power would pass 100, the reference time moves to the sample
/// (rounded to whole half-lives) and all weights are scaled. Buckets below a least weight are
/// empty. Samples may come in any order of time; a value that is NaN is ignored.
///
/// `add` and `subtract` are O(1) (a logarithm and a power), `percentile` O(buckets). No allocation
/// after construction; 8 bytes a bucket.
class decaying_histogram {
 public:
  static constexpr std::string_view model_name = "decaying histogram";

  /// The autoscaler's for CPU, in cores: half-life 24 h.
  decaying_histogram() : decaying_histogram(histogram_buckets::cpu(), std::chrono::hours{24}) {}
  decaying_histogram(histogram_buckets buckets, duration half_life)
      : buckets_(std::move(buckets)),
        half_life_(half_life),
        weights_(buckets_.count()),
        first_(buckets_.count() - 1) {
    LEPTON_ASSERT(half_life.count() > 0, "decaying_histogram: the half-life must be positive");
  }
  /// The autoscaler's for memory, in bytes: half-life 24 h. It gets one sample a day: its peak.
  [[nodiscard]] static auto memory() -> decaying_histogram {
    return {histogram_buckets::memory(), std::chrono::hours{24}};
  }

  void add(double value, time_point when, double weight = 1) noexcept {
    LEPTON_ASSERT(weight >= 0, "decaying_histogram: a weight must not be negative");
    if (std::isnan(value)) return;
    const auto bucket = buckets_.find(value);
    const auto decayed = weight * factor(when);
    weights_[bucket] += decayed;
    total_ += decayed;
    if (weights_[bucket] >= buckets_.least_weight()) {
      first_ = std::min(first_, bucket);
      last_ = std::max(last_, bucket);
    }
  }

  /// Takes away a sample that was added with the same value, time and weight. A bucket does not
  /// fall below 0, and what is left of less than the least weight goes too.
  void subtract(double value, time_point when, double weight = 1) noexcept {
    LEPTON_ASSERT(weight >= 0, "decaying_histogram: a weight must not be negative");
    if (std::isnan(value)) return;
    const auto bucket = buckets_.find(value);
    auto decayed = weight * factor(when);
    if (decayed > weights_[bucket] - buckets_.least_weight()) decayed = weights_[bucket];
    weights_[bucket] -= decayed;
    total_ -= decayed;
    narrow();
  }

  /// Adds all samples of another histogram with the same buckets and half-life (contract). The
  /// later reference time of both is the sum's.
  void merge(const decaying_histogram& other) noexcept {
    LEPTON_ASSERT(buckets_ == other.buckets_ && half_life_ == other.half_life_,
                  "decaying_histogram: only histograms of the same kind can be merged");
    if (!other.started_) return;
    if (!started_) {
      started_ = true;
      reference_ = other.reference_;
    }
    if (reference_ < other.reference_) shift(other.reference_);
    const auto scale = power(other.reference_);
    for (std::size_t b = 0; b < weights_.size(); ++b) weights_[b] += other.weights_[b] * scale;
    total_ += other.total_ * scale;
    first_ = std::min(first_, other.first_);
    last_ = std::max(last_, other.last_);
    narrow();
  }

  /// The end of the bucket that the share `p` of the weight lies in or below (the start of the last
  /// bucket, which has no end); 0 if the histogram is empty. Below 0 and above 1, `p` counts as 0
  /// and 1.
  [[nodiscard]] auto percentile(double p) const noexcept -> double {
    if (empty()) return 0;
    const auto wanted = p * total_;
    double sum = 0;
    auto bucket = first_;
    for (; bucket < last_; ++bucket) {
      sum += weights_[bucket];
      if (sum >= wanted) break;
    }
    return buckets_.start(std::min(bucket + 1, buckets_.count() - 1));
  }

  [[nodiscard]] auto empty() const noexcept -> bool {
    return weights_[first_] < buckets_.least_weight();
  }
  /// The weight of each bucket, and of all, as of `reference()`.
  [[nodiscard]] auto weights() const noexcept -> std::span<const double> { return weights_; }
  [[nodiscard]] auto total_weight() const noexcept -> double { return total_; }
  [[nodiscard]] auto reference() const noexcept -> time_point { return reference_; }
  [[nodiscard]] auto half_life() const noexcept -> duration { return half_life_; }
  [[nodiscard]] auto buckets() const noexcept -> const histogram_buckets& { return buckets_; }

  /// The histogram in small: weights as shares of the heaviest, of which 10,000 make the whole;
  /// what rounds to nothing is left out.
  [[nodiscard]] auto checkpoint() const -> histogram_checkpoint {
    histogram_checkpoint saved;
    saved.reference = reference_;
    saved.total_weight = total_;
    const auto heaviest = *std::max_element(weights_.begin(), weights_.end());
    for (auto b = first_; heaviest > 0 && b <= last_; ++b) {
      const auto share = std::floor(weights_[b] / heaviest * histogram_checkpoint::whole + 0.5);
      if (share > 0)
        saved.weights.emplace_back(static_cast<std::uint32_t>(b),
                                   static_cast<std::uint32_t>(share));
    }
    return saved;
  }

  /// Becomes what was saved of a histogram with the same buckets; an error if it cannot be, and the
  /// histogram is as it was.
  [[nodiscard]] auto restore(const histogram_checkpoint& saved) -> status {
    if (auto checked = saved.check(buckets_.count()); !checked) return checked;
    std::fill(weights_.begin(), weights_.end(), 0.0);
    double sum = 0;
    for (const auto& [bucket, share] : saved.weights) sum += share;
    for (const auto& [bucket, share] : saved.weights)
      weights_[bucket] += share * (saved.total_weight / sum);
    total_ = sum > 0 ? saved.total_weight : 0;
    reference_ = saved.reference;
    started_ = true;
    first_ = 0;
    last_ = weights_.size() - 1;
    narrow();
    return {};
  }

  /// Writes or reads the whole state, to the last bit (as `predict::save` and `load` do).
  template <class Archive>
  void persist(Archive& a) {
    auto half_life = half_life_.count();
    auto reference = reference_.time_since_epoch().count();
    std::uint64_t first = first_;
    std::uint64_t last = last_;
    a(buckets_, half_life, reference, started_, weights_, total_, first, last);
    if constexpr (Archive::reads) {
      half_life_ = duration{half_life};
      reference_ = time_point{duration{reference}};
      first_ = static_cast<std::size_t>(first);
      last_ = static_cast<std::size_t>(last);
      const auto bad = [](double w) { return !(w >= 0 && std::isfinite(w)); };
      if (half_life <= 0 || weights_.size() != buckets_.count() || first >= weights_.size() ||
          last >= weights_.size() || !std::isfinite(total_) ||
          std::any_of(weights_.begin(), weights_.end(), bad))
        a.reject();
    }
  }

 private:
  static constexpr std::int64_t most_half_lives = 100;

  /// Half-lives from the reference to `when`, negative before.
  [[nodiscard]] auto half_lives(time_point when) const noexcept -> double {
    const auto t = when.time_since_epoch().count();
    const auto origin = reference_.time_since_epoch().count();
    const auto later = t >= origin;
    const auto span = later ? static_cast<std::uint64_t>(t) - static_cast<std::uint64_t>(origin)
                            : static_cast<std::uint64_t>(origin) - static_cast<std::uint64_t>(t);
    const auto count = static_cast<double>(span) / static_cast<double>(half_life_.count());
    return later ? count : -count;
  }
  [[nodiscard]] auto power(time_point when) const noexcept -> double {
    return std::exp2(half_lives(when));
  }
  /// What a sample's weight is multiplied by; moves the reference if that would get too large.
  auto factor(time_point when) noexcept -> double {
    if (!started_ || half_lives(when) > static_cast<double>(most_half_lives)) shift(rounded(when));
    started_ = true;
    return power(when);
  }
  /// To the nearest multiple of the half-life, if it is on the time line.
  [[nodiscard]] auto rounded(time_point when) const noexcept -> time_point {
    const auto t = when.time_since_epoch().count();
    const auto unit = half_life_.count();
    const auto rest = t % unit + (t % unit < 0 ? unit : 0);
    if (rest == 0) return when;
    const auto up = rest >= unit - rest;
    if (up ? t > INT64_MAX - (unit - rest) : t < INT64_MIN + rest) return when;
    return time_point{duration{up ? t + (unit - rest) : t - rest}};
  }
  LEPTON_COLD void shift(time_point reference) noexcept {
    const auto scale = started_ ? std::exp2(-half_lives(reference)) : 1.0;
    reference_ = reference;
    for (auto& w : weights_) w *= scale;
    total_ *= scale;
    narrow();
  }
  /// First and last bucket that are not empty, after weights went down.
  void narrow() noexcept {
    const auto least = buckets_.least_weight();
    while (first_ + 1 < weights_.size() && weights_[first_] < least) ++first_;
    while (last_ > 0 && weights_[last_] < least) --last_;
  }

  histogram_buckets buckets_;
  duration half_life_;
  time_point reference_{};
  bool started_ = false;
  std::vector<double> weights_;
  double total_ = 0;
  std::size_t first_;
  std::size_t last_ = 0;
};

}  // namespace lepton::collect
