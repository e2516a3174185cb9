// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>

namespace lepton::schedule::detail {

/// A step function of time, stored in blocks of steps that stand in the order of time, equal
/// neighbours merged. A summary of each block tells the least and the most of each resource in it,
/// and what is to be added to all its steps: a change of an interval touches the steps of the two
/// blocks at its ends, and one summary for each block between them.
template <resource_vector Resources>
class step_blocks {
 public:
  static constexpr std::size_t block_size = 64;

  struct block {
    std::array<time_point, block_size> begin{};
    std::array<Resources, block_size> free{};  ///< without what the summary adds
  };
  struct summary {
    time_point first{};  ///< where its first step begins
    Resources added{};   ///< to every step of the block
    Resources least{}, most{};
    std::uint32_t count = 0;
    std::uint32_t block = 0;
  };
  struct place {
    std::size_t k, i;  ///< block, and step in it
  };

  step_blocks(const Resources& value, time_point begin)
      : blocks_(1), summaries_{summary{begin, {}, value, value, 1, 0}} {
    blocks_[0].begin[0] = begin;
    blocks_[0].free[0] = value;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return summaries_.size(); }
  [[nodiscard]] auto operator[](std::size_t k) const noexcept -> const summary& {
    return summaries_[k];
  }
  [[nodiscard]] auto steps(std::size_t k) const noexcept -> const block& {
    return blocks_[summaries_[k].block];
  }
  /// The step that holds `t`.
  [[nodiscard]] auto locate(time_point t) const noexcept -> place {
    LEPTON_ASSERT(t >= summaries_.front().first,
                  "availability_profile: asked for a moment before begin()");
    std::size_t k = 0;
    if (summaries_.size() > 1) {
      const auto after =
          std::upper_bound(summaries_.begin() + 1, summaries_.end(), t,
                           [](time_point at, const summary& s) { return at < s.first; });
      k = static_cast<std::size_t>(after - summaries_.begin()) - 1;
    }
    const auto& begins = blocks_[summaries_[k].block].begin;
    const auto after =
        std::upper_bound(begins.begin() + 1, begins.begin() + summaries_[k].count, t);
    return {k, static_cast<std::size_t>(after - begins.begin()) - 1};
  }
  [[nodiscard]] auto end_of(std::size_t k) const noexcept -> time_point {
    return k + 1 < summaries_.size() ? summaries_[k + 1].first : time_point::max();
  }

  static void raise(Resources& most, const Resources& r) noexcept {
    for (std::size_t d = 0; d < r.size(); ++d) most[d] = std::max(most[d], r[d]);
  }
  static void lower(Resources& least, const Resources& r) noexcept {
    for (std::size_t d = 0; d < r.size(); ++d) least[d] = std::min(least[d], r[d]);
  }
  /// Adds to all from `begin` to `end`.
  void add(const Resources& by, time_point begin, time_point end) {
    begin = std::max(begin, summaries_.front().first);
    if (begin >= end || by == Resources{}) return;
    const auto endless = end == time_point::max();
    if (!endless) split(end);
    auto [k, i] = split(begin);
    for (; k < summaries_.size() && summaries_[k].first < end; ++k, i = 0) {
      auto& s = summaries_[k];
      if (i == 0 && end_of(k) <= end) {
        s.added += by;
        s.least += by;
        s.most += by;
        continue;
      }
      auto& b = blocks_[s.block];
      for (; i < s.count && b.begin[i] < end; ++i) b.free[i] += by;
      measure(s);
    }
    if (!endless) merge(end);
    merge(begin);
  }

  /// Forgets what was before `now`. O(steps that are forgotten), O(1) if none is.
  void advance(time_point now) {
    if (now <= summaries_.front().first) return;
    const auto [k, i] = locate(now);
    for (std::size_t old = 0; old < k; ++old) unused_.push_back(summaries_[old].block);
    summaries_.erase(summaries_.begin(), summaries_.begin() + static_cast<std::ptrdiff_t>(k));
    auto& s = summaries_.front();
    auto& b = blocks_[s.block];
    if (i > 0) {
      shift(b, i, s.count, 0);
      s.count -= static_cast<std::uint32_t>(i);
      measure(s);
    }
    s.first = b.begin[0] = now;
  }

 private:
  /// Moves the steps [from, to) of a block to where they begin at `at`.
  static void shift(block& b, std::size_t from, std::size_t to, std::size_t at) noexcept {
    const auto step = [](std::size_t n) { return static_cast<std::ptrdiff_t>(n); };
    const auto move = [&](auto& values) {
      const auto first = values.begin();
      if (at < from) {
        std::copy(first + step(from), first + step(to), first + step(at));
      } else {
        std::copy_backward(first + step(from), first + step(to), first + step(at + to - from));
      }
    };
    move(b.begin);
    move(b.free);
  }
  /// Finds the least and the most of a block anew.
  void measure(summary& s) const noexcept {
    const auto& b = blocks_[s.block];
    s.least = s.most = b.free[0];
    for (std::size_t i = 1; i < s.count; ++i) {
      lower(s.least, b.free[i]);
      raise(s.most, b.free[i]);
    }
    s.least += s.added;
    s.most += s.added;
  }

  /// Makes a step begin at `t`, and says which it is.
  auto split(time_point t) -> place {
    auto p = locate(t);
    if (blocks_[summaries_[p.k].block].begin[p.i] == t) return p;
    if (summaries_[p.k].count == block_size) {
      halve(p.k);
      p = locate(t);
    }
    auto& s = summaries_[p.k];
    auto& b = blocks_[s.block];
    shift(b, p.i, s.count, p.i + 1);
    b.begin[p.i + 1] = t;
    ++s.count;
    return {p.k, p.i + 1};
  }
  /// Splits a full block in two.
  void halve(std::size_t k) {
    std::uint32_t fresh = 0;
    if (unused_.empty()) {
      fresh = static_cast<std::uint32_t>(blocks_.size());
      blocks_.emplace_back();
    } else {
      fresh = unused_.back();
      unused_.pop_back();
    }
    constexpr auto half = block_size / 2;
    const auto& full = blocks_[summaries_[k].block];
    auto& other = blocks_[fresh];
    std::copy(full.begin.begin() + half, full.begin.end(), other.begin.begin());
    std::copy(full.free.begin() + half, full.free.end(), other.free.begin());
    auto upper = summaries_[k];
    upper.first = other.begin[0];
    upper.block = fresh;
    upper.count = summaries_[k].count = static_cast<std::uint32_t>(half);
    measure(upper);
    measure(summaries_[k]);
    summaries_.insert(summaries_.begin() + static_cast<std::ptrdiff_t>(k + 1), upper);
  }

  /// Joins the step that begins at `t` to the one before it if both are equal.
  void merge(time_point t) {
    const auto [k, i] = locate(t);
    if (i == 0 && k == 0) return;
    auto& s = summaries_[k];
    auto& b = blocks_[s.block];
    const auto& before = i > 0 ? s : summaries_[k - 1];
    if (b.free[i] + s.added !=
        blocks_[before.block].free[i > 0 ? i - 1 : before.count - 1] + before.added)
      return;
    shift(b, i + 1, s.count, i);
    if (--s.count == 0) {
      drop(k);
    } else if (i == 0) {
      s.first = b.begin[0];
      measure(s);
      join(k - 1);
    } else {
      join(k);
    }
  }
  /// Joins two neighbours that both became small.
  void join(std::size_t k) {
    if (k + 1 >= summaries_.size()) return;
    auto& s = summaries_[k];
    const auto& next = summaries_[k + 1];
    if (s.count + next.count > block_size / 2) return;
    auto& b = blocks_[s.block];
    const auto& other = blocks_[next.block];
    for (std::size_t i = 0; i < next.count; ++i, ++s.count) {
      b.begin[s.count] = other.begin[i];
      b.free[s.count] = other.free[i] + next.added - s.added;
    }
    raise(s.most, next.most);
    lower(s.least, next.least);
    drop(k + 1);
  }
  void drop(std::size_t k) {
    unused_.push_back(summaries_[k].block);
    summaries_.erase(summaries_.begin() + static_cast<std::ptrdiff_t>(k));
  }

  std::vector<block> blocks_;
  std::vector<summary> summaries_;  ///< of the blocks in use, by time; never empty
  std::vector<std::uint32_t> unused_;
};

}  // namespace lepton::schedule::detail
