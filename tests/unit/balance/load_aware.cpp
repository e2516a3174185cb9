// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <lepton/balance/ipvs_least_connections.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/local_prequal.hpp>
#include <lepton/balance/nginx_least_connections.hpp>
#include <lepton/balance/peak_ewma.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/predicted_latency.hpp>
#include <lepton/balance/prequal.hpp>
#include <lepton/balance/zone_power_of_d.hpp>
#include <lepton/detail/decay.hpp>
#include <lepton/detail/indexed_heap.hpp>
#include <lepton/detail/level_lists.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using balance::no_backend;
using namespace std::chrono_literals;

namespace {

/// Holt's linear trend: a predictor of the kind that `predicted_latency` takes.
struct holt {
  double level = std::numeric_limits<double>::quiet_NaN();
  double trend = 0;

  void update(double value) noexcept {
    if (std::isnan(level)) {
      level = value;
      return;
    }
    const auto before = level;
    level = 0.5 * value + 0.5 * (level + trend);
    trend = 0.5 * (level - before) + 0.5 * trend;
  }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) const noexcept {
    for (std::size_t k = 0; k < quantiles.size(); ++k) {
      out[k] = level + trend * static_cast<double>(horizon) + (quantiles[k] - 0.5) * 0.1;
    }
  }
};

/// The last latency, for ever.
struct last_latency {
  double seconds = 0;
  void update(double latest, lepton::time_point) noexcept { seconds = latest; }
  auto estimate(lepton::time_point) noexcept -> double { return seconds; }
};

// Near misses.
struct may_throw {
  void update(double, lepton::time_point) {}
  auto estimate(lepton::time_point) noexcept -> double { return 0; }
};
struct no_time {
  void update(double) noexcept {}
  auto estimate(lepton::time_point) noexcept -> double { return 0; }
};

static_assert(balance::latency_estimator<balance::peak_ewma_estimator>);
static_assert(balance::fading_estimator<balance::peak_ewma_estimator>);
static_assert(balance::latency_estimator<last_latency>);
static_assert(!balance::fading_estimator<last_latency>);
static_assert(!balance::latency_estimator<may_throw>);
static_assert(!balance::latency_estimator<no_time>);
static_assert(!balance::latency_estimator<holt>);
static_assert(balance::series_predictor<holt>);
static_assert(!balance::series_predictor<last_latency>);
static_assert(balance::latency_estimator<balance::forecast_latency<holt>>);

using one = balance::single_threaded;
using many = balance::shared;
static_assert(balance::policy<balance::least_connections<one>>);
static_assert(balance::policy<balance::least_connections<many>>);
static_assert(balance::policy<balance::least_connections<one>, balance::context>);
static_assert(balance::policy<balance::nginx_least_connections>);
static_assert(balance::policy<balance::ipvs_least_connections>);
static_assert(balance::policy<balance::ipvs_weighted_least_connections>);
static_assert(balance::policy<balance::shortest_expected_delay>);
static_assert(balance::policy<balance::never_queue>);
static_assert(balance::policy<balance::power_of_d<>>);
static_assert(balance::policy<balance::power_of_d<3>>);
static_assert(balance::policy<balance::zone_power_of_d<>>);
static_assert(balance::policy<balance::peak_ewma<>>);
static_assert(balance::policy<balance::peak_ewma<one>>);
static_assert(balance::policy<balance::predicted_latency<holt>>);
static_assert(balance::policy<balance::predicted_latency<last_latency, one>>);
static_assert(balance::policy<balance::prequal<>>);
static_assert(balance::policy<balance::prequal<one>, balance::context>);
static_assert(balance::policy<balance::local_prequal<>>);
static_assert(balance::policy<balance::local_prequal<2, holt, one>>);
static_assert(!balance::is_thread_safe<balance::least_connections<one>>());
static_assert(!balance::is_thread_safe<balance::nginx_least_connections>());
static_assert(balance::is_thread_safe<balance::least_connections<>>());
static_assert(balance::is_thread_safe<balance::power_of_d<>>());
static_assert(balance::is_thread_safe<balance::peak_ewma<>>());
static_assert(balance::learns_of_starts<balance::least_connections<one>>);
static_assert(!balance::learns_of_starts<balance::least_connections<many>>);
static_assert(balance::learns_of_outcomes<balance::peak_ewma<>>);

auto weighing(std::vector<double> weights, std::uint64_t first_id = 1) -> balance::snapshot {
  std::vector<balance::backend> backends(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    backends[i].id = first_id + i;
    backends[i].weight = weights[i];
  }
  return *balance::snapshot::build(backends);
}

auto word(std::uint64_t k) -> std::uint64_t { return lepton::detail::mix(k + 1); }

using numbers = std::vector<std::uint32_t>;

/// What holds for every policy: none when there is none, and only allowed ones of positive weight.
template <class Policy>
void check_basics(Policy p) {
  const numbers idle(8);
  balance::context c;
  const auto never = [](backend_index) { return false; };

  const balance::snapshot nobody;
  REQUIRE(p.rebuild(nobody));
  CHECK(p.pick(nobody, c.with(idle)) == no_backend);
  CHECK(p.pick(nobody, c.with(idle), never) == no_backend);

  std::vector<balance::backend> backends(6);
  for (std::size_t i = 0; i < 6; ++i) backends[i].id = i + 1;
  backends[0].healthy = false;
  backends[2].weight = 0;
  backends[4].draining = true;
  const auto s = *balance::snapshot::build(backends);
  REQUIRE(p.rebuild(s));
  std::set<backend_index> picked;
  for (std::uint64_t k = 0; k < 300; ++k) {
    c.random = word(k);
    c.now += 1ms;
    const auto i = p.pick(s, c.with(idle));
    picked.insert(i);
    balance::tell_started(p, i, c);
    balance::tell_finished(p, i, {1ms, true, c.now});
    CHECK(p.pick(s, c.with(idle), never) == no_backend);
    CHECK(p.pick(s, c.with(idle), [](backend_index j) { return j == 3; }) == 3);
    CHECK(p.pick(s, c.with(idle), [](backend_index j) { return j == 2; }) == no_backend);
  }
  for (const auto i : picked) CHECK((i == 1 || i == 3 || i == 5));

  const auto copy = p;
  auto twin = copy;
  for (std::uint64_t k = 0; k < 50; ++k) {
    c.random = word(1000 + k);
    CHECK(p.pick(s, c.with(idle)) == twin.pick(s, c.with(idle)));
  }

  // Weight 0 comes back, one index is all there is, and all that can be is out.
  backends[2].weight = 3;
  const auto back = *balance::snapshot::build(backends);
  REQUIRE(p.rebuild(back));
  CHECK(p.pick(back, c.with(idle), [](backend_index j) { return j == 2; }) == 2);
  const auto single = weighing({5});
  REQUIRE(p.rebuild(single));
  CHECK(p.pick(single, c.with(idle)) == 0);
  CHECK(p.pick(single, c.with(idle), never) == no_backend);
  const auto weightless = weighing({0, 0});
  REQUIRE(p.rebuild(weightless));
  CHECK(p.pick(weightless, c.with(idle)) == no_backend);
}

}  // namespace

TEST_CASE("load-aware policies: nobody, health, weight 0, refusals, copies") {
  check_basics(balance::least_connections<one>{});
  check_basics(balance::least_connections<many>{});
  check_basics(balance::nginx_least_connections{});
  check_basics(balance::nginx_least_connections{{.max_fails = 1}});
  check_basics(balance::ipvs_least_connections{});
  check_basics(balance::ipvs_weighted_least_connections{});
  check_basics(balance::shortest_expected_delay{});
  check_basics(balance::never_queue{});
  check_basics(balance::power_of_d<1>{});
  check_basics(balance::power_of_d<2>{});
  check_basics(balance::power_of_d<3>{});
  check_basics(balance::power_of_d<2>{{.weighted = false}});
  check_basics(balance::zone_power_of_d<>{});
  check_basics(balance::peak_ewma<one>{});
  check_basics(balance::peak_ewma<many>{});
  check_basics(balance::predicted_latency<holt, many>{});
  check_basics(balance::predicted_latency<last_latency, many>{{{}, true, 0ns}});
  check_basics(balance::prequal<one>{});
  check_basics(balance::prequal<many>{});
  check_basics(balance::local_prequal<>{});
  check_basics(balance::local_prequal<2, holt, one>{});
}

TEST_CASE("least_connections counts by itself and keeps its counts") {
  balance::least_connections<one> p;
  const auto s = weighing({1, 2, 1});
  REQUIRE(p.rebuild(s));
  const balance::context c;
  const auto go = [&](const balance::snapshot& now) {
    const auto i = p.pick(now, c);
    p.started(i, c);
    return i;
  };
  // All tie: the group of 1 has two backends, as many turns as the 2, and comes later.
  CHECK(go(s) == 1);
  CHECK(go(s) == 0);
  CHECK(go(s) == 2);
  CHECK(p.load(1) == 1);
  CHECK(go(s) == 1);
  CHECK(p.load(1) == 2);

  // The counts stay with their backends; who takes an index anew begins at 0.
  const auto changed = *balance::snapshot::build({{.id = 1}, {.id = 2, .weight = 0}, {.id = 9}});
  REQUIRE(p.rebuild(changed));
  CHECK(p.load(0) == 1);
  CHECK(p.load(1) == 2);
  CHECK(p.load(2) == 0);
  CHECK(go(changed) == 2);
  p.finished(1, {});
  CHECK(p.load(1) == 1);
  REQUIRE(p.rebuild(s));
  CHECK(p.load(1) == 1);
  CHECK(p.load(2) == 0);  // id 3 is another one than id 9
  CHECK(go(s) == 2);

  // What was not counted does not count.
  p.finished(2, {});
  p.finished(2, {});
  p.finished(2, {});
  CHECK(p.load(2) == 0);
  p.finished(0, {});
  p.finished(1, {});
  for (backend_index i = 0; i < 3; ++i) CHECK(p.load(i) == 0);

  // A smaller snapshot, then a larger one.
  REQUIRE(p.rebuild(weighing({1})));
  CHECK(p.pick(weighing({1}), c) == 0);
  REQUIRE(p.rebuild(weighing({1, 1, 1, 1, 1})));
  CHECK(p.load(4) == 0);
}

TEST_CASE("least_connections goes by requests for the weight") {
  const auto s = weighing({1, 3});
  balance::least_connections<one> p;
  balance::least_connections<many> scan;
  REQUIRE(p.rebuild(s));
  REQUIRE(scan.rebuild(s));
  balance::loads<many> in_flight(2);
  const balance::context c;
  for (int k = 0; k < 400; ++k) {
    const auto i = p.pick(s, c);
    p.started(i, c);
    in_flight.start(scan.pick(s, c.with(in_flight)));
  }
  CHECK(p.load(0) == 100);
  CHECK(p.load(1) == 300);
  CHECK(in_flight[0] == 100);
  CHECK(in_flight[1] == 300);
}

TEST_CASE("least_connections of threads rotates its ties") {
  const auto s = weighing({1, 1, 1, 1});
  balance::least_connections<many> p;
  REQUIRE(p.rebuild(s));
  const auto pick = [&](const numbers& in_flight) {
    return p.pick(s, balance::context{}.with(in_flight));
  };
  const numbers idle(4);
  for (backend_index k = 0; k < 8; ++k) CHECK(pick(idle) == k % 4);
  CHECK(pick({1, 0, 1, 0}) == 1);
  CHECK(pick({1, 0, 1, 0}) == 3);
  CHECK(pick({1, 0, 1, 0}) == 1);
}

TEST_CASE("loads of more than 32 bits count as the most") {
  const auto s = weighing({1, 1});
  const std::vector<std::uint64_t> in_flight{1ULL << 40, 5};
  const auto c = balance::context{}.with(in_flight);
  CHECK(balance::shortest_expected_delay{}.pick(s, c) == 1);
  CHECK(balance::ipvs_weighted_least_connections{}.pick(s, c) == 1);
  const std::vector<int> signed_loads{3, 2};
  CHECK(balance::shortest_expected_delay{}.pick(s, balance::context{}.with(signed_loads)) == 1);
}

TEST_CASE("zone_power_of_d leaves the zone when it is worth it") {
  std::vector<balance::backend> backends(8);
  for (std::size_t i = 0; i < 8; ++i) {
    backends[i].id = i + 1;
    backends[i].zone = i < 4 ? "a" : "b";
  }
  const auto s = *balance::snapshot::build(backends);
  balance::zone_power_of_d<> p{{.zone = "a", .away_cost = 3}};
  REQUIRE(p.rebuild(s));
  const auto away = [&](std::uint32_t here, std::uint32_t there) {
    numbers in_flight(8, here);
    for (std::size_t i = 4; i < 8; ++i) in_flight[i] = there;
    int count = 0;
    balance::context c;
    for (std::uint64_t k = 0; k < 100; ++k) {
      c.random = word(k);
      count += p.pick(s, c.with(in_flight)) >= 4 ? 1 : 0;
    }
    return count;
  };
  CHECK(away(0, 0) == 0);
  CHECK(away(2, 0) == 0);  // 3 against 3 * 1: the own zone
  CHECK(away(3, 0) == 100);
  CHECK(away(10, 3) == 0);
  CHECK(away(12, 3) == 100);
  balance::zone_power_of_d<> elsewhere{{.zone = "c"}};
  REQUIRE(elsewhere.rebuild(s));
  CHECK(elsewhere.pick(s, balance::context{}.with(numbers(8))) != no_backend);
  for (const double cost : {0.5, -1.0, std::nan(""), HUGE_VAL}) {
    balance::zone_power_of_d<> wrong{{.zone = "a", .away_cost = cost}};
    const auto failed = wrong.rebuild(s);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().message.find("away_cost") != std::string::npos);
  }
}

TEST_CASE("peak EWMA rises at once and falls slowly") {
  balance::peak_ewma_estimator e{1s};
  CHECK(e.estimate(lepton::at(5s)) == 0);
  e.update(0.1, lepton::at(0s));
  e.update(0.5, lepton::at(0s));
  CHECK(e.estimate(lepton::at(0s)) == 0.5);
  e.update(0.1, lepton::at(1s));
  const auto w = std::exp(-1.0);
  CHECK(e.estimate(lepton::at(1s)) == Approx(0.5 * w + 0.1 * (1 - w)).epsilon(1e-12));
  CHECK(e.estimate(lepton::at(2s)) == Approx((0.5 * w + 0.1 * (1 - w)) * w).epsilon(1e-12));
  // Time that runs backwards stands still.
  CHECK(e.estimate(lepton::at(0s)) == e.estimate(lepton::at(1s)));
  e.update(0.2, lepton::at(0s));
  CHECK(e.estimate(lepton::at(1s)) == e.estimate(lepton::at(0s)));
  CHECK(e.estimate(lepton::at(2h)) == 0);
  CHECK(balance::peak_ewma_estimator{0s}.faded(1, 1s) == 0);
}

TEST_CASE("decay is the exponential") {
  for (double x = 0; x < 707; x += 0.0137) {
    const auto error = lepton::detail::decay(x) / std::exp(-x) - 1;
    if (std::abs(error) > 1e-13) FAIL("at " << x << ": " << error);
  }
  CHECK(lepton::detail::decay(0) == 1);
  CHECK(lepton::detail::decay(708) == 0);
  CHECK(lepton::detail::decay(1e300) == 0);
  CHECK(lepton::detail::decay(std::nan("")) == 0);
}

TEST_CASE("predicted_latency takes the cheaper backend") {
  const auto s = weighing({1, 1});
  balance::predicted_latency<last_latency, one> p;
  REQUIRE(p.rebuild(s));
  const auto pick = [&](const numbers& in_flight) {
    return p.pick(s, balance::context{}.with(in_flight));
  };
  // Unknown: a backend without requests is tried, one with some is not.
  CHECK(pick({1, 0}) == 1);
  CHECK(pick({0, 1}) == 0);
  p.finished(0, {10ms, true, {}});
  CHECK(pick({50, 0}) == 1);
  CHECK(pick({50, 1}) == 0);
  CHECK(pick({1'000'000, 1}) == 0);
  p.finished(1, {25ms, true, {}});
  CHECK(p.estimate(1, {}) == Approx(0.025));
  CHECK(pick({0, 0}) == 0);
  CHECK(pick({1, 0}) == 0);  // 2 * 10 < 25
  CHECK(pick({2, 0}) == 1);
  p.finished(0, {-5ms, true, {}});  // no latency
  p.finished(17, {1ms, true, {}});  // nobody
  CHECK(p.estimate(0, {}) == Approx(0.010));
  // What is known of a backend stays while it does, and goes with it.
  REQUIRE(p.rebuild(weighing({1, 3})));
  CHECK(p.estimate(0, {}) == Approx(0.010));
  CHECK(p.pick(weighing({1, 3}), balance::context{}.with(numbers{0, 0})) == 1);  // 25 / 3
  REQUIRE(p.rebuild(weighing({1, 1}, 2)));
  CHECK(p.estimate(0, {}) == 0);
}

TEST_CASE("predicted_latency counts failures as slow if told so") {
  const auto s = weighing({1, 1});
  balance::peak_ewma<one> p{{balance::peak_ewma_estimator{1s}, false, 2s}};
  REQUIRE(p.rebuild(s));
  p.finished(0, {1ms, false, {}});
  p.finished(1, {100ms, true, {}});
  CHECK(p.estimate(0, {}) == 2);
  CHECK(p.pick(s, balance::context{}.with(numbers{0, 0})) == 1);
  balance::peak_ewma<one> wrong{{balance::peak_ewma_estimator{1s}, false, -1s}};
  CHECK_FALSE(wrong.rebuild(s));
}

TEST_CASE("predicted_latency is the same for one thread and for many") {
  const auto s = weighing({1, 2, 1, 3, 1, 1, 5});
  balance::peak_ewma<one> a{{balance::peak_ewma_estimator{100ms}}};
  balance::peak_ewma<many> b{{balance::peak_ewma_estimator{100ms}}};
  REQUIRE(a.rebuild(s));
  REQUIRE(b.rebuild(s));
  numbers in_flight(7);
  int different = 0;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    balance::context c;
    c.random = word(k);
    c.now = lepton::at(lepton::duration{static_cast<std::int64_t>(k) * 1'000'000});
    for (auto& l : in_flight) l = static_cast<std::uint32_t>(word(k ^ l) % 4);
    const auto i = a.pick(s, c.with(in_flight));
    different += i == b.pick(s, c.with(in_flight)) ? 0 : 1;
    const balance::outcome how{lepton::duration{static_cast<std::int64_t>(word(~k) % 50'000'000)},
                               true, c.now};
    a.finished(i, how);
    b.finished(i, how);
    for (backend_index j = 0; j < 7; ++j) {
      const auto later = c.now + 30ms;
      if (a.estimate(j, later) != b.estimate(j, later)) ++different;
    }
  }
  CHECK(different == 0);
}

TEST_CASE("a predictor foretells latencies") {
  const auto s = weighing({1, 1});
  balance::predicted_latency<holt> p;
  balance::predicted_latency<holt>::options high;
  high.fresh = balance::forecast_latency<holt>{holt{}, 0.9};
  balance::predicted_latency<holt> tail{high};
  REQUIRE(p.rebuild(s));
  REQUIRE(tail.rebuild(s));
  CHECK(p.estimate(0, {}) == 0);
  // Backend 0 gets slower and slower, backend 1 is slow already.
  for (int k = 1; k <= 10; ++k) {
    for (auto* q : {&p, &tail}) {
      q->finished(0, {k * 10ms, true, {}});
      q->finished(1, {105ms, true, {}});
    }
  }
  CHECK(p.estimate(0, {}) > 0.105);
  CHECK(p.estimate(1, {}) == Approx(0.105));
  CHECK(tail.estimate(1, {}) == Approx(0.145));
  CHECK(p.pick(s, balance::context{}.with(numbers{0, 0})) == 1);
  // A forecast below 0 is a very short latency, and not "unknown".
  for (int k = 10; k >= 0; --k) p.finished(0, {k * 20ms, true, {}});
  CHECK(p.estimate(0, {}) == Approx(1e-9));
  CHECK(p.pick(s, balance::context{}.with(numbers{3, 0})) == 0);
}

TEST_CASE("prequal asks, remembers and picks") {
  const auto s = weighing({1, 1, 1, 1});
  balance::prequal<one>::options o;
  o.pool_size = 2;
  o.removals = 0;
  o.max_age = 1s;
  balance::prequal<one> p{o};
  REQUIRE(p.rebuild(s));
  balance::context c;
  c.now = lepton::at(10s);
  // Without answers, at random.
  std::set<backend_index> picked;
  for (std::uint64_t k = 0; k < 100; ++k) {
    c.random = word(k);
    picked.insert(p.pick(s, c));
  }
  CHECK(picked.size() == 4);

  p.probed(0, 5, 20ms, c.now);
  CHECK(p.pool_count(c.now) == 1);
  p.probed(2, 1, 30ms, c.now);
  CHECK(p.pool_count(c.now) == 2);
  CHECK(p.uses() == Approx(2 / 1.5));
  CHECK(p.pick(s, c) == 0);  // nobody is above the 84th percentile of {1, 5}; once used up
  CHECK(p.pool_count(c.now) == 1);
  p.probed(0, 5, 40ms, c.now);
  CHECK(p.pick(s, c) == 2);
  // A newer answer of the same backend takes the old one's place; others the oldest's.
  p.probed(2, 1, 60ms, c.now);
  p.probed(2, 1, 50ms, c.now + 1ms);
  CHECK(p.pool_count(c.now + 1ms) == 2);
  p.probed(3, 1, 10ms, c.now + 2ms);
  CHECK(p.pool_count(c.now + 2ms) == 2);
  c.now += 2ms;
  CHECK(p.pick(s, c, [](backend_index i) { return i != 0; }) == 3);
  CHECK(p.pool_count(c.now + 900ms) > 0);
  CHECK(p.pool_count(c.now + 1100ms) == 0);

  // No answer of who is not there.
  p.probed(9, 0, 1ms, c.now);
  p.probed(1, 0, -1ms, c.now);
  REQUIRE(p.rebuild(weighing({1, 1, 1, 1}, 100)));
  CHECK(p.pool_count(c.now) == 0);
}

TEST_CASE("prequal avoids the hot and then the slow") {
  const auto s = weighing(std::vector<double>(40, 1));
  balance::prequal<one>::options o;
  o.removals = 0;
  o.q_rif = 0.5;
  o.surplus = 100;  // an answer may be used often
  balance::prequal<one> p{o};
  REQUIRE(p.rebuild(s));
  balance::context c;
  for (backend_index i = 0; i < 10; ++i)
    p.probed(i, i * 100, lepton::duration{(20 - i) * 1000}, c.now);
  // The median is 400: 0 to 4 are cold, of which 4 is the fastest.
  CHECK(p.pick(s, c) == 4);
  // That made it 401, and hot.
  CHECK(p.pick(s, c) == 3);
  // Only hot ones: the fewest requests.
  CHECK(p.pick(s, c, [](backend_index i) { return i >= 6; }) == 6);
  for (backend_index i = 0; i < 40; ++i) {
    const auto only = [&](backend_index j) { return i == j; };
    CHECK(p.pick(s, c, only) == i);
  }
}

TEST_CASE("prequal removes the oldest and the worst by turns") {
  const auto s = weighing(std::vector<double>(100, 1));
  balance::prequal<one>::options o;
  o.removals = 0.5;
  o.surplus = 100;
  o.least_pool = 1;
  balance::prequal<one> p{o};
  REQUIRE(p.rebuild(s));
  balance::context c;
  for (backend_index i = 0; i < 16; ++i) {
    c.now += 10ms;
    const auto rif = i == 7 ? 50U : i == 8 || i == 9 ? 20U : 1U;
    p.probed(i, rif, lepton::duration{(i + 1) * 1000}, c.now);
  }
  // One that is in the pool is always picked before one that is not.
  const auto is_in = [&](backend_index i) {
    int count = 0;
    for (std::uint64_t k = 0; k < 20; ++k) {
      auto copy = p;
      auto draw = c;
      draw.random = word(k);
      count += copy.pick(s, draw, [&](backend_index j) { return j == i || j == 90; }) == i ? 1 : 0;
    }
    return count == 20;
  };
  CHECK(p.pool_count(c.now) == 16);
  CHECK(p.pick(s, c) == 0);
  CHECK(p.pool_count(c.now) == 16);
  CHECK((is_in(0) && is_in(7)));
  CHECK(p.pick(s, c) == 0);  // and the oldest goes
  CHECK(p.pool_count(c.now) == 15);
  CHECK_FALSE(is_in(0));
  CHECK(p.pick(s, c) == 1);
  CHECK(p.pick(s, c) == 1);  // and the worst, which is hot
  CHECK(p.pool_count(c.now) == 14);
  CHECK(is_in(2));
  CHECK_FALSE(is_in(7));
}

TEST_CASE("prequal spreads its probes") {
  const auto s = weighing(std::vector<double>(30, 1));
  balance::prequal<many>::options o;
  o.probes = 1.5;
  balance::prequal<many> p{o};
  REQUIRE(p.rebuild(s));
  std::size_t due = 0;
  for (int k = 0; k < 100; ++k) due += p.probes_due();
  CHECK(due == 150);
  std::array<backend_index, 20> out{};
  std::set<backend_index> asked;
  for (std::uint64_t k = 0; k < 100; ++k) {
    REQUIRE(p.probe_targets(s, word(k), std::span{out}.first(3)) == 3);
    CHECK(std::set<backend_index>(out.begin(), out.begin() + 3).size() == 3);
    asked.insert(out.begin(), out.begin() + 3);
  }
  CHECK(asked.size() == 30);
  CHECK(p.probe_targets(s, 5, out) == 16);
  CHECK(p.probe_targets(weighing({1, 0, 1}), 5, out) == 2);
  CHECK(p.probe_targets(balance::snapshot{}, 5, out) == 0);
}

TEST_CASE("prequal says what is wrong with its options") {
  using prequal = balance::prequal<one>;
  const auto s = weighing({1, 1});
  const auto wrong = [&](auto change) {
    prequal::options o;
    change(o);
    prequal p{o};
    const auto failed = p.rebuild(s);
    return !failed && failed.error().message.find("prequal: ") == 0;
  };
  CHECK(wrong([](auto& o) { o.q_rif = 1.1; }));
  CHECK(wrong([](auto& o) { o.q_rif = std::nan(""); }));
  CHECK(wrong([](auto& o) { o.probes = -1; }));
  CHECK(wrong([](auto& o) { o.removals = HUGE_VAL; }));
  CHECK(wrong([](auto& o) { o.surplus = -0.5; }));
  CHECK(wrong([](auto& o) { o.pool_size = 0; }));
  CHECK(wrong([](auto& o) { o.pool_size = 17; }));
  CHECK(wrong([](auto& o) { o.max_age = 0ns; }));
  CHECK_FALSE(wrong([](auto&) {}));
  balance::local_prequal<> local{{.q_rif = -1}};
  CHECK_FALSE(local.rebuild(s));
  balance::nginx_least_connections nginx{{.max_fails = 1, .fail_timeout = -1s}};
  CHECK_FALSE(nginx.rebuild(s));
}

TEST_CASE("local_prequal goes by latency until backends are hot") {
  const auto s = weighing({1, 1, 1});
  balance::local_prequal<3, last_latency, one> p{{{}, 0.5}};
  REQUIRE(p.rebuild(s));
  balance::context c;
  c.random = 16;
  const auto pick = [&](const numbers& in_flight) { return p.pick(s, c.with(in_flight)); };
  CHECK(pick({1, 0, 1}) == 1);  // unknown and idle
  for (const auto& [i, latency] : {std::pair{0U, 30ms}, {1U, 20ms}, {2U, 10ms}}) {
    p.finished(i, {latency, true, {}});
  }
  CHECK(pick({0, 0, 0}) == 2);
  // Every pick of these draws is looked at: the median of what was in flight on backend 0 is 0.
  for (int k = 0; k < 100; ++k) CHECK(pick({0, 1, 1}) == 0);
  CHECK(pick({3, 2, 1}) == 2);
  CHECK(pick({3, 1, 2}) == 1);
}

TEST_CASE("load-aware policies stand many threads") {
  constexpr std::size_t n = 20;
  const auto s = weighing(std::vector<double>(n, 1));
  const auto storm = [&](auto p, bool probe) {
    REQUIRE(p.rebuild(s));
    balance::loads<many> in_flight(n);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t k = 0; k < 5000; ++k) {
          balance::context c;
          c.random = word(t << 32 | k);
          c.now = lepton::at(lepton::duration{static_cast<std::int64_t>(k) * 10'000});
          const auto i = p.pick(s, c.with(in_flight), [](backend_index j) { return j != 3; });
          if (i >= n || i == 3) {
            ++wrong;
            continue;
          }
          in_flight.start(i);
          balance::tell_started(p, i, c);
          if constexpr (requires { p.probes_due(); }) {
            std::array<backend_index, 4> ask{};
            const auto due = p.probes_due();
            const auto asked = p.probe_targets(s, c.random, std::span{ask}.first(due));
            for (std::size_t a = 0; probe && a < asked; ++a) {
              p.probed(ask[a], in_flight[ask[a]], 1ms * (1 + ask[a]), c.now);
            }
          }
          in_flight.finish(i);
          balance::tell_finished(p, i, {1us * (1 + i), true, c.now});
          if (k % 1000 == 0) {
            auto copy = p;
            wrong += copy.pick(s, c.with(in_flight)) < n ? 0 : 1;
          }
        }
      });
    }
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(in_flight.total() == 0);
    return p;
  };
  storm(balance::least_connections<>{}, false);
  storm(balance::power_of_d<>{}, false);
  storm(balance::local_prequal<>{}, false);
  storm(balance::prequal<>{}, false);
  const auto pool = storm(balance::prequal<>{}, true);
  CHECK(pool.pool_count(lepton::at(50ms)) <= 16);
  auto p = storm(balance::peak_ewma<>{}, false);
  for (backend_index i = 0; i < n; ++i) {
    if (i != 3) CHECK((p.estimate(i, lepton::at(50ms)) > 0 && p.estimate(i, {}) < 1e-3));
  }
}

TEST_CASE("the time between the ends of time does not overflow") {
  using balance::detail::elapsed;
  const auto first = lepton::at(lepton::duration::min());
  const auto last = lepton::at(lepton::duration::max());
  CHECK(elapsed(last, first) == lepton::duration::max());
  CHECK(elapsed(first, last) == lepton::duration{0});
  CHECK(elapsed(lepton::at(lepton::duration{5}), lepton::at(lepton::duration{-2})).count() == 7);
  balance::peak_ewma_estimator e;
  e.update(1, first);
  CHECK(e.estimate(last) == 0);
}
