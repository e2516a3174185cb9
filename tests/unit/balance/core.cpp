// SPDX-License-Identifier: Apache-2.0
// What every policy stands on: snapshots, loads, leases, memberships, balancers.

#include <lepton/balance/balancer.hpp>
#include <lepton/balance/forked_picker.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/maglev.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/weighted_round_robin.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/rng.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::single_threaded;
using balance::snapshot;

namespace {

auto indices(std::span<const backend_index> list) -> std::vector<backend_index> {
  return {list.begin(), list.end()};
}

/// Picks whatever it is told to; remembers what it is told.
struct obedient {
  using threading = single_threaded;
  bool refuses = false;
  std::vector<backend_index> began{};
  std::vector<std::pair<backend_index, bool>> ended{};

  auto rebuild(const snapshot& s) -> lepton::status {
    if (refuses && s.size() > 1) return lepton::failure("obedient: one backend is enough");
    return {};
  }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    const auto i = static_cast<backend_index>(c.hash);
    return s.is_eligible(i) && allowed(i) ? i : no_backend;
  }
  void started(backend_index i, const balance::context& /*c*/) noexcept { began.push_back(i); }
  void finished(backend_index i, const balance::outcome& how) noexcept {
    ended.emplace_back(i, how.success);
  }
};

struct only_rebuilds {
  auto rebuild(const snapshot& /*s*/) -> lepton::status { return {}; }
};
struct may_throw : only_rebuilds {
  template <class Context, class Allowed = balance::everyone>
  auto pick(const snapshot&, const Context&, const Allowed& = {}) -> backend_index {
    return 0;
  }
};
struct picks_without_admission : only_rebuilds {
  template <class Context>
  auto pick(const snapshot&, const Context&) noexcept -> backend_index {
    return 0;
  }
};

static_assert(balance::policy<obedient>);
static_assert(balance::learns_of_starts<obedient> && balance::learns_of_outcomes<obedient>);
static_assert(!balance::policy<only_rebuilds> && !balance::policy<may_throw> &&
              !balance::policy<picks_without_admission> && !balance::policy<int>);
static_assert(balance::is_thread_safe<balance::random_choice>() &&
              balance::is_thread_safe<balance::round_robin<>>() &&
              !balance::is_thread_safe<balance::round_robin<single_threaded>>());

}  // namespace

TEST_CASE("a snapshot knows who may be picked") {
  const auto s = snapshot::build({{.key = "a", .weight = 5, .zone = "west"},
                                  {.id = 7, .healthy = false},
                                  {.key = "c", .weight = 0, .priority = 2, .zone = "east"},
                                  {.key = "d", .draining = true},
                                  {.key = "e", .weight = 3}});
  REQUIRE(s);
  CHECK(s->size() == 5);
  CHECK(indices(s->eligible()) == std::vector<backend_index>{0, 4});
  CHECK(s->total_weight() == 8);
  CHECK_FALSE(s->equal_weights());
  CHECK_FALSE(s->all_eligible());
  CHECK(s->key(1) == "7");
  CHECK(s->id(1) == 7);
  CHECK(s->id(0) != 0);
  CHECK(s->priority(2) == 2);
  CHECK(s->zone_names()[s->zone(0)] == "west");
  CHECK(s->zone_names()[s->zone(2)] == "east");
  CHECK(s->is_draining(3));
  CHECK_FALSE(s->is_healthy(1));
  CHECK_FALSE(s->is_member(5));
  CHECK_FALSE(s->is_eligible(no_backend));
}

TEST_CASE("whole weights stay, fractions are scaled together") {
  const auto whole = snapshot::build({{.key = "a", .weight = 4294967295.0}, {.key = "b"}});
  CHECK(whole->weight(0) == 4294967295U);
  CHECK(whole->weight(1) == 1);
  const auto parts = snapshot::build(
      {{.key = "a", .weight = 0.5}, {.key = "b", .weight = 1.5}, {.key = "c", .weight = 1e-300}});
  CHECK(parts->weight(1) == 1U << 20);
  CHECK(parts->weight(0) == ((1U << 20) + 1) / 3);
  CHECK(parts->weight(2) == 1);
  CHECK(parts->exact_weight(2) == 1e-300);
  const auto huge = snapshot::build({{.key = "a", .weight = 1e300}, {.key = "b", .weight = 5e299}});
  CHECK(huge->weight(0) == 2 * huge->weight(1));
}

TEST_CASE("bad backends are named") {
  const auto message = [](std::vector<backend> list) {
    const auto s = snapshot::build(list);
    return s ? std::string{} : s.error().to_string();
  };
  CHECK(message({{.key = "a"}, {.key = "b", .weight = std::nan("")}}) ==
        "backend 1 (b): the weight is not a number; give a finite number of at least 0 (0 gets no "
        "requests)");
  CHECK(message({{.key = "a", .weight = -1}}).find("is negative") != std::string::npos);
  CHECK(message({{.key = "a", .weight = HUGE_VAL}}).find("is infinite") != std::string::npos);
  CHECK(message({{.key = "a", .weight = -HUGE_VAL}}).find("is negative") != std::string::npos);
  CHECK(message({{.key = "a"}, {.key = "b"}, {.key = "a"}}) ==
        "backend 2 (a) has the key of backend 0; keys must differ");
  CHECK(message({{.id = 3, .key = "a"}, {.id = 3, .key = "b"}}) ==
        "backend 1 (b) has the id of backend 0, 3; ids must differ");
  CHECK(message({{}}).find("neither a key nor an id") != std::string::npos);
  CHECK(message({}).empty());
}

TEST_CASE("derived snapshots keep indices") {
  const auto s = snapshot::build({{.key = "a"}, {.key = "b", .healthy = false}, {.key = "c"}});
  const std::array<backend_index, 2> some{1, 2};
  const auto part = s->restricted(some);
  CHECK(indices(part.eligible()) == std::vector<backend_index>{1, 2});
  CHECK(part.version() != s->version());
  const std::array<double, 3> weights{2, 9, 0};
  const auto other = s->reweighted(weights);
  CHECK(indices(other.eligible()) == std::vector<backend_index>{0});
  CHECK(other.weight(0) == 2);
  CHECK(s->weight(0) == 1);
}

TEMPLATE_TEST_CASE("leases give the count back", "", balance::single_threaded, balance::shared) {
  for (const std::size_t n : {3U, 4096U, 5000U}) {
    balance::loads<TestType> l{n};
    CHECK(l.capacity() == n);
    const auto last = static_cast<backend_index>(n - 1);
    {
      auto a = l.take(last);
      auto b = l.take(last);
      const auto c = l.take(0);
      CHECK(l[last] == 2);
      CHECK(l.total() == 3);
      auto moved = std::move(a);
      CHECK_FALSE(a);  // NOLINT(bugprone-use-after-move): what is left is none
      CHECK(moved.index() == last);
      b = std::move(moved);
      CHECK(l[last] == 1);
      b.end();
      b.end();
      CHECK(l[last] == 0);
      CHECK(b.index() == no_backend);
    }
    CHECK(l.total() == 0);
  }
}

TEMPLATE_TEST_CASE("leases count in the sum of all loads", "", balance::single_threaded,
                   balance::shared) {
  balance::summed_loads<TestType> l{3};
  {
    const auto a = l.take(2);
    const auto b = l.take(0);
    CHECK(l.in_flight() == 2);
    CHECK(l[2] == 1);
  }
  CHECK(l.in_flight() == 0);
  CHECK(l.total() == 0);
}

TEST_CASE("a membership gives an index again only when it is told to") {
  balance::membership m{3};
  CHECK(*m.add({.key = "a"}) == 0);
  CHECK(*m.add({.key = "b"}) == 1);
  CHECK(m.add({.key = "b"}).error().to_string() ==
        "there is a backend with the key b already; keys must differ");
  REQUIRE(m.remove(0));
  CHECK(m.remove(0).error().to_string() == "remove: there is no backend at index 0");
  CHECK(*m.add({.key = "c"}) == 2);
  CHECK(m.add({.key = "d"}).error().to_string().find("there is no index left for d: all 3") == 0);
  m.recycle([](backend_index) { return true; });
  CHECK(*m.add({.key = "d"}) == 0);
  CHECK(m.find("c") == backend_index{2});
  CHECK(m.find("a") == std::nullopt);
  CHECK_FALSE(m.set_weight(1, -3));
  CHECK_FALSE(m.set_healthy(7, true));
}

TEST_CASE("memberships roll back to the last commit") {
  // Against a copy made at the commit, over random changes.
  lepton::detail::pcg32 random{3};
  balance::membership m{12};
  const auto described = [](balance::membership copy) {
    std::string text;
    const auto s = copy.make_snapshot();
    for (backend_index i = 0; i < s.size(); ++i) {
      if (!s.is_member(i)) continue;
      text += std::to_string(i) + ":" + std::string{s.key(i)} + "/" +
              std::to_string(s.exact_weight(i)) + (s.is_healthy(i) ? "+" : "-") + " ";
    }
    // Which indices would be given next is part of the state.
    for (int k = 0; k < 12; ++k) {
      const auto i = copy.add({.key = "new" + std::to_string(k)});
      text += i ? std::to_string(*i) + " " : "full";
    }
    return text;
  };
  const auto change = [&] {
    const auto i = static_cast<backend_index>(random.below(12));
    switch (random.below(6)) {
      case 0:
      case 1:
        (void)m.add({.key = std::to_string(random.below(20))});
        break;
      case 2:
        (void)m.remove(i);
        break;
      case 3:
        (void)m.set_weight(i, random.below(9));
        break;
      case 4:
        (void)m.set_healthy(i, random.below(2) == 0);
        break;
      default: {
        std::vector<backend> list;
        for (std::uint32_t k = random.below(8); k < 12; k += 1 + random.below(4))
          list.push_back({.key = std::to_string(k), .weight = 1.0 + k});
        (void)m.replace(list);
      }
    }
  };
  for (int round = 0; round < 3000; ++round) {
    const auto before = described(m);
    for (auto k = random.below(6); k > 0; --k) change();
    m.roll_back();
    REQUIRE(described(m) == before);
    for (auto k = random.below(3); k > 0; --k) change();
    m.commit();
    if (random.below(4) == 0) m.recycle([&](backend_index) { return random.below(2) == 0; });
  }
}

TEMPLATE_TEST_CASE("a balancer counts, and keeps an index while a lease lives", "",
                   balance::single_threaded, balance::shared) {
  balance::balancer<balance::random_choice, TestType> b{{}, 4};
  CHECK_FALSE(b.pick({}));
  REQUIRE(b.replace({{.key = "a"}}));
  {
    const auto request = b.pick({.random = 5});
    REQUIRE(request);
    CHECK(request.index() == 0);
    CHECK(b.loads()[0] == 1);
    REQUIRE(b.remove(0));
    CHECK_FALSE(b.pick({}));
    CHECK(*b.add({.key = "b"}) == 1);  // 0 is still in use
    CHECK_FALSE(b.describe(0));
    CHECK(b.describe(1)->key == "b");
  }
  REQUIRE(b.set_weight(1, 2));  // a change: what is not in use any more is free again
  CHECK(*b.add({.key = "c"}) == 0);
  CHECK(b.loads().total() == 0);
}

TEST_CASE("a balancer tells its policy of starts and ends") {
  balance::balancer<obedient, single_threaded> b;
  REQUIRE(b.replace({{.key = "a"}, {.key = "b"}, {.key = "c"}}));
  auto first = b.pick({.hash = 2});
  auto second = b.pick({.hash = 1});
  CHECK_FALSE(b.pick({.hash = 1}, [](backend_index i) { return i != 1; }));
  first.finish({.success = false});
  second.end();
  b.read([](const snapshot& s, const obedient& p) {
    CHECK(s.size() == 3);
    CHECK(p.began == std::vector<backend_index>{2, 1});
    CHECK(p.ended == std::vector<std::pair<backend_index, bool>>{{2, false}, {1, true}});
  });
}

TEST_CASE("a change that the policy refuses changes nothing") {
  balance::balancer<obedient, single_threaded> b{obedient{true}};
  REQUIRE(b.add({.key = "a"}));
  CHECK(b.add({.key = "b"}).error().to_string() == "obedient: one backend is enough");
  CHECK_FALSE(b.update([](balance::membership& m) -> lepton::status {
    if (auto done = m.set_weight(0, 4); !done) return done;
    return lepton::failure("changed my mind");
  }));
  CHECK(b.describe(0)->weight == 1);
  CHECK(b.read([](const snapshot& s, const obedient&) { return s.size(); }) == 1);

  balance::balancer wrong{balance::maglev{balance::maglev_options{.table_size = 100}}};
  CHECK_FALSE(wrong.pick({}));
  const auto refused = wrong.add({.key = "a"});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().to_string().find("prime") != std::string::npos);
  CHECK_FALSE(wrong.pick({}));
}

TEST_CASE("a change that throws changes nothing") {
  struct no_memory {};
  balance::balancer<balance::random_choice> b;
  REQUIRE(b.add({.key = "a"}));
  CHECK_THROWS_AS(b.update([](balance::membership& m) -> lepton::status {
    (void)m.set_weight(0, 4);
    (void)m.add({.key = "b"});
    throw no_memory{};
  }),
                  no_memory);
  CHECK(b.describe(0)->weight == 1);
  CHECK_FALSE(b.describe(1));
  CHECK(*b.add({.key = "b"}) == 1);  // nor does the next change make up for it
  CHECK(b.describe(0)->weight == 1);
}

TEMPLATE_TEST_CASE("an index is free once its requests have ended, without another change", "",
                   balance::single_threaded, balance::shared) {
  balance::balancer<balance::random_choice, TestType> b{{}, 1};
  REQUIRE(b.add({.key = "a"}));
  auto request = b.pick({});
  REQUIRE(b.remove(0));
  CHECK_FALSE(b.add({.key = "b"}));
  request.end();
  CHECK(*b.add({.key = "b"}) == 0);
}

TEST_CASE("replace keeps who stays") {
  balance::balancer<balance::least_connections<single_threaded>, single_threaded> b;
  REQUIRE(b.replace({{.key = "a"}, {.key = "b"}}));
  auto one = b.pick({});
  const auto two = b.pick({});
  CHECK(one.index() != two.index());
  REQUIRE(b.replace({{.key = "c"}, {.key = "b", .weight = 2}}));
  CHECK(b.describe(1)->weight == 2);
  CHECK(b.describe(2)->key == "c");
  CHECK(b.pick({}).index() == 2);
  CHECK_FALSE(b.replace({{.key = "c"}, {.key = "c"}}));
  CHECK(b.describe(1)->key == "b");
}

TEST_CASE("policies follow backends by id") {
  balance::per_backend<int> values;
  balance::membership m;
  (void)m.add({.key = "a"});
  (void)m.add({.key = "b"});
  values.follow(m.make_snapshot(), 7);
  values[0] = 1;
  values[1] = 2;
  (void)m.remove(0);
  m.recycle([](backend_index) { return true; });
  (void)m.add({.key = "c"});
  (void)m.add({.key = "d"});
  values.follow(m.make_snapshot(), 7);
  CHECK(values[0] == 7);
  CHECK(values[1] == 2);
  CHECK(values[2] == 7);
}
