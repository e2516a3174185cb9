// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/schedule/batch_core.hpp>

namespace lepton::schedule::detail {

/// Stands for the rank of an order that has none.
struct no_rank {};

/// The waiting tasks of a batch scheduler of which an order changes with time. They are ranked anew
/// in each pass, and in the course of it after each start if the orders are told of starts.
template <class Core>
class ranked_waiting {
 public:
  using resources_type = typename Core::resources_type;
  using candidates_type = typename Core::candidates_type;
  using order_type = typename Core::order_type;
  using queued_type = order::queued<typename Core::task_type>;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return waiting_.size(); }

  void push(Core& core, std::uint32_t slot) {
    core.tasks[slot].position = static_cast<std::uint32_t>(waiting_.size());
    waiting_.push_back(slot);
  }
  void erase(Core& core, std::uint32_t slot) {
    const auto at = core.tasks[slot].position;
    waiting_[at] = waiting_.back();
    core.tasks[waiting_[at]].position = at;
    waiting_.pop_back();
  }
  void unsettle() noexcept {}

  void predict_anew(Core& core, time_point now) {
    for (const auto slot : waiting_) {
      auto& r = core.tasks[slot];
      r.runtime = core.predict(r.task.what, now);
    }
  }

  void pass(Core& core, time_point now) {
    if (waiting_.empty() || core.free == resources_type{}) return;
    offered_ = waiting_;
    std::uint32_t head = 0;
    if (!start_heads(core, now, head)) return;
    if constexpr (Core::backfills) backfill(core, now, head);
  }

 private:
  template <class O>
  static constexpr bool is_fixed = order::fixed_ordering<O, typename Core::task_type>;
  template <class O>
  static constexpr bool is_timed =
      !is_fixed<O> && order::timed_ordering<O, typename Core::task_type>;
  template <class O>
  static constexpr bool is_told = is_timed<O>&& requires(O& o, const queued_type& q,
                                                         time_point now) {
    o.started(q, now);
  };

  template <class O>
  static auto rank_by(const O& o, const queued_type& q, time_point now) {
    if constexpr (is_timed<O>) {
      return o.rank(q, now);
    } else {
      return no_rank{};
    }
  }
  template <class O>
  using rank_of =
      decltype(rank_by(std::declval<const O&>(), std::declval<const queued_type&>(), time_point{}));
  struct item {
    std::uint32_t slot;
    rank_of<order_type> in_queue;
    rank_of<candidates_type> as_candidate;
  };

  /// -1: a is before b; 1: b is before a; 0: equal.
  template <class O, class Rank>
  static auto compare(const O& o, const queued_type& x, const queued_type& y, const Rank& a,
                      const Rank& b) -> int {
    if constexpr (is_timed<O>) {
      return a < b ? -1 : b < a ? 1 : 0;
    } else if constexpr (is_fixed<O>) {
      return o.before(x, y) ? -1 : o.before(y, x) ? 1 : 0;
    } else {
      return 0;
    }
  }
  /// Whether `a` comes after `b`, as heaps want it.
  template <bool AsCandidates>
  static auto after(const Core& core) {
    return [&core](const item& a, const item& b) {
      const auto& x = core.tasks[a.slot];
      const auto& y = core.tasks[b.slot];
      if constexpr (AsCandidates && std::same_as<candidates_type, shortest_first>) {
        if (x.runtime != y.runtime) return x.runtime > y.runtime;
      } else if constexpr (AsCandidates && Core::backfills) {
        const auto c =
            compare(core.backfill.candidates, x.task, y.task, a.as_candidate, b.as_candidate);
        if (c != 0) return c > 0;
      }
      const auto c = compare(core.order, x.task, y.task, a.in_queue, b.in_queue);
      return c != 0 ? c > 0 : x.task.sequence > y.task.sequence;
    };
  }

  /// Puts those of `offered_` into the heap, by their ranks now.
  template <bool AsCandidates>
  void rank(const Core& core, time_point now) {
    heap_.clear();
    for (const auto slot : offered_) {
      const auto& q = core.tasks[slot].task;
      if constexpr (AsCandidates && Core::backfills) {
        heap_.push_back(
            {slot, rank_by(core.order, q, now), rank_by(core.backfill.candidates, q, now)});
      } else {
        heap_.push_back({slot, rank_by(core.order, q, now), {}});
      }
    }
    std::make_heap(heap_.begin(), heap_.end(), after<AsCandidates>(core));
  }
  template <bool AsCandidates>
  void rank_rest(const Core& core, time_point now) {
    if constexpr (is_told<order_type> || (AsCandidates && is_told<candidates_type>)) {
      offered_.clear();
      for (const auto& i : heap_) offered_.push_back(i.slot);
      rank<AsCandidates>(core, now);
    }
  }
  template <bool AsCandidates>
  auto next(const Core& core) -> std::uint32_t {
    std::pop_heap(heap_.begin(), heap_.end(), after<AsCandidates>(core));
    const auto slot = heap_.back().slot;
    heap_.pop_back();
    return slot;
  }

  /// Whether there is a head that waits.
  auto start_heads(Core& core, time_point now, std::uint32_t& head) -> bool {
    rank<false>(core, now);
    while (!heap_.empty()) {
      head = next<false>(core);
      if (!fits(demand_of(core.tasks[head].task.what), core.free)) return true;
      erase(core, head);
      core.start(head, now, false);
      rank_rest<false>(core, now);
    }
    return false;
  }

  void backfill(Core& core, time_point now, std::uint32_t head) {
    const auto hold = core.running.reserve(demand_of(core.tasks[head].task.what), core.free);
    backfill_bounds<resources_type> bounds{core.free, hold.extra, span_between(now, hold.shadow)};
    const auto may_start = [&](std::uint32_t slot) {
      const auto& r = core.tasks[slot];
      return bounds.allow(demand_of(r.task.what), r.runtime);
    };
    offered_.clear();
    for (const auto& i : heap_) {
      if (may_start(i.slot)) offered_.push_back(i.slot);
    }
    rank<true>(core, now);
    while (!heap_.empty()) {
      const auto slot = next<true>(core);
      if (!may_start(slot)) continue;
      const auto& r = core.tasks[slot];
      if (r.runtime > bounds.until_shadow) bounds.extra -= demand_of(r.task.what);
      erase(core, slot);
      core.start(slot, now, true);
      bounds.free = core.free;
      rank_rest<true>(core, now);
    }
  }

  std::vector<std::uint32_t> waiting_;  ///< in no order
  std::vector<std::uint32_t> offered_;  ///< in no order
  std::vector<item> heap_;              ///< the next to be offered first
};

}  // namespace lepton::schedule::detail
