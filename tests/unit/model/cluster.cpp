// SPDX-License-Identifier: Apache-2.0
#include <lepton/model/cluster.hpp>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/task.hpp>

#include "catch.hpp"

using lepton::device_request;
using lepton::device_set;
using lepton::node_index;
using cluster = lepton::cluster<2>;
using resources = lepton::resources<2>;

namespace {

auto spec(std::string name, resources capacity, resources used = {}) -> lepton::node_spec<2> {
  lepton::node_spec<2> s;
  s.name = std::move(name);
  s.capacity = capacity;
  s.used = used;
  return s;
}

auto three_nodes() -> cluster {
  cluster c;
  REQUIRE(c.add(spec("a", {1000, 1000})));
  REQUIRE(c.add(spec("b", {2000, 2000}, {500, 0})));
  auto gpu = spec("c", {4000, 4000});
  gpu.devices = device_set{4, 1};
  REQUIRE(c.add(std::move(gpu)));
  return c;
}

auto mentions(const lepton::error& e, std::initializer_list<const char*> words) -> bool {
  for (const auto* word : words) {
    if (e.message.find(word) == std::string::npos) return false;
  }
  return true;
}

/// All that can be seen of a cluster, to show that a call changed nothing.
auto state_of(const cluster& c) -> std::string {
  std::string text = std::to_string(c.revision()) + "/" + std::to_string(c.structure_revision()) +
                     "/" + std::to_string(c.allocation_count()) + "/" +
                     std::to_string(c.far_reaching_residents());
  for (std::size_t i = 0; i < c.size(); ++i) {
    const auto& n = c[i];
    text += ";" + n.name() + (n.present() ? "p" : "-") + (n.accepting() ? "a" : "-");
    for (const auto a : n.free()) text += " " + std::to_string(a);
    text += " " + std::to_string(n.task_count()) + " " + std::to_string(n.residents().size());
    for (std::size_t d = 0; d < n.devices().count(); ++d) {
      text += "," + std::to_string(n.devices().free(d));
    }
  }
  return text;
}

auto to_vector(std::optional<std::span<const node_index>> changes) -> std::vector<node_index> {
  REQUIRE(changes);
  return {changes->begin(), changes->end()};
}

}  // namespace

TEST_CASE("nodes join a cluster, unless their figures are impossible") {
  auto c = three_nodes();
  CHECK(c.size() == 3);
  CHECK(c[0].name() == "a");
  CHECK(c[1].free() == resources{1500, 2000});
  CHECK(c[1].capacity() == resources{2000, 2000});
  CHECK(c[2].devices() == device_set{4, 1});
  CHECK(c[0].present());
  CHECK(c[0].accepting());

  const auto before = state_of(c);
  const auto refused = [&](const resources& capacity, const resources& used) {
    const auto added = c.add(spec("odd", capacity, used));
    REQUIRE_FALSE(added);
    CHECK(mentions(added.error(), {"'odd'", "memory", "0 <= used <= capacity"}));
  };
  refused({1, -1}, {0, 0});
  refused({1, 1}, {0, -1});
  refused({1, 1}, {0, 2});
  refused({1, lepton::max_amount + 1}, {0, 0});
  refused({1, std::numeric_limits<lepton::amount>::min()}, {0, 0});
  CHECK(state_of(c) == before);
  CHECK(c.add(spec("largest", {lepton::max_amount, 0}, {lepton::max_amount, 0})));
  CHECK(c[3].free() == resources{});
}

TEST_CASE("an allocation takes what it asks for, and its receipt gives it back once") {
  auto c = three_nodes();
  const auto a = c.allocate(0, {600, 1000});
  REQUIRE(a);
  CHECK(c[0].free() == resources{400, 0});
  CHECK(c[0].task_count() == 1);
  CHECK(c.allocation_count() == 1);
  const auto* held = c.find(*a);
  REQUIRE(held != nullptr);
  CHECK(held->node == 0);
  CHECK(held->demand == resources{600, 1000});

  REQUIRE(c.release(*a));
  CHECK(c[0].free() == resources{1000, 1000});
  CHECK(c[0].task_count() == 0);
  CHECK(c.find(*a) == nullptr);
  const auto before = state_of(c);
  CHECK_FALSE(c.release(*a));
  CHECK_FALSE(c.release({}));
  CHECK(state_of(c) == before);

  const auto b = c.allocate(0, {1, 1});
  REQUIRE(b);
  CHECK(*b != *a);
  CHECK_FALSE(c.release(*a));
  CHECK(c[0].free() == resources{999, 999});
}

TEST_CASE("an allocation that does not fit changes nothing and says why") {
  auto c = three_nodes();
  REQUIRE(c.allocate(2, {0, 0}, device_request::share(700)));
  const auto before = state_of(c);

  const auto cpu = c.allocate(1, {1501, 0});
  REQUIRE_FALSE(cpu);
  CHECK(mentions(cpu.error(), {"'b'", "cpu 1501 asked, 1500 free"}));
  CHECK_FALSE(mentions(cpu.error(), {"memory"}));
  CHECK_FALSE(c.allocate(1, {0, 2001}));
  CHECK_FALSE(c.allocate(1, {-1, 0}));
  CHECK_FALSE(c.allocate(1, {std::numeric_limits<lepton::amount>::max(), 0}));
  CHECK_FALSE(c.allocate(3, {0, 0}));
  CHECK_FALSE(c.allocate(std::numeric_limits<node_index>::max(), {0, 0}));

  // Devices: none there, wrong type, too many, not valid, the chosen ones too small.
  CHECK_FALSE(c.allocate(0, {0, 0}, device_request::whole(1)));
  const auto other = lepton::device_types::only(0);
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::whole(1, other)));
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::whole(4)));
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::share(0)));
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::share(301), 0b0001));
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::share(300), 0b0011));
  CHECK_FALSE(c.allocate(2, {0, 0}, device_request::whole(1), 0b1'0000));
  CHECK_FALSE(c.allocate(2, {0, 0}, {}, 0b0001));
  // Devices would fit, the rest does not.
  CHECK_FALSE(c.allocate(2, {5000, 0}, device_request::whole(1)));
  CHECK(state_of(c) == before);
}

TEST_CASE("devices are taken where the caller says, or where it is tightest") {
  auto c = three_nodes();
  const auto chosen = c.allocate(2, {1, 1}, device_request::share(600), 0b0100);
  REQUIRE(chosen);
  CHECK(c.find(*chosen)->devices == 0b0100);
  const auto tight = c.allocate(2, {1, 1}, device_request::share(400));
  CHECK(c.find(*tight)->devices == 0b0100);
  const auto whole = c.allocate(2, {1, 1}, device_request::whole(2));
  CHECK(c.find(*whole)->devices == 0b0011);
  CHECK(c[2].devices().free_milli() == 1000);
  CHECK(c.release(*chosen));
  CHECK(c.release(*whole));
  CHECK(c.release(*tight));
  CHECK(c[2].devices() == device_set{4, 1});
  CHECK(c[2].free() == resources{4000, 4000});
}

TEST_CASE("a decision is carried out") {
  auto c = three_nodes();
  lepton::task<2> t;
  t.demand = {100, 200};
  t.devices = device_request::whole(1);
  t.own_labels = {{"app", "web"}};
  t.rules.anti_affinity = {{lepton::label_selector::equals("app", "web"), "zone"}};
  const auto receipt = c.allocate(t, lepton::decision::placed(2, 0b1000));
  REQUIRE(receipt);
  CHECK(c[2].free() == resources{3900, 3800});
  CHECK(c[2].devices().free(3) == 0);
  REQUIRE(c[2].residents().size() == 1);
  CHECK(c[2].residents()[0].own_labels == t.own_labels);
  CHECK(c[2].residents()[0].anti_affinity == t.rules.anti_affinity);
  CHECK(c.far_reaching_residents() == 1);
  CHECK(c.release(*receipt));
  CHECK(c[2].residents().empty());
  CHECK(c.far_reaching_residents() == 0);

  const auto before = state_of(c);
  CHECK_FALSE(c.allocate(t, lepton::decision::busy()));
  CHECK_FALSE(c.allocate(t, lepton::decision::infeasible()));
  CHECK(state_of(c) == before);
}

TEST_CASE("of residents, the right one leaves") {
  auto c = three_nodes();
  const auto with = [&](const char* app) {
    return *c.allocate(0, {1, 1}, {}, 0, lepton::labels{{"app", app}});
  };
  const auto a = with("a");
  const auto plain = *c.allocate(0, {1, 1});
  const auto b = with("b");
  const auto d = with("d");
  CHECK(c[0].task_count() == 4);
  CHECK(c[0].residents().size() == 3);
  CHECK(c.release(b));
  REQUIRE(c[0].residents().size() == 2);
  CHECK(c[0].residents()[0].own_labels == lepton::labels{{"app", "a"}});
  CHECK(c[0].residents()[1].own_labels == lepton::labels{{"app", "d"}});
  CHECK(c.release(plain));
  CHECK(c[0].residents().size() == 2);
  CHECK(c.release(d));
  CHECK(c.release(a));
  CHECK(c[0].residents().empty());
}

TEST_CASE("a drained node keeps its tasks and takes no more, until it is resumed") {
  auto c = three_nodes();
  const auto a = *c.allocate(0, {100, 100});
  REQUIRE(c.drain(0));
  CHECK_FALSE(c[0].accepting());
  CHECK(c[0].present());
  CHECK(c.find(a) != nullptr);
  const auto refused = c.allocate(0, {1, 1});
  REQUIRE_FALSE(refused);
  CHECK(mentions(refused.error(), {"'a'", "draining"}));

  const auto before = state_of(c);
  CHECK(c.drain(0));  // again: nothing happens
  CHECK(state_of(c) == before);
  CHECK(c.release(a));
  CHECK(c[0].free() == resources{1000, 1000});
  REQUIRE(c.resume(0));
  CHECK(c.allocate(0, {1, 1}));
  CHECK_FALSE(c.drain(3));
  CHECK_FALSE(c.resume(3));
}

TEST_CASE("a removed node takes its tasks with it, and its index is used again") {
  auto c = three_nodes();
  const auto kept = *c.allocate(2, {1, 1});
  const auto a = *c.allocate(1, {100, 100}, {}, 0, lepton::labels{{"x", "y"}});
  const auto b = *c.allocate(1, {100, 100}, {}, 0, {}, {{lepton::label_selector{}, "zone"}});
  CHECK(c.far_reaching_residents() == 1);
  const auto lost = c.remove(1);
  REQUIRE(lost);
  CHECK((*lost == std::vector{a, b}));
  CHECK(c.far_reaching_residents() == 0);
  CHECK(c.find(a) == nullptr);
  CHECK_FALSE(c.release(b));
  CHECK(c.find(kept) != nullptr);
  CHECK(c.allocation_count() == 1);
  CHECK(c.size() == 3);
  CHECK_FALSE(c[1].present());
  CHECK_FALSE(c[1].accepting());
  CHECK(c[1].free() == resources{});

  // Nothing can be done with it.
  const auto before = state_of(c);
  CHECK_FALSE(c.remove(1));
  CHECK_FALSE(c.drain(1));
  CHECK_FALSE(c.resume(1));
  CHECK_FALSE(c.relabel(1, {}));
  CHECK_FALSE(c.retaint(1, {}));
  const auto refused = c.allocate(1, {0, 0});
  REQUIRE_FALSE(refused);
  CHECK(mentions(refused.error(), {"no node 1"}));
  CHECK(state_of(c) == before);

  auto fresh = spec("d", {7, 7});
  fresh.own_labels = {{"zone", "z"}};
  CHECK(*c.add(std::move(fresh)) == 1);
  CHECK(c[1].name() == "d");
  CHECK(c[1].accepting());
  CHECK(c[1].task_count() == 0);
  CHECK(c[1].residents().empty());
  CHECK(c[1].own_labels().size() == 1);
  CHECK(*c.add(spec("e", {7, 7})) == 3);
  // Receipts of the old node do not hold on the new one.
  CHECK_FALSE(c.release(a));
}

TEST_CASE("a node that is removed while it drains can be replaced by one that accepts") {
  auto c = three_nodes();
  REQUIRE(c.drain(0));
  REQUIRE(c.remove(0));
  CHECK(*c.add(spec("new", {5, 5})) == 0);
  CHECK(c[0].accepting());
}

TEST_CASE("the log names the nodes that changed since a revision") {
  auto c = three_nodes();
  const auto start = c.revision();
  CHECK(to_vector(c.changed_since(start)).empty());
  const auto a = *c.allocate(1, {1, 1});
  CHECK(c.revision() == start + 1);
  CHECK(c.last_change(1) == c.revision());
  const auto structure = c.structure_revision();
  REQUIRE(c.allocate(2, {1, 1}));
  REQUIRE(c.release(a));
  CHECK(c.structure_revision() == structure);
  CHECK((to_vector(c.changed_since(start)) == std::vector<node_index>{1, 2, 1}));
  CHECK((to_vector(c.changed_since(start + 2)) == std::vector<node_index>{1}));
  CHECK_FALSE(c.changed_since(c.revision() + 1));

  // What is not about free amounts changes the structure, each step once.
  auto expected = structure;
  const auto grows = [&] { return c.structure_revision() == ++expected; };
  CHECK((c.drain(0) && grows()));
  CHECK((c.resume(0) && grows()));
  CHECK((c.relabel(0, {{"a", "b"}}) && grows()));
  CHECK((c.retaint(0, {{"t"}}) && grows()));
  CHECK((c.remove(0) && grows()));
  CHECK((c.add(spec("n", {1, 1})) && grows()));
  CHECK((to_vector(c.changed_since(start + 3)) == std::vector<node_index>(6, 0)));
  CHECK(c.last_change(0) == c.revision());
}

TEST_CASE("a revision that is too long ago is not remembered") {
  auto c = three_nodes();
  const auto start = c.revision();
  for (int i = 0; i < 100'000; ++i) {
    const auto r = c.allocate(0, {1, 1});
    REQUIRE(r);
    REQUIRE(c.release(*r));
  }
  CHECK_FALSE(c.changed_since(start));
  CHECK(c.changed_since(c.revision() - 1024));
}

TEST_CASE("a copy of a cluster is a cluster of its own") {
  auto c = three_nodes();
  const auto a = *c.allocate(0, {100, 100});
  auto copy = c;
  CHECK(copy.identity() != c.identity());
  CHECK(state_of(copy) == state_of(c));
  REQUIRE(copy.release(a));
  CHECK(copy[0].free() == resources{1000, 1000});
  CHECK(c[0].free() == resources{900, 900});
  REQUIRE(c.find(a) != nullptr);
  CHECK(c.release(a));

  const auto identity = copy.identity();
  copy = c;
  CHECK(copy.identity() != identity);
  CHECK(copy.identity() != c.identity());
  // A policy that knew the cluster before it was moved from must not take it for the same.
  const auto old = c.identity();
  const auto moved = std::move(c);
  CHECK(moved.identity() != old);
  CHECK(c.identity() != old);
}

TEST_CASE("labels and taints can be replaced") {
  auto c = three_nodes();
  REQUIRE(c.relabel(0, {{"zone", "z1"}}));
  CHECK(c[0].own_labels() == lepton::labels{{"zone", "z1"}});
  REQUIRE(c.relabel(0, {}));
  CHECK(c[0].own_labels().empty());
  REQUIRE(c.retaint(0, {{"gpu", "yes"}, {"spot"}}));
  CHECK(c[0].taints().size() == 2);
}
