// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/schedule/disruption_budget.hpp>
#include <lepton/schedule/kubernetes_preemption.hpp>
#include <lepton/schedule/no_preemption.hpp>
#include <lepton/schedule/place_gang.hpp>
#include <lepton/schedule/place_on_fewest.hpp>
#include <lepton/schedule/preempt_for_gang.hpp>
#include <lepton/schedule/preemption_policy.hpp>
#include <lepton/schedule/what_if.hpp>

#include "catch.hpp"

namespace schedule = lepton::schedule;
using lepton::at;
using lepton::decision;
using lepton::verdict;

namespace {

using nodes_type = lepton::cluster<1>;
using transaction = schedule::transaction<nodes_type>;

struct job {
  lepton::resources<1> demand{};
  std::int64_t priority = 0;
  lepton::device_request devices{};
  bool preempts = true;
};

/// The first node with room; taints and the like are not looked at.
struct first_with_room {
  static constexpr bool looks_at_nodes_alone = true;
  int asked = 0;
  auto pick(const job& j, const nodes_type& nodes) -> decision {
    ++asked;
    auto ever = false;
    for (lepton::node_index i = 0; i < nodes.size(); ++i) {
      const auto& n = nodes[i];
      if (n.accepting() && fits(j.demand, n.free()) && n.devices().fits(j.devices))
        return decision::placed(i);
      ever = ever || (n.present() && fits(j.demand, n.capacity()) &&
                      n.devices().count() >= j.devices.count());
    }
    return ever ? decision::busy() : decision::infeasible();
  }
};

struct room_there {
  auto operator()(const job& j, const nodes_type& nodes, lepton::node_index i) const -> bool {
    return nodes[i].accepting() && fits(j.demand, nodes[i].free()) &&
           nodes[i].devices().fits(j.devices);
  }
};

using any_fits = schedule::fits_by_placing<first_with_room>;
static_assert(
    schedule::preemption_policy<schedule::kubernetes_preemption, job, transaction, any_fits>);
static_assert(schedule::preemption_policy<schedule::no_preemption, job, transaction, room_there>);
static_assert(!schedule::no_preemption::enabled);
static_assert(!schedule::preemption_policy<schedule::any_victim, job, transaction, any_fits>);

auto nodes_of(std::initializer_list<lepton::amount> capacities, std::uint8_t devices = 0)
    -> nodes_type {
  nodes_type nodes;
  for (const auto capacity : capacities) {
    lepton::node_spec<1> spec;
    spec.name = "n" + std::to_string(nodes.size());
    spec.capacity = lepton::resources<1>{capacity};
    spec.devices = lepton::device_set{devices, 0};
    REQUIRE(nodes.add(spec));
  }
  return nodes;
}

auto asks(lepton::amount size, std::int64_t priority = 0) -> job {
  return {lepton::resources<1>{size}, priority, {}, true};
}

struct running_list {
  nodes_type& nodes;
  std::vector<schedule::running_task> tasks{};

  auto add(std::size_t node, lepton::amount size, std::int64_t priority, schedule::gang_id gang = 0,
           std::size_t minimum = 0) -> schedule::running_task& {
    const auto got =
        nodes.allocate(static_cast<lepton::node_index>(node), lepton::resources<1>{size});
    REQUIRE(got);
    schedule::running_task r;
    r.allocation = *got;
    r.id = tasks.size();
    r.priority = priority;
    r.gang = gang;
    r.gang_minimum = minimum;
    r.tenant = tasks.size() % 2;
    tasks.push_back(r);
    return tasks.back();
  }
};

auto victims(const std::optional<schedule::preemption_plan>& plan) -> std::string {
  if (!plan) return "none";
  auto text = std::to_string(plan->node) + ":";
  for (const auto& v : plan->victims) text += " " + std::to_string(v.id);
  return text;
}

}  // namespace

TEST_CASE("a preemption that is switched off has no plan") {
  auto nodes = nodes_of({10});
  running_list running{nodes};
  running.add(0, 10, 0);
  transaction tx{nodes};
  schedule::no_preemption nobody;
  room_there there;
  CHECK_FALSE(nobody.plan(asks(10, 9), tx, there, running.tasks, {}, schedule::any_victim{}));
}

TEST_CASE("a task that says so never preempts") {
  auto nodes = nodes_of({10});
  running_list running{nodes};
  running.add(0, 10, 0);
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  auto modest = asks(10, 9);
  CHECK(victims(policy.plan(modest, tx, room_there{}, running.tasks)) == "0: 0");
  modest.preempts = false;
  CHECK_FALSE(policy.plan(modest, tx, room_there{}, running.tasks));
  CHECK_FALSE(policy.plan_on(0, modest, tx, room_there{}, running.tasks));
}

TEST_CASE("where evicting cannot help, nobody is asked to go") {
  auto nodes = nodes_of({10, 10, 10, 4});
  running_list running{nodes};
  for (std::size_t i = 0; i < 4; ++i) running.add(i, i == 3 ? 4 : 10, 1);
  REQUIRE(nodes.drain(0));
  REQUIRE(nodes.retaint(1, {{"gpu"}}));
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  std::vector<lepton::node_index> asked;
  const auto there = [&](const job& j, const nodes_type& all, lepton::node_index i) {
    asked.push_back(i);
    return room_there{}(j, all, i);
  };
  CHECK(victims(policy.plan(asks(5, 2), tx, there, running.tasks)) == "2: 2");
  CHECK(asked == std::vector<lepton::node_index>{2});
  CHECK_FALSE(policy.plan(asks(11, 2), tx, there, running.tasks));
  CHECK_FALSE(policy.plan(asks(5, 1), tx, there, running.tasks));
  CHECK_FALSE(policy.plan_on(9, asks(5, 2), tx, there, running.tasks));
  CHECK(tx.size() == 0);
}

TEST_CASE("nodes that must cost more than the best so far are not tried") {
  auto nodes = nodes_of({10, 10, 10});
  running_list running{nodes};
  running.add(0, 10, 3);
  running.add(1, 10, 1);
  running.add(2, 10, 2);
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  int tests = 0;
  const auto there = [&](const job& j, const nodes_type& all, lepton::node_index i) {
    ++tests;
    return room_there{}(j, all, i);
  };
  CHECK(victims(policy.plan(asks(5, 9), tx, there, running.tasks)) == "1: 1");
  CHECK(tests == 1);
}

TEST_CASE("only the tenants named are made to give back") {
  auto nodes = nodes_of({10, 10});
  running_list running{nodes};
  running.add(0, 10, 0);
  running.add(1, 10, 0);
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  const std::array<lepton::tenant_id, 1> second{1};
  CHECK(victims(policy.plan(asks(5, 9), tx, room_there{}, running.tasks, {},
                            schedule::victims_of{second})) == "1: 1");
  CHECK_FALSE(policy.plan(asks(5, 9), tx, room_there{}, running.tasks, {}, schedule::victims_of{}));
}

TEST_CASE("victims of devices") {
  auto nodes = nodes_of({10}, 4);
  running_list running{nodes};
  for (std::uint8_t k = 0; k < 4; ++k) {
    const auto got = nodes.allocate(0, lepton::resources<1>{1}, lepton::device_request::whole(1));
    schedule::running_task r;
    r.allocation = *got;
    r.id = k;
    r.priority = k == 1 ? 5 : k;
    running.tasks.push_back(r);
  }
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  auto wide = asks(1, 9);
  wide.devices = lepton::device_request::whole(2);
  CHECK(victims(policy.plan(wide, tx, room_there{}, running.tasks)) == "0: 2 0");
  first_with_room place;
  CHECK(victims(policy.plan(wide, tx, any_fits{place}, running.tasks)) == "0: 2 0");
}

TEST_CASE("a gang goes down to its minimum first, and then as a whole") {
  auto nodes = nodes_of({10, 10, 10});
  running_list running{nodes};
  running.add(0, 5, 1, 7, 2);  // 0
  running.add(0, 5, 1, 7, 2);  // 1
  running.add(1, 5, 1, 7, 2);  // 2
  running.add(1, 5, 4);        // 3
  running.add(2, 10, 6);       // 4
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  // One member can be spared.
  CHECK(victims(policy.plan_on(0, asks(5, 5), tx, room_there{}, running.tasks)) == "0: 1");
  // Two cannot, so all three go, of the other node too.
  CHECK(victims(policy.plan_on(0, asks(10, 5), tx, room_there{}, running.tasks)) == "0: 0 1 2");
  CHECK(victims(policy.plan_on(1, asks(10, 5), tx, room_there{}, running.tasks)) == "1: 3 2");
  // Three victims of a low priority cost less than one of a high one.
  CHECK(victims(policy.plan(asks(10, 9), tx, room_there{}, running.tasks)) == "0: 0 1 2");
  SECTION("but not if some member must stay") {
    running.tasks[2].priority = 8;
    CHECK_FALSE(policy.plan_on(0, asks(10, 5), tx, room_there{}, running.tasks));
    CHECK(victims(policy.plan_on(0, asks(5, 5), tx, room_there{}, running.tasks)) == "0: 1");
  }
  SECTION("and one below its minimum has nothing to lose") {
    for (auto& r : running.tasks) {
      if (r.gang != 0) r.gang_minimum = 4;
    }
    CHECK(victims(policy.plan_on(0, asks(10, 5), tx, room_there{}, running.tasks)) == "0: 0 1");
  }
  CHECK(tx.size() == 0);
}

TEST_CASE("at equal priority a gang is reprieved before single tasks") {
  auto nodes = nodes_of({10, 10});
  running_list running{nodes};
  running.add(0, 5, 1).started = at(lepton::duration{1});
  running.add(0, 5, 1, 7, 2).started = at(lepton::duration{5});
  running.add(1, 5, 1, 7, 2);
  transaction tx{nodes};
  schedule::kubernetes_preemption policy;
  CHECK(victims(policy.plan_on(0, asks(5, 5), tx, room_there{}, running.tasks)) == "0: 0");
}

TEST_CASE("disruption budgets count as Kubernetes counts") {
  using budget = schedule::disruption_budget;
  const auto allowed = [](budget::limit kind, std::int64_t value, bool percent,
                          std::int64_t expected, std::int64_t running) {
    return budget{{}, kind, value, percent}.allowed(expected, running);
  };
  CHECK(allowed(budget::limit::min_available, 3, false, 5, 5) == 2);
  CHECK(allowed(budget::limit::min_available, 3, false, 5, 2) == 0);
  CHECK(allowed(budget::limit::max_unavailable, 1, false, 5, 5) == 1);
  CHECK(allowed(budget::limit::max_unavailable, 1, false, 5, 4) == 0);
  CHECK(allowed(budget::limit::max_unavailable, 9, false, 5, 3) == 3);
  CHECK(allowed(budget::limit::min_available, 50, true, 5, 5) == 2);    // 2.5 rounded up stay
  CHECK(allowed(budget::limit::max_unavailable, 30, true, 5, 5) == 2);  // 1.5 rounded up may go
  CHECK(allowed(budget::limit::min_available, 0, false, 0, 0) == 0);
}

TEST_CASE("a table of budgets follows the tasks") {
  using budget = schedule::disruption_budget;
  schedule::disruption_budgets budgets;
  const auto front = budgets.add(
      {lepton::label_selector::equals("app", "front"), budget::limit::max_unavailable, 1});
  const auto any_app = budgets.add(
      {{{{"app", lepton::label_operator::exists, {}}}}, budget::limit::min_available, 2});
  (void)budgets.add({{}, budget::limit::max_unavailable, 5});
  const auto both = budgets.matching({{"app", "front"}});
  CHECK(both == std::vector<schedule::budget_index>{front, any_app});
  CHECK(budgets.matching({{"app", "back"}}) == std::vector<schedule::budget_index>{any_app});
  CHECK(budgets.matching({}).empty());
  for (int k = 0; k < 3; ++k) {
    budgets.expect(both, 1);
    CHECK(budgets.allowed()[front] == 0);
    budgets.run(both, 1);
  }
  CHECK(budgets.allowed()[front] == 1);
  CHECK(budgets.allowed()[any_app] == 1);
  budgets.run(both, -1);
  CHECK(budgets.allowed()[front] == 0);
  CHECK(budgets.allowed()[any_app] == 0);
  budgets.run(both, 1);
  CHECK(budgets.size() == 3);
}

TEST_CASE("a gang starts whole or holds nothing") {
  auto nodes = nodes_of({10, 7});
  first_with_room place;
  transaction tx{nodes};
  const auto none = schedule::place_copies(tx, place, asks(4), 6, {1, 4});
  CHECK(none.outcome == verdict::infeasible);
  CHECK(nodes[0].free()[0] == 10);
  CHECK(tx.size() == 0);
  const auto got = schedule::place_copies(tx, place, asks(4), 6, {1, 2});
  REQUIRE(got);
  CHECK(got.members.size() == 3);  // elastic: one more than the minimum has room
  CHECK(tx.size() == 3);
  const auto second = schedule::place_copies(tx, place, asks(4), 6, {2, 2});
  CHECK(second.outcome == verdict::busy);
  CHECK(tx.size() == 3);
  CHECK(schedule::place_copies(tx, place, asks(1), 6, {3, 1, 2}).members.size() == 2);
  CHECK(schedule::place_copies(tx, place, asks(1), 6, {3, 7}).outcome == verdict::infeasible);
  CHECK(schedule::place_copies(tx, place, asks(1), 6, {3, 2, 1}).outcome == verdict::infeasible);
}

TEST_CASE("equal tasks are not asked for again once one found no room") {
  auto nodes = nodes_of({10});
  first_with_room place;
  transaction tx{nodes};
  const auto got = schedule::place_copies(tx, place, asks(4), 1000, {1, 1});
  CHECK(got.members.size() == 2);
  CHECK(place.asked == 3);
  place.asked = 0;
  CHECK_FALSE(schedule::place_copies(tx, place, asks(4), 1000, {1, 990}));
  CHECK(place.asked == 0);
}

TEST_CASE("each role of a gang gets its minimum") {
  auto nodes = nodes_of({10});
  first_with_room place;
  // One launcher and four workers of which two are needed.
  const std::vector<job> tasks{asks(2), asks(3), asks(3), asks(3), asks(3)};
  const std::vector<schedule::gang_role> roles{{1, 1}, {4, 2}};
  transaction tx{nodes};
  const auto got = schedule::place_gang(tx, place, tasks, roles, {1, 3});
  REQUIRE(got);
  REQUIRE(got.members.size() == 3);
  CHECK(got.members[0].index == 0);
  CHECK(got.members[2].index == 2);
  tx.roll_back();
  // Without roles three workers and no launcher might be placed.
  const std::vector<job> workers_first{asks(3), asks(3), asks(3), asks(3), asks(2)};
  CHECK(schedule::place_gang(tx, place, workers_first, {1, 3}).members.back().index == 2);
  tx.roll_back();
  const std::vector<schedule::gang_role> launcher_last{{4, 2}, {1, 1}};
  const auto fair = schedule::place_gang(tx, place, workers_first, launcher_last, {1, 3});
  REQUIRE(fair);
  CHECK(fair.members.back().index == 4);
  tx.roll_back();
  const std::vector<schedule::gang_role> too_many{{4, 3}, {1, 1}};
  CHECK(schedule::place_gang(tx, place, workers_first, too_many, {1, 1}).outcome ==
        verdict::infeasible);
  CHECK(tx.size() == 0);
}

TEST_CASE("a gang on as few nodes as possible") {
  auto nodes = nodes_of({4, 9, 6, 4});
  transaction tx{nodes};
  const auto got = schedule::place_on_fewest(tx, room_there{}, asks(2), 6, {1, 6});
  REQUIRE(got);
  // Four on node 1, and the other two where they fill the node.
  CHECK(nodes[1].free()[0] == 1);
  CHECK(nodes[0].free()[0] == 0);
  CHECK(nodes[2].free()[0] == 6);
  tx.roll_back();
  CHECK(schedule::place_on_fewest(tx, room_there{}, asks(2), 20, {1, 3}).members.size() == 11);
  tx.roll_back();
  CHECK(schedule::place_on_fewest(tx, room_there{}, asks(2), 20, {1, 12}).outcome ==
        verdict::infeasible);
  REQUIRE(nodes.allocate(0, lepton::resources<1>{1}));
  CHECK(schedule::place_on_fewest(tx, room_there{}, asks(2), 20, {1, 11}).outcome == verdict::busy);
  CHECK(tx.size() == 0);
}

TEST_CASE("gangs of devices on as few nodes as possible") {
  auto nodes = nodes_of({100, 100, 100}, 8);
  REQUIRE(nodes.allocate(0, lepton::resources<1>{0}, lepton::device_request::whole(4)));
  auto worker = asks(1);
  worker.devices = lepton::device_request::whole(4);
  transaction tx{nodes};
  const auto got = schedule::place_on_fewest(tx, room_there{}, worker, 3, {1, 3});
  REQUIRE(got);
  CHECK(nodes[0].devices().whole_count() == 0);
  CHECK(nodes[1].devices().whole_count() == 0);
  CHECK(nodes[2].devices().whole_count() == 8);
}

TEST_CASE("a gang that preempts takes what it needs or nothing") {
  auto nodes = nodes_of({10, 10});
  running_list running{nodes};
  running.add(0, 10, 1);
  running.add(1, 10, 2);
  first_with_room place;
  schedule::kubernetes_preemption policy;
  transaction tx{nodes};
  const std::vector<job> gang{asks(6, 5), asks(6, 5)};
  const auto done =
      schedule::preempt_for_gang(tx, place, policy, gang, {1, 2}, any_fits{place}, running.tasks);
  REQUIRE(done.gang);
  CHECK(done.victims.size() == 2);
  tx.roll_back();
  running.tasks[1].priority = 5;
  const auto not_done =
      schedule::preempt_for_gang(tx, place, policy, gang, {1, 2}, any_fits{place}, running.tasks);
  CHECK_FALSE(not_done.gang);
  CHECK(not_done.victims.empty());
  CHECK(nodes.allocation_count() == 2);
  CHECK_FALSE(
      schedule::preempt_for_gang(tx, place, policy, gang, {1, 3}, any_fits{place}, running.tasks)
          .gang);
}

TEST_CASE("what if: the earliest moment at which a task could start") {
  using schedule::expected_end;
  auto nodes = nodes_of({10, 10});
  const auto a = nodes.allocate(0, lepton::resources<1>{6});
  const auto b = nodes.allocate(0, lepton::resources<1>{4});
  const auto c = nodes.allocate(1, lepton::resources<1>{8});
  const auto t = [](int s) { return at(std::chrono::seconds{s}); };
  const std::vector<expected_end> ends{{*c, t(10)}, {*b, t(20)}, {*a, t(20)}, {{}, t(30)}};
  first_with_room place;
  const auto when = [&](lepton::amount size, int now = 5) {
    return schedule::earliest_start(nodes, place, asks(size), t(now), ends);
  };
  CHECK(when(2).when == t(5));
  CHECK(when(3).when == t(10));
  CHECK(when(3).where.node() == 1);
  CHECK(when(10, 12).when == t(12));
  CHECK(when(11).where.outcome() == verdict::infeasible);
  CHECK(when(11).when == lepton::time_point::max());
  REQUIRE(nodes.drain(1));
  CHECK(when(10).when == t(20));
  CHECK(when(10).where.node() == 0);
  REQUIRE(nodes.drain(0));
  CHECK(when(10).when == lepton::time_point::max());
  CHECK(nodes.allocation_count() == 3);
  CHECK(nodes[0].free()[0] == 0);
  const auto left = schedule::what_if(nodes, [&](auto& tx) {
    (void)tx.release(*a);
    return nodes[0].free()[0];
  });
  CHECK(left == 6);
  CHECK(nodes[0].free()[0] == 0);
}
