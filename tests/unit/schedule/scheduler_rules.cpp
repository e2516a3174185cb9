// SPDX-License-Identifier: Apache-2.0
// Gangs, preemption, quotas, budgets and backoff, as the scheduler uses them. The property tests
// in tests/property/scheduler_rules.cpp run histories of all of them.

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
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
#include <lepton/schedule/quota.hpp>
#include <lepton/schedule/scheduler.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using lepton::at;
namespace order = lepton::order;
namespace schedule = lepton::schedule;

namespace {

using cluster = lepton::cluster<1>;
using task = lepton::task<1>;
using amounts = lepton::resources<1>;
using quota = schedule::quota<amounts>;
using ids = std::vector<lepton::task_id>;

auto nodes(std::initializer_list<std::int64_t> capacities) -> cluster {
  cluster made;
  for (const auto capacity : capacities) {
    lepton::node_spec<1> spec;
    spec.capacity = amounts{capacity};
    REQUIRE(made.add(std::move(spec)));
  }
  return made;
}

auto job(lepton::task_id id, std::int64_t size, std::int64_t priority = 0,
         lepton::tenant_id tenant = 0) -> task {
  task t;
  t.id = id;
  t.demand = amounts{size};
  t.priority = priority;
  t.tenant = tenant;
  return t;
}

template <class Order, class Rules = schedule::rules<>>
auto scheduler_of(cluster c, Order o, Rules rules = Rules{}) {
  return lepton::scheduler{std::move(c), std::move(o),
                           lepton::place::greedy{lepton::place::first_fit{}}, std::move(rules)};
}

auto preemption() {
  return schedule::rules{schedule::unlimited_quota{}, schedule::kubernetes_preemption{}};
}

auto two_tenants() -> quota {
  std::vector<quota::spec> specs(3);
  specs[0].name = "all";
  for (const std::uint64_t t : {1U, 2U}) {
    specs[t].name = t == 1 ? "one" : "two";
    specs[t].parent = "all";
    specs[t].tenant = t;
    specs[t].guaranteed = amounts{5};
  }
  auto made = quota::build(specs);
  REQUIRE(made);
  return *std::move(made);
}

template <class Scheduler>
auto started(Scheduler& s, lepton::time_point now) -> ids {
  ids found;
  for (const auto& a : s.run(now)) {
    if (a.what) found.push_back(a.id);
  }
  return found;
}
template <class Scheduler>
auto evicted(const Scheduler& s) -> ids {
  ids found;
  for (const auto& e : s.evicted()) found.push_back(e.id);
  return found;
}

auto text_of(const lepton::status& s) -> std::string { return s ? "" : s.error().message; }

}  // namespace

TEST_CASE("a gang starts together or waits without holding anything") {
  auto s = scheduler_of(nodes({8, 8, 8}), order::fcfs{});
  REQUIRE(s.submit(job(9, 8), at(0s)));
  const std::vector<task> three{job(1, 6), job(2, 6), job(3, 6)};
  REQUIRE(s.submit_gang({7, 3}, std::span{three}, at(0s)));
  CHECK(s.waiting_count() == 4);
  CHECK(started(s, at(0s)) == ids{9});
  CHECK(s.nodes()[1].free()[0] == 8);
  // Others may pass it; it starts as one when the room is there.
  REQUIRE(s.submit(job(4, 2), at(1s)));
  CHECK(started(s, at(1s)) == ids{4});
  REQUIRE(s.finish(9, at(2s)));
  CHECK(started(s, at(2s)) == ids{1, 2, 3});
  CHECK(s.running_count() == 4);
}

TEST_CASE("a gang that was refused does not hold up a task equal to its members") {
  auto s = scheduler_of(nodes({8, 8}), order::fcfs{});
  REQUIRE(s.submit(job(9, 8), at(0s)));
  const std::vector<task> three{job(1, 4), job(2, 4), job(3, 4)};
  REQUIRE(s.submit_gang({7, 3}, std::span{three}, at(0s)));
  REQUIRE(s.submit(job(4, 4), at(0s)));
  CHECK(started(s, at(0s)) == ids{9, 4});
}

TEST_CASE("an elastic gang starts with its minimum and grows") {
  auto s = scheduler_of(nodes({8}), order::fcfs{});
  const std::vector<task> four{job(1, 4), job(2, 4), job(3, 4), job(4, 4)};
  REQUIRE(s.submit_gang({1, 2}, std::span{four}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2});
  CHECK(s.waiting_count() == 2);
  REQUIRE(s.finish(1, at(5s)));
  CHECK(started(s, at(5s)) == ids{3});
}

TEST_CASE("a gang that loses too many members stops and waits again as one") {
  auto s = scheduler_of(nodes({4, 4, 4, 4}), order::fcfs{});
  REQUIRE(s.submit(job(9, 4), at(0s)));
  CHECK(started(s, at(0s)) == ids{9});
  const std::vector<task> three{job(1, 4), job(2, 4), job(3, 4)};
  REQUIRE(s.submit_gang({1, 3}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)).size() == 3);
  const auto lost = s.lose_node(1, at(1s));
  REQUIRE(lost);
  CHECK(*lost == ids{1});
  CHECK(s.running_count() == 1);
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.finish(9, at(2s)));
  CHECK(started(s, at(2s)) == ids{1, 2, 3});
}

TEST_CASE("gangs that cannot be are refused") {
  auto s = scheduler_of(nodes({8}), order::fcfs{});
  const std::vector<task> two{job(1, 4), job(2, 4)};
  CHECK(text_of(s.submit_gang({0, 1}, std::span{two}, at(0s))).find("id 0") != std::string::npos);
  CHECK(text_of(s.submit_gang({1, 3}, std::span{two}, at(0s))).find("minimum") !=
        std::string::npos);
  CHECK_FALSE(s.submit_gang({1, 0}, std::span{two}, at(0s)));
  const std::vector<task> twins{job(1, 4), job(1, 4)};
  CHECK(text_of(s.submit_gang({1, 2}, std::span{twins}, at(0s))).find("id 1") != std::string::npos);
  CHECK(s.waiting_count() == 0);
  REQUIRE(s.submit_gang({1, 2}, std::span{two}, at(0s)));
  CHECK(text_of(s.cancel(1, at(0s))).find("cancel the gang") != std::string::npos);
  CHECK_FALSE(s.submit_gang({1, 2}, std::span{two}, at(0s)));
  REQUIRE(s.cancel_gang(1, at(0s)));
  CHECK_FALSE(s.cancel_gang(1, at(0s)));
  CHECK(s.waiting_count() == 0);
  // Nothing could ever run it: every member is dropped.
  const std::vector<task> large{job(1, 9), job(2, 9)};
  REQUIRE(s.submit_gang({1, 2}, std::span{large}, at(0s)));
  CHECK(s.run(at(0s)).size() == 2);
  CHECK(s.waiting_count() == 0);
}

TEST_CASE("a more important task evicts, and its victims wait again") {
  auto s = scheduler_of(nodes({5, 5}), order::fixed_priority{}, preemption());
  REQUIRE(s.submit(job(1, 5, 2), at(0s)));
  REQUIRE(s.submit(job(2, 3, 1), at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2});
  REQUIRE(s.submit(job(3, 4, 9), at(1s)));
  CHECK(started(s, at(1s)) == ids{3});
  CHECK(evicted(s) == ids{2});
  CHECK(s.find_running(3)->node == 1);
  CHECK(s.waiting_count() == 1);
  CHECK(s.wakes_at() <= at(1s));
  CHECK(started(s, at(1s)) == ids{});
  CHECK(s.wakes_at() > at(1s));
  REQUIRE(s.finish(3, at(4s)));
  CHECK(started(s, at(4s)) == ids{2});
}

TEST_CASE("a task of equal priority evicts nobody") {
  auto s = scheduler_of(nodes({5}), order::fixed_priority{}, preemption());
  REQUIRE(s.submit(job(1, 5, 2), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  REQUIRE(s.submit(job(2, 5, 2), at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  CHECK(evicted(s) == ids{});
}

TEST_CASE("a more important gang evicts for its minimum, and only if that is enough") {
  auto s = scheduler_of(nodes({4, 4}), order::fixed_priority{}, preemption());
  REQUIRE(s.submit(job(1, 4, 1), at(0s)));
  REQUIRE(s.submit(job(2, 4, 5), at(0s)));
  CHECK(started(s, at(0s)).size() == 2);
  const std::vector<task> pair{job(11, 4, 3), job(12, 4, 3)};
  REQUIRE(s.submit_gang({1, 2}, std::span{pair}, at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  CHECK(evicted(s) == ids{});
  const std::vector<task> better{job(21, 4, 9), job(22, 4, 9)};
  REQUIRE(s.submit_gang({2, 2}, std::span{better}, at(2s)));
  CHECK(started(s, at(2s)) == ids{21, 22});
  CHECK(evicted(s) == ids{1, 2});
  CHECK(s.waiting_count() == 4);
}

TEST_CASE("disruption budgets choose the node whose tasks may be disturbed") {
  auto rules = preemption();
  schedule::disruption_budget budget;
  budget.tasks.requirements.push_back({"app", lepton::label_operator::in, {"database"}});
  budget.kind = schedule::disruption_budget::limit::max_unavailable;
  budget.value = 0;
  rules.budgets.add(budget);
  auto s = scheduler_of(nodes({5, 5}), order::fixed_priority{}, rules);
  auto database = job(1, 5);
  database.own_labels.set("app", "database");
  REQUIRE(s.submit(database, at(0s)));
  REQUIRE(s.submit(job(2, 5, 1), at(0s)));
  CHECK(started(s, at(0s)).size() == 2);
  REQUIRE(s.submit(job(3, 5, 9), at(1s)));
  CHECK(started(s, at(1s)) == ids{3});
  // The database is less important, but must not be disturbed.
  CHECK(evicted(s) == ids{2});
}

TEST_CASE("quotas hold tasks back, let them borrow, and take back what was borrowed") {
  auto s = scheduler_of(nodes({10}), order::fcfs{},
                        schedule::rules{two_tenants(), schedule::kubernetes_preemption{}});
  for (const std::uint64_t id : {1U, 2U, 3U}) REQUIRE(s.submit(job(id, 3, 0, 1), at(0s)));
  REQUIRE(s.submit(job(4, 3, 0, 1), at(0s)));
  // Nine of ten, four of them borrowed.
  CHECK(started(s, at(0s)) == ids{1, 2, 3});
  // The other tenant wants what is its own: the latest guest has to go.
  REQUIRE(s.submit(job(5, 4, 0, 2), at(1s)));
  CHECK(started(s, at(1s)) == ids{5});
  CHECK(evicted(s) == ids{3});
  // A task beyond every quota is refused at once, in a sentence.
  CHECK(text_of(s.submit(job(6, 11, 0, 2), at(1s))).find("quota") != std::string::npos);
  CHECK(text_of(s.submit(job(6, 1, 0, 9), at(1s))).find("tenant 9") != std::string::npos);
}

TEST_CASE("tasks that were tried in vain back off for longer and longer") {
  schedule::rules<> rules;
  rules.retry = {1s, 4s};
  auto s = scheduler_of(nodes({5}), order::fcfs{}, rules);
  REQUIRE(s.submit(job(1, 4), at(0s)));
  REQUIRE(s.submit(job(2, 4), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  auto now = at(0s);
  for (const auto wait : {1s, 2s, 4s, 4s}) {
    CHECK(s.wakes_at() == now + wait);
    now = s.wakes_at();
    CHECK(started(s, now) == ids{});
  }
  // Room that comes back meanwhile is found out when the time is up, not before.
  REQUIRE(s.finish(1, now));
  CHECK(started(s, now) == ids{});
  CHECK(started(s, s.wakes_at()) == ids{2});
  CHECK(s.wakes_at() == lepton::time_point::max());
}

TEST_CASE("in strict order a task that finds no room holds up all others") {
  schedule::rules<> rules;
  rules.held_up = schedule::blocking::everyone;
  auto s = scheduler_of(nodes({5}), order::fcfs{}, rules);
  for (const auto& [id, size] : {std::pair{1U, 3}, {2U, 4}, {3U, 1}})
    REQUIRE(s.submit(job(id, size), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.finish(1, at(2s)));
  CHECK(started(s, at(2s)) == ids{2, 3});
}

TEST_CASE("ageing lets no task starve behind more important ones") {
  auto s = scheduler_of(nodes({1}), order::ageing{10s});
  REQUIRE(s.submit(job(1, 1, 0), at(0s)));
  // Tasks of priority 3 come two a second, and one can run: those that wait are half as old as the
  // first task, whose age outweighs three classes after a minute.
  std::optional<lepton::time_point> ran;
  lepton::task_id next = 2;
  lepton::task_id running = 0;
  for (auto now = at(0s); now < at(90s) && !ran; now += 1s) {
    for (int k = 0; k < 2; ++k) REQUIRE(s.submit(job(next++, 1, 3), now));
    if (running != 0) REQUIRE(s.finish(running, now));
    const auto begun = started(s, now);
    REQUIRE(begun.size() == 1);
    running = begun.front();
    if (running == 1) ran = now;
  }
  REQUIRE(ran);
  CHECK(*ran >= at(55s));
  CHECK(*ran <= at(65s));
}

TEST_CASE("members of a gang are charged to their tenant") {
  auto s = scheduler_of(nodes({10}), order::per_tenant{order::drf<amounts>{amounts{10}}});
  const std::vector<task> three{job(1, 2, 0, 1), job(2, 2, 0, 1), job(3, 2, 0, 1)};
  REQUIRE(s.submit_gang({1, 3}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)).size() == 3);
  // Tenant 1 has six tenths, so tenant 2 is next for all that is left.
  for (const std::uint64_t id : {11U, 12U}) REQUIRE(s.submit(job(id, 2, 0, 1), at(1s)));
  for (const std::uint64_t id : {21U, 22U}) REQUIRE(s.submit(job(id, 2, 0, 2), at(1s)));
  CHECK(started(s, at(1s)) == ids{21, 22});
}

namespace {

/// Tenants may not run what is more important than this. Tasks of equal needs are not equal to it.
struct only_up_to {
  std::int64_t most;
  lepton::place::greedy<lepton::place::first_fit> policy{lepton::place::first_fit{}};
  auto pick(const task& t, const cluster& c) -> lepton::decision {
    return t.priority > most ? lepton::decision::busy() : policy.pick(t, c);
  }
};

/// Classes of the program's own: a task that must not stop others is of another class.
struct polite_task {
  lepton::task_id id = 0;
  amounts demand{};
  std::int64_t priority = 0;
  bool preempts = true;
  std::uint64_t class_key = 7;
};

struct only_of_class {
  std::uint64_t key;
  lepton::place::greedy<lepton::place::first_fit> policy{lepton::place::first_fit{}};
  auto pick(const polite_task& t, const cluster& c) -> lepton::decision {
    return t.class_key == key ? policy.pick(t, c) : lepton::decision::busy();
  }
};

}  // namespace

TEST_CASE("a policy that looks at a task's priority is asked for each") {
  lepton::scheduler s{nodes({5}), order::fcfs{}, only_up_to{3}};
  REQUIRE(s.submit(job(1, 2, 9), at(0s)));
  REQUIRE(s.submit(job(2, 2, 3), at(0s)));
  CHECK(started(s, at(0s)) == ids{2});
}

TEST_CASE("tasks that may not preempt wait for room, others of their class do not") {
  auto rules = preemption();
  auto s = lepton::make_scheduler<polite_task>(
      nodes({5}), order::fcfs{}, lepton::place::greedy{lepton::place::first_fit{}}, rules);
  REQUIRE(s.submit(polite_task{1, amounts{5}}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  REQUIRE(s.submit(polite_task{2, amounts{5}, 4, false}, at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.submit(polite_task{3, amounts{5}, 4, true}, at(1s)));
  CHECK(started(s, at(1s)) == ids{3});
  CHECK(evicted(s) == ids{1});
}

TEST_CASE("a task that may not preempt does not take back a guarantee either") {
  auto s = lepton::make_scheduler<polite_task>(
      nodes({10}), order::fcfs{}, lepton::place::greedy{lepton::place::first_fit{}},
      schedule::rules{quota{}, schedule::kubernetes_preemption{}});
  std::vector<quota::spec> specs(1);
  specs[0].name = "all";
  specs[0].tenant = 0;
  specs[0].guaranteed = amounts{5};
  s.rules().quota = *quota::build(specs);
  REQUIRE(s.submit(polite_task{1, amounts{5}}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  REQUIRE(s.submit(polite_task{2, amounts{5}, 4, false}, at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.submit(polite_task{3, amounts{5}, 4, true}, at(1s)));
  CHECK(started(s, at(1s)) == ids{3});
}

TEST_CASE("members that completed count when a preemption asks what a gang can do without") {
  auto s = scheduler_of(nodes({2, 2, 2}), order::fixed_priority{}, preemption());
  const std::vector<task> three{job(1, 2), job(2, 2), job(3, 2)};
  REQUIRE(s.submit_gang({1, 2}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2, 3});
  REQUIRE(s.finish(1, at(1s)));
  REQUIRE(s.submit(job(8, 2, 9), at(1s)));
  CHECK(started(s, at(1s)) == ids{8});
  CHECK(evicted(s) == ids{});
  // Of the two that must complete one has, so one of the others can go alone.
  REQUIRE(s.submit(job(9, 2, 9), at(2s)));
  CHECK(started(s, at(2s)) == ids{9});
  CHECK(evicted(s) == ids{2});
}

TEST_CASE("a gang goes as one if it cannot do without the victim, and none of it starts then") {
  auto s = scheduler_of(nodes({4, 2}), order::fixed_priority{}, preemption());
  const std::vector<task> four{job(1, 2), job(2, 2), job(3, 2), job(4, 2)};
  REQUIRE(s.submit(job(7, 2, 1), at(0s)));
  REQUIRE(s.submit_gang({1, 2}, std::span{four}, at(0s)));
  CHECK(started(s, at(0s)) == ids{7, 1, 2});
  REQUIRE(s.finish(7, at(1s)));
  REQUIRE(s.submit(job(8, 4, 9), at(1s)));
  // Members 3 and 4 wait alone; one of them would have room on the second node.
  CHECK(started(s, at(1s)) == ids{8});
  CHECK(evicted(s).size() == 2);
  CHECK(started(s, at(1s)) == ids{});
  CHECK(s.waiting_count() == 4);
  REQUIRE(s.finish(8, at(2s)));
  CHECK(started(s, at(2s)) == ids{1, 2, 3});
}

TEST_CASE("a quota that admits part of a gang does not decide that it could never run") {
  std::vector<quota::spec> specs(1);
  specs[0].name = "all";
  specs[0].tenant = 0;
  specs[0].guaranteed = specs[0].limit = amounts{13};
  auto s = scheduler_of(nodes({5, 5}), order::fcfs{}, schedule::rules<quota>{*quota::build(specs)});
  REQUIRE(s.submit(job(9, 2), at(0s)));
  CHECK(started(s, at(0s)) == ids{9});
  // No node holds the first member, and the quota has room for the first two only.
  const std::vector<task> three{job(1, 6), job(2, 4), job(3, 3)};
  REQUIRE(s.submit_gang({1, 2}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)) == ids{});
  CHECK(s.waiting_count() == 3);
  REQUIRE(s.finish(9, at(1s)));
  CHECK(started(s, at(1s)) == ids{2, 3});
}

TEST_CASE("members for which the quota had no room are tried alone in a pass that is due") {
  std::vector<quota::spec> specs(1);
  specs[0].name = "all";
  specs[0].tenant = 0;
  specs[0].guaranteed = specs[0].limit = amounts{5};
  auto s = scheduler_of(nodes({9}), order::fcfs{}, schedule::rules<quota>{*quota::build(specs)});
  const std::vector<task> three{job(1, 2), job(2, 4), job(3, 3)};
  REQUIRE(s.submit_gang({1, 1}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  CHECK(s.wakes_at() <= at(0s));
  CHECK(started(s, at(0s)) == ids{3});
  CHECK(s.wakes_at() == lepton::time_point::max());
}

TEST_CASE("a gang of more tasks than its maximum is refused") {
  auto s = scheduler_of(nodes({8}), order::fcfs{});
  const std::vector<task> three{job(1, 1), job(2, 1), job(3, 1)};
  CHECK(text_of(s.submit_gang({1, 1, 2}, std::span{three}, at(0s))).find("maximum of 2") !=
        std::string::npos);
  CHECK(s.waiting_count() == 0);
  CHECK(s.submit_gang({1, 1, 3}, std::span{three}, at(0s)));
}

TEST_CASE("a gang that waits is asked for only when some member may find room") {
  // Eight in use on each node, so that one member more fits nowhere, whoever of the small ends.
  auto s = scheduler_of(nodes({10, 10}), order::fcfs{});
  for (const std::uint64_t id : {1U, 2U, 3U, 4U}) REQUIRE(s.submit(job(id, 4), at(0s)));
  CHECK(started(s, at(0s)).size() == 4);
  const std::vector<task> two{job(11, 7), job(12, 6)};
  REQUIRE(s.submit_gang({1, 2}, std::span{two}, at(0s)));
  REQUIRE(s.finish(1, at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.finish(2, at(2s)));
  CHECK(started(s, at(2s)) == ids{});
  REQUIRE(s.finish(3, at(3s)));
  CHECK(started(s, at(3s)) == ids{11, 12});
}

TEST_CASE("a member does not stop others of its own gang") {
  auto s = scheduler_of(nodes({4}), order::fixed_priority{}, preemption());
  const std::vector<task> three{job(1, 2), job(2, 2), job(3, 2, 5)};
  REQUIRE(s.submit_gang({1, 2}, std::span{three}, at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2});
  CHECK(started(s, at(0s)) == ids{});
  CHECK(evicted(s) == ids{});
  CHECK(s.wakes_at() == lepton::time_point::max());
}

TEST_CASE("a gang that must borrow for its minimum stops nobody for it") {
  auto s = scheduler_of(nodes({7}), order::fcfs{},
                        schedule::rules{two_tenants(), schedule::kubernetes_preemption{}});
  REQUIRE(s.submit(job(1, 2, 0, 1), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  // The first member is within the guarantee of five, the second is not.
  const std::vector<task> two{job(11, 3, 9, 1), job(12, 3, 9, 1)};
  REQUIRE(s.submit_gang({1, 2}, std::span{two}, at(0s)));
  CHECK(started(s, at(0s)) == ids{});
  CHECK(evicted(s) == ids{});
  REQUIRE(s.finish(1, at(1s)));
  CHECK(started(s, at(1s)) == ids{11, 12});
}

TEST_CASE("a start ends the count of failed attempts") {
  schedule::rules<> rules;
  rules.retry = {1s, 8s};
  auto s = scheduler_of(nodes({5}), order::fcfs{}, rules);
  for (const std::uint64_t id : {1U, 2U}) REQUIRE(s.submit(job(id, 5), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  CHECK(started(s, at(1s)) == ids{});
  CHECK(s.wakes_at() == at(3s));
  REQUIRE(s.finish(1, at(2s)));
  CHECK(started(s, at(3s)) == ids{2});
  REQUIRE(s.lose_node(0, at(4s)));
  CHECK(s.wakes_at() == at(5s));
}

TEST_CASE("tasks of another class key are asked for although an equal one was refused") {
  auto s = lepton::make_scheduler<polite_task>(nodes({5}), order::fcfs{}, only_of_class{8});
  polite_task t{1, amounts{1}};
  REQUIRE(s.submit(t, at(0s)));
  t.id = 2;
  t.class_key = 8;
  REQUIRE(s.submit(t, at(0s)));
  CHECK(started(s, at(0s)) == ids{2});
}

TEST_CASE("a class that had hope in a pass that did not reach it keeps it") {
  auto s = scheduler_of(nodes({5, 10}), order::per_tenant{order::drf<amounts>{amounts{15}}});
  for (const auto& [id, size] : {std::pair{1U, 5}, {2U, 9}, {3U, 1}})
    REQUIRE(s.submit(job(id, size, 0, 9), at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2, 3});
  REQUIRE(s.submit(job(11, 10, 0, 1), at(1s)));
  REQUIRE(s.submit(job(12, 3, 0, 1), at(1s)));
  REQUIRE(s.submit(job(21, 3, 0, 2), at(1s)));  // of the class of 12
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.cancel(21, at(2s)));
  REQUIRE(s.finish(1, at(2s)));
  CHECK(started(s, at(2s)) == ids{});  // 11 holds up its tenant
  REQUIRE(s.cancel(11, at(3s)));
  REQUIRE(s.finish(3, at(3s)));  // that alone would not help
  CHECK(started(s, at(3s)) == ids{12});
}

TEST_CASE("a gang minds what the rules of any of its members mind") {
  const auto in_zone = [] {
    cluster made;
    for (int k = 0; k < 2; ++k) {
      lepton::node_spec<1> spec;
      spec.capacity = amounts{5};
      spec.own_labels.set("zone", "z");
      REQUIRE(made.add(std::move(spec)));
    }
    return scheduler_of(std::move(made), order::fcfs{});
  };
  auto database = job(9, 5);
  database.own_labels.set("app", "database");
  const lepton::affinity_term term{lepton::label_selector::equals("app", "database"), "zone"};
  std::vector<task> two{job(1, 2), job(2, 2)};

  auto near = in_zone();
  two[1].rules.affinity = {term};
  REQUIRE(near.submit_gang({1, 2}, std::span<const task>{two}, at(0s)));
  REQUIRE(near.submit(database, at(0s)));
  CHECK(started(near, at(0s)) == ids{9});
  CHECK(near.wakes_at() <= at(0s));
  CHECK(started(near, at(0s)) == ids{1, 2});

  auto apart = in_zone();
  two[1].rules.affinity.clear();
  two[1].rules.anti_affinity = {term};
  REQUIRE(apart.submit(database, at(0s)));
  REQUIRE(apart.submit_gang({1, 2}, std::span<const task>{two}, at(0s)));
  CHECK(started(apart, at(0s)) == ids{9});
  // Somebody else takes what the database leaves, but it no longer forbids the zone.
  REQUIRE(apart.finish(9, at(1s)));
  REQUIRE(apart.nodes().allocate(0, amounts{5}));
  CHECK(started(apart, at(1s)) == ids{1, 2});
}

TEST_CASE("a lost node tells which members stopped elsewhere") {
  auto s = scheduler_of(nodes({2, 2, 5}), order::fixed_priority{}, preemption());
  REQUIRE(s.submit(job(5, 5, 0), at(0s)));
  CHECK(started(s, at(0s)) == ids{5});
  const std::vector<task> two{job(1, 2, 3), job(2, 2, 3)};
  REQUIRE(s.submit_gang({1, 2}, std::span{two}, at(0s)));
  REQUIRE(s.submit(job(6, 5, 1), at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2, 6});
  CHECK(evicted(s) == ids{5});
  REQUIRE(s.lose_node(0, at(1s)));
  CHECK(evicted(s) == ids{2});
  CHECK(s.running_count() == 1);
}

TEST_CASE("what was stopped for a guarantee in a pass that is due had started in the last") {
  auto s = scheduler_of(nodes({10}), order::fcfs{},
                        schedule::rules{two_tenants(), schedule::kubernetes_preemption{}});
  for (const std::uint64_t id : {1U, 2U, 3U, 4U, 5U}) REQUIRE(s.submit(job(id, 2, 0, 1), at(0s)));
  REQUIRE(s.submit(job(9, 4, 0, 2), at(0s)));
  CHECK(started(s, at(0s)) == ids{1, 2, 3, 4, 5});
  CHECK(s.wakes_at() <= at(0s));
  CHECK(started(s, at(0s)) == ids{9});
  CHECK(evicted(s) == ids{5, 4});
}

TEST_CASE("a task that held up its tenant makes a pass due when it is dropped") {
  auto s = scheduler_of(nodes({5}), order::per_tenant{order::drf<amounts>{amounts{5}}});
  REQUIRE(s.submit(job(1, 9), at(0s)));
  REQUIRE(s.submit(job(2, 1), at(0s)));
  CHECK(started(s, at(0s)) == ids{});
  CHECK(s.wakes_at() <= at(0s));
  CHECK(started(s, at(0s)) == ids{2});
  CHECK(s.wakes_at() == lepton::time_point::max());
}

TEST_CASE("a backoff that is over or given up leaves nothing behind") {
  schedule::rules<> rules;
  rules.retry = {1s, 8s};
  auto s = scheduler_of(nodes({5}), order::fcfs{}, rules);
  REQUIRE(s.submit(job(1, 5), at(0s)));
  REQUIRE(s.submit(job(2, 4), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  CHECK(s.wakes_at() == at(1s));
  REQUIRE(s.cancel(2, at(0s)));
  CHECK(s.wakes_at() == lepton::time_point::max());
  REQUIRE(s.submit(job(2, 4), at(0s)));
  CHECK(s.waiting_count() == 1);
  // A member that backs off alone comes back with its gang, no sooner.
  const std::vector<task> three{job(11, 2), job(12, 2), job(13, 2)};
  auto gang = scheduler_of(nodes({2, 2, 4}), order::fcfs{}, rules);
  REQUIRE(gang.submit(job(9, 4), at(0s)));
  REQUIRE(gang.submit_gang({1, 2}, std::span{three}, at(0s)));
  CHECK(started(gang, at(0s)) == ids{9, 11, 12});
  CHECK(started(gang, at(0s)) == ids{});  // 13 backs off until 1 s, then until 3 s
  CHECK(started(gang, at(1s)) == ids{});
  REQUIRE(gang.lose_node(0, at(2s)));
  CHECK(gang.wakes_at() == at(3s));
  CHECK(gang.waiting_count() == 3);
  // The gang as one, of which 13 is a part, waits for a node now.
  CHECK(started(gang, at(3s)) == ids{});
  CHECK(gang.wakes_at() == at(5s));
}

TEST_CASE("backoffs grow up to the longest, whatever it is") {
  using schedule::backoff;
  const backoff plain{1s, 10s};
  CHECK(plain.after(1) == 1s);
  CHECK(plain.after(4) == 8s);
  CHECK(plain.after(5) == 10s);
  CHECK(plain.after(0xffff'ffffU) == 10s);
  CHECK(backoff{3s, 1s}.after(9) == 3s);
  CHECK(backoff{1s, lepton::duration::max()}.after(90) == lepton::duration::max());
  CHECK_FALSE(backoff{}.enabled());
}

TEST_CASE("in strict order the tasks of a class that was refused hold up the others too") {
  schedule::rules<> rules;
  rules.held_up = schedule::blocking::everyone;
  auto s = scheduler_of(nodes({5}), order::fcfs{}, rules);
  REQUIRE(s.submit(job(1, 4), at(0s)));
  REQUIRE(s.submit(job(2, 4), at(0s)));
  CHECK(started(s, at(0s)) == ids{1});
  REQUIRE(s.submit(job(3, 1), at(1s)));
  CHECK(started(s, at(1s)) == ids{});
  REQUIRE(s.cancel(2, at(2s)));
  CHECK(started(s, at(2s)) == ids{3});
}

TEST_CASE("a copy of a scheduler keeps gangs, and what backs off or is held") {
  auto rules = schedule::rules{two_tenants(), schedule::kubernetes_preemption{}};
  auto s = scheduler_of(nodes({10}), order::fcfs{}, rules);
  for (const std::uint64_t id : {1U, 2U}) REQUIRE(s.submit(job(id, 4, 0, 1), at(0s)));
  const std::vector<task> two{job(11, 5, 0, 2), job(12, 5, 0, 2)};
  CHECK(started(s, at(0s)) == ids{1, 2});
  REQUIRE(s.submit_gang({1, 1}, std::span{two}, at(0s)));
  REQUIRE(s.submit(job(3, 3, 0, 2), at(0s)));
  CHECK(started(s, at(0s)) == ids{3});
  CHECK(evicted(s) == ids{2});
  auto copy = s;
  auto moved = std::move(s);
  for (auto* one : {&copy, &moved}) {
    CHECK(one->waiting_count() == 3);
    REQUIRE(one->finish(3, at(1s)));
    CHECK(started(*one, at(1s)) == ids{2});  // held until something happened
    for (const std::uint64_t id : {1U, 2U}) REQUIRE(one->finish(id, at(2s)));
    CHECK(started(*one, at(2s)) == ids{11, 12});
    CHECK(one->waiting_count() == 0);
  }
}
