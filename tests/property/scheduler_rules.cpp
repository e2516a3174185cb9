// SPDX-License-Identifier: Apache-2.0
// The whole scheduler, with quotas, preemption, gangs, budgets, backoff and lost nodes, beside a
// ledger that believes nothing: it books every start and stop that the scheduler reports, and asks
// after every pass whether some waiting task could have started.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/order/ageing.hpp>
#include <lepton/order/drf.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/fixed_priority.hpp>
#include <lepton/order/per_tenant.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/kubernetes_preemption.hpp>
#include <lepton/schedule/place_gang.hpp>
#include <lepton/schedule/quota.hpp>
#include <lepton/schedule/quota_victims.hpp>
#include <lepton/schedule/scheduler.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using namespace lepton_test;
using namespace std::chrono_literals;
namespace order = lepton::order;
namespace place = lepton::place;
namespace schedule = lepton::schedule;

namespace {

using cluster = lepton::cluster<2>;
using task = lepton::task<2>;
using amounts = lepton::resources<2>;
using quota = schedule::quota<amounts>;
using policy = place::greedy<place::first_fit>;

constexpr lepton::tenant_id tenants = 3;

/// Who has ever been told what about a task.
struct entry {
  task what;
  schedule::gang_id gang = 0;
  bool running = false;
  bool evicted = false;  // and has not run since
};
struct gang_entry {
  std::size_t minimum = 0;
  std::size_t completed = 0;
};

auto some_quota() -> quota {
  std::vector<quota::spec> specs(tenants + 1);
  specs[0].name = "all";
  for (lepton::tenant_id t = 0; t < tenants; ++t) {
    auto& s = specs[t + 1];
    s.name = "tenant " + std::to_string(t);
    s.parent = "all";
    s.tenant = t;
    s.guaranteed = amounts{12, 12};
  }
  specs[1].limit = amounts{20, 20};
  auto made = quota::build(specs);
  REQUIRE(made);
  return *std::move(made);
}

auto one_missing() -> schedule::disruption_budget {
  return {lepton::label_selector::equals("app", "a"),
          schedule::disruption_budget::limit::max_unavailable, 1};
}

template <class Order, class Rules>
class ledger {
 public:
  static constexpr bool has_quota = std::is_same_v<decltype(Rules::quota), quota>;
  static constexpr bool preempts = decltype(Rules::preemption)::enabled;

  ledger(choices& c, bool gangs, Order o, Rules rules)
      : c_(c),
        with_gangs_(gangs),
        live_(nodes(c), std::move(o), policy{place::first_fit{}}, std::move(rules)) {}

  auto run(std::size_t steps) -> std::string {
    for (std::size_t step = 0; step < steps && problem_.empty(); ++step) {
      now_ += lepton::duration{c_.below(3) * 1'000'000'000LL};
      do_something();
      check();
      if (!problem_.empty()) return "step " + std::to_string(step) + ": " + problem_;
    }
    return problem_;
  }

 private:
  static auto nodes(choices& c) -> cluster {
    cluster made;
    const auto count = 2 + c.below(4);
    for (std::uint32_t i = 0; i < count; ++i) {
      lepton::node_spec<2> spec;
      spec.capacity = {8 + c.below(5), 8 + c.below(5)};
      (void)made.add(std::move(spec));
    }
    return made;
  }
  void expect(bool holds, const std::string& what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  auto some_task() -> task {
    task t;
    t.id = next_id_++;
    t.demand = {1 + c_.below(c_.chance(20) ? 12 : 5), c_.below(6)};
    t.priority = std::int64_t{c_.below(4)} - 1;
    t.tenant = c_.below(tenants);
    if (c_.chance(10))
      t.own_labels.set("app", std::string(1, static_cast<char>('a' + c_.below(2))));
    return t;
  }

  void do_something() {
    const auto what = c_.below(100);
    if (what < 30 && known_.size() < 40) return submit();
    if (what < 36 && with_gangs_ && known_.size() < 40) return submit_gang();
    if (what < 62) return pass();
    if (what < 84) return end(true);
    if (what < 92) return end(false);
    if (what < 94 && with_gangs_) return cancel_gang();
    const auto i = c_.below(static_cast<std::uint32_t>(live_.nodes().size()));
    if (what < 95) return others(i);
    if (what < 96) return lose(i);
    if (what < 97) return (void)live_.nodes().drain(i);
    if (what < 99) return (void)live_.nodes().resume(i);
    if (live_.nodes().size() < 8) {
      lepton::node_spec<2> spec;
      spec.capacity = {8, 10};
      (void)live_.nodes().add(std::move(spec));
    }
  }

  void submit() {
    const auto t = some_task();
    if (live_.submit(t, now_)) known_[t.id] = {t};
  }
  void submit_gang() {
    std::vector<task> members;
    const auto count = 1 + c_.below(5);
    const auto alike = c_.chance(60);
    for (std::uint32_t k = 0; k < count; ++k) {
      members.push_back(some_task());
      members.back().tenant = members.front().tenant;
      if (alike) members.back().demand = members.front().demand;
    }
    const schedule::gang_spec spec{next_gang_++, 1 + c_.below(count)};
    if (!live_.submit_gang(spec, std::span<const task>{members}, now_)) return;
    for (const auto& t : members) known_[t.id] = {t, spec.id};
    gangs_[spec.id] = {spec.minimum};
  }
  auto some_known() -> std::map<lepton::task_id, entry>::iterator {
    auto at = known_.begin();
    if (!known_.empty()) std::advance(at, c_.below(static_cast<std::uint32_t>(known_.size())));
    return at;
  }
  void end(bool only_running) {
    const auto at = some_known();
    if (at == known_.end() || (only_running && !at->second.running)) return;
    const auto in_gang = at->second.gang != 0;
    const auto was_running = at->second.running;
    const auto done = only_running ? live_.finish(at->first, now_) : live_.cancel(at->first, now_);
    expect(in_gang || done.has_value(), "a task that is known can be ended");
    if (!done) return;
    if (in_gang && was_running) ++gangs_[at->second.gang].completed;
    known_.erase(at);
  }
  void cancel_gang() {
    const auto at = some_known();
    if (at == known_.end() || at->second.gang == 0) return;
    const auto gang = at->second.gang;
    expect(live_.cancel_gang(gang, now_).has_value(), "a gang can be cancelled");
    std::erase_if(known_, [&](const auto& e) { return e.second.gang == gang; });
  }
  /// Somebody else takes amounts of a node, or gives them back.
  void others(lepton::node_index i) {
    const amounts some{1 + c_.below(4), c_.below(4)};
    if (others_.size() < 3 && c_.chance(50)) {
      if (const auto got = live_.nodes().allocate(i, some)) others_.push_back(*got);
    } else if (!others_.empty()) {
      expect(live_.nodes().release(others_.back()).has_value(), "others' receipts");
      others_.pop_back();
    }
  }
  void lose(lepton::node_index i) {
    std::set<lepton::task_id> there;
    for (const auto& [id, e] : known_) {
      if (e.running && live_.find_running(id)->node == i) there.insert(id);
    }
    const auto back = live_.lose_node(i, now_);
    if (!back) return;
    std::erase_if(others_, [&](auto id) { return live_.nodes().find(id) == nullptr; });
    expect(std::set<lepton::task_id>(back->begin(), back->end()) == there, "lost tasks");
    // Gangs that broke stop as a whole: believed if the scheduler says so for all of a gang.
    std::set<lepton::task_id> elsewhere;
    for (auto& [id, e] : known_) {
      const auto runs = live_.find_running(id) != nullptr;
      if (e.running && !runs && there.count(id) == 0) elsewhere.insert(id);
      e.running = runs;
      e.evicted = e.evicted || there.count(id) + elsewhere.count(id) != 0;
    }
    std::set<lepton::task_id> told;
    for (const auto& e : live_.evicted()) told.insert(e.id);
    expect(told == elsewhere, "members that stopped elsewhere with their gangs");
  }

  void pass() {
    std::size_t rounds = 0;
    const auto asked_all = c_.chance(30);
    if (asked_all) live_.reconsider();
    nothing_changed_ = false;
    do {
      const auto& started = live_.run(now_);
      std::set<lepton::task_id> fresh;
      for (const auto& a : started) {
        const auto at = known_.find(a.id);
        expect(at != known_.end() && !at->second.running, "a task starts that waits");
        if (at == known_.end()) return;
        if (a.what) {
          at->second.running = true;
          at->second.evicted = false;
          fresh.insert(a.id);
        } else {
          expect(a.what.outcome() == lepton::verdict::infeasible, "only the impossible is dropped");
          known_.erase(at);
        }
      }
      for (const auto& e : live_.evicted()) {
        auto& victim = known_.at(e.id);
        expect(victim.running, "a task is stopped that runs");
        expect(preempts || e.by == e.id, "nobody is stopped without preemption");
        victim.running = false;
        victim.evicted = true;
        if (e.by == e.id) continue;
        expect(fresh.count(e.id) == 0, "who starts in a pass is not stopped in it");
        const auto& winner = known_.at(e.by);
        expect(winner.running, "who is stopped makes room for one that starts");
        expect(winner.what.priority > victim.what.priority ||
                   (has_quota && winner.what.tenant != victim.what.tenant) || victim.gang != 0,
               "the more important is not stopped for the less important");
        ++evictions_;
      }
      expect(++rounds < 1000, "preemption comes to an end");
      nothing_changed_ = asked_all && rounds == 1 && fresh.empty() && live_.evicted().empty();
    } while (live_.wakes_at() <= now_ && problem_.empty());
    nothing_was_overlooked();
  }

  /// No waiting task that the rules let start would find room.
  void nothing_was_overlooked() {
    if (live_.rules().retry.enabled()) return;
    std::set<schedule::gang_id> begun;
    for (const auto& [id, e] : known_) {
      if (e.running) begun.insert(e.gang);
    }
    for (const auto& [gang, g] : gangs_) {
      if (begun.count(gang) == 0) could_not_start(gang);
    }
    for (const auto& [id, e] : known_) {
      // Where there are quotas, who was evicted comes back with the next event.
      if (e.running || (has_quota && e.evicted)) continue;
      if (e.gang != 0 && begun.count(e.gang) == 0) continue;
      if (!live_.rules().quota.may_start(e.what)) {
        could_not_take_back(e);
        continue;
      }
      const auto& nodes = live_.nodes();
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        expect(place::first_failure(e.what, nodes[i]).has_value(),
               "task " + std::to_string(id) + " was overlooked on node " + std::to_string(i));
        if (!preempts || has_quota || with_gangs_ || !nodes[i].accepting()) continue;
        auto room = nodes[i].free();
        for (const auto& r : live_.running()) {
          if (r.priority < e.what.priority && nodes.find(r.allocation)->node == i)
            room += nodes.find(r.allocation)->demand;
        }
        expect(!fits(e.what.demand, room),
               "task " + std::to_string(id) + " could preempt on node " + std::to_string(i));
      }
    }
  }

  /// The members of a gang that waits as one would not find room together. (Where they differ, the
  /// search is no proof: it may succeed with less room than that with which it failed.)
  void could_not_start(schedule::gang_id gang) {
    std::vector<task> members;
    for (const auto& [id, e] : known_) {
      if (e.gang != gang) continue;
      if (has_quota && e.evicted) return;
      if (!members.empty() && !(members.front().demand == e.what.demand)) return;
      members.push_back(e.what);
    }
    const auto& g = gangs_.at(gang);
    const auto needed = g.minimum - std::min(g.minimum, g.completed);
    if (has_quota || needed == 0 || members.size() < needed) return;
    auto shadow = live_.nodes();
    policy first{place::first_fit{}};
    schedule::transaction tx{shadow};
    expect(
        schedule::place_gang(tx, first, members, {gang, needed}).outcome == lepton::verdict::busy,
        "gang " + std::to_string(gang) + " was overlooked");
  }
  /// What a task may take back of its guarantee would not make room for it.
  void could_not_take_back(const entry& e) {
    if constexpr (has_quota && preempts) {
      // Whose turn it is to give back changes with each start, so ask only where nobody started.
      if (!nothing_changed_) return;
      const auto victims = schedule::quota_victims(
          live_.rules().quota, e.what, live_.running(),
          [&](const auto& v) -> const task& { return known_.at(v.id).what; },
          [&](const auto& v) { return e.gang == 0 || v.gang != e.gang; });
      if (victims.empty()) return;
      auto shadow = live_.nodes();
      for (const auto& v : victims) (void)shadow.release(v.allocation);
      expect(!policy{place::first_fit{}}.pick(e.what, shadow),
             "task " + std::to_string(e.what.id) + " could take back its guarantee");
    }
  }

  void check() {
    std::size_t running = 0;
    std::vector<amounts> taken(live_.nodes().size());
    std::array<amounts, tenants> of_tenant{};
    std::map<schedule::gang_id, std::size_t> of_gang;
    for (const auto& [id, e] : known_) {
      const auto* held = live_.find_running(id);
      expect((held != nullptr) == e.running, "task " + std::to_string(id) + " runs as reported");
      if (held == nullptr) continue;
      ++running;
      expect(held->demand == e.what.demand, "it holds what it asked for");
      taken[held->node] += e.what.demand;
      of_tenant[e.what.tenant] += e.what.demand;
      if (e.gang != 0) ++of_gang[e.gang];
    }
    expect(live_.running_count() == running, "running_count");
    expect(live_.waiting_count() == known_.size() - running, "waiting_count");
    expect(live_.nodes().allocation_count() == running + others_.size(), "nothing else is held");
    for (const auto id : others_) {
      const auto* held = live_.nodes().find(id);
      taken[held->node] += held->demand;
    }
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto& n = live_.nodes()[i];
      if (!n.present()) continue;
      expect(!any_negative(n.free()) && n.free() + taken[i] == n.capacity(), "free amounts");
    }
    for (const auto& [gang, count] : of_gang) {
      const auto& g = gangs_.at(gang);
      expect(count + g.completed >= g.minimum, "a gang runs with its minimum or not at all");
    }
    const auto allowed = live_.rules().budgets.allowed();
    if (!allowed.empty()) {
      std::int64_t expected = 0;
      std::int64_t there = 0;
      for (const auto& [id, e] : known_) {
        const auto* app = e.what.own_labels.find("app");
        if (app == nullptr || *app != "a") continue;
        ++expected;
        there += e.running ? 1 : 0;
      }
      expect(allowed[0] == one_missing().allowed(expected, there), "what the budget allows");
    }
    if constexpr (has_quota) {
      amounts all;
      for (const auto& t : of_tenant) all += t;
      expect(fits(all, amounts{12, 12} + amounts{12, 12} + amounts{12, 12}), "the quota of all");
      expect(fits(of_tenant[0], amounts{20, 20}), "the limit of tenant 0");
    }
  }

  choices& c_;
  bool with_gangs_;
  lepton::scheduler<cluster, Order, policy, task, Rules> live_;
  std::map<lepton::task_id, entry> known_;
  std::map<schedule::gang_id, gang_entry> gangs_;
  std::vector<lepton::allocation_id> others_;
  lepton::task_id next_id_ = 1;
  schedule::gang_id next_gang_ = 1;
  lepton::time_point now_{};
  bool nothing_changed_ = false;  // in the last pass, in which all were asked for
  std::string problem_;

 public:
  std::size_t evictions_ = 0;
};

template <class Order, class Rules>
void run_histories(const char* name, bool gangs, Order o, const Rules& rules) {
  constexpr std::size_t steps = 500;
  constexpr auto histories = std::max<std::size_t>(2, LEPTON_PROPERTY_DECISIONS / 2 / steps);
  std::size_t evictions = 0;
  for (std::uint64_t number = 0; number < histories; ++number) {
    INFO(name << ", history " << number << ", " << how_to_repeat());
    choices c{seed_for(name, number)};
    ledger<Order, Rules> books{c, gangs, o, rules};
    REQUIRE(books.run(steps) == "");
    evictions += books.evictions_;
  }
  CHECK((evictions > 0) == decltype(rules.preemption)::enabled);
}

using unlimited = schedule::unlimited_quota;

}  // namespace

TEST_CASE("scheduler ledger: plain, with backoff and budgets") {
  schedule::rules<> rules;
  run_histories("plain", true, order::fcfs{}, rules);
  run_histories("tenants in turn", true,
                order::per_tenant{order::drf<amounts>{amounts{40, 40}}, order::fcfs{},
                                  order::passed_over::tries_next},
                rules);
  rules.retry = {1s, 10s};
  run_histories("backoff", true, order::fcfs{}, rules);
}

TEST_CASE("scheduler ledger: preemption") {
  schedule::rules<unlimited, schedule::kubernetes_preemption> rules;
  run_histories("preemption", false, order::fixed_priority{}, rules);
  run_histories("preemption in the order of submission", false, order::fcfs{}, rules);
  rules.budgets.add(one_missing());
  run_histories("preemption of gangs", true, order::ageing{10s}, rules);
}

TEST_CASE("scheduler ledger: quotas with reclaim") {
  const schedule::rules<quota, schedule::kubernetes_preemption> rules{some_quota()};
  run_histories("quota", false, order::fcfs{}, rules);
  run_histories("quota and gangs", true, order::fixed_priority{}, rules);
}
