// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>
#include <lepton/schedule/saturated_time.hpp>
#include <lepton/schedule/step_blocks.hpp>

namespace lepton::schedule {

/// What is free over future time: a step function, exact, of any number of resources.
///
/// The steps stand in blocks in the order of time, equal neighbours merged; each block knows the
/// least and the most of each resource that is free in it and what is to be added to all its steps.
/// So a search passes over whole blocks, and a change touches the two blocks at its ends and one
/// summary for each block between them. With n steps: `free_at` O(log n), `take` and `give`
/// O(log n + block + n / block), searches O(n / block + blocks that must be looked into).
///
/// Free amounts may fall below zero: it is the caller who asks `earliest` before it takes.
/// The end of time, `time_point::max()`, is no moment: an interval that ends there is endless.
template <resource_vector Resources>
class availability_profile {
 public:
  using resources_type = Resources;

  /// `free` at every moment from `begin` on.
  explicit availability_profile(const Resources& free, time_point begin = time_point::min())
      : steps_(free, begin) {}

  /// The first moment that the profile knows.
  [[nodiscard]] auto begin() const noexcept -> time_point { return steps_[0].first; }
  [[nodiscard]] auto step_count() const noexcept -> std::size_t {
    std::size_t n = 0;
    for (std::size_t k = 0; k < steps_.size(); ++k) n += steps_[k].count;
    return n;
  }
  /// Calls `visit(begin, free)` for each step in the order of time; the last one has no end.
  template <class Visit>
  void for_each_step(Visit visit) const {
    for (std::size_t k = 0; k < steps_.size(); ++k) {
      const auto& b = steps_.steps(k);
      for (std::size_t i = 0; i < steps_[k].count; ++i)
        visit(b.begin[i], b.free[i] + steps_[k].added);
    }
  }

  /// What is free at `t`, which is not before `begin()`.
  [[nodiscard]] auto free_at(time_point t) const noexcept -> Resources {
    const auto p = steps_.locate(t);
    return steps_.steps(p.k).free[p.i] + steps_[p.k].added;
  }

  /// The first moment from `from` on at which `demand` is free and stays so for all of `length`;
  /// `time_point::max()` if there is none.
  [[nodiscard]] auto earliest(const Resources& demand, duration length,
                              time_point from) const noexcept -> time_point {
    return earlier(demand, length, from, time_point::max());
  }

  /// Where that which holds `demand` for `length` from `planned` on could begin instead: the first
  /// such moment from `from` on, or `planned` if none comes before it. What it holds from `planned`
  /// on is its own, so only what comes before that matters.
  [[nodiscard]] auto earlier(const Resources& demand, duration length, time_point from,
                             time_point planned) const noexcept -> time_point {
    if (from >= planned) return planned;
    auto [k, i] = steps_.locate(from);
    bool open = false;  // whether `demand` is free from `t` to the step that is looked at
    time_point t{}, until{};
    for (; k < steps_.size(); ++k, i = 0) {
      const auto& s = steps_[k];
      if (i == 0 && s.first >= planned) break;
      if (open ? fits(demand, s.least) : !fits(demand, s.most)) {
        if (open && until <= steps_.end_of(k)) return t;
        continue;
      }
      const auto& b = steps_.steps(k);
      const auto wanted = demand - s.added;
      for (; i < s.count; ++i) {
        if (!fits(wanted, b.free[i])) {
          open = false;
          continue;
        }
        if (!open) {
          t = std::max(from, b.begin[i]);
          if (t >= planned) return planned;
          until = std::min(planned, detail::later_by(t, length));
          open = true;
        }
        if (until <= (i + 1 < s.count ? b.begin[i + 1] : steps_.end_of(k))) return t;
      }
    }
    return open ? t : planned;
  }

  /// The first moment from `from` on at which less than nothing of some resource is free;
  /// `time_point::max()` if there is none.
  [[nodiscard]] auto first_overdrawn(time_point from) const noexcept -> time_point {
    return next_overdrawn(from, false);
  }
  /// Likewise, but in a later step than the one that holds `from`.
  [[nodiscard]] auto next_overdrawn(time_point from) const noexcept -> time_point {
    return next_overdrawn(from, true);
  }

  /// The most of each resource (each at a moment of its own) that is free from `begin` to `end`,
  /// which lies behind it.
  [[nodiscard]] auto most(time_point begin, time_point end) const noexcept -> Resources {
    auto found = free_at(begin);
    auto [k, i] = steps_.locate(begin);
    for (; k < steps_.size() && steps_[k].first < end; ++k, i = 0) {
      const auto& s = steps_[k];
      if (i == 0 && steps_.end_of(k) <= end) {
        steps_.raise(found, s.most);
        continue;
      }
      const auto& b = steps_.steps(k);
      for (; i < s.count && b.begin[i] < end; ++i) steps_.raise(found, b.free[i] + s.added);
    }
    return found;
  }

  /// From `begin` to `end` there is less of it by `demand`; what is before `begin()` is left out.
  void take(const Resources& demand, time_point begin, time_point end) {
    steps_.add(Resources{} - demand, begin, end);
  }
  /// From `begin` to `end` there is more of it by `demand`.
  void give(const Resources& demand, time_point begin, time_point end) {
    steps_.add(demand, begin, end);
  }

  /// Forgets what was before `now`. O(1) plus what is forgotten.
  void advance(time_point now) { steps_.advance(now); }

 private:
  [[nodiscard]] auto next_overdrawn(time_point from, bool later) const noexcept -> time_point {
    if (from == time_point::max()) return from;
    auto [k, i] = steps_.locate(from);
    if (later) ++i;
    for (; k < steps_.size(); ++k, i = 0) {
      const auto& s = steps_[k];
      if (!any_negative(s.least)) continue;
      for (const auto& b = steps_.steps(k); i < s.count; ++i) {
        if (any_negative(b.free[i] + s.added)) return std::max(from, b.begin[i]);
      }
    }
    return time_point::max();
  }

  detail::step_blocks<Resources> steps_;
};

}  // namespace lepton::schedule
