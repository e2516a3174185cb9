// SPDX-License-Identifier: Apache-2.0
// tests/property/scheduler.cpp compares the scheduler with a model that asks for every task anew.
#include <lepton/schedule/scheduler.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/order/fcfs.hpp>
#include <lepton/place/any_policy.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/next_fit.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using lepton::at;
using lepton::verdict;
using cluster = lepton::cluster<2>;
using task = lepton::task<2>;
using resources = lepton::resources<2>;
using ids = std::vector<lepton::task_id>;

namespace {

auto nodes(std::initializer_list<resources> capacities) -> cluster {
  cluster c;
  for (const auto& capacity : capacities) {
    lepton::node_spec<2> spec;
    spec.capacity = capacity;
    REQUIRE(c.add(std::move(spec)));
  }
  return c;
}

auto job(lepton::task_id id, resources demand) -> task {
  task t;
  t.id = id;
  t.demand = demand;
  return t;
}

auto first_fit_on(cluster c) {
  return lepton::scheduler{std::move(c), lepton::order::fcfs{},
                           lepton::place::greedy{lepton::place::first_fit{}}};
}

auto started(const std::vector<lepton::assignment>& all) -> ids {
  ids result;
  for (const auto& a : all) {
    if (a.what) result.push_back(a.id);
  }
  return result;
}

/// First fit that counts how often it is asked.
struct counting {
  int* asked;
  lepton::place::greedy<lepton::place::first_fit> policy{lepton::place::first_fit{}};
  auto pick(const task& t, const cluster& c) -> lepton::decision {
    ++*asked;
    return policy.pick(t, c);
  }
};
auto counting_on(cluster c, int& asked) {
  return lepton::scheduler{std::move(c), lepton::order::fcfs{}, counting{&asked}};
}

/// The smallest demand first.
struct smallest_first {
  [[nodiscard]] auto before(const lepton::order::queued<task>& a,
                            const lepton::order::queued<task>& b) const -> bool {
    return a.what.demand[0] < b.what.demand[0];
  }
};

/// A task of the program's own.
struct own_task {
  std::string name;
  int number = 0;
  int cores = 0;
  int urgency = 0;
};
struct most_urgent_first {
  [[nodiscard]] auto before(const lepton::order::queued<own_task>& a,
                            const lepton::order::queued<own_task>& b) const -> bool {
    return a.what.urgency > b.what.urgency;
  }
};

}  // namespace

template <>
struct lepton::adapt<own_task> {
  static auto demand(const own_task& t) noexcept -> resources<2> { return {t.cores * 1000, 0}; }
  static auto id(const own_task& t) noexcept -> int { return t.number; }
};

TEST_CASE("tasks wait, run and end") {
  auto s = first_fit_on(nodes({{10, 10}, {10, 10}}));
  REQUIRE(s.submit(job(1, {6, 6}), at(1s)));
  REQUIRE(s.submit(job(2, {6, 6}), at(2s)));
  REQUIRE(s.submit(job(3, {6, 6}), at(3s)));
  REQUIRE(s.submit(job(4, {4, 4}), at(3s)));
  CHECK(s.waiting_count() == 4);
  CHECK(s.running_count() == 0);
  CHECK(s.find_running(1) == nullptr);

  const auto first = s.run(at(5s));
  // Task 3 does not fit and does not hold up task 4.
  CHECK(started(first) == ids{1, 2, 4});
  CHECK(first[0].what.node() == 0);
  CHECK(first[1].what.node() == 1);
  CHECK(first[2].what.node() == 0);
  CHECK(first[0].waited == 4s);
  CHECK(first[2].waited == 2s);
  CHECK(s.waiting_count() == 1);
  CHECK(s.running_count() == 3);
  REQUIRE(s.find_running(2) != nullptr);
  CHECK(s.find_running(2)->node == 1);
  CHECK(s.find_running(3) == nullptr);
  CHECK(s.run(at(6s)).empty());

  REQUIRE(s.finish(2, at(9s)));
  const auto second = s.run(at(9s));
  CHECK(started(second) == ids{3});
  CHECK(second[0].what.node() == 1);
  CHECK(second[0].waited == 6s);
  for (const auto id : {1U, 3U, 4U}) REQUIRE(s.finish(id, at(20s)));
  CHECK(s.running_count() == 0);
  CHECK(s.nodes()[0].free() == resources{10, 10});
  CHECK(s.nodes()[1].free() == resources{10, 10});
}

TEST_CASE("what cannot be is refused at once") {
  auto s = first_fit_on(nodes({{10, 10}}));
  CHECK_FALSE(s.submit(job(1, {-1, 0}), at(0s)));
  auto t = job(1, {1, 1});
  t.devices = lepton::device_request::whole(17);
  const auto refused = s.submit(t, at(0s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("task 1") != std::string::npos);
  t.devices = lepton::device_request::share(0);
  CHECK_FALSE(s.submit(t, at(0s)));
  CHECK(s.waiting_count() == 0);
  // A refused id is still free.
  CHECK(s.submit(job(1, {1, 1}), at(0s)));
}

TEST_CASE("an id is taken while its task waits or runs") {
  auto s = first_fit_on(nodes({{10, 10}}));
  REQUIRE(s.submit(job(1, {6, 6}), at(0s)));
  CHECK_FALSE(s.submit(job(1, {1, 1}), at(0s)));
  CHECK(started(s.run(at(0s))) == ids{1});
  CHECK_FALSE(s.submit(job(1, {1, 1}), at(0s)));
  REQUIRE(s.finish(1, at(1s)));
  CHECK(s.submit(job(1, {1, 1}), at(2s)));
  CHECK(s.waiting_count() == 1);
}

TEST_CASE("only running tasks end, and only once") {
  auto s = first_fit_on(nodes({{10, 10}}));
  const auto unknown = s.finish(1, at(0s));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "finish: no task with id 1 is running");
  REQUIRE(s.submit(job(1, {1, 1}), at(0s)));
  CHECK_FALSE(s.finish(1, at(0s)));
  CHECK(s.run(at(0s)).size() == 1);
  CHECK(s.finish(1, at(0s)));
  CHECK_FALSE(s.finish(1, at(0s)));
}

TEST_CASE("waiting and running tasks can be cancelled") {
  auto s = first_fit_on(nodes({{10, 10}}));
  for (lepton::task_id id = 1; id <= 3; ++id) REQUIRE(s.submit(job(id, {6, 6}), at(0s)));
  CHECK(started(s.run(at(0s))) == ids{1});
  REQUIRE(s.cancel(2, at(1s)));
  CHECK(s.waiting_count() == 1);
  CHECK_FALSE(s.cancel(2, at(1s)));
  REQUIRE(s.cancel(1, at(1s)));
  CHECK(s.running_count() == 0);
  CHECK(s.nodes()[0].free() == resources{10, 10});
  CHECK(started(s.run(at(2s))) == ids{3});
  const auto unknown = s.cancel(9, at(2s));
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message == "cancel: no task with id 9 is waiting or running");
  CHECK(s.submit(job(2, {1, 1}), at(3s)));
}

TEST_CASE("a task that no node can ever hold is dropped and reported") {
  auto s = first_fit_on(nodes({{10, 10}, {20, 5}}));
  REQUIRE(s.submit(job(1, {11, 6}), at(0s)));
  REQUIRE(s.submit(job(2, {11, 5}), at(0s)));
  const auto passed = s.run(at(7s));
  REQUIRE(passed.size() == 2);
  CHECK(passed[0].id == 1);
  CHECK(passed[0].what.outcome() == verdict::infeasible);
  CHECK(passed[0].what.reasons().total() == 2);
  CHECK(passed[0].waited == 7s);
  CHECK(passed[1].what.node() == 1);
  CHECK(s.waiting_count() == 0);
  CHECK(s.run(at(8s)).empty());
  CHECK_FALSE(s.cancel(1, at(8s)));
  CHECK(s.submit(job(1, {1, 1}), at(8s)));
}

TEST_CASE("a waiting task is dropped when the last node that could hold it is lost") {
  auto s = first_fit_on(nodes({{10, 10}, {2, 2}}));
  REQUIRE(s.submit(job(1, {8, 8}), at(0s)));
  REQUIRE(s.submit(job(2, {9, 9}), at(0s)));
  CHECK(started(s.run(at(0s))) == ids{1});
  REQUIRE(s.lose_node(0, at(1s)));
  const auto passed = s.run(at(1s));
  CHECK(passed.size() == 2);
  CHECK(started(passed).empty());
  CHECK(s.waiting_count() + s.running_count() == 0);
}

TEST_CASE("tasks of a lost node wait again, at their old place") {
  auto s = first_fit_on(nodes({{10, 10}, {10, 10}}));
  REQUIRE(s.submit(job(1, {4, 4}), at(1s)));
  REQUIRE(s.submit(job(2, {9, 9}), at(2s)));  // on node 1
  REQUIRE(s.submit(job(3, {4, 4}), at(3s)));
  REQUIRE(s.submit(job(4, {4, 4}), at(4s)));  // waits
  CHECK(started(s.run(at(4s))) == ids{1, 2, 3});
  const auto back = s.lose_node(0, at(5s));
  REQUIRE(back);
  CHECK(*back == ids{1, 3});
  CHECK(s.running_count() == 1);
  CHECK(s.waiting_count() == 3);
  CHECK(s.find_running(1) == nullptr);
  CHECK_FALSE(s.finish(3, at(5s)));
  CHECK_FALSE(s.submit(job(3, {1, 1}), at(5s)));
  CHECK_FALSE(s.lose_node(0, at(5s)));
  CHECK_FALSE(s.lose_node(7, at(5s)));

  REQUIRE(s.finish(2, at(6s)));
  const auto again = s.run(at(6s));
  CHECK(started(again) == ids{1, 3});  // before 4, which came later
  CHECK(again[0].waited == 5s);
  CHECK(again[0].what.node() == 1);
  REQUIRE(s.finish(1, at(7s)));
  CHECK(started(s.run(at(7s))) == ids{4});
}

TEST_CASE("a node joins in the place of one that was lost") {
  auto s = first_fit_on(nodes({{10, 10}}));
  REQUIRE(s.submit(job(1, {10, 10}), at(0s)));
  REQUIRE(s.run(at(0s)).size() == 1);
  REQUIRE(s.lose_node(0, at(1s)));
  lepton::node_spec<2> spec;
  spec.capacity = {10, 10};
  REQUIRE(s.nodes().add(spec));
  CHECK(started(s.run(at(2s))) == ids{1});
  CHECK(s.finish(1, at(3s)));
}

TEST_CASE("a task that found no room is asked for again only after something could help") {
  int asked = 0;
  auto s = counting_on(nodes({{10, 10}, {10, 10}}), asked);
  REQUIRE(s.submit(job(1, {10, 10}), at(0s)));
  REQUIRE(s.submit(job(2, {10, 10}), at(0s)));
  REQUIRE(s.submit(job(3, {10, 10}), at(0s)));
  (void)s.run(at(0s));
  CHECK(asked == 3);
  (void)s.run(at(1s));
  CHECK(asked == 3);
  // Another that starts, or waits, is no help.
  REQUIRE(s.submit(job(4, {0, 0}), at(1s)));
  REQUIRE(s.submit(job(5, {1, 1}), at(1s)));
  (void)s.run(at(1s));
  CHECK(asked == 5);

  const auto asks = [&](int more) {
    const auto before = asked;
    (void)s.run(at(2s));
    return asked - before == more;
  };
  CHECK(asks(0));
  REQUIRE(s.cancel(5, at(2s)));
  CHECK(asks(0));
  REQUIRE(s.finish(4, at(2s)));
  CHECK(asks(1));
  CHECK(asks(0));
  REQUIRE(s.nodes().drain(1));
  CHECK(asks(1));
  REQUIRE(s.nodes().resume(1));
  CHECK(asks(1));
  REQUIRE(s.nodes().relabel(0, {{"a", "b"}}));
  CHECK(asks(1));
  REQUIRE(s.nodes().retaint(0, {}));
  CHECK(asks(1));
  REQUIRE(s.nodes().drain(1));
  REQUIRE(s.cancel(2, at(2s)));
  CHECK(asks(1));  // freed capacity on a draining node: asked, though in vain
  CHECK(s.waiting_count() == 1);
  REQUIRE(s.nodes().resume(1));
  CHECK(asks(1));
  CHECK(s.find_running(3) != nullptr);
}

TEST_CASE("a task that waits for a companion is asked for in every pass") {
  auto s = first_fit_on(nodes({{10, 10}}));
  auto follower = job(1, {1, 1});
  follower.rules.affinity = {{lepton::label_selector::equals("app", "db"), ""}};
  REQUIRE(s.submit(follower, at(0s)));
  CHECK(s.run(at(0s)).empty());
  auto leader = job(2, {1, 1});
  leader.own_labels = {{"app", "db"}};
  REQUIRE(s.submit(leader, at(0s)));
  CHECK(started(s.run(at(0s))) == ids{2});
  CHECK(s.wakes_at() <= at(0s));
  CHECK(started(s.run(at(0s))) == ids{1});
  CHECK(s.wakes_at() == lepton::time_point::max());
}

TEST_CASE("a task without labels is helped by the end of one that kept all others from its zone") {
  cluster c;
  for (int i = 0; i < 2; ++i) {
    lepton::node_spec<2> spec;
    spec.capacity = {5, 5};
    spec.own_labels.set("zone", "z");
    REQUIRE(c.add(std::move(spec)));
  }
  auto s = first_fit_on(std::move(c));
  auto hermit = job(9, {5, 5});
  hermit.own_labels.set("app", "hermit");
  hermit.rules.anti_affinity = {
      {lepton::label_selector{{"app", lepton::label_operator::absent, {}}}, "zone"}};
  REQUIRE(s.submit(hermit, at(0s)));
  REQUIRE(s.submit(job(1, {4, 4}), at(0s)));
  CHECK(started(s.run(at(0s))) == ids{9});
  // Its node is taken by somebody else, so that only the other one has room then.
  REQUIRE(s.finish(9, at(1s)));
  REQUIRE(s.nodes().allocate(0, {4, 4}));
  CHECK(started(s.run(at(1s))) == ids{1});
}

TEST_CASE("a task that keeps away from others is helped by their end anywhere in the zone") {
  cluster c;
  for (int i = 0; i < 2; ++i) {
    lepton::node_spec<2> spec;
    spec.capacity = {5, 5};
    spec.own_labels.set("zone", "z");
    REQUIRE(c.add(std::move(spec)));
  }
  auto s = first_fit_on(std::move(c));
  auto noisy = job(9, {5, 5});
  noisy.own_labels.set("app", "noisy");
  auto quiet = job(1, {4, 4});
  quiet.rules.anti_affinity = {{lepton::label_selector::equals("app", "noisy"), "zone"}};
  REQUIRE(s.submit(noisy, at(0s)));
  REQUIRE(s.submit(quiet, at(0s)));
  CHECK(started(s.run(at(0s))) == ids{9});
  REQUIRE(s.finish(9, at(1s)));
  REQUIRE(s.nodes().allocate(0, {5, 5}));
  CHECK(started(s.run(at(1s))) == ids{1});
}

TEST_CASE("amounts that others give back are noticed") {
  auto s = first_fit_on(nodes({{5, 5}, {3, 3}}));
  const auto foreign = s.nodes().allocate(0, {5, 5});
  REQUIRE(foreign);
  REQUIRE(s.submit(job(1, {4, 4}), at(0s)));
  CHECK(s.run(at(0s)).empty());
  REQUIRE(s.nodes().release(*foreign));
  CHECK(started(s.run(at(1s))) == ids{1});
}

TEST_CASE("a task whose node was removed behind the scheduler's back can still be ended") {
  auto s = first_fit_on(nodes({{5, 5}}));
  REQUIRE(s.submit(job(1, {4, 4}), at(0s)));
  CHECK(s.run(at(0s)).size() == 1);
  REQUIRE(s.nodes().remove(0));
  CHECK(s.find_running(1) == nullptr);
  REQUIRE(s.finish(1, at(1s)));
  CHECK(s.running_count() + s.waiting_count() == 0);
}

TEST_CASE("the order decides who is next, equals go by submission") {
  lepton::scheduler s{nodes({{10, 10}}), smallest_first{},
                      lepton::place::greedy{lepton::place::first_fit{}}};
  REQUIRE(s.submit(job(1, {5, 0}), at(0s)));
  REQUIRE(s.submit(job(2, {3, 0}), at(0s)));
  REQUIRE(s.submit(job(3, {3, 0}), at(0s)));
  REQUIRE(s.submit(job(4, {2, 0}), at(0s)));
  CHECK(started(s.run(at(0s))) == ids{4, 2, 3});
  REQUIRE(s.finish(2, at(1s)));
  CHECK(started(s.run(at(1s))) == ids{1});
  // What comes back takes its place among those that wait.
  REQUIRE(s.submit(job(5, {3, 0}), at(2s)));
  REQUIRE(s.lose_node(0, at(2s)));
  lepton::node_spec<2> spec;
  spec.capacity = {100, 100};
  REQUIRE(s.nodes().add(spec));
  CHECK(started(s.run(at(3s))) == ids{4, 3, 5, 1});
}

TEST_CASE("tasks of the program's own type, queued as they are or turned into the library's") {
  lepton::place::any_policy<task, cluster> policy{lepton::place::next_fit{}};
  lepton::scheduler s{nodes({{4000, 10}}), lepton::order::fcfs{}, std::move(policy)};
  REQUIRE(s.submit(own_task{"a", 7, 3, 0}, at(0s)));
  CHECK(started(s.run(at(0s))) == ids{7});
  CHECK(s.find_running(7)->demand == resources{3000, 0});

  auto own = lepton::make_scheduler<own_task>(nodes({{4000, 10}}), most_urgent_first{},
                                              lepton::place::next_fit{});
  REQUIRE(own.submit(own_task{"a", 1, 3, 0}, at(0s)));
  REQUIRE(own.submit(own_task{"b", 2, 3, 5}, at(0s)));
  REQUIRE(own.submit(own_task{"c", 3, 3, 5}, at(0s)));
  CHECK(started(own.run(at(0s))) == ids{2});
  REQUIRE(own.finish(2, at(1s)));
  CHECK(started(own.run(at(1s))) == ids{3});
}

TEST_CASE("devices and labels of a task go with it, and come back") {
  cluster c;
  lepton::node_spec<2> spec;
  spec.capacity = {10, 10};
  spec.devices = lepton::device_set{2, 0};
  REQUIRE(c.add(spec));
  auto s = first_fit_on(std::move(c));
  auto t = job(1, {1, 1});
  t.devices = lepton::device_request::share(600);
  t.own_labels = {{"app", "x"}};
  REQUIRE(s.submit(t, at(0s)));
  const auto d = s.run(at(0s)).at(0).what;
  CHECK(d.devices() == 0b01);
  CHECK(s.nodes()[0].devices().free(0) == 400);
  CHECK(s.nodes()[0].residents().size() == 1);
  REQUIRE(s.finish(1, at(1s)));
  CHECK(s.nodes()[0].devices() == lepton::device_set{2, 0});
  CHECK(s.nodes()[0].residents().empty());
}

TEST_CASE("a copy of a scheduler goes its own way") {
  auto s = first_fit_on(nodes({{10, 10}}));
  REQUIRE(s.submit(job(1, {6, 6}), at(0s)));
  REQUIRE(s.submit(job(2, {6, 6}), at(0s)));
  (void)s.run(at(0s));
  auto what_if = s;
  REQUIRE(what_if.finish(1, at(1s)));
  CHECK(started(what_if.run(at(1s))) == ids{2});
  CHECK(s.find_running(1) != nullptr);
  CHECK(s.waiting_count() == 1);
}
