// SPDX-License-Identifier: Apache-2.0
// The policies that are not greedy.

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <lepton/place/any_policy.hpp>
#include <lepton/place/best_fit.hpp>
#include <lepton/place/fallback.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/next_fit.hpp>
#include <lepton/place/random_fit.hpp>
#include <lepton/place/random_of_best.hpp>
#include <lepton/place/ray_hybrid.hpp>
#include <lepton/place/worst_fit.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
namespace place = lepton::place;
using lepton::decision;
using lepton::device_request;
using lepton::device_set;
using lepton::reason;
using lepton::verdict;

namespace {

auto equal_nodes(int n, resources capacity = {10, 10}) -> cluster {
  cluster c;
  for (int i = 0; i < n; ++i) REQUIRE(c.add(node_spec(capacity)));
  return c;
}

/// Always the same answer, and a count of the questions.
struct constant {
  decision answer;
  int asked = 0;
  template <class View>
  auto pick(const task&, const View&) -> decision {
    ++asked;
    return answer;
  }
};

}  // namespace

// --- next_fit
// --------------------------------------------------------------------------------------

TEST_CASE("next_fit goes on from the node it used last, and round") {
  auto c = equal_nodes(4);
  place::next_fit policy;
  const auto next = [&](resources demand) {
    const auto d = policy.pick(some_task(demand), c);
    REQUIRE(d);
    REQUIRE(c.allocate(d.node(), demand));
    return d.node();
  };
  CHECK(next({6, 6}) == 0);
  CHECK(next({4, 4}) == 0);
  CHECK(next({6, 6}) == 1);
  CHECK(next({6, 6}) == 2);
  CHECK(next({1, 1}) == 2);  // not back to 1, though it fits there
  CHECK(next({10, 10}) == 3);
  CHECK(next({4, 4}) == 1);  // round, past the full ones

  const auto before = policy;
  CHECK(policy.pick(some_task({7, 7}), c).outcome() == verdict::busy);
  CHECK(policy.pick(some_task({11, 1}), c).outcome() == verdict::infeasible);
  // A failure does not move it.
  auto copy = before;
  CHECK(copy.pick(some_task({1, 1}), c) == policy.pick(some_task({1, 1}), c));
}

TEST_CASE("next_fit starts over when the view has shrunk below where it was") {
  place::next_fit policy;
  auto large = equal_nodes(5);
  for (lepton::node_index i = 0; i < 4; ++i) REQUIRE(large.drain(i));
  CHECK(policy.pick(some_task(), large).node() == 4);
  CHECK(policy.pick(some_task(), equal_nodes(2)).node() == 0);
  CHECK(policy.pick(some_task(), cluster{}) == decision::infeasible());
}

// --- random_fit
// ------------------------------------------------------------------------------------

TEST_CASE("random_fit draws every node with room equally often, and no other") {
  auto c = equal_nodes(6);
  REQUIRE(c.allocate(2, {10, 10}));
  REQUIRE(c.drain(4));
  place::random_fit policy{1};
  std::array<int, 6> count{};
  for (int i = 0; i < 20'000; ++i) ++count[policy.pick(some_task(), c).node()];
  CHECK(count[2] == 0);
  CHECK(count[4] == 0);
  for (const auto i : {0U, 1U, 3U, 5U}) CHECK((count[i] > 4600 && count[i] < 5400));
}

TEST_CASE("random_fit finds the one node in a thousand, and is fair to two of them") {
  auto c = equal_nodes(1000);
  for (lepton::node_index i = 0; i < 1000; ++i) {
    if (i != 500 && i != 999) REQUIRE(c.drain(i));
  }
  place::random_fit policy{2};
  int low = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto d = policy.pick(some_task(), c);
    REQUIRE((d.node() == 500 || d.node() == 999));
    low += d.node() == 500 ? 1 : 0;
  }
  CHECK((low > 850 && low < 1150));
  REQUIRE(c.drain(500));
  REQUIRE(c.drain(999));
  const auto none = policy.pick(some_task(), c);
  CHECK(none.outcome() == verdict::busy);
  CHECK(none.reasons()[reason::closed] == 1000);
  CHECK(policy.pick(some_task({11, 0}), c).outcome() == verdict::infeasible);
  CHECK(policy.pick(some_task(), cluster{}) == decision::infeasible());
}

TEST_CASE("random_fit puts a share on any fitting device, whole requests on the first") {
  auto c = cluster_of({node_spec({10, 10}, {}, device_set{4, 0})});
  REQUIRE(c.allocate(0, {0, 0}, device_request::share(600), 0b0010));
  place::random_fit policy{3};
  std::array<int, 16> count{};
  for (int i = 0; i < 3000; ++i) {
    const auto d = policy.pick(some_task({1, 1}, device_request::share(500)), c);
    ++count[d.devices()];
  }
  CHECK(count[0b0010] == 0);
  for (const auto mask : {0b0001U, 0b0100U, 0b1000U}) CHECK(count[mask] > 850);
  CHECK(policy.pick(some_task({1, 1}, device_request::whole(2)), c).devices() == 0b0101);
}

TEST_CASE("equal seeds draw the same nodes") {
  const auto c = equal_nodes(50);
  place::random_fit a{7};
  auto b = a;
  place::random_fit other{8};
  bool differs = false;
  for (int i = 0; i < 50; ++i) {
    const auto d = a.pick(some_task(), c);
    CHECK(b.pick(some_task(), c) == d);
    differs = differs || !(other.pick(some_task(), c) == d);
  }
  CHECK(differs);
}

// --- random_of_best
// --------------------------------------------------------------------------------

TEST_CASE("random_of_best draws among the k best") {
  auto c = cluster_of({node_spec({10, 10}), node_spec({30, 30}), node_spec({20, 20}),
                       node_spec({20, 20}), node_spec({40, 40})});
  place::random_of_best policy{place::worst_fit{}, 3, 1};
  std::array<int, 5> count{};
  for (int i = 0; i < 6000; ++i) ++count[policy.pick(some_task(), c).node()];
  CHECK(count[0] == 0);
  CHECK(count[3] == 0);  // equal to node 2, which comes first
  for (const auto i : {1U, 2U, 4U}) CHECK((count[i] > 1800 && count[i] < 2200));

  // Fewer fit than k.
  for (int i = 0; i < 100; ++i) {
    CHECK(policy.pick(some_task({35, 1}), c).node() == 4);
  }
  CHECK(policy.pick(some_task({41, 1}), c).outcome() == verdict::infeasible);
  CHECK(policy.pick(some_task(), cluster{}) == decision::infeasible());
}

TEST_CASE("random_of_best leaves the choice of devices to a score that makes it") {
  using place::typical_task;
  const std::vector<typical_task> typical{{1, device_request::share(500), 1},
                                          {1, device_request::whole(1), 3}};
  const place::fragmentation_gradient score{typical};
  auto c = cluster_of({node_spec({10, 10}, {}, device_set{4, 0})});
  REQUIRE(c.allocate(0, {0, 0}, device_request::share(500), 0b0010));
  REQUIRE(c.allocate(0, {0, 0}, device_request::share(100), 0b1000));
  place::random_of_best policy{score, 1};
  place::greedy reference{score};
  for (const auto milli : std::array<std::uint16_t, 4>{100, 300, 500, 700}) {
    const auto t = some_task({1, 1}, device_request::share(milli));
    CHECK(policy.pick(t, c) == reference.pick(t, c));
  }
  CHECK(policy.pick(some_task(), c).devices() == 0);
}

// --- ray_hybrid
// ------------------------------------------------------------------------------------

TEST_CASE("ray_hybrid packs up to the threshold, then spreads") {
  auto c = equal_nodes(3, {100, 100});
  place::greedy policy{place::ray_hybrid{}};
  const auto next = [&](resources demand) {
    const auto d = policy.pick(some_task(demand), c);
    REQUIRE(d);
    REQUIRE(c.allocate(d.node(), demand));
    return d.node();
  };
  CHECK(next({30, 10}) == 0);
  CHECK(next({19, 10}) == 0);  // 49 %
  CHECK(next({1, 1}) == 0);    // 50 %: from now on node 0 is above the threshold
  CHECK(next({10, 60}) == 1);
  CHECK(next({49, 1}) == 2);
  CHECK(next({1, 1}) == 2);
  // All above: 50, 60 and 50 percent critical; rising utilisation, then the lowest index.
  CHECK(next({20, 1}) == 0);
  CHECK(next({1, 1}) == 2);
  CHECK(next({30, 1}) == 2);
  CHECK(next({1, 1}) == 1);
}

TEST_CASE("ray_hybrid looks at the most used dimension, devices among them") {
  const place::ray_hybrid score{50};
  const auto key = [&](resources used, int milli) {
    auto c = cluster_of({node_spec({100, 100}, {}, device_set{2, 0})});
    REQUIRE(c.allocate(0, used));
    for (; milli > 0; milli -= 100) REQUIRE(c.allocate(0, {0, 0}, device_request::share(100)));
    return score.order_key(c[0]);
  };
  CHECK(key({49, 49}, 0) == 0);
  CHECK(key({0, 0}, 900) == 0);
  CHECK(key({50, 0}, 0) == 500'000);
  CHECK(key({50, 77}, 0) == 770'000);
  CHECK(key({50, 77}, 1600) == 800'000);

  place::dimension_weights cpu_only;
  cpu_only.resource = {1, 0, 0, 0, 0, 0, 0, 0};
  cpu_only.devices = 0;
  auto c = cluster_of({node_spec({100, 100}), node_spec({0, 0}),
                       node_spec({lepton::max_amount, lepton::max_amount})});
  REQUIRE(c.allocate(0, {60, 99}));
  const place::ray_hybrid narrow{50, cpu_only};
  CHECK(narrow.order_key(c[0]) == 600'000);
  CHECK(narrow.order_key(c[1]) == 0);
  REQUIRE(c.allocate(2, {lepton::max_amount / 4 * 3, 0}));
  const auto large = narrow.order_key(c[2]);
  CHECK((large > 749'990 && large < 750'010));
  REQUIRE(c.allocate(2, {c[2].free()[0], 0}));
  CHECK(narrow.order_key(c[2]) >= 1'000'000);
}

TEST_CASE("ray_hybrid with thresholds at the ends") {
  auto c = equal_nodes(2, {100, 100});
  place::greedy spread{place::ray_hybrid{0}};
  place::greedy pack{place::ray_hybrid{100}};
  REQUIRE(c.allocate(0, {99, 1}));
  CHECK(spread.pick(some_task(), c).node() == 1);
  CHECK(pack.pick(some_task(), c).node() == 0);
}

// --- fallback
// --------------------------------------------------------------------------------------

TEST_CASE("the first policy of a chain that places the task decides") {
  const auto c = equal_nodes(3);
  lepton::reason_counts why;
  ++why[reason::taint];
  const auto ask = [&](decision a, decision b, decision last) {
    place::fallback chain{constant{a}, constant{b}, constant{last}};
    return chain.pick(some_task(), c);
  };
  const auto busy = decision::busy();
  const auto never = decision::infeasible();
  const auto at = [](lepton::node_index i) { return decision::placed(i); };
  CHECK(ask(at(0), at(1), at(2)) == at(0));
  CHECK(ask(busy, at(1), at(2)) == at(1));
  CHECK(ask(never, busy, at(2)) == at(2));
  CHECK(ask(busy, busy, busy) == busy);
  CHECK(ask(never, never, never) == never);
  // Busy if any was: what cannot be by the last policy's lights may still come to be.
  CHECK(ask(busy, never, never) == busy);
  CHECK(ask(never, never, busy) == busy);
  CHECK(ask(busy, never, decision::infeasible(why)) == decision::busy(why));
}

TEST_CASE("a chain of real policies") {
  auto c =
      cluster_of({node_spec({10, 10}, {{"disk", "hdd"}}), node_spec({50, 50}, {{"disk", "ssd"}})});
  const auto only_ssd = [](const task&, const auto& n) -> bool {
    return *n.own_labels().find("disk") == "ssd";
  };
  place::fallback chain{place::greedy{only_ssd, place::best_fit{}},
                        place::greedy{place::first_fit{}}};
  CHECK(chain.pick(some_task(), c).node() == 1);
  REQUIRE(c.drain(1));
  CHECK(chain.pick(some_task(), c).node() == 0);
}

// --- any_policy
// ------------------------------------------------------------------------------------

TEST_CASE("any_policy holds any policy, and copies hold copies") {
  using erased = place::any_policy<task, cluster>;
  auto c = equal_nodes(3);
  std::vector<erased> all;
  all.emplace_back(place::next_fit{});
  all.emplace_back(place::greedy{place::best_fit{}});
  all.emplace_back(constant{decision::placed(2)});
  CHECK(all[2].pick(some_task(), c).node() == 2);

  // A policy with a state: the copy goes its own way.
  REQUIRE(c.allocate(0, {10, 10}));
  CHECK(all[0].pick(some_task(), c).node() == 1);
  auto copy = all[0];
  REQUIRE(c.allocate(1, {10, 10}));
  CHECK(copy.pick(some_task(), c).node() == 2);
  REQUIRE(c.drain(2));
  REQUIRE(c.resume(2));
  CHECK(all[0].pick(some_task(), c).node() == 2);

  all[0] = all[2];
  CHECK(all[0].pick(some_task(), c).node() == 2);
  erased taken = std::move(all[1]);
  CHECK(taken.pick(some_task(), c).node() == 2);
  // A policy that was moved away can still be copied and assigned to.
  erased of_nothing = all[1];
  of_nothing = taken;
  CHECK(of_nothing.pick(some_task(), c).node() == 2);
}
