// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <lepton/collect/aggregation.hpp>
#include <lepton/collect/sample.hpp>
#include <lepton/config.hpp>

namespace lepton::collect {

struct series_options {
  aggregation combine = aggregation::mean;
  /// Whether a sample of an interval that is over already still changes its value.
  bool amend_late = false;
  /// Samples further ahead of the open interval's start than this are dropped, so that one wrong
  /// clock does not empty the window.
  duration furthest_jump = duration::max();
  /// Time stamps remembered to recognise duplicates among samples that come out of order.
  std::size_t remembered_stamps = 256;
};

/// What became of the samples given to a series.
struct series_counts {
  std::uint64_t accepted = 0;    ///< taken, in order or not
  std::uint64_t amended = 0;     ///< of these, the ones that changed an interval already over
  std::uint64_t late = 0;        ///< dropped: of an interval over or outside the window
  std::uint64_t duplicate = 0;   ///< dropped: the time stamp was there before
  std::uint64_t non_finite = 0;  ///< infinite or NaN: time goes on, the value is not used
  std::uint64_t far_future = 0;  ///< dropped: beyond `furthest_jump`

  friend auto operator==(const series_counts&, const series_counts&) -> bool = default;
};

/// The last values of a regular series, in memory of fixed size.
///
/// Interval i is [start + i · interval, start + (i + 1) · interval). Samples come at any time in
/// it and are aggregated; once a later sample (or `advance`) shows that it is over, its value joins
/// the window: NaN if it had no sample. `values()` is the window, oldest first, in one piece.
///
/// `push` and `add` are O(1); a gap costs O(min(its length, capacity)). Nothing is allocated after
/// construction: 32 bytes for each value of the capacity (each is written twice, which keeps the
/// window in one piece), 8 for each remembered stamp.
class series {
 public:
  /// A series whose first interval is the one of the first sample, on a grid through the epoch.
  series(std::size_t capacity, duration interval, series_options options = series_options())
      : options_(options), interval_(interval), capacity_(capacity) {
    LEPTON_ASSERT(capacity > 0, "series: the capacity must be positive");
    LEPTON_ASSERT(interval.count() > 0, "series: the interval must be positive");
    LEPTON_ASSERT(options.furthest_jump.count() >= 0, "series: a jump leads forward");
    values_.assign(2 * capacity, missing);
    notes_.resize(capacity);
    stamps_.resize(options.remembered_stamps);
  }
  /// A series whose first interval begins at `start`; samples before it are late.
  series(std::size_t capacity, duration interval, time_point start,
         series_options options = series_options())
      : series(capacity, interval, options) {
    begin_at(start);
  }

  /// The value of the next interval, which is over with it; samples that the open interval had are
  /// replaced. NaN or infinity means missing.
  void push(double value) noexcept {
    if (!started_) begin_at(time_point{});
    open_ = std::isfinite(value) ? aggregate{value, 1, time_of_index(next_)} : aggregate{};
    close();
  }

  /// Takes a sample; the number of intervals that are over now and were not before (with a jump,
  /// more than the window may hold).
  auto add(sample s) noexcept -> std::uint64_t {
    if (!started_) begin_at(floor_to_grid(s.time));
    const auto open_start = time_of_index(next_);
    if (s.time < open_start) {
      amend(index_of(s.time), s);
      return 0;
    }
    if (is_too_far(since(s.time, open_start))) {
      ++counts_.far_future;
      return 0;
    }
    const auto closed = close_until(next_ + intervals_in(since(s.time, open_start)));
    if (!std::isfinite(s.value)) {
      ++counts_.non_finite;
    } else if (is_duplicate(s.time)) {
      ++counts_.duplicate;
    } else {
      take(open_, s);
    }
    return closed;
  }

  /// Says that it is `now`: all intervals that end by then are over. Returns how many were not yet.
  auto advance(time_point now) noexcept -> std::uint64_t {
    if (!started_) return 0;
    const auto index = index_of(now);
    return index && *index > next_ ? close_until(*index) : 0;
  }

  /// The values of the intervals that are over, at most `capacity()` of them, oldest first.
  [[nodiscard]] auto values() const noexcept -> std::span<const double> {
    // The slot of the oldest; its copies make everything from there on one piece.
    const auto first = slot_ >= size_ ? slot_ - size_ : slot_ + capacity_ - size_;
    return {values_.data() + first, size_};
  }
  [[nodiscard]] auto last(std::size_t count) const noexcept -> std::span<const double> {
    return values().last(std::min(count, size_));
  }
  /// What the open interval amounts to so far; NaN without samples.
  [[nodiscard]] auto open_value() const noexcept -> double { return open_.value; }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto capacity() const noexcept -> std::size_t { return capacity_; }
  [[nodiscard]] auto interval() const noexcept -> duration { return interval_; }
  /// Intervals that are over since the start, those that left the window included.
  [[nodiscard]] auto total() const noexcept -> std::uint64_t { return next_; }
  [[nodiscard]] auto counts() const noexcept -> const series_counts& { return counts_; }
  /// Where the interval of `values()[i]` begins; `size()` gives the open interval.
  [[nodiscard]] auto time_of(std::size_t i) const noexcept -> time_point {
    return time_of_index(next_ - size_ + i);
  }

 private:
  void begin_at(time_point start) noexcept {
    start_ = start;
    started_ = true;
  }
  [[nodiscard]] auto floor_to_grid(time_point t) const noexcept -> time_point {
    const auto into = t.time_since_epoch().count() % interval_.count();
    const auto back = into < 0 ? into + interval_.count() : into;
    const auto least = duration::min().count();
    return t.time_since_epoch().count() < least + back ? t : t - duration{back};
  }
  /// Unsigned, as the time line is longer than the largest duration.
  [[nodiscard]] static auto since(time_point t, time_point origin) noexcept -> std::uint64_t {
    return static_cast<std::uint64_t>(t.time_since_epoch().count()) -
           static_cast<std::uint64_t>(origin.time_since_epoch().count());
  }
  [[nodiscard]] auto index_of(time_point t) const noexcept -> std::optional<std::uint64_t> {
    if (t < start_) return std::nullopt;
    return intervals_in(since(t, start_));
  }
  [[nodiscard]] auto time_of_index(std::uint64_t index) const noexcept -> time_point {
    return time_point{duration{
        static_cast<std::int64_t>(static_cast<std::uint64_t>(start_.time_since_epoch().count()) +
                                  index * static_cast<std::uint64_t>(interval_.count()))}};
  }
  [[nodiscard]] auto is_too_far(std::uint64_t ahead) const noexcept -> bool {
    const auto limit = options_.furthest_jump;
    return limit != duration::max() && ahead > static_cast<std::uint64_t>(limit.count());
  }
  /// Whole intervals in a time; without a division in the common cases.
  [[nodiscard]] auto intervals_in(std::uint64_t time) const noexcept -> std::uint64_t {
    const auto interval = static_cast<std::uint64_t>(interval_.count());
    if (time < interval) return 0;
    return time - interval < interval ? 1 : time / interval;
  }

  void close() noexcept {
    values_[slot_] = values_[slot_ + capacity_] = open_.value;
    notes_[slot_] = {open_.latest, open_.count};
    slot_ = slot_ + 1 == capacity_ ? 0 : slot_ + 1;
    size_ = std::min(size_ + 1, capacity_);
    open_ = aggregate{};
    ++next_;
  }
  auto close_until(std::uint64_t index) noexcept -> std::uint64_t {
    const auto gap = index - next_;
    if (gap == 0) return 0;
    close();
    const auto empty = std::min<std::uint64_t>(gap - 1, capacity_);
    next_ += gap - 1 - empty;
    for (std::uint64_t i = 0; i < empty; ++i) close();
    return gap;
  }

  void take(aggregate& into, sample s) noexcept {
    into.add(options_.combine, s);
    ++counts_.accepted;
    if (newest_ < s.time || counts_.accepted == 1) newest_ = s.time;
    if (stamps_.empty()) return;
    stamps_[next_stamp_] = s.time;
    next_stamp_ = next_stamp_ + 1 == stamps_.size() ? 0 : next_stamp_ + 1;
    known_stamps_ = std::min(known_stamps_ + 1, stamps_.size());
  }
  /// Samples in order of time, the common case, cost one comparison.
  [[nodiscard]] auto is_duplicate(time_point t) const noexcept -> bool {
    if (counts_.accepted == 0 || newest_ < t) return false;
    const std::span known{stamps_.data(), known_stamps_};
    return t == newest_ || std::find(known.begin(), known.end(), t) != known.end();
  }

  LEPTON_COLD void amend(std::optional<std::uint64_t> index, sample s) noexcept {
    if (!std::isfinite(s.value)) {
      ++counts_.non_finite;
      return;
    }
    if (is_duplicate(s.time)) {
      ++counts_.duplicate;
      return;
    }
    if (!index || !options_.amend_late || next_ - *index > size_) {
      ++counts_.late;
      return;
    }
    const auto back = static_cast<std::size_t>(next_ - *index);
    const auto slot = slot_ >= back ? slot_ - back : slot_ + capacity_ - back;
    aggregate amended{values_[slot], notes_[slot].count, notes_[slot].latest};
    take(amended, s);
    values_[slot] = values_[slot + capacity_] = amended.value;
    notes_[slot] = {amended.latest, amended.count};
    ++counts_.amended;
  }

  /// What amending a value takes to know.
  struct note {
    time_point latest{};
    std::uint32_t count = 0;
  };

  series_options options_;
  duration interval_;
  std::size_t capacity_;
  std::vector<double> values_;
  std::vector<note> notes_;
  std::vector<time_point> stamps_;
  std::size_t next_stamp_ = 0;
  std::size_t known_stamps_ = 0;
  time_point start_{};
  time_point newest_{};
  aggregate open_;
  std::uint64_t next_ = 0;  // index of the open interval
  std::size_t slot_ = 0;    // where its value will be written
  std::size_t size_ = 0;
  bool started_ = false;
  series_counts counts_;
};

}  // namespace lepton::collect
