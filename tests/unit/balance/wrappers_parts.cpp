// SPDX-License-Identifier: Apache-2.0
// Wrappers that divide the backends into parts with a policy each: priority levels, zones, subsets;
// and balancing policies that place tasks on nodes.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/balance/deterministic_subset.hpp>
#include <lepton/balance/label_subset.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/maglev.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/over_nodes.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/priority_levels.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/balance/retry_exclusion.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/zone_aware.hpp>
#include <lepton/detail/hash.hpp>
#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/place/concept.hpp>
#include <lepton/place/feasibility.hpp>
#include <lepton/schedule/scheduler.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
namespace place = lepton::place;
using namespace std::chrono_literals;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using balance::subset_fallback;
using lepton::at;

namespace {

auto backends(std::size_t n) -> std::vector<backend> {
  std::vector<backend> list(n);
  for (std::size_t i = 0; i < n; ++i) list[i].key = "10.0.0." + std::to_string(i) + ":80";
  return list;
}
auto of(const std::vector<backend>& list) -> snapshot { return snapshot::build(list).value(); }

auto draw(std::uint64_t k) -> balance::context {
  balance::context c;
  c.random = lepton::detail::mix(k * 0x9e3779b97f4a7c15ULL);
  c.hash = lepton::detail::mix(k + 1);
  return c;
}
template <class Policy, class Allowed = balance::everyone>
auto shares(Policy& p, const snapshot& s, std::uint64_t picks, const Allowed& allowed = {})
    -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> count(s.size() + 1);
  for (std::uint64_t k = 0; k < picks; ++k)
    ++count[std::min<std::size_t>(p.pick(s, draw(k), allowed), s.size())];
  return count;
}
auto near(std::uint64_t count, double expected, double tolerance) -> bool {
  return static_cast<double>(count) > expected * (1 - tolerance) &&
         static_cast<double>(count) < expected * (1 + tolerance);
}
auto nobody(backend_index) -> bool { return false; }

/// Remembers for whom its hooks were called.
struct listener {
  auto rebuild(const snapshot&) -> lepton::status { return {}; }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) const noexcept
      -> backend_index {
    return balance::random_choice{}.pick(s, c, allowed);
  }
  void started(backend_index i, const balance::context&) noexcept { in_flight[i] += 1; }
  void finished(backend_index i, const balance::outcome&) noexcept { in_flight[i] -= 1; }
  std::array<int, 16> in_flight{};
};
struct never_built {
  auto rebuild(const snapshot&) -> lepton::status { return lepton::failure("too small"); }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot&, const Context&, const Allowed& = {}) const noexcept -> backend_index {
    return no_backend;
  }
};

static_assert(balance::policy<balance::priority_levels<balance::round_robin<>>>);
static_assert(balance::policy<balance::zone_aware<balance::power_of_d<2>>>);
static_assert(balance::policy<balance::label_subset<balance::least_connections<>>>);
static_assert(balance::policy<balance::deterministic_subset<balance::maglev>>);

/// `counts[k]` is how many of level k there are, and how many of them are healthy.
auto levels(const std::vector<std::pair<int, int>>& counts) -> std::vector<backend> {
  std::vector<backend> list;
  for (std::size_t k = 0; k < counts.size(); ++k) {
    for (int i = 0; i < counts[k].first; ++i) {
      backend b;
      b.key = std::to_string(k) + "/" + std::to_string(i);
      b.priority = static_cast<std::uint32_t>(10 * k);
      b.healthy = i < counts[k].second;
      list.push_back(b);
    }
  }
  return list;
}

}  // namespace

TEST_CASE("priority levels spill over as health fails") {
  balance::priority_levels p{balance::random_choice{}};
  const auto s = of(levels({{4, 2}, {4, 4}}));  // 70 : 30
  REQUIRE(p.rebuild(s));
  CHECK(p.level_count() == 2);
  CHECK(p.priority(1) == 10);
  CHECK(p.percent(0) == 70);
  const auto count = shares(p, s, 100'000);
  CHECK(near(count[0] + count[1], 70'000, 0.01));
  CHECK(count[2] + count[3] + count[8] == 0);
  CHECK(near(count[4], 7'500, 0.05));
}

TEST_CASE("a level in panic disregards health but not drains") {
  auto list = levels({{5, 1}, {4, 1}});  // health 28 and 35
  list[3].draining = true;
  list[2].weight = 0;
  balance::priority_levels p{balance::random_choice{}};
  auto s = of(list);
  REQUIRE(p.rebuild(s));
  CHECK((p.in_panic(0) && p.in_panic(1)));
  auto count = shares(p, s, 10'000);
  CHECK((count[0] > 0 && count[1] > 0 && count[4] > 0 && count[8] > 0));
  CHECK(count[2] + count[3] + count[9] == 0);

  balance::priority_levels calm{balance::random_choice{}, {.panic_percent = 0}};
  REQUIRE(calm.rebuild(s));
  count = shares(calm, s, 10'000);
  CHECK(count[0] + count[5] == 10'000);

  s = of(levels({{3, 0}, {2, 0}}));
  REQUIRE(p.rebuild(s));
  REQUIRE(calm.rebuild(s));
  CHECK(shares(p, s, 1000)[5] == 0);
  CHECK(shares(calm, s, 1000)[5] == 1000);
}

TEST_CASE("if nobody of a level is allowed the next ones are asked") {
  balance::priority_levels p{balance::random_choice{}};
  const auto s = of(levels({{2, 2}, {2, 2}, {2, 2}}));
  REQUIRE(p.rebuild(s));
  CHECK(shares(p, s, 100, [](backend_index i) { return i >= 2; })[2] > 0);
  CHECK(shares(p, s, 100, [](backend_index i) { return i >= 2; })[4] == 0);
  CHECK(shares(p, s, 100, nobody)[6] == 100);
}

TEST_CASE("levels can be drawn by hash, and health by weight") {
  auto list = levels({{4, 2}, {1, 1}});
  list[0].weight = list[1].weight = 3;
  list[2].weight = list[3].weight = 2;
  const auto s = of(list);
  balance::priority_levels p{
      balance::maglev{},
      {.overprovisioning_percent = 100, .weighted_health = true, .draws = balance::draw_by::hash}};
  REQUIRE(p.rebuild(s));
  CHECK(p.percent(0) == 60);
  for (std::uint64_t k = 0; k < 1000; ++k) {
    auto again = draw(k);
    again.random = lepton::detail::mix(again.random);
    CHECK(p.pick(s, draw(k)) == p.pick(s, again));
  }
  CHECK(near(shares(p, s, 50'000)[4], 20'000, 0.03));
}

TEST_CASE("priority levels: bad options, no backends, hooks") {
  const auto s = of(levels({{2, 2}, {2, 2}}));
  balance::priority_levels<balance::random_choice> low{{}, {.overprovisioning_percent = 99}};
  balance::priority_levels<balance::random_choice> high{{}, {.panic_percent = 101}};
  CHECK_FALSE(low.rebuild(s));
  CHECK_FALSE(high.rebuild(s));
  balance::priority_levels<never_built> unbuilt;
  CHECK(unbuilt.rebuild(s).error().message == "too small");
  CHECK(unbuilt.pick(s, draw(1)) == no_backend);

  balance::priority_levels p{listener{}};
  REQUIRE(p.rebuild(snapshot{}));
  CHECK(p.pick(snapshot{}, draw(1)) == no_backend);
  REQUIRE(p.rebuild(s));
  p.started(0, {});
  p.started(3, {});
  p.started(99, {});
  CHECK(p.inner(0).in_flight[0] == 1);
  CHECK(p.inner(1).in_flight[3] == 1);
  auto list = levels({{2, 2}, {2, 2}});
  list[3].healthy = false;
  REQUIRE(p.rebuild(of(list)));  // what it knows of them stays
  p.finished(0, {});
  p.finished(3, {});
  CHECK(p.inner(0).in_flight[0] == 0);
  CHECK(p.inner(1).in_flight[3] == 0);
}

TEST_CASE("zone aware routing keeps to the zone what it can take") {
  auto list = backends(10);
  for (std::size_t i = 0; i < 10; ++i) list[i].zone = i < 2 ? "a" : i < 6 ? "b" : "c";
  const auto s = of(list);
  // Backends 20, 40, 40 percent; callers a third each.
  balance::zone_aware p{balance::random_choice{}, {.local_zone = "a"}};
  REQUIRE(p.rebuild(s));
  CHECK(p.routes_by_zone());
  CHECK(p.local_share() == 2000 * 10'000 / 3333);
  CHECK(p.residual("b") == 667);
  CHECK(p.residual("c") == 667);
  const auto count = shares(p, s, 100'000);
  CHECK(near(count[0] + count[1], 60'000, 0.01));
  CHECK(near(count[2] + count[3] + count[4] + count[5], 20'000, 0.03));

  balance::zone_aware roomy{balance::random_choice{}, {.local_zone = "b"}};
  REQUIRE(roomy.rebuild(s));
  CHECK(roomy.local_share() == 10'000);
  const auto all_local = shares(roomy, s, 1000);
  CHECK(all_local[2] + all_local[3] + all_local[4] + all_local[5] == 1000);
  // Nobody at home: all zones count.
  const auto away = shares(roomy, s, 1000, [](backend_index i) { return i < 2 || i > 8; });
  CHECK(away[0] + away[1] + away[9] == 1000);
  CHECK(shares(roomy, s, 10, nobody)[10] == 10);

  balance::zone_aware half{balance::random_choice{}, {.local_zone = "b", .routing_percent = 50}};
  REQUIRE(half.rebuild(s));
  CHECK(near(shares(half, s, 100'000)[0], 5'000, 0.06));
}

TEST_CASE("enormous weights and numbers of callers do not overflow") {
  const std::uint64_t large = std::uint64_t{1} << 60;
  const auto r = balance::detail::zone_routes::plan({large, large, 2 * large}, {1, 1, 2}, 4, 0);
  CHECK(r.all_local);
  CHECK(r.residual == std::vector<std::uint64_t>{0, 0, 0});
  const auto l =
      balance::detail::level_loads({{2, 1, large, large / 2}, {1, 1, 1, 1}}, 0xffff'ffff, 50, true);
  CHECK(l[0].percent == 100);

  balance::zone_options options;
  options.local_zone = "a";
  options.callers = {{"a", 8 * large}, {"b", 8 * large}};
  options.min_cluster_size = 1;
  const auto s = *snapshot::build({{.key = "x", .zone = "a"}, {.key = "y", .zone = "b"}});
  CHECK_FALSE(balance::zone_aware{balance::random_choice{}, options}.rebuild(s));
}

TEST_CASE("zones are ignored where they mean nothing") {
  auto list = backends(6);
  for (std::size_t i = 0; i < 6; ++i) list[i].zone = i < 3 ? "a" : "b";
  auto s = of(list);
  const auto routes = [&](balance::zone_options o) {
    balance::zone_aware p{balance::random_choice{}, std::move(o)};
    REQUIRE(p.rebuild(s));
    const auto count = shares(p, s, 10'000);
    if (!p.routes_by_zone()) CHECK(near(count[0], 10'000 / 6.0, 0.12));
    return p.routes_by_zone();
  };
  CHECK(routes({.local_zone = "a"}));
  CHECK_FALSE(routes({.local_zone = "a", .min_cluster_size = 7}));
  CHECK_FALSE(routes({.local_zone = "elsewhere"}));
  CHECK_FALSE(routes({.local_zone = "a", .callers = {{"a", 3}}}));
  CHECK_FALSE(routes({.local_zone = "a", .callers = {{"b", 3}, {"c", 1}}}));
  CHECK(routes({.local_zone = "c", .callers = {{"b", 3}, {"c", 1}}}));
  CHECK_FALSE(routes({.local_zone = "a", .callers = {{"a", 3}, {"b", 0}}}));
  for (auto& b : list) b.zone = "a";
  s = of(list);
  CHECK_FALSE(routes({.local_zone = "a"}));
  balance::zone_aware<balance::random_choice> wrong{{}, {.routing_percent = 101}};
  CHECK_FALSE(wrong.rebuild(s));
}

TEST_CASE("zones by weight and hooks in zones") {
  auto list = backends(6);
  for (std::size_t i = 0; i < 6; ++i) list[i].zone = i < 3 ? "a" : "b";
  for (std::size_t i = 3; i < 6; ++i) list[i].weight = 3;
  const auto s = of(list);
  balance::zone_aware p{listener{}, {.local_zone = "a", .by_weight = true}};
  REQUIRE(p.rebuild(s));
  CHECK(p.local_share() == 5'000);
  p.started(2, {});
  list[2].healthy = false;
  REQUIRE(p.rebuild(of(list)));
  p.finished(2, {});
}

TEST_CASE("label subsets follow the labels of the request") {
  auto list = backends(4);
  list[0].own_labels = {{"v", "1.0"}, {"stage", "prod"}};
  list[1].own_labels = {{"v", "1.0"}, {"stage", "prod"}};
  list[2].own_labels = {{"v", "1.1"}, {"stage", "canary"}};
  list[3].own_labels = {{"v", "1.2-pre"}, {"stage", "dev"}};
  const auto s = of(list);
  balance::label_subset p{balance::random_choice{},
                          {.selectors = {{{"v", "stage"}}, {{"stage"}, subset_fallback::none}},
                           .fallback = subset_fallback::any}};
  REQUIRE(p.rebuild(s));
  CHECK(p.subset_count() == 6);
  const auto pick = [&](const auto& wanted, std::uint64_t k = 1) {
    return p.pick(s, balance::label_context{draw(k), wanted});
  };
  using pair = std::pair<std::string_view, std::string_view>;
  CHECK(pick(lepton::labels{{"stage", "canary"}}) == 2);
  CHECK(pick(lepton::labels{{"stage", "dev"}, {"v", "1.2-pre"}}) == 3);
  CHECK(pick(std::array{pair{"v", "1.2-pre"}, pair{"stage", "dev"}}) == 3);  // unsorted
  CHECK(pick(lepton::labels{{"stage", "test"}}) == no_backend);
  CHECK(pick(lepton::labels{{"stage", "canary"}, {"v", "1.0"}}) != no_backend);  // any
  CHECK(pick(lepton::labels{{"other", "x"}}) != no_backend);
  CHECK(pick(lepton::labels{}) != no_backend);
  CHECK(p.pick(s, draw(1)) != no_backend);
  std::set<backend_index> seen;
  for (std::uint64_t k = 0; k < 200; ++k) seen.insert(pick(lepton::labels{{"stage", "prod"}}, k));
  CHECK(seen == std::set<backend_index>{0, 1});

  // A subset whose members may not be picked is not left for another.
  list[2].healthy = false;
  const auto sick = of(list);
  REQUIRE(p.rebuild(sick));
  const lepton::labels canary{{"stage", "canary"}};
  CHECK(p.pick(sick, balance::label_context{draw(1), canary}) == no_backend);
}

TEST_CASE("label subsets: what is wrong with the options") {
  auto list = backends(3);
  for (std::size_t i = 0; i < 3; ++i) list[i].own_labels = {{"id", std::to_string(i)}};
  const auto s = of(list);
  const auto wrong = [&](balance::subset_options o) {
    balance::label_subset<balance::random_choice> p{{}, std::move(o)};
    const auto built = p.rebuild(s);
    return built ? std::string{} : built.error().message;
  };
  CHECK(wrong({}).empty());
  CHECK(wrong({.selectors = {{{}}}}).find("without keys") != std::string::npos);
  CHECK(wrong({.selectors = {{{"a", "a"}}}}).find("twice") != std::string::npos);
  CHECK(wrong({.selectors = {{{"a", "b"}}, {{"b", "a"}}}}).find("same keys") != std::string::npos);
  CHECK(wrong({.selectors = {{{"id"}}}, .max_subsets = 2}).find("more than 2") !=
        std::string::npos);
  CHECK(wrong({.selectors = {{{"id"}}}, .max_subsets = 3}).empty());
}

TEST_CASE("panic inside a label subset stays in the subset") {
  auto list = backends(6);
  for (std::size_t i = 0; i < 6; ++i) {
    list[i].own_labels = {{"stage", i < 3 ? "prod" : "canary"}};
    list[i].healthy = false;
  }
  list[0].healthy = true;
  const auto s = of(list);
  balance::label_subset p{balance::priority_levels{listener{}}, {.selectors = {{{"stage"}}}}};
  REQUIRE(p.rebuild(s));
  const lepton::labels prod{{"stage", "prod"}};
  std::set<backend_index> seen;
  for (std::uint64_t k = 0; k < 1000; ++k)
    seen.insert(p.pick(s, balance::label_context{draw(k), prod}));
  CHECK(*seen.rbegin() < 3);
  CHECK(seen.size() > 1);
  p.started(0, {});
  p.finished(0, {});
  p.started(77, {});
}

TEST_CASE("deterministic subsets share the backends out evenly") {
  const auto s = of(backends(12));
  std::array<int, 12> clients{};
  for (std::uint64_t client = 0; client < 40; ++client) {
    balance::deterministic_subset p{balance::random_choice{}, {.client = client, .size = 3}};
    REQUIRE(p.rebuild(s));
    const auto mine = p.chosen();
    CHECK(mine.size() == 3);
    for (const auto i : mine) ++clients[i];
    const auto count = shares(p, s, 300);
    for (backend_index i = 0; i < 12; ++i)
      CHECK((count[i] > 0) == (std::find(mine.begin(), mine.end(), i) != mine.end()));
  }
  for (const auto n : clients) CHECK(n == 10);
}

TEST_CASE("deterministic subsets do not depend on the order of the backends") {
  auto list = backends(30);
  for (const auto by : {balance::subset_by::rounds, balance::subset_by::rendezvous}) {
    std::vector<std::string> keys;
    for (int turn = 0; turn < 2; ++turn) {
      const auto s = of(list);
      balance::deterministic_subset p{balance::random_choice{},
                                      {.client = 17, .size = 5, .by = by}};
      REQUIRE(p.rebuild(s));
      std::vector<std::string> mine;
      for (const auto i : p.chosen()) mine.emplace_back(s.key(i));
      std::sort(mine.begin(), mine.end());
      if (turn == 1) CHECK(mine == keys);
      keys = mine;
      std::reverse(list.begin(), list.end());
    }
  }
}

TEST_CASE("a failed backend of a deterministic subset is replaced by one") {
  auto list = backends(40);
  for (const auto by : {balance::subset_by::rounds, balance::subset_by::rendezvous}) {
    balance::deterministic_subset p{balance::random_choice{}, {.client = 3, .size = 6, .by = by}};
    REQUIRE(p.rebuild(of(list)));
    const std::set<backend_index> before{p.chosen().begin(), p.chosen().end()};
    const auto gone = *before.begin();
    list[gone].healthy = false;
    const auto s = of(list);
    REQUIRE(p.rebuild(s));
    const std::set<backend_index> after{p.chosen().begin(), p.chosen().end()};
    CHECK(after.size() == 6);
    CHECK(after.count(gone) == 0);
    for (const auto i : before) CHECK((i == gone || after.count(i) == 1));
    list[gone].healthy = true;
  }
  balance::deterministic_subset<balance::random_choice> none{{}, {.size = 0}};
  CHECK_FALSE(none.rebuild(of(list)));
  balance::deterministic_subset<balance::random_choice> all{{}, {.size = 100}};
  REQUIRE(all.rebuild(of(list)));
  CHECK(all.chosen().size() == 40);
  REQUIRE(all.rebuild(snapshot{}));
  CHECK(all.pick(snapshot{}, draw(1)) == no_backend);
}

// Balancing policies as placement policies.

namespace {

using cluster_type = lepton::cluster<2>;
using task_type = lepton::task<2>;

auto node(const char* name, std::int64_t cpu, std::int64_t memory) -> lepton::node_spec<2> {
  lepton::node_spec<2> n;
  n.name = name;
  n.capacity = {cpu, memory};
  return n;
}
auto job(lepton::task_id id, std::int64_t cpu, std::int64_t memory) -> task_type {
  task_type t;
  t.id = id;
  t.demand = {cpu, memory};
  return t;
}
struct host {
  lepton::resources<2> free{};
  bool accepting = true;
};

static_assert(place::policy<balance::over_nodes<balance::round_robin<>>, task_type, cluster_type>);
static_assert(place::policy<balance::over_nodes<balance::maglev>, task_type, std::vector<host>>);

}  // namespace

TEST_CASE("a scheduler places by round robin over nodes with room") {
  cluster_type nodes;
  for (const auto* name : {"a", "b", "c"}) REQUIRE(nodes.add(node(name, 4, 4)));
  auto s = lepton::scheduler{std::move(nodes), lepton::order::fcfs{},
                             balance::over_nodes{balance::round_robin{}}};
  for (lepton::task_id id = 1; id <= 14; ++id) REQUIRE(s.submit(job(id, 1, 1), at(0s)));
  std::array<int, 3> count{};
  for (const auto& a : s.run(at(0s))) ++count[a.what.node()];
  CHECK(count == std::array{4, 4, 4});
  CHECK(s.waiting_count() == 2);
  REQUIRE(s.finish(5, at(1s)));
  CHECK(s.run(at(1s)).size() == 1);
  REQUIRE(s.submit(job(99, 5, 1), at(2s)));
  const auto& never = s.run(at(2s));
  REQUIRE(never.size() == 1);
  CHECK(never[0].what.outcome() == lepton::verdict::infeasible);
  for (lepton::node_index i = 0; i < 3; ++i) CHECK(s.nodes()[i].free() == lepton::resources<2>{});
  for (lepton::task_id id = 1; id <= 13; ++id)
    if (id != 5) REQUIRE(s.finish(id, at(3s)));
  for (lepton::node_index i = 0; i < 3; ++i) CHECK(s.nodes()[i].free() == s.nodes()[i].capacity());
}

TEST_CASE("fewest tasks on a node, and verdicts with their reasons") {
  cluster_type nodes;
  REQUIRE(nodes.add(node("a", 8, 8)));
  REQUIRE(nodes.add(node("b", 8, 8)));
  balance::over_nodes fewest{balance::least_connections<>{}};
  const auto place_one = [&](const task_type& t) {
    const auto d = fewest.pick(t, nodes);
    REQUIRE(d);
    REQUIRE(nodes.allocate(t, d));
    return d.node();
  };
  const auto first = place_one(job(1, 1, 1));
  CHECK(place_one(job(2, 1, 1)) != first);
  REQUIRE(nodes.add(node("c", 2, 8)));  // a new structure is taken up
  CHECK(place_one(job(3, 1, 1)) == 2);
  CHECK(place_one(job(4, 2, 1)) != 2);

  auto d = fewest.pick(job(5, 8, 1), nodes);
  CHECK(d.outcome() == lepton::verdict::busy);
  CHECK(d.reasons()[lepton::reason::resource_0] == 3);
  d = fewest.pick(job(5, 9, 1), nodes);
  CHECK(d.outcome() == lepton::verdict::infeasible);
  REQUIRE(nodes.drain(0));
  REQUIRE(nodes.remove(1));
  d = fewest.pick(job(6, 8, 9), nodes);
  CHECK(d.outcome() == lepton::verdict::infeasible);
  d = fewest.pick(job(6, 8, 8), nodes);
  CHECK(d.outcome() == lepton::verdict::busy);  // 0 only drains
  CHECK(d.reasons()[lepton::reason::closed] == 2);
  for (int k = 0; k < 1; ++k) CHECK(place_one(job(7, 1, 1)) == 2);
  CHECK(fewest.pick(job(8, 0, 0), cluster_type{}).outcome() == lepton::verdict::infeasible);
}

TEST_CASE("hashing places a task by its id while its node is there") {
  cluster_type nodes;
  for (int i = 0; i < 8; ++i)
    REQUIRE(nodes.add(node(("node" + std::to_string(i)).c_str(), 1000, 1000)));
  balance::over_nodes by_id{balance::rendezvous_hash{}};
  std::vector<lepton::node_index> where;
  for (lepton::task_id id = 0; id < 400; ++id)
    where.push_back(by_id.pick(job(id, 1, 1), nodes).node());
  CHECK(std::set<lepton::node_index>(where.begin(), where.end()).size() == 8);
  REQUIRE(nodes.drain(3));
  for (lepton::task_id id = 0; id < 400; ++id) {
    const auto now = by_id.pick(job(id, 1, 1), nodes).node();
    if (where[id] != 3) CHECK(now == where[id]);
    CHECK(now != 3);
  }
}

TEST_CASE("plain views: tasks are counted by the policy itself") {
  std::vector<host> hosts(3, host{{8, 8}, true});
  balance::over_nodes fewest{balance::least_connections<>{}};
  std::array<int, 3> count{};
  for (lepton::task_id id = 0; id < 9; ++id) ++count[fewest.pick(job(id, 1, 1), hosts).node()];
  CHECK(count == std::array{3, 3, 3});
  for (int k = 0; k < 3; ++k) fewest.ended(1);
  fewest.ended(1);  // one too many
  for (lepton::task_id id = 0; id < 3; ++id) CHECK(fewest.pick(job(id, 1, 1), hosts).node() == 1);
  hosts[1].accepting = false;
  CHECK(fewest.pick(job(9, 1, 1), hosts).node() != 1);
  hosts.push_back({{8, 8}, true});
  CHECK(fewest.pick(job(10, 1, 1), hosts).node() == 3);
}

TEST_CASE("nodes have weights, devices are chosen, and full feasibility can be plugged in") {
  cluster_type nodes;
  auto gpu = node("gpu", 8, 8);
  gpu.devices = lepton::device_set{2, 1};
  auto tainted = node("tainted", 8, 8);
  tainted.devices = lepton::device_set{1, 1};
  tainted.taints = {{"reserved", "", lepton::taint_effect::no_schedule}};
  REQUIRE(nodes.add(gpu));
  REQUIRE(nodes.add(tainted));
  REQUIRE(nodes.add(node("plain", 8, 8)));
  const auto weigh = [](const auto& n) { return n.name() == "plain" ? 0.0 : 1.0; };
  const auto feasible = [](const auto& t, const auto& n) { return place::first_failure(t, n); };
  balance::over_nodes p{balance::random_choice{}, feasible, weigh, 7};
  auto t = job(1, 1, 1);
  for (int k = 0; k < 100; ++k) CHECK(p.pick(t, nodes).node() == 0);
  t.devices = lepton::device_request::whole(2);
  const auto d = p.pick(t, nodes);
  CHECK(d.devices() == 3);
  REQUIRE(nodes.allocate(t, d));
  CHECK(p.pick(t, nodes).outcome() == lepton::verdict::busy);
  CHECK(p.pick(t, nodes).reasons()[lepton::reason::devices] == 2);
  t.devices = lepton::device_request::whole(3);
  CHECK(p.pick(t, nodes).outcome() == lepton::verdict::infeasible);

  // Names that are missing or taken do not matter; a policy that cannot be built is told.
  REQUIRE(nodes.add(node("plain", 8, 8)));
  REQUIRE(nodes.add(node("", 8, 8)));
  REQUIRE(nodes.add(node("#4", 8, 8)));
  balance::over_nodes any{balance::random_choice{}};
  CHECK(any.pick(job(1, 1, 1), nodes));
  CHECK(any.problem().has_value());
  balance::over_nodes wrong{never_built{}};
  CHECK(wrong.pick(job(1, 1, 1), nodes).outcome() == lepton::verdict::busy);
  CHECK(wrong.problem().error().message == "too small");
}
