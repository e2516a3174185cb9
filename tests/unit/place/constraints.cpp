// SPDX-License-Identifier: Apache-2.0
// What constraints mean: the semantics are those of Kubernetes. Every case is asked of greedy and
// of next_fit, which come to the same tests by different ways.

#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/next_fit.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
using lepton::node_index;
using lepton::reason;
using lepton::verdict;

namespace {

/// The nodes that may take the task.
auto allowed(const task& t, const cluster& c) -> std::vector<node_index> {
  std::vector<node_index> nodes;
  auto left = c;
  for (;;) {
    const auto d = lepton::place::greedy{lepton::place::first_fit{}}.pick(t, left);
    const auto other = lepton::place::next_fit{}.pick(t, left);
    REQUIRE(d == other);
    if (!d) return nodes;
    nodes.push_back(d.node());
    REQUIRE(left.drain(d.node()));
  }
}

auto why(const task& t, const cluster& c) -> lepton::decision {
  return lepton::place::greedy{lepton::place::first_fit{}}.pick(t, c);
}

using nodes = std::vector<node_index>;

}  // namespace

TEST_CASE("selectors: one of them must match, with all its requirements") {
  using op = lepton::label_operator;
  const auto c = cluster_of({node_spec({9, 9}, {{"disk", "ssd"}, {"rank", "1"}}),
                             node_spec({9, 9}, {{"disk", "hdd"}, {"rank", "2"}}),
                             node_spec({9, 9}, {{"rank", "3"}}), node_spec({9, 9})});
  auto t = some_task();
  CHECK(allowed(t, c) == nodes{0, 1, 2, 3});
  t.rules.node_selectors = {lepton::label_selector::equals("disk", "ssd")};
  CHECK(allowed(t, c) == nodes{0});
  t.rules.node_selectors.push_back({{"rank", op::greater_than, {"2"}}});
  CHECK(allowed(t, c) == nodes{0, 2});
  t.rules.node_selectors = {{{"disk", op::not_in, {"ssd"}}, {"rank", op::exists, {}}}};
  CHECK(allowed(t, c) == nodes{1, 2});
  t.rules.node_selectors = {{{"disk", op::absent, {}}}};
  CHECK(allowed(t, c) == nodes{2, 3});
  t.rules.node_selectors = {{{"rank", op::less_than, {"0"}}}};
  const auto d = why(t, c);
  CHECK(d.outcome() == verdict::infeasible);
  CHECK(d.reasons()[reason::selector] == 4);
}

TEST_CASE("taints: each that keeps away must be tolerated") {
  using effect = lepton::taint_effect;
  auto c = zones({"", "", "", "", ""});
  REQUIRE(c.retaint(1, {{"gpu", "yes"}}));
  REQUIRE(c.retaint(2, {{"gpu", "yes"}, {"spot", ""}}));
  REQUIRE(c.retaint(3, {{"gpu", "yes", effect::prefer_no_schedule}}));
  REQUIRE(c.retaint(4, {{"gpu", "yes", effect::no_execute}}));
  auto t = some_task();
  CHECK(allowed(t, c) == nodes{0, 3});
  t.rules.tolerations = {{"gpu", "yes"}};
  CHECK(allowed(t, c) == nodes{0, 1, 3});
  t.rules.tolerations.push_back({"spot"});
  CHECK(allowed(t, c) == nodes{0, 1, 2, 3});
  t.rules.tolerations = {{"gpu", "yes", effect::no_execute}};
  CHECK(allowed(t, c) == nodes{0, 3, 4});
  lepton::toleration everything;
  everything.any_value = everything.any_effect = true;
  t.rules.tolerations = {everything};
  CHECK(allowed(t, c) == nodes{0, 1, 2, 3, 4});

  // A taint stays when the node is empty, so the task can never run.
  for (node_index i = 0; i < 5; ++i) REQUIRE(c.retaint(i, {{"x"}}));
  const auto d = why(some_task(), c);
  CHECK(d.outcome() == verdict::infeasible);
  CHECK(d.reasons()[reason::taint] == 5);
}

TEST_CASE("affinity: near a matching task, on the node or in its domain") {
  auto c = zones({"x", "x", "y", ""});
  put(c, of_app("db"), 0);
  auto t = some_task();
  t.rules.affinity = {{app("db"), "zone"}};
  CHECK(allowed(t, c) == nodes{0, 1});
  t.rules.affinity = {{app("db"), ""}};
  CHECK(allowed(t, c) == nodes{0});
  t.rules.affinity = {{app("other"), "zone"}};
  CHECK(allowed(t, c).empty());
  const auto d = why(t, c);
  CHECK(d.outcome() == verdict::busy);  // such a task may come
  CHECK(d.reasons()[reason::affinity] == 4);

  // Every term must hold.
  put(c, of_app("cache"), 2);
  t.rules.affinity = {{app("db"), "zone"}, {app("cache"), "zone"}};
  CHECK(allowed(t, c).empty());
  put(c, of_app("cache"), 1);
  CHECK(allowed(t, c) == nodes{0, 1});
}

TEST_CASE("affinity: the first of its kind may start on any node of the topology") {
  auto c = zones({"x", "", "y"});
  auto t = of_app("db");
  t.rules.affinity = {{app("db"), "zone"}};
  CHECK(allowed(t, c) == nodes{0, 2});
  // Who does not match its own term is not the first of its kind.
  auto stranger = of_app("web");
  stranger.rules = t.rules;
  CHECK(allowed(stranger, c).empty());
  // The second follows the first.
  put(c, t, 2);
  CHECK(allowed(t, c) == nodes{2});
  CHECK(allowed(stranger, c) == nodes{2});
}

TEST_CASE("anti-affinity on the node, either way") {
  auto c = zones({"x", "x", "y"});
  put(c, of_app("db"), 0);
  auto t = of_app("web");
  t.rules.anti_affinity = {{app("db"), ""}};
  CHECK(allowed(t, c) == nodes{1, 2});
  CHECK(allowed(of_app("web"), c) == nodes{0, 1, 2});

  // The one that is there does not want the newcomer.
  put(c, t, 1);
  CHECK(allowed(of_app("db"), c) == nodes{0, 2});
  CHECK(allowed(some_task(), c) == nodes{0, 1, 2});
}

TEST_CASE("anti-affinity over a topology, either way") {
  auto c = zones({"x", "x", "y", ""});
  put(c, of_app("db"), 0);
  auto t = of_app("web");
  t.rules.anti_affinity = {{app("db"), "zone"}};
  CHECK(allowed(t, c) == nodes{2, 3});  // a node outside the topology is near nobody

  put(c, t, 2);
  CHECK(c.far_reaching_residents() == 1);
  CHECK(allowed(of_app("db"), c) == nodes{0, 1, 3});
  const auto d = why(of_app("db"), c);
  CHECK(d.node() == 0);
  REQUIRE(c.drain(0));
  REQUIRE(c.drain(1));
  REQUIRE(c.drain(3));
  const auto none = why(of_app("db"), c);
  CHECK(none.outcome() == verdict::busy);
  CHECK(none.reasons()[reason::anti_affinity] == 1);
  CHECK(none.reasons()[reason::closed] == 3);
}

TEST_CASE("anti-affinity against one's own kind spreads a set over the domains") {
  auto c = zones({"x", "x", "y", "y"});
  auto t = of_app("db");
  t.rules.anti_affinity = {{app("db"), "zone"}};
  put(c, t, 1);
  CHECK(allowed(t, c) == nodes{2, 3});
  put(c, t, 2);
  CHECK(allowed(t, c).empty());
  CHECK(why(t, c).outcome() == verdict::busy);
}

TEST_CASE("spread: no domain gets more than the skew ahead of the emptiest") {
  auto c = zones({"x", "x", "y", ""});
  auto t = of_app("web");
  t.rules.spread = {{app("web"), "zone", 1, true}};
  CHECK(allowed(t, c) == nodes{0, 1, 2});  // outside the topology: never
  put(c, t, 0);
  CHECK(allowed(t, c) == nodes{2});
  put(c, t, 2);
  CHECK(allowed(t, c) == nodes{0, 1, 2});
  put(c, t, 1);
  put(c, of_app("other"), 2);
  CHECK(allowed(t, c) == nodes{2});
  t.rules.spread[0].max_skew = 2;
  CHECK(allowed(t, c) == nodes{0, 1, 2});
  put(c, t, 0);
  CHECK(allowed(t, c) == nodes{2});
  // A preference rules nothing out.
  t.rules.spread[0].required = false;
  CHECK(allowed(t, c) == nodes{0, 1, 2, 3});
}

TEST_CASE("spread: a task that does not count itself may go where the skew is just reached") {
  auto c = zones({"x", "y"});
  put(c, of_app("web"), 0);
  auto t = of_app("other");
  t.rules.spread = {{app("web"), "zone", 1, true}};
  CHECK(allowed(t, c) == nodes{0, 1});
  put(c, of_app("web"), 0);
  CHECK(allowed(t, c) == nodes{1});
}

TEST_CASE("spread: domains that the task's selectors forbid do not count as empty") {
  auto c = zones({"x", "y", "z"});
  REQUIRE(c.relabel(0, {{"zone", "x"}, {"disk", "ssd"}}));
  REQUIRE(c.relabel(1, {{"zone", "y"}, {"disk", "ssd"}}));
  auto t = of_app("web");
  t.rules.spread = {{app("web"), "zone", 1, true}};
  put(c, t, 0);
  put(c, t, 1);
  CHECK(allowed(t, c) == nodes{2});
  t.rules.node_selectors = {lepton::label_selector::equals("disk", "ssd")};
  CHECK(allowed(t, c) == nodes{0, 1});
  // Nor do domains of nodes that are gone; one that drains still counts.
  t.rules.node_selectors.clear();
  REQUIRE(c.drain(2));
  CHECK(allowed(t, c).empty());
  REQUIRE(c.remove(2));
  CHECK(allowed(t, c) == nodes{0, 1});
}

TEST_CASE("spread: with several constraints, a node must be in every topology to count") {
  auto c = zones({"x", "y", "z"});
  REQUIRE(c.relabel(0, {{"zone", "x"}, {"rack", "1"}}));
  REQUIRE(c.relabel(1, {{"zone", "y"}, {"rack", "2"}}));
  auto t = of_app("web");
  t.rules.spread = {{app("web"), "zone", 1, true}, {app("web"), "rack", 1, true}};
  put(c, t, 0);
  put(c, t, 1);
  // Zone z has none of the tasks, but no node in a rack either.
  CHECK(allowed(t, c) == nodes{0, 1});
}

TEST_CASE("a rule that many nodes break for other reasons is counted after those") {
  auto c = zones({"x", "x", "y"});
  auto big = some_task({100, 100});
  put(c, big, 1);
  auto t = some_task();
  t.rules.affinity = {{app("db"), "zone"}};
  REQUIRE(c.drain(0));
  const auto d = why(t, c);
  CHECK(d.reasons()[reason::closed] == 1);
  CHECK(d.reasons()[lepton::resource_reason(0)] == 1);
  CHECK(d.reasons()[reason::affinity] == 1);
  CHECK(d.reasons().total() == 3);
}

TEST_CASE("a non-required spread constraint and plain labels do not slow a decision to a scan") {
  using rules = lepton::place::domain_rules;
  auto c = zones({"x"});
  auto t = of_app("web");
  CHECK_FALSE(rules::concern(t, c));
  t.rules.spread = {{app("web"), "zone", 1, false}};
  t.rules.anti_affinity = {{app("db"), ""}};
  t.rules.node_selectors = {app("x")};
  t.rules.tolerations = {{"x"}};
  CHECK_FALSE(rules::concern(t, c));
  t.rules.spread[0].required = true;
  CHECK(rules::concern(t, c));
  t.rules.spread.clear();
  t.rules.affinity = {{app("db"), ""}};
  CHECK(rules::concern(t, c));
  t.rules.affinity.clear();
  t.rules.anti_affinity[0].topology_key = "zone";
  CHECK(rules::concern(t, c));
  // And whoever else comes, once such a task is there.
  CHECK_FALSE(rules::concern(some_task(), c));
  put(c, t, 0);
  CHECK(rules::concern(some_task(), c));
}
