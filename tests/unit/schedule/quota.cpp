// SPDX-License-Identifier: Apache-2.0
// tests/property compares quotas with their definitions, tests/golden with Kueue; here is what they
// say to their users.
#include <lepton/schedule/quota.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/task.hpp>
#include <lepton/schedule/quota_policy.hpp>
#include <lepton/schedule/unlimited_quota.hpp>

#include "catch.hpp"

namespace schedule = lepton::schedule;
using lepton::amount;
using lepton::resources;
using lepton::tenant_id;
using schedule::quota_outcome;

namespace {

using vec = resources<2>;
using task = lepton::task<2>;
using quota = schedule::quota<vec>;
using spec = schedule::quota_spec<vec>;

static_assert(schedule::quota_policy<quota, task>);
static_assert(schedule::quota_policy<schedule::unlimited_quota, task>);
struct without_ended {
  auto may_start(const task&) const -> schedule::quota_verdict { return {}; }
  void started(const task&) {}
};
struct says_bool {
  auto may_start(const task&) const -> bool { return true; }
  void started(const task&) {}
  void ended(const task&) {}
};
static_assert(!schedule::quota_policy<without_ended, task>);
static_assert(!schedule::quota_policy<says_bool, task>);

auto group(std::string name, std::string parent, std::optional<vec> guaranteed = {}) -> spec {
  spec s;
  s.name = std::move(name);
  s.parent = std::move(parent);
  s.guaranteed = guaranteed;
  return s;
}
auto leaf(std::string name, std::string parent, tenant_id tenant, vec guaranteed) -> spec {
  auto s = group(std::move(name), std::move(parent), guaranteed);
  s.tenant = tenant;
  return s;
}
auto job(tenant_id tenant, vec demand) -> task {
  task t;
  t.tenant = tenant;
  t.demand = demand;
  return t;
}
auto why_not(const std::vector<spec>& specs) -> std::string {
  const auto made = quota::build(specs);
  return made ? std::string{} : made.error().message;
}
auto says(const std::vector<spec>& specs, const std::string& part) -> bool {
  const auto message = why_not(specs);
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
  return message.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("quota: within the guarantee, borrowing, and no further") {
  auto q = quota::build(std::vector{group("all", ""), leaf("red", "all", 1, {4, 40}),
                                    leaf("blue", "all", 2, {6, 60})})
               .value();
  CHECK(q.may_start(1, {4, 40}).outcome == quota_outcome::within_guarantee);
  CHECK(q.may_start(1, {5, 1}).outcome == quota_outcome::borrows);
  const auto too_much = q.may_start(1, {1, 101});
  CHECK(!too_much);
  CHECK(too_much.hopeless);
  CHECK(q.name(too_much.node) == "all");
  CHECK(too_much.dimension == 1);

  CHECK(q.charge(1, {7, 10}));
  CHECK(q.used(q.leaf_of(1)) == vec{7, 10});
  CHECK(q.used(q.parent(q.leaf_of(1))) == vec{7, 10});
  CHECK(q.may_start(2, {3, 1}).outcome == quota_outcome::within_guarantee);
  const auto lent = q.may_start(2, {4, 1});
  CHECK(lent.outcome == quota_outcome::over_limit);
  CHECK(!lent.hopeless);
  CHECK(q.explain(2, {4, 1}, lent) ==
        "quota 'all' has no room for 4 cpu more of tenant 2 (7 in use)");
  CHECK(q.available(2) == vec{3, 90});
  CHECK(q.potential(2) == vec{10, 100});

  const auto refused = q.charge(2, {4, 1});
  REQUIRE(!refused);
  CHECK(refused.error().message.find("quota 'all' has no room for 4 cpu") == 0);
  CHECK(q.used(q.leaf_of(2)) == vec{});  // all or nothing
  CHECK(!q.refund(2, {1, 0}));
  CHECK(!q.charge(2, {-1, 0}));
  CHECK(!q.refund(1, {-1, 0}));
  CHECK(q.refund(1, {7, 10}));
  CHECK(q.may_start(2, {10, 100}));
}

TEST_CASE("quota: tasks as a scheduler sees them") {
  auto q = quota::build(std::vector{leaf("red", "", 1, {4, 40})}).value();
  const auto t = job(1, {3, 3});
  CHECK(q.may_start(t));
  q.started(t);
  CHECK(!q.may_start(t));
  q.ended(t);
  CHECK(q.may_start(t));
  const auto stranger = q.may_start(job(9, {1, 1}));
  CHECK(stranger.outcome == quota_outcome::over_limit);
  CHECK(stranger.hopeless);
  CHECK(q.explain(9, {1, 1}, stranger) == "quota: tenant 9 has none");
  CHECK(!q.charge(9, {1, 1}));
  CHECK(!q.refund(9, {1, 1}));
  CHECK(q.available(9) == vec{});

  auto open =
      quota::build(std::vector{leaf("red", "", 1, {4, 40})}, quota::strangers::unlimited).value();
  CHECK(open.may_start(job(9, {1000, 1000})));
  CHECK(open.charge(9, {1, 1}));
  CHECK(open.refund(9, {1, 1}));
  CHECK(open.available(9) == vec::filled(spec::unlimited));
  CHECK(quota{}.may_start(job(9, {1000, 1000})));  // without any quotas
  CHECK(schedule::unlimited_quota{}.may_start(t).outcome == quota_outcome::within_guarantee);
}

TEST_CASE("quota: limits hold at every level") {
  auto top = group("top", "", vec{100, 100});
  auto team = group("team", "top", vec{10, 10});
  team.limit = {12, spec::unlimited};
  auto ann = leaf("ann", "team", 1, {5, 5});
  ann.borrow_limit = {2, spec::unlimited};
  auto bob = leaf("bob", "team", 2, {5, 5});
  bob.lend_limit = {1, 5};
  auto q = quota::build(std::vector{bob, ann, team, top}).value();  // in any order
  CHECK(q.potential(1) == vec{7, 100});
  CHECK(q.potential(2) == vec{12, 100});
  const auto by_borrowing = q.may_start(1, {8, 0});
  CHECK(q.name(by_borrowing.node) == "ann");
  CHECK(by_borrowing.hopeless);
  CHECK(q.charge(2, {9, 0}));
  const auto by_team = q.may_start(1, {4, 0});
  CHECK(q.name(by_team.node) == "team");
  CHECK(!by_team.hopeless);
  CHECK(q.charge(1, {3, 0}));
  CHECK(!q.may_start(1, {1, 0}));
  CHECK(q.may_start(1, {0, 50}));  // the other dimension has room
}

TEST_CASE("quota: who lent gets back, from who has most above its guarantee first") {
  auto all = group("all", "");
  auto greedy = leaf("greedy", "all", 1, {2, 2});
  auto modest = leaf("modest", "all", 2, {2, 2});
  auto owner = leaf("owner", "all", 3, {8, 8});
  auto q = quota::build(std::vector{all, greedy, modest, owner}).value();
  REQUIRE(q.charge(1, {7, 1}));
  REQUIRE(q.charge(2, {4, 1}));
  using claims = std::vector<schedule::quota_claim<vec>>;
  CHECK(q.reclaim(3, {1, 1}).empty());  // fits without
  CHECK(q.reclaim(3, {3, 1}) == claims{{1, {2, 0}}});
  CHECK(q.reclaim(3, {7, 1}) == claims{{1, {5, 0}}, {2, {1, 0}}});
  CHECK(q.reclaim(3, {8, 8}) == claims{{1, {5, 0}}, {2, {2, 0}}});
  CHECK(q.reclaim(3, {9, 1}).empty());  // beyond its own guarantee
  CHECK(q.reclaim(1, {1, 1}).empty());  // it is over its guarantee already
  CHECK(q.reclaim(77, {1, 1}).empty());

  modest.weight = 1;
  greedy.weight = 10;  // may have ten times as much
  auto weighted = quota::build(std::vector{all, greedy, modest, owner}).value();
  REQUIRE(weighted.charge(1, {7, 1}));
  REQUIRE(weighted.charge(2, {4, 1}));
  CHECK(weighted.reclaim(3, {2, 1}) == claims{{2, {1, 0}}});
  CHECK(weighted.reclaim(3, {4, 1}) == claims{{2, {2, 0}}, {1, {1, 0}}});
}

TEST_CASE("quota: a group within its guarantee need not give back what its members share") {
  const auto specs =
      std::vector{group("all", "", vec{20, 20}),      group("left", "all", vec{10, 10}),
                  group("right", "all", vec{10, 10}), leaf("a", "left", 1, {2, 2}),
                  leaf("b", "left", 2, {8, 8}),       leaf("c", "right", 3, {10, 10})};
  auto q = quota::build(specs).value();
  REQUIRE(q.charge(1, {10, 1}));  // borrows all within left
  REQUIRE(q.charge(3, {10, 1}));
  CHECK(q.reclaim(2, {8, 1}) ==
        std::vector<schedule::quota_claim<vec>>{{1, {8, 0}}});  // its neighbour gives
  REQUIRE(q.refund(3, {10, 1}));
  REQUIRE(q.charge(1, {10, 1}));  // now left borrows 10 of right
  CHECK(q.reclaim(3, {4, 1}) == std::vector<schedule::quota_claim<vec>>{{1, {4, 0}}});
}

TEST_CASE("quota: set-up that makes no sense is refused with a sentence") {
  CHECK(why_not({}).empty());
  CHECK(says({group("", "")}, "quota 0 (counted from 0) has no name"));
  CHECK(says({group("a", ""), group("a", "")}, "quota 'a': the name is used twice"));
  CHECK(says({group("a", "b")}, "quota 'a': there is no quota 'b' to be its parent"));
  CHECK(says({leaf("a", "", 1, {}), group("b", "a")},
             "quota 'b': its parent 'a' is a tenant's; only groups have children"));
  CHECK(says({leaf("a", "", 1, {}), leaf("b", "", 1, {})},
             "quota 'b': tenant 1 has quota 'a' already"));
  CHECK(says({group("a", "c"), group("b", "a"), group("c", "b")}, "in a cycle"));
  CHECK(says({group("a", "a")}, "quota 'a': it is in a cycle: it is its own parent"));
  CHECK(says({group("a", "", vec{3, 9}), leaf("b", "a", 1, {2, 2}), leaf("c", "a", 2, {2, 2})},
             "quota 'a': cpu: its children are guaranteed 4 together, more than its own 3"));
  CHECK(says({leaf("a", "", 1, {0, -1})}, "quota 'a': memory has a negative guarantee or limit"));
  auto limited = group("a", "");
  limited.limit = {1, 1};
  CHECK(says({limited, leaf("b", "a", 1, {2, 0})},
             "quota 'a': cpu: its children are guaranteed 2 together, above its limit of 1"));
  limited.guaranteed = vec{0, 2};
  CHECK(says({limited}, "quota 'a': memory: 2 is guaranteed, above the limit of 1"));
  constexpr auto half = amount{1} << 60;
  CHECK(says({leaf("a", "", 1, {half + 1, 0})}, "too large"));
  CHECK(says({group("a", ""), leaf("b", "a", 1, {half, 0}), leaf("c", "a", 2, {half, 0})},
             "quota 'a': cpu: its children's guarantees add up to more than 2^60"));
}
