// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <lepton/collect/log_buckets.hpp>
#include <lepton/config.hpp>

namespace lepton::collect {

struct sketch_options {
  /// Largest relative error of a quantile, from 1e-4 to 0.5.
  double relative_error = 0.01;
  /// Buckets there is room for, 8 bytes each. At 1 %, 1,024 hold values of which the largest is
  /// up to 7e8 times the smallest; at 2 %, up to 6e17 times.
  std::size_t buckets = 1024;
  /// Values nearer to 0 than this count as 0.
  double least_magnitude = 1e-9;
};

/// Quantiles of a stream of numbers in fixed memory, to a guaranteed relative error: a quantile is
/// within `relative_error()` of a number of exactly that rank. Merging sketches gives exactly the
/// sketch of all their numbers, in any order, which is why this kind was chosen over those with an
/// error in rank (KLL, t-digest): these depend on chance or order, and the error in the value,
/// which is what capacity is bought by, has no bound.
///
/// Counts by logarithm (DDSketch: Masson, Rim, Lee 2019), positive and negative numbers apart. When
/// the numbers spread wider than the buckets reach, pairs of neighbours become one and the
/// relative error doubles, for all quantiles alike (UDDSketch: Epicoco et al. 2020); nothing is
/// lost silently. Infinite numbers and NaN are ignored, and counted.
///
/// `add` is O(1) amortised, without a logarithm; no allocation after construction. `quantile` and
/// `merge` are O(buckets).
class quantile_sketch {
 public:
  static constexpr std::string_view model_name = "quantile sketch";

  explicit quantile_sketch(sketch_options options = sketch_options())
      : options_(options), scale_(options.relative_error), counts_(options.buckets) {
    LEPTON_ASSERT(options.relative_error >= 1e-4 && options.relative_error <= 0.5,
                  "quantile_sketch: the relative error must be from 1e-4 to 0.5");
    LEPTON_ASSERT(options.buckets >= 16, "quantile_sketch: at least 16 buckets are needed");
    LEPTON_ASSERT(options.least_magnitude >= std::numeric_limits<double>::min() &&
                      std::isfinite(options.least_magnitude),
                  "quantile_sketch: the least magnitude must be a normal positive number");
  }

  /// Takes a number, or the same number several times.
  void add(double value, std::uint64_t times = 1) noexcept {
    if (!std::isfinite(value)) {
      ignored_ += times;
      return;
    }
    if (times == 0) return;
    total_ += times;
    least_ = std::min(least_, value);
    greatest_ = std::max(greatest_, value);
    const auto magnitude = std::abs(value);
    if (magnitude < options_.least_magnitude) {
      zeros_ += times;
      return;
    }
    put(value > 0 ? positive_ : negative_, scale_.index(magnitude), times);
  }

  /// Adds all numbers of another sketch, made with the same options (contract).
  void merge(const quantile_sketch& other) noexcept {
    LEPTON_ASSERT(options_.relative_error == other.options_.relative_error &&
                      options_.buckets == other.options_.buckets &&
                      options_.least_magnitude == other.options_.least_magnitude,
                  "quantile_sketch: only sketches with the same options can be merged");
    if (&other == this) {
      for (auto& count : counts_) count *= 2;
      zeros_ *= 2;
      total_ *= 2;
      ignored_ *= 2;
      return;
    }
    while (scale_.level() < other.scale_.level()) coarsen();
    for (const auto negative : {false, true}) {
      const auto& from = negative ? other.negative_ : other.positive_;
      for (std::int32_t i = 0; i < from.size; ++i) {
        const auto count = other.counts_[other.slot(from, from.first + i)];
        const auto shift = scale_.level() - other.scale_.level();
        if (count > 0) put(negative ? negative_ : positive_, (from.first + i) >> shift, count);
      }
    }
    zeros_ += other.zeros_;
    total_ += other.total_;
    ignored_ += other.ignored_;
    least_ = std::min(least_, other.least_);
    greatest_ = std::max(greatest_, other.greatest_);
  }

  /// The number of rank floor(q · (count - 1)) in order of size, from 0, to within the relative
  /// error (and `least_magnitude`); the smallest and the largest exactly. NaN if there are none.
  /// Below 0 and above 1, q counts as 0 and 1.
  [[nodiscard]] auto quantile(double q) const noexcept -> double {
    if (total_ == 0) return std::numeric_limits<double>::quiet_NaN();
    if (!(q > 0)) return least_;
    if (q >= 1) return greatest_;
    return at_rank(static_cast<std::uint64_t>(q * static_cast<double>(total_ - 1)));
  }

  /// The share of the numbers that are at most `value`, those in its bucket counted whole; NaN if
  /// there are none.
  [[nodiscard]] auto share_up_to(double value) const noexcept -> double {
    if (total_ == 0 || std::isnan(value)) return std::numeric_limits<double>::quiet_NaN();
    if (value >= greatest_) return 1;
    if (value < least_) return 0;
    const auto magnitude = std::abs(value);
    const auto is_zero = magnitude < options_.least_magnitude;
    const auto index = is_zero ? 0 : scale_.index(magnitude);
    std::uint64_t below = 0;
    for (std::int32_t i = 0; i < negative_.size; ++i)
      if (is_zero || value > 0 || negative_.first + i >= index)
        below += counts_[slot(negative_, negative_.first + i)];
    if (is_zero || value > 0) below += zeros_;
    for (std::int32_t i = 0; !is_zero && value > 0 && i < positive_.size; ++i)
      if (positive_.first + i <= index) below += counts_[slot(positive_, positive_.first + i)];
    return static_cast<double>(below) / static_cast<double>(total_);
  }

  [[nodiscard]] auto count() const noexcept -> std::uint64_t { return total_; }
  [[nodiscard]] auto ignored() const noexcept -> std::uint64_t { return ignored_; }
  [[nodiscard]] auto min() const noexcept -> double { return quantile(0); }
  [[nodiscard]] auto max() const noexcept -> double { return quantile(1); }
  /// The bound that holds now: that of the options, unless the numbers spread too wide for it.
  [[nodiscard]] auto relative_error() const noexcept -> double { return scale_.relative_error(); }
  [[nodiscard]] auto options() const noexcept -> const sketch_options& { return options_; }

  /// The same numbers of the same options, in whatever order or parts they came.
  friend auto operator==(const quantile_sketch& a, const quantile_sketch& b) noexcept -> bool {
    return a.options_.relative_error == b.options_.relative_error &&
           a.options_.least_magnitude == b.options_.least_magnitude && a.counts_ == b.counts_ &&
           a.scale_.level() == b.scale_.level() && a.positive_ == b.positive_ &&
           a.negative_ == b.negative_ && a.zeros_ == b.zeros_ && a.total_ == b.total_ &&
           a.ignored_ == b.ignored_ && a.least_ == b.least_ && a.greatest_ == b.greatest_;
  }

  /// Writes or reads the whole state (as `predict::save` and `load` do).
  template <class Archive>
  void persist(Archive& a) {
    auto level = scale_.level();
    a(options_.relative_error, options_.least_magnitude, level, positive_.first, positive_.size,
      negative_.first, negative_.size, zeros_, total_, ignored_, least_, greatest_, counts_);
    if constexpr (Archive::reads) {
      options_.buckets = counts_.size();
      if (!sane(level)) {
        a.reject();
        return;
      }
      scale_ = log_buckets{options_.relative_error, level};
    }
  }

 private:
  /// Buckets first .. first + size - 1 of the numbers of one sign.
  struct run {
    std::int32_t first = 0;
    std::int32_t size = 0;
    friend auto operator==(const run&, const run&) -> bool = default;
  };

  /// The positive run grows from the front of the counts, the negative one from the back.
  [[nodiscard]] auto slot(const run& r, std::int32_t index) const noexcept -> std::size_t {
    const auto offset = static_cast<std::size_t>(index - r.first);
    return &r == &negative_ ? counts_.size() - 1 - offset : offset;
  }

  void put(run& r, std::int32_t index, std::uint64_t times) noexcept {
    if (index - r.first < 0 || index - r.first >= r.size) index = make_room(r, index);
    counts_[slot(r, index)] += times;
  }
  /// Widens the run so that it reaches `index`; what that is called now, after coarsening.
  LEPTON_COLD auto make_room(run& r, std::int32_t index) noexcept -> std::int32_t {
    const auto& other = &r == &positive_ ? negative_ : positive_;
    for (;;) {
      const auto first = r.size == 0 ? index : std::min(r.first, index);
      const auto last = r.size == 0 ? index : std::max(r.first + r.size - 1, index);
      if (static_cast<std::size_t>(last - first + 1) + static_cast<std::size_t>(other.size) <=
          counts_.size()) {
        if (r.size > 0 && first < r.first) move_up(r, r.first - first);
        r.first = first;
        r.size = last - first + 1;
        return index;
      }
      coarsen();
      index >>= 1;
    }
  }
  /// Makes room for `by` buckets before the run's first.
  void move_up(const run& r, std::int32_t by) noexcept {
    for (auto i = r.size - 1; i >= 0; --i) {
      auto& from = counts_[slot(r, r.first + i)];
      counts_[slot(r, r.first + i + by)] = from;
      from = 0;
    }
  }
  /// Makes one bucket of each two.
  void coarsen() noexcept {
    scale_.coarsen();
    for (auto* r : {&positive_, &negative_}) {
      if (r->size == 0) continue;
      const run wide = *r;
      const auto first = wide.first >> 1;
      for (std::int32_t i = 0; i < wide.size; ++i) {
        const auto from = slot(*r, wide.first + i);
        const auto count = counts_[from];
        counts_[from] = 0;
        counts_[slot(*r, wide.first + (((wide.first + i) >> 1) - first))] += count;
      }
      r->first = first;
      r->size = ((wide.first + wide.size - 1) >> 1) - first + 1;
    }
  }

  [[nodiscard]] auto at_rank(std::uint64_t rank) const noexcept -> double {
    std::uint64_t seen = 0;
    for (auto i = negative_.size - 1; i >= 0; --i) {
      seen += counts_[slot(negative_, negative_.first + i)];
      if (seen > rank) return within(-scale_.value(negative_.first + i));
    }
    seen += zeros_;
    if (seen > rank) return within(0);
    for (std::int32_t i = 0; i < positive_.size; ++i) {
      seen += counts_[slot(positive_, positive_.first + i)];
      if (seen > rank) return within(scale_.value(positive_.first + i));
    }
    return greatest_;
  }
  [[nodiscard]] auto within(double value) const noexcept -> double {
    return std::clamp(value, least_, greatest_);
  }

  [[nodiscard]] auto sane(std::int32_t level) const noexcept -> bool {
    const auto room = static_cast<std::int64_t>(counts_.size());
    if (!(options_.relative_error >= 1e-4 && options_.relative_error <= 0.5) || room < 16 ||
        !(options_.least_magnitude >= std::numeric_limits<double>::min()) || level < 0 ||
        level > log_buckets::most_levels || positive_.size < 0 || negative_.size < 0 ||
        std::int64_t{positive_.size} + negative_.size > room)
      return false;
    constexpr std::int32_t furthest = 1 << 24;  // no number lies beyond
    for (const auto* r : {&positive_, &negative_})
      if (r->first > furthest || r->first < -furthest) return false;
    auto sum = zeros_;
    for (const auto count : counts_) sum += count;
    return sum == total_ && (total_ == 0 || least_ <= greatest_);
  }

  sketch_options options_;
  log_buckets scale_;
  std::vector<std::uint64_t> counts_;
  run positive_;
  run negative_;
  std::uint64_t zeros_ = 0;
  std::uint64_t total_ = 0;
  std::uint64_t ignored_ = 0;
  double least_ = std::numeric_limits<double>::infinity();
  double greatest_ = -std::numeric_limits<double>::infinity();
};

}  // namespace lepton::collect
