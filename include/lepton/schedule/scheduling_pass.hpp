// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/schedule/place_gang.hpp>
#include <lepton/schedule/preempt_for_gang.hpp>
#include <lepton/schedule/preemption_policy.hpp>
#include <lepton/schedule/quota_victims.hpp>
#include <lepton/schedule/rules.hpp>
#include <lepton/schedule/scheduler_state.hpp>
#include <lepton/schedule/transaction.hpp>

namespace lepton::schedule::detail {

/// One pass over the waiting tasks, in the order of their queue.
template <class State, class Task, class Place>
class scheduling_pass {
  using record = typename State::record;
  using refusal = typename State::classes_type::refusal;
  using cluster_type = decltype(State::nodes);

 public:
  scheduling_pass(State& s, time_point now) : s_(s), now_(now) {}

  void run() {
    s_.assigned.clear();
    s_.evicted.clear();
    ++s_.pass;
    s_.end_holds(now_);
    s_.end_backoffs(now_);
    s_.encourage();
    if (s_.classes.worth_a_try() != 0) s_.queue.begin_pass(now_);
    while (s_.classes.worth_a_try() != 0) {
      const auto* next = s_.queue.next();
      if (next == nullptr) break;
      auto& r = State::record_of(*next);
      const auto left = s_.classes.worth_a_try(r.class_index) && try_one(r);
      if (!left && s_.rules.held_up == blocking::everyone) break;
    }
    s_.remember_cluster();
    settle();
  }

 private:
  /// Whether the task leaves the queue.
  auto try_one(record& r) -> bool {
    if (s_.came_too_late(r.class_index)) return refuse(r, refusal::no_room);
    if (r.gang != 0) {
      if (s_.gangs.waits(r.gang)) return try_gang(r);
      if (s_.gangs.broken(r.gang)) return false;  // it will wait as one after this pass
    }
    const auto quota = s_.rules.quota.may_start(r.what);
    if (quota) {
      const auto d = s_.place.pick(r.what, s_.nodes);
      if (d) {
        const auto receipt = s_.nodes.allocate(r.what, d);
        LEPTON_ASSERT(receipt.has_value(),
                      "the placement policy named a node that cannot take the task");
        if (!receipt) return refuse(r, refusal::no_room);
        take(r);
        s_.begin(r, d, *receipt, now_);
        return true;
      }
      if (d.outcome() == verdict::infeasible) {
        s_.assigned.push_back({r.id, d, now_ - r.submitted});
        dropped_.push_back(&r);
        return true;
      }
    }
    if constexpr (State::preempts) {
      if (preempt_for(r)) return true;
    }
    return refuse(r, quota ? refusal::no_room : refusal::quota);
  }

  auto refuse(record& r, refusal why) -> bool {
    s_.classes.refuse(r.class_index, why);
    if (s_.rules.retry.enabled()) tired_.push_back(&r);
    return false;
  }

  /// The task that the queue offered last leaves it, as it starts.
  void take(record& r) {
    s_.queue.take();
    s_.classes.leave(r.class_index);
    if (s_.classes.encourage_mindful()) left_over_ = true;
    r.pass = s_.pass;
  }

  /// Members of a gang, as `place_gang` reads them.
  struct member_list {
    std::vector<record*> records{};
    [[nodiscard]] auto size() const noexcept -> std::size_t { return records.size(); }
    [[nodiscard]] auto operator[](std::size_t i) const noexcept -> const Task& {
      return records[i]->what;
    }
  };

  // --- gangs -----------------------------------------------------------------------------------

  /// Starts as many members of the gang as find room, or none if they are fewer than its minimum.
  auto try_gang(record& leader) -> bool {
    auto& g = *s_.gangs.find(leader.gang);
    member_list members;
    auto borrows = false;  // for its minimum
    for (const auto id : g.members) {
      auto& r = *s_.book.find(id);
      const auto quota = s_.rules.quota.may_start(r.what);
      if (!quota) break;
      borrows = borrows || (members.size() < g.needed() && quota.outcome == quota_outcome::borrows);
      s_.rules.quota.started(r.what);
      members.records.push_back(&r);
    }
    for (const auto* r : members.records) s_.rules.quota.ended(r->what);
    if (members.size() < g.needed()) return refuse(leader, refusal::quota);

    transaction<cluster_type> tx{s_.nodes};
    const auto found = place_gang(tx, s_.place, members, {leader.gang, g.needed()});
    const auto all = members.size() == g.members.size();
    if (found.outcome == verdict::infeasible && all) {
      for (const auto id : g.members) {
        auto& r = *s_.book.find(id);
        s_.assigned.push_back({id, decision::infeasible(), now_ - r.submitted});
        dropped_.push_back(&r);
      }
      return true;
    }
    if (found.outcome == verdict::placed) {
      tx.commit();
      left_over_ = left_over_ || !all;
      start_gang(leader, g, members, found);
      return true;
    }
    if constexpr (State::preempts) {
      if (!borrows && preempt_for_gang_of(leader, g, members, tx)) return true;
    }
    return refuse(leader, all ? refusal::no_room : refusal::quota);
  }

  void start_gang(record& leader, gang_book::gang& g, const member_list& members,
                  const gang_placement& found) {
    g.together = false;
    take(leader);
    for (const auto& m : found.members) {
      auto& r = *members.records[m.index];
      if (&r != &leader) order::tell_charged(s_.queue, r, now_);
      r.pass = s_.pass;
      s_.begin(r, m.where, m.allocation, now_);
    }
    for (const auto id : g.members) {
      auto& r = *s_.book.find(id);
      if (r.state != task_state::running) joining_.push_back(&r);
    }
  }

  // --- preemption ------------------------------------------------------------------------------

  /// Stops tasks of lower priority so that this one can start: those of its own tenant where there
  /// are quotas, of any where there are none; and those of tenants that must give back what they
  /// borrowed.
  auto preempt_for(record& r) -> bool {
    const auto verdict = s_.rules.quota.may_start(r.what);
    if (verdict.outcome == quota_outcome::borrows) return false;  // it is a guest itself
    if (!may_preempt(r.what) || (verdict && !s_.book.runs_below(priority_of(r.what)))) return false;
    s_.refresh_gangs();
    transaction<cluster_type> tx{s_.nodes};
    std::vector<running_task> victims;
    if (verdict) {
      fits_by_placing<Place> fits{s_.place};
      auto plan =
          s_.rules.preemption.plan(r.what, tx, fits, s_.book.running(), s_.rules.budgets.allowed(),
                                   [&](const running_task& v) { return may_stop(v, r, true); });
      if (plan) victims = std::move(plan->victims);
    } else if constexpr (reclaimable_quota<decltype(s_.rules.quota), Task>) {
      victims = quota_victims(
          s_.rules.quota, r.what, s_.book.running(),
          [&](const running_task& v) -> const Task& { return s_.book.find(v.id)->what; },
          [&](const running_task& v) { return may_stop(v, r, false); });
    }
    if (victims.empty()) return false;
    for (const auto& v : victims) (void)tx.release(v.allocation);
    const auto d = s_.place.pick(r.what, s_.nodes);
    if (!d) return false;  // what the quota gives back may be on the wrong nodes
    const auto receipt = tx.allocate(r.what, d);
    LEPTON_ASSERT(receipt.has_value(),
                  "the placement policy named a node that cannot take the task");
    if (!receipt) return false;
    tx.commit();
    stop(victims, r);
    take(r);
    s_.begin(r, d, *receipt, now_);
    return true;
  }

  /// The same for the minimum of a gang that is within its quota.
  auto preempt_for_gang_of(record& leader, gang_book::gang& g, const member_list& members,
                           transaction<cluster_type>& tx) -> bool {
    for (const auto* r : members.records) {
      if (!may_preempt(r->what)) return false;
    }
    s_.refresh_gangs();
    fits_by_placing<Place> fits{s_.place};
    const auto found = preempt_for_gang(
        tx, s_.place, s_.rules.preemption, members, {leader.gang, g.needed()}, fits,
        s_.book.running(), s_.rules.budgets.allowed(), [&](const running_task& v) {
          return v.priority < priority_of(leader.what) && may_stop(v, leader, true);
        });
    if (!found.gang) return false;
    tx.commit();
    stop(found.victims, leader);
    start_gang(leader, g, members, found.gang);
    return true;
  }

  [[nodiscard]] auto may_stop(const running_task& v, const record& r, bool by_priority) -> bool {
    if (r.gang != 0 && v.gang == r.gang) return false;  // it would break up its own gang
    if (by_priority && State::has_quota && v.tenant != tenant_of(r.what)) return false;
    const auto started_before = s_.book.find(v.id)->pass != s_.pass;
    if (!started_before) s_.try_all = true;  // the next pass may stop it
    return started_before;
  }

  /// What they held has been given back.
  void stop(const std::vector<running_task>& victims, const record& by) {
    for (const auto& v : victims) {
      auto& victim = *s_.book.find(v.id);
      s_.evicted.push_back({v.id, by.id});
      s_.end(victim);
      evicted_.push_back(&victim);
    }
  }

  // --- after the last task was offered ---------------------------------------------------------

  /// The queue takes no news while it is in a pass: now it does.
  void settle() {
    for (auto* r : dropped_) {
      s_.withdraw(*r);
      s_.forget(*r, false);
    }
    if (s_.rules.retry.enabled()) {
      for (auto* r : tired_) {
        s_.unqueue(*r);
        s_.wait_or_back_off(*r, now_);
      }
    }
    for (auto* r : joining_) s_.wait(*r, now_);
    for (auto* r : evicted_) s_.queue.ended(*r, now_);
    for (auto* r : evicted_) s_.come_back(*r, now_);
    s_.try_all = s_.try_all || !evicted_.empty();
    left_over_ = left_over_ || !dropped_.empty();  // they may have held up others of their tenant
    s_.pass_due = s_.try_all || (left_over_ && s_.classes.worth_a_try() != 0);
  }

  State& s_;
  time_point now_;
  std::vector<record*> dropped_{};  ///< they can never start
  std::vector<record*> tired_{};    ///< they were tried in vain
  std::vector<record*> joining_{};  ///< members of gangs that go on waiting alone
  std::vector<record*> evicted_{};
  bool left_over_ = false;  ///< somebody was encouraged, or not tried, whose turn had passed
};

}  // namespace lepton::schedule::detail
