// SPDX-License-Identifier: Apache-2.0
// Figures that Envoy publishes of its load balancing, in its documentation and its own tests
// (github.com/envoyproxy/envoy). Turning red is legitimate only if Envoy's figures change, or one
// of them turns out to be cited wrongly here.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/label_subset.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/priority_levels.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/slow_start.hpp>
#include <lepton/balance/zone_aware.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using namespace std::chrono_literals;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using lepton::at;

namespace {

using ints = std::vector<int>;

auto of(const std::vector<backend>& list) -> snapshot { return snapshot::build(list).value(); }
auto backends(std::size_t n) -> std::vector<backend> {
  std::vector<backend> list(n);
  for (std::size_t i = 0; i < n; ++i) list[i].key = std::to_string(i);
  return list;
}

struct level_counts {
  int members;
  int healthy;
};
struct loads_and_panic {
  ints percent{};
  ints panic{};
};
/// Through the policy itself. A level without members is not a level of ours: its figures are 0 and
/// - as Envoy has it when all panic - the panic of the others.
auto priority_loads(const std::vector<level_counts>& levels, balance::priority_options o = {})
    -> loads_and_panic {
  std::vector<backend> list;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    for (int i = 0; i < levels[k].members; ++i) {
      backend b;
      b.key = std::to_string(k) + "/" + std::to_string(i);
      b.priority = static_cast<std::uint32_t>(k);
      b.healthy = i < levels[k].healthy;
      list.push_back(b);
    }
  }
  balance::priority_levels p{balance::random_choice{}, o};
  REQUIRE(p.rebuild(of(list)));
  loads_and_panic result{ints(levels.size()), ints(levels.size())};
  for (std::size_t k = 0; k < p.level_count(); ++k) {
    result.percent[p.priority(k)] = static_cast<int>(p.percent(k));
    result.panic[p.priority(k)] = p.in_panic(k) ? 1 : 0;
  }
  return result;
}

struct route {
  std::uint32_t local = 0;  // of 10,000
  std::vector<std::uint64_t> residual{};
};
auto route_of(const std::vector<std::pair<std::string, int>>& zones, balance::zone_options o)
    -> route {
  std::vector<backend> list;
  for (const auto& [zone, count] : zones) {
    for (int i = 0; i < count; ++i) {
      backend b;
      b.key = zone + std::to_string(i);
      b.zone = zone;
      list.push_back(b);
    }
  }
  balance::zone_aware p{balance::random_choice{}, std::move(o)};
  REQUIRE(p.rebuild(of(list)));
  REQUIRE(p.routes_by_zone());
  route r{p.local_share()};
  for (const auto& zone : zones) r.residual.push_back(p.residual(zone.first));
  return r;
}

template <class Out>
void requests(Out& out, backend_index i, int count, bool success, lepton::time_point now) {
  for (int k = 0; k < count; ++k) out.finished(i, {.success = success, .now = now});
}

}  // namespace

// docs/root/intro/arch_overview/upstream/load_balancing/priority.rst: two levels, the second
// healthy.
TEST_CASE("golden: Envoy's priority table of a healthy second level") {
  const auto first = [](int healthy) { return priority_loads({{100, healthy}, {10, 10}}).percent; };
  CHECK(first(100) == ints{100, 0});
  CHECK(first(72) == ints{100, 0});
  CHECK(first(71) == ints{99, 1});
  CHECK(first(50) == ints{70, 30});
  CHECK(first(25) == ints{35, 65});
  CHECK(first(0) == ints{0, 100});
}

// The same page: two and three levels of partial health, and panic_threshold.rst beside it. The
// page rounds its last row to 36 / 36 / 28; its formula and Envoy's code give what is here.
TEST_CASE("golden: Envoy's priority tables of two and three levels") {
  const auto two = [](int a, int b) { return priority_loads({{100, a}, {100, b}}); };
  CHECK(two(100, 100).percent == ints{100, 0});
  CHECK(two(72, 72).percent == ints{100, 0});
  CHECK(two(71, 71).percent == ints{99, 1});
  CHECK(two(50, 50).percent == ints{70, 30});
  CHECK(two(25, 100).percent == ints{35, 65});
  CHECK(two(25, 100).panic == ints{0, 0});
  CHECK(two(25, 25).percent == ints{50, 50});
  CHECK(two(25, 25).panic == ints{1, 1});
  CHECK(two(5, 65).panic == ints{1, 0});
  CHECK(two(5, 65).percent == ints{8, 92});

  const auto three = [](int a, int b, int c) {
    return priority_loads({{100, a}, {100, b}, {100, c}}, {.panic_percent = 0}).percent;
  };
  CHECK(three(100, 100, 100) == ints{100, 0, 0});
  CHECK(three(72, 72, 100) == ints{100, 0, 0});
  CHECK(three(71, 71, 100) == ints{99, 1, 0});
  CHECK(three(50, 50, 100) == ints{70, 30, 0});
  CHECK(three(25, 100, 100) == ints{35, 65, 0});
  CHECK(three(25, 25, 100) == ints{35, 35, 30});
  CHECK(three(25, 25, 20) == ints{37, 35, 28});
}

// test/extensions/load_balancing_policies/common/load_balancer_impl_base_test.cc:
// GentleFailover, GentleFailoverWithExtraLevels, OverProvisioningFactor.
TEST_CASE("golden: Envoy's failover tests") {
  const auto is = [](const std::vector<level_counts>& levels, const ints& percent,
                     const ints& panic) {
    const auto r = priority_loads(levels);
    CHECK(r.percent == percent);
    CHECK(r.panic == panic);
  };
  is({{1, 1}, {1, 1}}, {100, 0}, {0, 0});
  is({{2, 1}, {2, 1}}, {70, 30}, {0, 0});
  is({{4, 1}, {2, 2}}, {35, 65}, {0, 0});
  is({{4, 1}, {4, 1}}, {50, 50}, {1, 1});
  is({{4, 0}, {6, 1}}, {40, 60}, {1, 1});

  is({{1, 1}, {1, 1}, {1, 1}}, {100, 0, 0}, {0, 0, 0});
  is({{2, 1}, {2, 1}, {2, 1}}, {70, 30, 0}, {0, 0, 0});
  is({{4, 1}, {2, 2}, {2, 1}}, {35, 65, 0}, {0, 0, 0});
  is({{4, 1}, {4, 1}, {4, 1}}, {35, 35, 30}, {0, 0, 0});
  is({{5, 1}, {5, 1}, {5, 1}}, {34, 33, 33}, {1, 1, 1});
  is({{5, 0}, {5, 0}, {5, 5}}, {0, 0, 100}, {0, 0, 0});
  is({{5, 0}, {5, 0}, {5, 4}}, {0, 0, 100}, {0, 0, 0});
  is({{5, 0}, {5, 0}, {5, 2}}, {34, 33, 33}, {1, 1, 1});
  is({{5, 0}, {3, 0}, {2, 0}}, {50, 30, 20}, {1, 1, 1});
  is({{5, 0}, {6, 2}, {3, 1}}, {37, 42, 21}, {1, 1, 1});
  is({{3, 0}, {3, 0}, {3, 0}}, {34, 33, 33}, {1, 1, 1});
  is({{0, 0}, {6, 0}, {3, 0}}, {0, 67, 33}, {0, 1, 1});

  CHECK(priority_loads({{4, 2}, {4, 2}}, {.overprovisioning_percent = 100}).percent ==
        ints{50, 50});
}

// The same file: WeightedPriorityHealth.
TEST_CASE("golden: Envoy's weighted priority health") {
  auto list = backends(5);
  list[0].weight = list[1].weight = 3;
  list[2].weight = list[3].weight = 2;
  list[2].healthy = list[3].healthy = false;
  list[4].priority = 1;
  balance::priority_levels p{balance::random_choice{},
                             {.overprovisioning_percent = 100, .weighted_health = true}};
  REQUIRE(p.rebuild(of(list)));
  CHECK(p.percent(0) == 60);
  CHECK(p.percent(1) == 40);
}

// test/extensions/load_balancing_policies/round_robin/round_robin_lb_test.cc:
// ZoneAwareRoutingSmallZone, ZoneAwareNoMatchingZones, ZoneAwareEmptyLocalities and
// LowPrecisionForDistribution; the boundaries of the buckets are those of the residual sums.
TEST_CASE("golden: Envoy's zone aware routing") {
  auto r = route_of(
      {{"A", 1}, {"B", 2}, {"C", 2}},
      {.local_zone = "A", .callers = {{"A", 1}, {"B", 1}, {"C", 1}}, .min_cluster_size = 5});
  CHECK(r.local == 6000);
  CHECK(r.residual == std::vector<std::uint64_t>{0, 667, 667});

  r = route_of(
      {{"D", 1}, {"E", 1}, {"F", 1}},
      {.local_zone = "A", .callers = {{"A", 1}, {"B", 1}, {"C", 1}}, .min_cluster_size = 3});
  CHECK(r.local == 0);
  CHECK(r.residual == std::vector<std::uint64_t>{3333, 3333, 3333});

  r = route_of({{"C", 2}, {"E", 1}, {"F", 2}, {"H", 1}},
               {.local_zone = "A",
                .callers = {{"A", 1}, {"C", 1}, {"D", 1}, {"F", 1}},
                .min_cluster_size = 3});
  CHECK(r.local == 0);
  CHECK(r.residual == std::vector<std::uint64_t>{833, 1666, 833, 1666});  // up to 4998

  // One part in ten thousand too little, and nobody has room for it: any zone gets it.
  const auto low =
      balance::detail::zone_routes::plan({44'999, 55'001}, {45'000, 55'000}, 100'000, 0);
  CHECK_FALSE(low.all_local);
  CHECK(low.stays_local == 9997);
  CHECK(low.residual.back() == 0);
  CHECK(low.bound == 20'000);  // 9997 of 10,000 stay, then both zones get as much
  CHECK(low.edges == std::vector<std::uint64_t>{19'994, 19'997, 20'000});
}

// The comment above residual_capacity in load_balancer_impl.cc: callers 40 / 40 / 20 percent,
// backends 25 / 50 / 25 leave 0 / 10 / 5.
TEST_CASE("golden: Envoy's example of residual capacity") {
  const auto r = balance::detail::zone_routes::plan({25, 50, 25}, {40, 40, 20}, 100, 0);
  CHECK(r.stays_local == 6250);
  CHECK(r.residual == std::vector<std::uint64_t>{0, 1000, 1500});
  const auto stay = 6250 * 1500U;
  CHECK(r.zone_at(stay - 1, 0) == 0);
  CHECK(r.zone_at(stay + 3750 * 1000U - 1, 0) == 1);
  CHECK(r.zone_at(stay + 3750 * 1000U, 0) == 2);
  CHECK(r.zone_at(r.bound - 1, 0) == 2);
  CHECK(balance::detail::zone_routes::plan({10, 90}, {20, 80}, 100, 0).stays_local == 5000);
}

// test/common/upstream/outlier_detection_impl_test.cc: OutlierUtility.SRThreshold.
TEST_CASE("golden: Envoy's success rate threshold") {
  const double data[] = {50, 100, 100, 100, 100};
  const balance::detail::success_rates rates{[&](const auto& visit) {
    for (const auto rate : data) visit(rate);
  }};
  CHECK(rates.mean() == 90);
  CHECK(rates.deviation() == 20);
  CHECK(rates.threshold(1.9) == 52);
}

// BasicFlowSuccessRateExternalOrigin of the same file.
TEST_CASE("golden: Envoy's ejection by success rate") {
  const auto s = of(backends(5));
  balance::outlier_ejection out{balance::random_choice{},
                                {.max_ejection_percent = 100, .consecutive_errors = 0}};
  REQUIRE(out.rebuild(s));
  for (backend_index i = 0; i < 5; ++i) requests(out, i, 200, true, at(0s));
  requests(out, 4, 200, false, at(0s));
  out.sweep(at(10'000ms));
  CHECK(out.ejected_count() == 1);
  CHECK(out.is_ejected(4, at(10'000ms)));
  out.sweep(at(19'999ms));
  CHECK(out.ejected_count() == 1);
  out.sweep(at(50'001ms));
  CHECK(out.ejected_count() == 0);
  // 25 requests each are too few.
  for (backend_index i = 0; i < 5; ++i) requests(out, i, 25, true, at(50'001ms));
  requests(out, 4, 25, false, at(50'001ms));
  out.sweep(at(60'001ms));
  CHECK(out.ejected_count() == 0);
}

// BasicFlowFailurePercentageExternalOrigin: 250 errors of 300 are below 85 percent, 300 of 350 not.
TEST_CASE("golden: Envoy's ejection by failure percentage") {
  const auto s = of(backends(5));
  balance::outlier_ejection out{balance::random_choice{},
                                {.max_ejection_percent = 100,
                                 .consecutive_errors = 0,
                                 .eject_on_success_rate = false,
                                 .eject_on_failure_percentage = true}};
  REQUIRE(out.rebuild(s));
  for (backend_index i = 0; i < 5; ++i) requests(out, i, 50, true, at(0s));
  requests(out, 3, 250, false, at(0s));
  requests(out, 4, 300, false, at(0s));
  out.sweep(at(10'000ms));
  CHECK_FALSE(out.is_ejected(3, at(10'000ms)));
  CHECK(out.is_ejected(4, at(10'000ms)));
  out.sweep(at(19'999ms));
  CHECK(out.ejected_count() == 1);
  out.sweep(at(50'001ms));
  CHECK(out.ejected_count() == 0);
}

// EjectTimeBackoff: ejections of 10, 20 and 30 s; two quiet intervals; 20 s; a long time; 10 s.
TEST_CASE("golden: Envoy's growing and falling ejection time") {
  const auto s = of(backends(1));
  balance::outlier_ejection out{balance::random_choice{},
                                {.base_ejection_time = 10s, .max_ejection_percent = 100}};
  REQUIRE(out.rebuild(s));
  const auto eject = [&](lepton::time_point now) {
    requests(out, 0, 5, false, now);
    CHECK(out.ejected_count() == 1);
  };
  const auto after_sweep = [&](lepton::time_point now) {
    out.sweep(now);
    return out.ejected_count();
  };
  eject(at(0s));
  CHECK(after_sweep(at(10s)) == 0);
  eject(at(10s));
  CHECK(after_sweep(at(20s)) == 1);
  CHECK(after_sweep(at(30s)) == 0);
  eject(at(30s));
  CHECK(after_sweep(at(40s)) == 1);
  CHECK(after_sweep(at(50s)) == 1);
  CHECK(after_sweep(at(60s)) == 0);
  CHECK(after_sweep(at(70s)) == 0);
  CHECK(after_sweep(at(80s)) == 0);
  eject(at(80s));
  CHECK(after_sweep(at(90s)) == 1);
  CHECK(after_sweep(at(100s)) == 0);
  for (int i = 1; i <= 50; ++i) CHECK(after_sweep(at(100s + i * 10s)) == 0);
  eject(at(610s));
  CHECK(after_sweep(at(620s)) == 0);
}

// Overflow: of two backends 60 percent may be ejected. always_eject_one_host is Envoy's option.
TEST_CASE("golden: Envoy's cap on ejections") {
  const auto s = of(backends(2));
  balance::outlier_ejection out{balance::random_choice{},
                                {.max_ejection_percent = 60, .always_eject_one = false}};
  REQUIRE(out.rebuild(s));
  requests(out, 0, 5, false, at(0s));
  requests(out, 1, 5, false, at(0s));
  CHECK(out.ejected_count() == 1);
  CHECK(out.is_ejected(0, at(1s)));

  balance::outlier_ejection none{balance::random_choice{}, {.always_eject_one = false}};
  balance::outlier_ejection one{balance::random_choice{}};
  REQUIRE(none.rebuild(s));
  REQUIRE(one.rebuild(s));
  requests(none, 0, 5, false, at(0s));
  requests(one, 0, 5, false, at(0s));
  CHECK(none.ejected_count() == 0);
  CHECK(one.ejected_count() == 1);
}

// round_robin_lb_test.cc: SlowStartNoWait, SlowStartNoWaitNonLinearAggression,
// SlowStartWithRuntimeAggression, SlowStartNoWaitMinWeightPercent35.
TEST_CASE("golden: Envoy's slow start factors") {
  const auto factor = [](lepton::duration age, const balance::slow_start_options& o) {
    auto list = backends(2);
    list[1].joined = at(62s);
    balance::slow_start ramp{balance::random_choice{}, o};
    REQUIRE(ramp.rebuild(of(list)));
    return ramp.factor(1, at(62s + age));
  };
  CHECK(factor(12s, {.window = 60s}) == 0.2);
  CHECK(factor(20s, {.window = 60s}) == lepton_test::approx(1 / 3.0));
  CHECK(factor(65s, {.window = 60s}) == 1);
  CHECK(factor(0s, {.window = 60s}) == 0.1);
  CHECK(factor(5s, {.window = 60s, .aggression = 2}) == lepton_test::approx(0.2887).epsilon(1e-3));
  CHECK(factor(6s, {.window = 60s, .aggression = 2}) == lepton_test::approx(0.3162).epsilon(1e-3));
  CHECK(factor(26s, {.window = 60s, .aggression = 2}) == lepton_test::approx(0.6583).epsilon(1e-3));
  CHECK(factor(9s, {.window = 10s, .aggression = 1.5}) ==
        lepton_test::approx(0.9322).epsilon(1e-3));
  CHECK(factor(6s, {.window = 60s, .min_weight_percent = 35}) == 0.35);
}

// SlowStartNoWait: 4 : 1 after 12 of 60 s, 2 : 1 (3 : 1 to be exact) after 20 s.
TEST_CASE("golden: Envoy's slow start shares") {
  auto list = backends(2);
  list[1].joined = at(62s);
  const auto s = of(list);
  balance::slow_start ramp{balance::random_choice{}, {.window = 60s}};
  REQUIRE(ramp.rebuild(s));
  const auto newcomers = [&](lepton::time_point now) {
    int count = 0;
    for (std::uint64_t k = 0; k < 100'000; ++k) {
      balance::context c;
      c.random = lepton::detail::mix(k * 0x9e3779b97f4a7c15ULL);
      c.now = now;
      count += ramp.pick(s, c) == 1 ? 1 : 0;
    }
    return count / 100'000.0;
  };
  CHECK(newcomers(at(74s)) == lepton_test::approx(1 / 6.0).epsilon(0.02));
  CHECK(newcomers(at(82s)) == lepton_test::approx(1 / 4.0).epsilon(0.02));
  CHECK(newcomers(at(122s)) == lepton_test::approx(1 / 2.0).epsilon(0.02));
}

// docs/root/intro/arch_overview/upstream/load_balancing/subsets.rst: the table of its example.
TEST_CASE("golden: Envoy's example of label subsets") {
  auto list = backends(4);
  list[0].own_labels = list[1].own_labels = {{"v", "1.0"}, {"stage", "prod"}};
  list[2].own_labels = {{"v", "1.1"}, {"stage", "canary"}};
  list[3].own_labels = {{"v", "1.2-pre"}, {"stage", "dev"}};
  const auto s = of(list);
  balance::label_subset p{
      balance::random_choice{},
      {.selectors = {{{"v", "stage"}}, {{"stage"}, balance::subset_fallback::none}},
       .fallback = balance::subset_fallback::default_subset,
       .default_labels = {{"stage", "prod"}}}};
  REQUIRE(p.rebuild(s));
  const auto over = [&](const lepton::labels& wanted) {
    ints seen(4);
    for (std::uint64_t k = 0; k < 100; ++k) {
      balance::context c;
      c.random = lepton::detail::mix(k + 1);
      const auto i = p.pick(s, balance::label_context{c, wanted});
      if (i != no_backend) seen[i] = 1;
    }
    return seen;
  };
  CHECK(over({{"stage", "canary"}}) == ints{0, 0, 1, 0});
  CHECK(over({{"v", "1.2-pre"}, {"stage", "dev"}}) == ints{0, 0, 0, 1});
  CHECK(over({{"v", "1.0"}}) == ints{1, 1, 0, 0});
  CHECK(over({{"other", "x"}}) == ints{1, 1, 0, 0});
  CHECK(over({}) == ints{1, 1, 0, 0});
  CHECK(over({{"stage", "test"}}) == ints{0, 0, 0, 0});
}
