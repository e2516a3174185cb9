// SPDX-License-Identifier: Apache-2.0
// The whole scheduler, with quotas, preemption, gangs, backoff, budgets and lost nodes, beside a
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
#include <lepton/order/fcfs.hpp>
#include <lepton/order/fixed_priority.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/kubernetes_preemption.hpp>
#include <lepton/schedule/quota.hpp>
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
    for (std::uint32_t k = 0; k < count; ++k) {
      members.push_back(some_task());
      members.back().tenant = members.front().tenant;
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
  void lose(lepton::node_index i) {
    std::set<lepton::task_id> there;
    for (const auto& [id, e] : known_) {
      if (e.running && live_.find_running(id)->node == i) there.insert(id);
    }
    const auto back = live_.lose_node(i, now_);
    if (!back) return;
    expect(std::set<lepton::task_id>(back->begin(), back->end()) == there, "lost tasks");
    // Gangs that broke stop as a whole: believed if the scheduler says so for all of a gang.
    for (auto& [id, e] : known_) e.running = live_.find_running(id) != nullptr;
  }

  void pass() {
    std::size_t rounds = 0;
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
    } while (live_.wakes_at() <= now_ && problem_.empty());
    nothing_was_overlooked();
  }

  /// No waiting task that the rules let start would find room.
  void nothing_was_overlooked() {
    if (live_.rules().retry.enabled()) return;
    for (const auto& [id, e] : known_) {
      // Where there are quotas, who was evicted comes back with the next event.
      if (e.running || e.gang != 0 || (has_quota && e.evicted)) continue;
      if (!live_.rules().quota.may_start(e.what)) continue;
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
    expect(live_.nodes().allocation_count() == running, "nothing else is allocated");
    for (std::size_t i = 0; i < taken.size(); ++i) {
      const auto& n = live_.nodes()[i];
      if (!n.present()) continue;
      expect(!any_negative(n.free()) && n.free() + taken[i] == n.capacity(), "free amounts");
    }
    for (const auto& [gang, count] : of_gang) {
      const auto& g = gangs_.at(gang);
      expect(count + g.completed >= g.minimum, "a gang runs with its minimum or not at all");
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
  lepton::task_id next_id_ = 1;
  schedule::gang_id next_gang_ = 1;
  lepton::time_point now_{};
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
  rules.retry = {1s, 10s};
  run_histories("backoff", true, order::fcfs{}, rules);
}

TEST_CASE("scheduler ledger: preemption") {
  const schedule::rules<unlimited, schedule::kubernetes_preemption> rules;
  run_histories("preemption", false, order::fixed_priority{}, rules);
  run_histories("preemption in the order of submission", false, order::fcfs{}, rules);
  run_histories("preemption of gangs", true, order::fixed_priority{}, rules);
}

TEST_CASE("scheduler ledger: quotas with reclaim") {
  const schedule::rules<quota, schedule::kubernetes_preemption> rules{some_quota()};
  run_histories("quota", false, order::fcfs{}, rules);
  run_histories("quota and gangs", true, order::fixed_priority{}, rules);
}
