// SPDX-License-Identifier: Apache-2.0
// tests/property compares greedy with looking at every node; here is what it promises besides.
#include <lepton/place/greedy.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/place/best_fit.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/gpu_packing.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/worst_fit.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
namespace place = lepton::place;
using lepton::device_request;
using lepton::device_set;
using lepton::reason;
using lepton::verdict;

namespace {

struct host {
  resources free;
  resources capacity;
};

struct small_only {
  template <class Node>
  auto operator()(const task& t, const Node&) const -> bool {
    return t.demand[0] < 50;
  }
};
struct named_a {
  template <class Node>
  auto operator()(const task&, const Node& n) const -> bool {
    return n.name() == "a";
  }
};
struct third_device {
  template <class Node>
  auto operator()(const task&, const Node&) const -> std::int32_t {
    return 0;
  }
  template <class Node>
  [[nodiscard]] auto choose_devices(const task&, const Node&) const -> lepton::device_mask {
    return 0b100;
  }
};
/// Scores that are not 32 bits wide.
struct small_number {
  template <class Node>
  auto operator()(const task&, const Node& n) const -> signed char {
    return n.name() == "b" ? 1 : -1;
  }
};
struct large_number {
  static constexpr auto kind = place::score_kind::global;
  template <class Node>
  auto operator()(const task&, const Node& n) const -> std::int64_t {
    return n.name() == "b" ? std::numeric_limits<std::int64_t>::min() : std::int64_t{1} << 40;
  }
};

template <class Policy>
auto nodes_in_order(Policy policy, cluster c) -> std::vector<lepton::node_index> {
  std::vector<lepton::node_index> order;
  for (auto d = policy.pick(some_task(), c); d; d = policy.pick(some_task(), c)) {
    order.push_back(d.node());
    REQUIRE(c.drain(d.node()));
  }
  return order;
}

}  // namespace

TEST_CASE("greedy takes the best node, and of equals the lowest index") {
  auto c = cluster_of(
      {node_spec({50, 50}), node_spec({10, 10}), node_spec({10, 10}), node_spec({90, 90})});
  CHECK(place::greedy{place::first_fit{}}.pick(some_task(), c).node() == 0);
  CHECK(place::greedy{place::best_fit{}}.pick(some_task(), c).node() == 1);
  CHECK(place::greedy{place::worst_fit{}}.pick(some_task(), c).node() == 3);
  CHECK(place::greedy{place::best_fit{}}.pick(some_task({20, 1}), c).node() == 0);
  CHECK(place::greedy{place::least_allocated{}}.pick(some_task({9, 9}), c).node() == 3);
}

TEST_CASE("seeded ties: one random order of the nodes, for good") {
  cluster c;
  for (int i = 0; i < 40; ++i) REQUIRE(c.add(node_spec({9, 9})));
  const place::greedy plain{place::first_fit{}};
  const auto order = nodes_in_order(plain.with_ties(3), c);
  CHECK(order.size() == 40);
  CHECK(nodes_in_order(plain.with_ties(3), c) == order);
  CHECK(nodes_in_order(plain.with_ties(4), c) != order);
  // Every score uses the same order.
  CHECK(nodes_in_order(place::greedy{place::gpu_packing{}}.with_ties(3), c) == order);
  // Nodes that join do not reshuffle the rest.
  REQUIRE(c.add(node_spec({9, 9})));
  auto grown = nodes_in_order(plain.with_ties(3), c);
  std::erase(grown, 40U);
  CHECK(grown == order);
}

TEST_CASE("no node at all is infeasible, and nobody is to blame") {
  cluster c;
  place::greedy policy{place::first_fit{}};
  CHECK(policy.pick(some_task(), c) == lepton::decision::infeasible());
  CHECK(policy.pick_by_scan(some_task(), c) == lepton::decision::infeasible());
  CHECK(policy.pick(some_task(), std::vector<host>{}) == lepton::decision::infeasible());
}

TEST_CASE("busy and infeasible: what the reasons say and that they add up to the nodes") {
  auto c = cluster_of({node_spec({10, 100}), node_spec({10, 100}), node_spec({100, 10}),
                       node_spec({100, 100}, {}, device_set{2, 1}),
                       node_spec({100, 100}, {}, device_set{2, 2})});
  place::greedy policy{place::best_fit{}};
  auto t = some_task({50, 50}, device_request::whole(2, lepton::device_types::only(1)));
  REQUIRE(policy.pick(t, c).node() == 3);
  REQUIRE(c.allocate(3, {0, 0}, device_request::share(1)));
  const auto busy = policy.pick(t, c);
  CHECK(busy.outcome() == verdict::busy);
  CHECK(busy.reasons()[lepton::resource_reason(0)] == 2);
  CHECK(busy.reasons()[lepton::resource_reason(1)] == 1);
  CHECK(busy.reasons()[reason::devices] == 1);
  CHECK(busy.reasons()[reason::device_kind] == 1);
  CHECK(busy.reasons().total() == c.size());

  // A node that drains could hold the task, one that is gone could not.
  REQUIRE(c.drain(3));
  CHECK(policy.pick(t, c).outcome() == verdict::busy);
  REQUIRE(c.remove(3));
  const auto never = policy.pick(t, c);
  CHECK(never.outcome() == verdict::infeasible);
  CHECK(never.reasons()[reason::closed] == 1);
  CHECK(never.reasons().total() == c.size());
}

TEST_CASE("what others use of a node counts as not free, but not against feasibility") {
  auto s = node_spec({100, 100});
  s.used = {60, 0};
  const auto c = cluster_of({s});
  place::greedy policy{place::first_fit{}};
  CHECK(policy.pick(some_task({40, 100}), c));
  CHECK(policy.pick(some_task({41, 1}), c).outcome() == verdict::busy);
  CHECK(policy.pick(some_task({101, 1}), c).outcome() == verdict::infeasible);
}

TEST_CASE("requests that are not valid are infeasible, never placed") {
  const auto c = cluster_of({node_spec({9, 9}, {}, device_set{16, 0})});
  for (const auto& request :
       {device_request::share(0), device_request::share(1001), device_request::whole(17),
        device_request::whole(1, lepton::device_types{})}) {
    const auto t = some_task({1, 1}, request);
    CHECK(place::greedy{place::first_fit{}}.pick(t, c).outcome() == verdict::infeasible);
    CHECK(place::greedy{place::gpu_packing{}}.pick(t, c).outcome() == verdict::infeasible);
    CHECK(place::greedy{place::gpu_packing{}}.pick_by_scan(t, c).outcome() == verdict::infeasible);
  }
}

TEST_CASE("a demand beyond all reason is infeasible") {
  const auto c = cluster_of({node_spec({9, 9}), node_spec({lepton::max_amount, 9})});
  const auto t = some_task({std::numeric_limits<lepton::amount>::max() / 4, 1});
  CHECK(place::greedy{place::first_fit{}}.pick(t, c).outcome() == verdict::infeasible);
  CHECK(place::greedy{place::least_allocated{}}.pick(t, c).outcome() == verdict::infeasible);
}

TEST_CASE("filters of the program's own come after the library's, each with its reason") {
  auto c = cluster_of({node_spec({100, 100}), node_spec({100, 100}), node_spec({10, 10})});
  place::greedy policy{small_only{}, named_a{}, place::first_fit{}};
  CHECK(policy.pick(some_task(), c).node() == 0);
  const auto large = policy.pick(some_task({60, 1}), c);
  CHECK(large.outcome() == verdict::busy);
  CHECK(large.reasons()[lepton::filter_reason(0)] == 2);
  CHECK(large.reasons()[lepton::resource_reason(0)] == 1);
  REQUIRE(c.drain(0));
  const auto none = policy.pick(some_task(), c);
  CHECK(none.reasons()[lepton::filter_reason(1)] == 2);
  CHECK(none.reasons()[reason::closed] == 1);
}

TEST_CASE("a score may choose the devices, else the tightest are taken") {
  const auto c = cluster_of({node_spec({9, 9}, {}, device_set{4, 0})});
  const auto t = some_task({1, 1}, device_request::whole(1));
  CHECK(place::greedy{third_device{}}.pick(t, c).devices() == 0b100);
  CHECK(place::greedy{place::first_fit{}}.pick(t, c).devices() == 0b001);
  CHECK(place::greedy{third_device{}}.pick(some_task(), c).devices() == 0);
}

TEST_CASE("scores narrower and wider than 32 bits") {
  const auto c = cluster_of({node_spec({9, 9}), node_spec({9, 9})});
  CHECK(place::greedy{small_number{}}.pick(some_task(), c).node() == 1);
  CHECK(place::greedy{large_number{}}.pick(some_task(), c).node() == 0);
}

TEST_CASE("any random-access collection of nodes is a view") {
  const std::array<host, 3> hosts{{{{5, 5}, {9, 9}}, {{2, 2}, {9, 9}}, {{0, 0}, {90, 90}}}};
  place::greedy policy{place::best_fit{}};
  CHECK(policy.pick(some_task({1, 1}), hosts).node() == 1);
  CHECK(policy.pick(some_task({3, 3}), std::span<const host>{hosts}).node() == 0);
  CHECK(policy.pick(some_task({9, 9}), hosts).outcome() == verdict::busy);
  CHECK(policy.pick(some_task({91, 9}), hosts).outcome() == verdict::infeasible);
}

TEST_CASE("a policy that goes from view to view answers for the one it is asked about") {
  // best_fit measures in parts of the largest node: on `cpu_rich` a unit of memory is worth 100
  // units of CPU, on `memory_rich` a hundredth of one.
  const auto cpu_rich =
      cluster_of({node_spec({500, 1}), node_spec({10, 10}), node_spec({1000, 10})});
  const std::vector<host> memory_rich{{{1, 1000}, {1, 1000}}, {{10, 10}, {10, 10}}};
  place::greedy policy{place::best_fit{}};
  const auto first = policy.pick(some_task(), cpu_rich);
  REQUIRE(first.node() == 0);
  (void)policy.pick(some_task(), memory_rich);
  CHECK(policy.pick(some_task(), cpu_rich) == first);
}

TEST_CASE("copies of a policy are independent") {
  auto c = cluster_of({node_spec({9, 9}), node_spec({9, 9})});
  place::greedy policy{place::best_fit{}};
  CHECK(policy.pick(some_task(), c).node() == 0);
  auto copy = policy;
  put(c, some_task(), 1);
  CHECK(copy.pick(some_task(), c).node() == 1);
  CHECK(policy.pick(some_task(), c).node() == 1);
  auto what_if = c;
  put(what_if, some_task({5, 5}), 0);
  CHECK(copy.pick(some_task(), what_if).node() == 0);
  CHECK(copy.pick(some_task(), c).node() == 1);
  CHECK(policy.pick(some_task(), c).node() == 1);
}

TEST_CASE("a cluster that was moved from is not the cluster it was") {
  auto c = cluster_of({node_spec({9, 9}), node_spec({1, 1})});
  place::greedy policy{place::first_fit{}};
  CHECK(policy.pick(some_task(), c).node() == 0);
  const auto moved = std::move(c);
  REQUIRE(c.size() == 0);
  REQUIRE(c.add(node_spec({0, 0})));
  REQUIRE(c.add(node_spec({1, 1})));
  CHECK(policy.pick(some_task(), c).node() == 1);
  CHECK(policy.pick(some_task(), moved).node() == 0);
}
