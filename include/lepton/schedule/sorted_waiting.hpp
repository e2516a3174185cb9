// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <lepton/detail/summary_tree.hpp>
#include <lepton/schedule/batch_core.hpp>

namespace lepton::schedule::detail {

/// The waiting tasks of a batch scheduler whose orders do not change with time: in trees by these
/// orders.
///
/// A pass is exact, but does not look at what cannot start. When nothing has ended since the last
/// pass, no prediction was corrected, and the head is the same, then what is free has not grown,
/// nor has the extra, the shadow time is the same, and what was too long for it then is too long
/// now: only tasks submitted since can start, and of those only candidates.
template <class Core>
class sorted_waiting {
 public:
  using resources_type = typename Core::resources_type;
  using candidates_type = typename Core::candidates_type;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return queue_.size() + fresh_.size(); }

  void push(Core& core, std::uint32_t slot) { fresh_.push_back(entry_of(core, slot)); }
  void erase(Core& core, std::uint32_t slot) {
    if (!fresh_.empty()) {
      admit_fresh(core);
      settled_ = false;
    }
    if (queue_.first().slot == slot) settled_ = false;
    remove(core, entry_of(core, slot));
  }
  /// Something ended or was corrected.
  void unsettle() noexcept { settled_ = false; }

  void predict_anew(Core& core, time_point now) {
    admit_fresh(core);
    std::vector<entry> changed;  // with their old run times, by which they are found
    queue_.visit(prediction{core, now, changed});
    for (const auto& e : changed) remove(core, e);
    for (const auto& e : changed) admit(core, entry_of(core, e.slot));
  }

  void pass(Core& core, time_point now) {
    if (settled_ && !queue_.empty() && !fresh_precede_head(core)) {
      offer_fresh(core, now);
      return;
    }
    if (queue_.empty()) start_fresh(core, now);
    admit_fresh(core);
    while (!queue_.empty() && fits(queue_.first().demand, core.free)) {
      const auto head = queue_.first();
      remove(core, head);
      core.start(head.slot, now, false);
    }
    settled_ = true;
    reserved_ = false;
    if constexpr (Core::backfills) {
      while (const auto* e = next_candidate(core, now)) start_candidate(core, entry{*e}, now);
    }
  }

 private:
  struct entry {
    resources_type demand{};
    duration runtime{};
    std::uint64_t sequence = 0;
    std::uint32_t slot = 0;
  };
  struct least {
    least() = default;
    explicit least(const entry& e) noexcept : demand(e.demand), runtime(e.runtime) {}
    void add(const least& other) noexcept {
      for (std::size_t i = 0; i < resources_type::size(); ++i)
        demand[i] = std::min(demand[i], other.demand[i]);
      runtime = std::min(runtime, other.runtime);
    }
    resources_type demand = resources_type::filled(std::numeric_limits<amount>::max());
    duration runtime = duration::max();
  };
  /// The first that the bounds allow.
  struct search {
    backfill_bounds<resources_type> bounds;
    auto block(const least& l) const noexcept -> bool { return !bounds.allow(l.demand, l.runtime); }
    auto entry(const sorted_waiting::entry& e) const noexcept -> bool {
      return !bounds.allow(e.demand, e.runtime);
    }
  };
  /// Predicts all anew.
  struct prediction {
    Core& core;
    time_point now;
    std::vector<sorted_waiting::entry>& changed;
    auto block(const least&) const noexcept -> bool { return false; }
    auto entry(const sorted_waiting::entry& e) const -> bool {
      auto& r = core.tasks[e.slot];
      r.runtime = core.predict(r.task.what, now);
      if (r.runtime != e.runtime) changed.push_back(e);
      return true;
    }
  };
  using tree = lepton::detail::summary_tree<entry, least>;

  static constexpr bool own_candidate_order =
      Core::backfills && !std::same_as<candidates_type, in_queue_order>;

  [[nodiscard]] static auto entry_of(const Core& core, std::uint32_t slot) -> entry {
    const auto& r = core.tasks[slot];
    return {demand_of(r.task.what), r.runtime, r.task.sequence, slot};
  }
  [[nodiscard]] static auto by_queue(const Core& core) {
    return [&core](const entry& a, const entry& b) {
      const auto& x = core.tasks[a.slot].task;
      const auto& y = core.tasks[b.slot].task;
      if (core.order.before(x, y)) return true;
      return !core.order.before(y, x) && a.sequence < b.sequence;
    };
  }
  [[nodiscard]] static auto by_candidacy(const Core& core) {
    return [&core](const entry& a, const entry& b) {
      if constexpr (std::same_as<candidates_type, shortest_first>) {
        if (a.runtime != b.runtime) return a.runtime < b.runtime;
      } else if constexpr (own_candidate_order) {
        const auto& x = core.tasks[a.slot].task;
        const auto& y = core.tasks[b.slot].task;
        if (core.backfill.candidates.before(x, y)) return true;
        if (core.backfill.candidates.before(y, x)) return false;
      }
      return by_queue(core)(a, b);
    };
  }
  [[nodiscard]] auto candidates() const noexcept -> const tree& {
    if constexpr (own_candidate_order) {
      return candidates_;
    } else {
      return queue_;
    }
  }

  void admit(Core& core, const entry& e) {
    queue_.insert(e, by_queue(core));
    if constexpr (own_candidate_order) candidates_.insert(e, by_candidacy(core));
  }
  void remove(Core& core, const entry& e) {
    queue_.erase(e, by_queue(core));
    if constexpr (own_candidate_order) candidates_.erase(e, by_candidacy(core));
  }
  void admit_fresh(Core& core) {
    for (const auto& e : fresh_) admit(core, e);
    fresh_.clear();
  }
  [[nodiscard]] auto fresh_precede_head(const Core& core) const -> bool {
    const auto before = by_queue(core);
    return std::any_of(fresh_.begin(), fresh_.end(),
                       [&](const entry& e) { return before(e, queue_.first()); });
  }

  /// The queue is empty otherwise.
  void start_fresh(Core& core, time_point now) {
    if (fresh_.size() > 1) std::sort(fresh_.begin(), fresh_.end(), by_queue(core));
    auto e = fresh_.begin();
    for (; e != fresh_.end() && fits(e->demand, core.free); ++e) core.start(e->slot, now, false);
    fresh_.erase(fresh_.begin(), e);
  }
  void offer_fresh(Core& core, time_point now) {
    if constexpr (Core::backfills) {
      if (fresh_.size() > 1) std::sort(fresh_.begin(), fresh_.end(), by_candidacy(core));
      for (const auto& e : fresh_) {
        if (fits(e.demand, core.free) && bounds(core, now).allow(e.demand, e.runtime)) {
          take_up(e, now);
          core.start(e.slot, now, true);
        } else {
          admit(core, e);
        }
      }
      fresh_.clear();
    } else {
      admit_fresh(core);
    }
  }

  [[nodiscard]] auto next_candidate(Core& core, time_point now) -> const entry* {
    if (!reserved_ && candidates().visit(search{{core.free, core.free}}) == nullptr) return nullptr;
    return candidates().visit(search{bounds(core, now)});
  }
  void start_candidate(Core& core, const entry e, time_point now) {
    remove(core, e);
    take_up(e, now);
    core.start(e.slot, now, true);
  }
  void take_up(const entry& e, time_point now) noexcept {
    if (e.runtime > span_between(now, reserved_for_.shadow)) reserved_for_.extra -= e.demand;
  }
  /// The head's reservation is looked up when the first candidate fits what is free.
  [[nodiscard]] auto bounds(Core& core, time_point now) -> backfill_bounds<resources_type> {
    if (!reserved_) {
      reserved_for_ = core.running.reserve(queue_.first().demand, core.free);
      reserved_ = true;
    }
    return {core.free, reserved_for_.extra, span_between(now, reserved_for_.shadow)};
  }

  tree queue_;
  tree candidates_;           ///< if they have an order of their own
  std::vector<entry> fresh_;  ///< not yet in the trees: submitted since the last pass
  reservation<resources_type> reserved_for_{};
  bool reserved_ = false;
  bool settled_ = false;  ///< since the last pass nothing changed but `fresh_`
};

}  // namespace lepton::schedule::detail
