// SPDX-License-Identifier: Apache-2.0
#include <lepton/schedule/transaction.hpp>

#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>

#include "catch.hpp"

namespace {

using nodes_type = lepton::cluster<2>;
using job = lepton::task<2>;
using transaction = lepton::schedule::transaction<nodes_type>;
using lepton::decision;

static_assert(!std::is_copy_constructible_v<transaction>);
static_assert(std::is_nothrow_move_constructible_v<transaction>);
static_assert(std::is_nothrow_move_assignable_v<transaction>);

auto with_nodes(std::size_t count) -> nodes_type {
  nodes_type nodes;
  for (std::size_t i = 0; i < count; ++i) {
    lepton::node_spec<2> spec;
    spec.name = "n" + std::to_string(i);
    spec.capacity = {10, 10};
    spec.devices = lepton::device_set{4, 0};
    REQUIRE(nodes.add(spec));
  }
  return nodes;
}

auto asking(lepton::amount cpu) -> job {
  job j;
  j.demand = {cpu, 1};
  return j;
}

auto labelled(const char* app) -> job {
  auto j = asking(1);
  j.own_labels = lepton::labels{{"app", app}};
  return j;
}

auto apps(const nodes_type& nodes, std::size_t i) -> std::string {
  std::string all;
  for (const auto& r : nodes[i].residents()) all += *r.own_labels.find("app");
  return all;
}

}  // namespace

TEST_CASE("a transaction that ends without a commit leaves no trace") {
  auto nodes = with_nodes(2);
  auto share = asking(3);
  share.devices = lepton::device_request::share(400);
  const auto kept = nodes.allocate(share, decision::placed(0, 0b0100));
  REQUIRE(kept);
  {
    lepton::schedule::transaction tx{nodes};
    CHECK(tx.size() == 0);
    const auto tried = tx.allocate(asking(7), decision::placed(0));
    REQUIRE(tried);
    CHECK(nodes[0].free()[0] == 0);
    CHECK(tx.release(*kept));
    CHECK(nodes.find(*kept) == nullptr);
    CHECK(nodes.allocation_count() == 1);
    CHECK(tx.nodes()[0].devices().whole_count() == 4);
    CHECK_FALSE(tx.release(*kept));
    CHECK(tx.size() == 2);
    CHECK(nodes[0].free()[0] == 3);
  }
  CHECK(nodes[0].free() == lepton::resources<2>{7, 9});
  CHECK(nodes.allocation_count() == 1);
  REQUIRE(nodes.find(*kept) != nullptr);
  CHECK(nodes.find(*kept)->devices == 0b0100);
  CHECK(nodes[0].devices().free(2) == 600);
  CHECK(nodes[0].task_count() == 1);
  CHECK(nodes.release(*kept));
  CHECK(nodes[0].free() == lepton::resources<2>{10, 10});
}

TEST_CASE("a commit is final, and the transaction can be used on") {
  auto nodes = with_nodes(1);
  const auto old = nodes.allocate(asking(10), decision::placed(0));
  REQUIRE(old);
  transaction tx{nodes};
  REQUIRE(tx.release(*old));
  const auto first = tx.allocate(asking(6), decision::placed(0));
  REQUIRE(first);
  tx.commit();
  CHECK(tx.size() == 0);
  CHECK(nodes.find(*old) == nullptr);
  CHECK_FALSE(nodes.release(*old));
  // Nothing is open, so the cluster may be changed by others.
  const auto second = nodes.allocate(asking(1), decision::placed(0));
  REQUIRE(second);
  const auto third = tx.allocate(asking(3), decision::placed(0));
  REQUIRE(third);
  tx.roll_back();
  CHECK(nodes.find(*third) == nullptr);
  CHECK(nodes[0].free()[0] == 3);
  CHECK(nodes.allocation_count() == 2);
}

TEST_CASE("a step that cannot be done is an error and no step") {
  auto nodes = with_nodes(1);
  transaction tx{nodes};
  CHECK_FALSE(tx.allocate(asking(11), decision::placed(0)));
  CHECK_FALSE(tx.allocate(asking(1), decision::placed(7)));
  CHECK_FALSE(tx.allocate(asking(1), decision::busy()));
  CHECK_FALSE(tx.release({}));
  CHECK(tx.size() == 0);
}

TEST_CASE("a savepoint undoes the end of a transaction only") {
  auto nodes = with_nodes(1);
  transaction tx{nodes};
  const auto a = tx.allocate(asking(4), decision::placed(0));
  const auto mark = tx.mark();
  const auto b = tx.allocate(asking(4), decision::placed(0));
  REQUIRE(tx.release(*a));
  CHECK(nodes[0].free()[0] == 6);
  tx.roll_back_to(mark);
  CHECK(nodes.find(*a) != nullptr);
  CHECK(nodes.find(*b) == nullptr);
  CHECK(nodes[0].free()[0] == 6);
  CHECK(nodes[0].task_count() == 1);
  tx.roll_back_to(mark);  // again: nothing left to undo
  tx.commit();
  CHECK(nodes.find(*a) != nullptr);
}

TEST_CASE("what a transaction placed and took back itself is gone either way") {
  for (const auto commit : {true, false}) {
    auto nodes = with_nodes(1);
    transaction tx{nodes};
    const auto a = tx.allocate(asking(4), decision::placed(0));
    REQUIRE(tx.release(*a));
    if (commit) tx.commit();
    tx.roll_back();
    CHECK(nodes.find(*a) == nullptr);
    CHECK(nodes.allocation_count() == 0);
    CHECK(nodes[0].free()[0] == 10);
    const auto again = nodes.allocate(asking(4), decision::placed(0));
    REQUIRE(again);
    CHECK_FALSE(*again == *a);
  }
}

TEST_CASE("a nested transaction hands its steps to the outer one") {
  auto nodes = with_nodes(1);
  const auto old = nodes.allocate(asking(5), decision::placed(0));
  transaction outer{nodes};
  const auto a = outer.allocate(asking(1), decision::placed(0));
  {
    auto inner = outer.nested();
    REQUIRE(inner.release(*old));
    {
      auto innermost = inner.nested();
      REQUIRE(innermost.allocate(asking(9), decision::placed(0)));
    }
    const auto b = inner.allocate(asking(8), decision::placed(0));
    REQUIRE(b);
    inner.commit();
    CHECK(inner.size() == 0);
  }
  CHECK(outer.size() == 3);
  CHECK(nodes[0].free()[0] == 1);
  const auto c = outer.allocate(asking(1), decision::placed(0));
  REQUIRE(c);
  outer.roll_back();
  CHECK(nodes.find(*old) != nullptr);
  CHECK(nodes.find(*a) == nullptr);
  CHECK(nodes[0].free()[0] == 5);
}

TEST_CASE("a moved transaction keeps its steps, and one assigned to undoes its own") {
  auto nodes = with_nodes(2);
  transaction tx{nodes};
  const auto a = tx.allocate(asking(4), decision::placed(0));
  transaction moved{std::move(tx)};
  CHECK(nodes.find(*a) != nullptr);
  transaction other{nodes};
  moved = std::move(other);
  CHECK(nodes.find(*a) == nullptr);
  CHECK(moved.size() == 0);
}

TEST_CASE("residents come back in their old order, reprieved ones too") {
  auto nodes = with_nodes(1);
  std::vector<lepton::allocation_id> held;
  for (const char* app : {"a", "b", "c", "d"}) {
    held.push_back(*nodes.allocate(labelled(app), decision::placed(0)));
  }
  transaction tx{nodes};
  const auto before_c = tx.mark();
  REQUIRE(tx.release(held[2]));
  const auto before_a = tx.mark();
  REQUIRE(tx.release(held[0]));
  REQUIRE(tx.release(held[3]));
  CHECK(apps(nodes, 0) == "b");
  const auto later = tx.mark();
  tx.reprieve(before_c);
  CHECK(nodes.find(held[2]) != nullptr);
  CHECK(apps(nodes, 0).size() == 2);
  tx.reprieve(before_a);
  CHECK(apps(nodes, 0).size() == 3);
  tx.roll_back_to(later);
  CHECK(nodes.find(held[2]) == nullptr);
  CHECK(apps(nodes, 0) == "b");
  tx.reprieve(before_c);
  SECTION("undone") {
    tx.roll_back();
    CHECK(apps(nodes, 0) == "abcd");
    CHECK(nodes.allocation_count() == 4);
  }
  SECTION("made final") {
    tx.commit();
    CHECK(nodes.allocation_count() == 2);
    CHECK(nodes.find(held[2]) != nullptr);
    CHECK(nodes.find(held[0]) == nullptr);
    CHECK(nodes.release(held[2]));
    CHECK(apps(nodes, 0) == "b");
  }
  SECTION("of an inner transaction") {
    tx.roll_back();
    REQUIRE(tx.release(held[1]));
    {
      auto inner = tx.nested();
      REQUIRE(inner.release(held[0]));
      const auto mark = inner.mark();
      REQUIRE(inner.release(held[2]));
      inner.reprieve(mark);
      inner.commit();
    }
    CHECK(apps(nodes, 0) == "cd");
    tx.roll_back();
    CHECK(apps(nodes, 0) == "abcd");
  }
}

TEST_CASE("the tasks that reach beyond their node are counted through a transaction") {
  auto nodes = with_nodes(1);
  auto far = labelled("a");
  far.rules.anti_affinity.push_back({lepton::label_selector::equals("app", "a"), "zone"});
  const auto held = nodes.allocate(far, decision::placed(0));
  REQUIRE(held);
  transaction tx{nodes};
  REQUIRE(tx.release(*held));
  CHECK(nodes.far_reaching_residents() == 0);
  tx.roll_back();
  CHECK(nodes.far_reaching_residents() == 1);
  REQUIRE(tx.release(*held));
  tx.commit();
  CHECK(nodes.far_reaching_residents() == 0);
}

TEST_CASE("a copy made within a transaction is the cluster as it would be") {
  auto nodes = with_nodes(1);
  const auto held = nodes.allocate(asking(5), decision::placed(0));
  transaction tx{nodes};
  REQUIRE(tx.release(*held));
  auto copy = nodes;
  tx.roll_back();
  CHECK(copy.find(*held) == nullptr);
  CHECK(copy.allocation_count() == 0);
  CHECK(copy.allocate(asking(10), decision::placed(0)));
  CHECK(copy.allocation_count() == 1);
  const auto lost = copy.remove(0);
  REQUIRE(lost);
  CHECK(lost->size() == 1);
}
