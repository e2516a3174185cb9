// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/edf_queue.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

/// Weighted round robin by earliest deadlines, as Envoy does it: a backend's requests are due
/// 1/weight of virtual time apart, and the earliest due is picked; ties go to who has waited longer
/// since its last pick (that is the lighter), then to the lower index. Exact shares over a period.
/// O(log n).
///
/// Virtual time is counted in whole units of 2^-44 of a period, and what rounding leaves over is
/// carried on, so nothing drifts: deadline k of a backend is floor(2^44 k / weight), always.
///
/// A pick goes past backends that are not allowed, in the order of their deadlines, and leaves them
/// as they are. When such a one is allowed again it is picked at once, and then waits from now on:
/// what it missed is not made up for. O(log n + 4 × those gone past).
///
/// Over a rebuild a backend keeps the part that it has waited of its interval, and waits on while
/// it is not eligible (if that is over, it is picked at once). Newcomers have waited no time (seed
/// 0) or a random part.
///
/// Source: Envoy, source/common/upstream/edf_scheduler.h.
class edf_round_robin {
 public:
  using threading = single_threaded;

  /// Seed 0 starts at the beginning of a period; any other after a random number of its picks, so
  /// that the first pick falls on each backend with the probability of its weight.
  edf_round_robin() = default;
  explicit edf_round_robin(std::uint64_t seed) noexcept : seed_(seed) {}

  auto rebuild(const snapshot& s) -> status {
    remember(s);
    const bool first = !started_;
    started_ = started_ || !s.eligible().empty();
    ++rebuilds_;
    list_entries(s);
    queue_.items().clear();
    queue_.items().reserve(entries_.size());
    const auto phase = lepton::detail::mix(seed_);
    const bool random_start = first && seed_ != 0;
    auto picks = random_start ? below(phase, s.total_weight()) : 0;
    for (std::uint32_t k = 0; k < entries_.size(); ++k) {
      auto& e = entries_[k];
      auto& known = intervals_[e.backend];
      if (random_start) {
        const auto done = below(phase, e.weight);
        picks -= done;
        queue_.items().push_back({due(e, done + 1), k});
      } else {
        if (known.weight == 0) {
          const auto random = more_random(phase + rebuilds_, s.id(e.backend));
          known.wait = period + (seed_ == 0 ? period : 1 + below(random, period));
        }
        queue_.items().push_back({deadline_after(e, known.wait), k});
      }
      known.weight = e.weight;
    }
    queue_.settle();
    while (picks-- > 0) serve(0);
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& /*s*/, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    if (entries_.empty()) return no_backend;
    const auto top = entries_[queue_.at(0).entry].backend;
    if (allowed(top)) {
      serve(0);
      return top;
    }
    const auto k = queue_.earliest([&](std::uint32_t e) { return allowed(entries_[e].backend); });
    if (k == queue_.size()) return no_backend;
    const auto i = entries_[queue_.at(k).entry].backend;
    serve(k);
    return i;
  }

 private:
  static constexpr std::uint64_t period = std::uint64_t{1} << 44;
  static constexpr std::uint64_t origin = 2 * period;  ///< where time starts
  static constexpr std::uint64_t late = std::uint64_t{1} << 62;

  /// Sorted by weight, then index: the order of ties.
  struct entry {
    backend_index backend;
    std::uint32_t weight;
    std::uint64_t distance;  ///< floor(period / weight)
    std::uint32_t excess;    ///< period mod weight
    std::uint32_t rest;      ///< the deadline is rest / weight of a unit later than it says
  };

  /// Of a member, also while it is not eligible: what was left of its interval at the last rebuild,
  /// counted from one interval ago, so that it knows how long one was overdue. Times weight.
  struct interval {
    std::uint64_t wait = 0;
    std::uint32_t weight = 0;  ///< 0: it has never been eligible
  };

  void list_entries(const snapshot& s) {
    entries_.clear();
    entries_.reserve(s.eligible().size());
    for (const auto i : s.eligible()) {
      const auto w = s.weight(i);
      entries_.push_back({i, w, period / w, static_cast<std::uint32_t>(period % w), 0});
    }
    if (s.equal_weights()) return;
    std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
      return a.weight != b.weight ? a.weight < b.weight : a.backend < b.backend;
    });
  }

  /// The count-th deadline of a backend that starts when time does.
  [[nodiscard]] static auto due(entry& e, std::uint64_t count) noexcept -> std::uint64_t {
    const auto excess = e.excess * count;
    e.rest = static_cast<std::uint32_t>(excess % e.weight);
    return origin + e.distance * count + excess / e.weight;
  }
  /// The deadline that is origin + (wait - period) / weight.
  [[nodiscard]] static auto deadline_after(entry& e, std::uint64_t wait) noexcept -> std::uint64_t {
    const auto from = wait + (e.weight - e.excess);
    e.rest = static_cast<std::uint32_t>(from % e.weight);
    return origin - e.distance - 1 + from / e.weight;
  }
  [[nodiscard]] auto wait_of(const detail::edf_queue::item& i) const noexcept -> std::uint64_t {
    const auto& e = entries_[i.entry];
    const auto ahead = i.deadline + e.distance + 1;
    if (ahead <= now_) return 0;
    const auto wait = (ahead - now_) * e.weight + e.rest;
    return wait - std::min<std::uint64_t>(wait, e.weight - e.excess);
  }

  /// Takes down all intervals, for another snapshot; time starts again.
  void remember(const snapshot& s) {
    const auto passed = now_ - origin;
    for (backend_index i = 0; i < intervals_.size(); ++i) {
      auto& [wait, weight] = intervals_[i];
      if (weight == 0) continue;
      wait = passed > wait / weight ? 0 : wait - passed * weight;
    }
    for (const auto& i : queue_.items()) intervals_[entries_[i.entry].backend].wait = wait_of(i);
    intervals_.follow(s);
    now_ = origin;
  }

  /// The request at position k of the queue is picked; the backend's next one is due.
  void serve(std::size_t k) noexcept {
    const auto& item = queue_.at(k);
    auto& e = entries_[item.entry];
    auto base = item.deadline;
    if (base < now_) {
      base = now_;
      e.rest = 0;
    }
    now_ = base;
    const auto rest = std::uint64_t{e.rest} + e.excess;
    const bool carry = rest >= e.weight;
    e.rest = static_cast<std::uint32_t>(rest - (carry ? e.weight : 0));
    queue_.postpone(k, base + e.distance + (carry ? 1 : 0));
    if (now_ >= late) [[unlikely]]
      restart_time();
  }

  /// Once in 2^18 periods.
  LEPTON_COLD void restart_time() noexcept {
    const auto passed = now_ - origin;
    for (auto& i : queue_.items()) i.deadline = std::max(i.deadline, now_ - period) - passed;
    queue_.settle();
    for (backend_index i = 0; i < intervals_.size(); ++i) intervals_[i].wait = 0;
    now_ = origin;
  }

  std::vector<entry> entries_;
  detail::edf_queue queue_;
  per_backend<interval> intervals_;  ///< at the last rebuild
  std::uint64_t now_ = origin;
  std::uint64_t seed_ = 0;
  std::uint64_t rebuilds_ = 0;
  bool started_ = false;
};

}  // namespace lepton::balance
