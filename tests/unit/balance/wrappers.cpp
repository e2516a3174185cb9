// SPDX-License-Identifier: Apache-2.0
// Wrappers that narrow down a pick by a test: slow start, drain, outlier ejection, retries, sticky
// sessions. Those with parts of their own are in wrappers_parts.cpp, Envoy's figures in
// tests/golden/balance_wrappers.cpp.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <lepton/balance/drain.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/loads.hpp>
#include <lepton/balance/maglev.hpp>
#include <lepton/balance/outlier_ejection.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/retry_exclusion.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/balance/slow_start.hpp>
#include <lepton/balance/sticky_sessions.hpp>
#include <lepton/balance/weighted_random.hpp>
#include <lepton/detail/hash.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using namespace std::chrono_literals;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::snapshot;
using balance::thin_by;
using lepton::at;

namespace {

auto backends(std::size_t n) -> std::vector<backend> {
  std::vector<backend> list(n);
  for (std::size_t i = 0; i < n; ++i) list[i].key = "10.0.0." + std::to_string(i) + ":80";
  return list;
}
auto of(const std::vector<backend>& list) -> snapshot { return snapshot::build(list).value(); }

auto draw(std::uint64_t k, lepton::time_point now = {}) -> balance::context {
  balance::context c;
  c.random = lepton::detail::mix(k * 0x9e3779b97f4a7c15ULL);
  c.hash = lepton::detail::mix(k + 1);
  c.now = now;
  return c;
}

/// How many of so many picks each backend gets, the last for `no_backend`.
template <class Policy, class Allowed = balance::everyone>
auto shares(Policy& p, const snapshot& s, lepton::time_point now, std::uint64_t picks,
            const Allowed& allowed = {}) -> std::vector<std::uint64_t> {
  std::vector<std::uint64_t> count(s.size() + 1);
  for (std::uint64_t k = 0; k < picks; ++k)
    ++count[std::min<std::size_t>(p.pick(s, draw(k, now), allowed), s.size())];
  return count;
}
auto near(std::uint64_t count, double expected, double tolerance) -> bool {
  return static_cast<double>(count) > expected * (1 - tolerance) &&
         static_cast<double>(count) < expected * (1 + tolerance);
}

auto except(backend_index out) {
  return [out](backend_index i) { return i != out; };
}
auto nobody(backend_index) -> bool { return false; }

/// Counts its hooks.
struct listener {
  auto rebuild(const snapshot&) -> lepton::status { return {}; }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) const noexcept
      -> backend_index {
    return balance::random_choice{}.pick(s, c, allowed);
  }
  void started(backend_index, const balance::context&) noexcept { ++starts; }
  void finished(backend_index, const balance::outcome&) noexcept { ++ends; }
  int starts = 0;
  int ends = 0;
};
struct never_built {
  auto rebuild(const snapshot&) -> lepton::status { return lepton::failure("too small"); }
  template <class Context, balance::admission Allowed = balance::everyone>
  auto pick(const snapshot&, const Context&, const Allowed& = {}) const noexcept -> backend_index {
    return no_backend;
  }
};

template <class Policy>
constexpr bool threading_is_shared = std::is_same_v<typename Policy::threading, balance::shared>;

static_assert(balance::policy<balance::slow_start<balance::round_robin<>>>);
static_assert(balance::policy<balance::slow_start<balance::power_of_d<2>, thin_by::loads>>);
static_assert(balance::policy<balance::slow_start<balance::maglev, thin_by::hash>>);
static_assert(balance::policy<balance::drain<balance::random_choice>>);
static_assert(balance::policy<balance::outlier_ejection<balance::least_connections<>>>);
static_assert(balance::policy<balance::retry_exclusion<balance::random_choice>>);
static_assert(balance::policy<balance::sticky_sessions<balance::maglev>>);

// State of its own is shared unless the inner policy's is not; without any there is no `threading`.
static_assert(threading_is_shared<balance::slow_start<balance::random_choice>>);
static_assert(!threading_is_shared<balance::drain<balance::round_robin<balance::single_threaded>>>);
static_assert(balance::is_thread_safe<balance::retry_exclusion<balance::random_choice>>());
static_assert(threading_is_shared<balance::sticky_sessions<balance::round_robin<>>>);
static_assert(!balance::is_thread_safe<
              balance::sticky_sessions<balance::round_robin<balance::single_threaded>>>());
template <class P>
concept has_threading = requires {
  typename P::threading;
};
static_assert(!has_threading<balance::retry_exclusion<balance::random_choice>>);

}  // namespace

TEST_CASE("slow start gives newcomers a part of their share") {
  auto list = backends(4);
  list[3].joined = at(1000s);
  const auto s = of(list);
  balance::slow_start ramp{balance::random_choice{}, {.window = 100s}};
  REQUIRE(ramp.rebuild(s));

  CHECK(ramp.factor(3, at(1000s)) == 0.1);
  CHECK(ramp.factor(3, at(1005s)) == 0.1);
  CHECK(ramp.factor(3, at(1050s)) == 0.5);
  CHECK(ramp.factor(3, at(1100s)) == 1);
  CHECK(ramp.factor(3, at(0s)) == 0.1);  // before it joined
  CHECK(ramp.factor(0, at(1000s)) == 1);
  CHECK(ramp.factor(99, at(1000s)) == 1);

  const auto early = shares(ramp, s, at(1000s), 310'000);
  CHECK(near(early[0], 100'000, 0.02));
  CHECK(near(early[3], 10'000, 0.03));
  const auto half = shares(ramp, s, at(1050s), 350'000);
  CHECK(near(half[1], 100'000, 0.02));
  CHECK(near(half[3], 50'000, 0.02));
  CHECK(early[4] + half[4] == 0);
}

TEST_CASE("slow start keeps the proportions of weights and of ages") {
  std::vector<backend> list = backends(3);
  list[0].weight = 4;
  list[1].weight = 2;
  list[2].weight = 2;
  for (auto& b : list) b.joined = at(1000s);
  list[0].joined = at(980s);
  list[1].joined = at(990s);
  const auto s = of(list);
  // Factors 0.4, 0.3, 0.2: shares 16 : 6 : 4, although nobody is ripe.
  balance::slow_start ramp{balance::weighted_random{}, {.window = 100s}};
  REQUIRE(ramp.rebuild(s));
  const auto count = shares(ramp, s, at(1020s), 260'000);
  CHECK(near(count[0], 160'000, 0.02));
  CHECK(near(count[1], 60'000, 0.02));
  CHECK(near(count[2], 40'000, 0.02));
  CHECK(count[3] == 0);
}

TEST_CASE("slow start of all at once is the inner policy") {
  auto list = backends(5);
  for (auto& b : list) b.joined = at(1000s);
  const auto s = of(list);
  balance::slow_start ramp{balance::round_robin{}, {.window = 100s}};
  balance::round_robin plain;
  REQUIRE(ramp.rebuild(s));
  REQUIRE(plain.rebuild(s));
  for (std::uint64_t k = 0; k < 1000; ++k)
    CHECK(ramp.pick(s, draw(k, at(1001s))) == plain.pick(s, draw(k)));
}

TEST_CASE("slow start over round robin goes round among the ripe") {
  auto list = backends(3);
  list[2].joined = at(1000s);
  const auto s = of(list);
  balance::slow_start ramp{balance::round_robin{}, {.window = 100s}};
  REQUIRE(ramp.rebuild(s));
  const auto count = shares(ramp, s, at(1025s), 90'000);
  CHECK(near(count[0], 40'000, 0.02));
  CHECK(near(count[1], 40'000, 0.02));
  CHECK(near(count[2], 10'000, 0.04));
}

TEST_CASE("slow start begins again for a backend that comes back") {
  auto list = backends(2);
  balance::slow_start ramp{balance::random_choice{}, {.window = 100s}};
  const auto healthy = of(list);
  list[1].healthy = false;
  const auto sick = of(list);
  REQUIRE(ramp.rebuild(healthy));
  CHECK(near(shares(ramp, healthy, at(5000s), 10'000)[1], 5000, 0.05));
  REQUIRE(ramp.rebuild(sick));
  CHECK(shares(ramp, sick, at(5001s), 100)[1] == 0);
  REQUIRE(ramp.rebuild(healthy));
  CHECK(ramp.factor(1, at(6000s)) == 1);  // nobody has said what time it is
  CHECK(ramp.pick(healthy, draw(1, at(6000s))) != no_backend);
  CHECK(ramp.factor(1, at(6000s)) == 0.1);
  CHECK(near(shares(ramp, healthy, at(6010s), 11'000)[1], 1000, 0.15));
  REQUIRE(ramp.rebuild(healthy));  // no change: the ramp goes on
  CHECK(ramp.factor(1, at(6050s)) == 0.5);
  CHECK(near(shares(ramp, healthy, at(6100s), 10'000)[1], 5000, 0.05));
}

TEST_CASE("slow start never takes away the last backend") {
  auto list = backends(3);
  list[2].joined = at(1000s);
  const auto s = of(list);
  const auto only_new = [](backend_index i) { return i == 2; };
  balance::slow_start draws{balance::random_choice{}, {.window = 100s, .min_weight_percent = 0}};
  balance::slow_start<balance::maglev, thin_by::hash> hash{
      balance::maglev{}, {.window = 100s, .min_weight_percent = 0}};
  REQUIRE(draws.rebuild(s));
  REQUIRE(hash.rebuild(s));
  for (std::uint64_t k = 0; k < 500; ++k) {
    CHECK(draws.pick(s, draw(k, at(1000s)), only_new) == 2);
    CHECK(hash.pick(s, draw(k, at(1000s)), only_new) == 2);
    CHECK(draws.pick(s, draw(k, at(1000s))) != 2);
    CHECK(hash.pick(s, draw(k, at(1000s))) != 2);
  }
  CHECK(draws.pick(s, draw(1, at(1000s)), nobody) == no_backend);
  CHECK(hash.pick(s, draw(1, at(1000s)), nobody) == no_backend);
}

TEST_CASE("slow start by hash moves each key once") {
  auto list = backends(8);
  list[7].joined = at(1000s);
  const auto s = of(list);
  balance::slow_start<balance::maglev, thin_by::hash> ramp{balance::maglev{}, {.window = 100s}};
  balance::maglev ripe;
  REQUIRE(ramp.rebuild(s));
  REQUIRE(ripe.rebuild(s));
  std::size_t newcomers_keys = 0;
  std::size_t early = 0;
  std::size_t half = 0;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    const auto last = ripe.pick(s, draw(k));
    if (last != 7) {
      CHECK(ramp.pick(s, draw(k, at(1030s))) == last);
      continue;
    }
    ++newcomers_keys;
    const auto before = ripe.pick(s, draw(k), except(7));
    bool moved = false;
    for (int t = 0; t <= 100; t += 5) {
      const auto now = ramp.pick(s, draw(k, at(1000s + 1s * t)));
      CHECK((now == 7 || (now == before && !moved)));
      moved = now == 7;
      early += t == 10 && moved ? 1U : 0U;
      half += t == 50 && moved ? 1U : 0U;
    }
    CHECK(moved);
  }
  CHECK(near(early, static_cast<double>(newcomers_keys) * 0.1, 0.2));
  CHECK(near(half, static_cast<double>(newcomers_keys) * 0.5, 0.1));
}

TEST_CASE("slow start by loads lets a newcomer hold a part of what others hold") {
  auto list = backends(4);
  list[3].joined = at(1000s);
  const auto s = of(list);
  balance::slow_start<balance::least_connections<>, thin_by::loads> ramp{
      balance::least_connections<>{}, {.window = 100s}};
  REQUIRE(ramp.rebuild(s));
  balance::loads<> in_flight{4};
  for (std::uint64_t k = 0; k < 3'100; ++k)
    in_flight.start(ramp.pick(s, draw(k, at(1010s)).with(in_flight)));
  CHECK(in_flight[3] == 100);
  CHECK(in_flight[0] == 1000);
}

TEST_CASE("bad options of slow start are told") {
  const auto s = of(backends(2));
  using ramp = balance::slow_start<balance::random_choice>;
  const auto wrong = [&](const balance::slow_start_options& o) {
    ramp p{{}, o};
    const auto built = p.rebuild(s);
    return built ? std::string{} : built.error().message;
  };
  CHECK(wrong({.window = -1s}).find("window is negative") != std::string::npos);
  CHECK(wrong({.aggression = 0}).find("aggression") != std::string::npos);
  CHECK(wrong({.min_weight_percent = 101}).find("from 0 to 100") != std::string::npos);
  CHECK(wrong({}).empty());
  ramp off{{}, {.window = 0s}};
  REQUIRE(off.rebuild(s));
  CHECK(off.factor(0, at(0s)) == 1);
  balance::slow_start<never_built> unbuilt;
  CHECK(unbuilt.rebuild(s).error().message == "too small");
}

TEST_CASE("a drain ends a backend's picks at once or by and by") {
  const auto s = of(backends(3));
  balance::drain switches{balance::random_choice{}, {.window = 100s}};
  REQUIRE(switches.rebuild(s));
  CHECK(near(shares(switches, s, at(0s), 30'000)[1], 10'000, 0.05));
  CHECK(switches.start(1));
  CHECK_FALSE(switches.start(3));
  CHECK(switches.is_draining(1));
  CHECK(shares(switches, s, at(0s), 1000)[1] == 0);
  REQUIRE(switches.rebuild(s));  // it stays
  CHECK(shares(switches, s, at(0s), 1000)[1] == 0);
  CHECK(switches.start(1, at(1000s)));
  CHECK(near(shares(switches, s, at(1000s), 30'000)[1], 10'000, 0.05));
  CHECK(near(shares(switches, s, at(1075s), 45'000)[1], 5'000, 0.06));
  CHECK(shares(switches, s, at(1100s), 1000)[1] == 0);
  CHECK(switches.stop(1));
  CHECK_FALSE(switches.is_draining(1));
  CHECK(near(shares(switches, s, at(1100s), 30'000)[1], 10'000, 0.05));
}

TEST_CASE("with all drained there is no backend, with all draining there is") {
  const auto s = of(backends(2));
  balance::drain switches{balance::round_robin{}, {.window = 100s}};
  REQUIRE(switches.rebuild(s));
  switches.start(0, at(1000s));
  switches.start(1, at(1000s));
  CHECK(shares(switches, s, at(1099s), 1000)[2] == 0);
  CHECK(shares(switches, s, at(1100s), 10)[2] == 10);
  switches.stop(0);
  CHECK(shares(switches, s, at(1100s), 10)[0] == 10);
  CHECK(switches.pick(s, draw(1, at(1100s)), except(0)) == no_backend);
}

TEST_CASE("a drain ends when the backend leaves") {
  auto list = backends(2);
  balance::drain switches{balance::random_choice{}};
  REQUIRE(switches.rebuild(of(list)));
  switches.start(1);
  list[1].key = "another";
  const auto s = of(list);
  REQUIRE(switches.rebuild(s));
  CHECK_FALSE(switches.is_draining(1));
  CHECK(shares(switches, s, at(0s), 1000)[1] > 400);
  balance::drain<balance::random_choice> wrong{{}, {.window = -1s}};
  CHECK_FALSE(wrong.rebuild(s));
}

TEST_CASE("errors in a row eject a backend for a while") {
  const auto s = of(backends(3));
  balance::outlier_ejection out{balance::random_choice{}};
  REQUIRE(out.rebuild(s));
  const auto fail = [&](backend_index i, lepton::time_point now) {
    out.finished(i, {.success = false, .now = now});
  };
  for (int k = 0; k < 4; ++k) fail(1, at(1s));
  out.finished(1, {.now = at(1s)});
  for (int k = 0; k < 4; ++k) fail(1, at(2s));
  CHECK(out.ejected_count() == 0);
  fail(1, at(2s));
  CHECK(out.is_ejected(1, at(2s)));
  CHECK(shares(out, s, at(31s), 1000)[1] == 0);
  CHECK(shares(out, s, at(32s), 1000)[1] > 200);  // 30 s are over
  CHECK_FALSE(out.is_ejected(1, at(32s)));
  // One of three is more than 10 percent, so nobody else may be ejected until it is swept up.
  for (int k = 0; k < 5; ++k) fail(0, at(3s));
  CHECK(out.ejected_count() == 1);
  out.sweep(at(40s));
  CHECK(out.ejected_count() == 0);
}

TEST_CASE("if all allowed are ejected ejections are ignored") {
  const auto s = of(backends(2));
  balance::outlier_ejection out{balance::random_choice{}, {.max_ejection_percent = 100}};
  REQUIRE(out.rebuild(s));
  for (const backend_index i : {0U, 1U}) {
    for (int k = 0; k < 5; ++k) out.finished(i, {.success = false, .now = at(1s)});
  }
  CHECK(out.ejected_count() == 2);
  CHECK(shares(out, s, at(2s), 1000)[2] == 0);
  CHECK(out.pick(s, draw(1, at(2s)), except(0)) == 1);
  CHECK(out.pick(s, draw(1, at(2s)), nobody) == no_backend);
}

TEST_CASE("a sweep comes by itself with the first request after the interval") {
  const auto s = of(backends(6));
  balance::outlier_ejection out{balance::random_choice{},
                                {.max_ejection_percent = 50, .consecutive_errors = 0}};
  REQUIRE(out.rebuild(s));
  for (int k = 0; k < 100; ++k) {
    for (backend_index i = 0; i < 6; ++i)
      out.finished(i, {.success = i != 4 || k % 2 == 0, .now = at(1s)});
  }
  CHECK(out.ejected_count() == 0);
  out.finished(0, {.now = at(10s)});
  CHECK(out.ejected_count() == 0);
  out.finished(0, {.now = at(11s)});
  CHECK(out.is_ejected(4, at(12s)));
  CHECK(out.ejected_count() == 1);
}

TEST_CASE("an ejection ends when the backend leaves, and statistics stay otherwise") {
  auto list = backends(3);
  balance::outlier_ejection out{balance::random_choice{}};
  REQUIRE(out.rebuild(of(list)));
  for (int k = 0; k < 4; ++k) out.finished(2, {.success = false, .now = at(1s)});
  REQUIRE(out.rebuild(of(list)));
  out.finished(2, {.success = false, .now = at(1s)});
  CHECK(out.is_ejected(2, at(2s)));
  list[2].key = "another";
  REQUIRE(out.rebuild(of(list)));
  CHECK_FALSE(out.is_ejected(2, at(2s)));
  CHECK(out.ejected_count() == 0);
  out.finished(99, {.success = false});  // one that left
}

TEST_CASE("ejections are jittered and capped") {
  const auto s = of(backends(1));
  balance::outlier_ejection out{balance::random_choice{},
                                {.base_ejection_time = 10s,
                                 .max_ejection_time = 25s,
                                 .max_ejection_jitter = 2s,
                                 .consecutive_errors = 1}};
  REQUIRE(out.rebuild(s));
  auto now = at(0s);
  for (const auto base : {10s, 20s, 25s, 25s, 25s}) {
    out.finished(0, {.success = false, .now = now});
    CHECK(out.is_ejected(0, now + base - 1ns));
    CHECK_FALSE(out.is_ejected(0, now + base + 2s));
    now += base + 2s;
    out.sweep(now);
  }
}

TEST_CASE("bad options of outlier ejection are told") {
  const auto s = of(backends(1));
  const auto good = [&](const balance::outlier_options& o) {
    balance::outlier_ejection out{balance::random_choice{}, o};
    return out.rebuild(s).has_value();
  };
  CHECK(good({}));
  CHECK(good({.base_ejection_time = 400s}));
  CHECK_FALSE(good({.interval = 0s}));
  CHECK_FALSE(good({.base_ejection_time = 0s}));
  CHECK_FALSE(good({.max_ejection_time = 29s}));
  CHECK_FALSE(good({.max_ejection_jitter = -1s}));
  CHECK_FALSE(good({.max_ejection_percent = 101}));
  CHECK_FALSE(good({.success_rate_stdev_factor = -1}));
  CHECK_FALSE(good({.failure_percentage_threshold = -1}));
}

TEST_CASE("the longest times do not overflow") {
  constexpr auto longest = lepton::duration::max();
  balance::outlier_ejection out{balance::random_choice{},
                                {.interval = longest,
                                 .base_ejection_time = longest,
                                 .max_ejection_jitter = longest,
                                 .consecutive_errors = 3}};
  REQUIRE(out.rebuild(of(backends(3))));
  out.finished(0, {.now = at(5s)});
  for (int k = 0; k < 3; ++k) out.finished(1, {.success = false, .now = at(5s)});
  CHECK(out.is_ejected(1, at(1000h)));
  out.sweep(at(1000h));
  CHECK(out.ejected_count() == 1);
}

TEST_CASE("a copy of outlier ejection made during a sweep goes on") {
  // One thread sweeps all the time; copies that are made meanwhile must still eject.
  constexpr std::size_t n = 2000;
  const auto s = of(backends(n));
  balance::outlier_ejection out{balance::random_choice{},
                                {.max_ejection_percent = 100,
                                 .consecutive_errors = 0,
                                 .eject_on_success_rate = false,
                                 .eject_on_failure_percentage = true,
                                 .failure_percentage_minimum_hosts = 1}};
  REQUIRE(out.rebuild(s));
  std::atomic<bool> stop{false};
  std::atomic<bool> running{false};
  std::thread sweeper{[&] {
    for (; !stop.load(); running.store(true)) out.sweep(at(1s));
  }};
  while (!running.load()) std::this_thread::yield();
  for (int k = 0; k < 300; ++k) {
    auto copy = out;
    REQUIRE(copy.rebuild(s));
    for (int j = 0; j < 100; ++j) copy.finished(7, {.success = false, .now = at(2s)});
    copy.sweep(at(3s));
    if (!copy.is_ejected(7, at(4s))) {
      FAIL_CHECK("a copy does not sweep any more");
      break;
    }
  }
  stop.store(true);
  sweeper.join();
}

TEST_CASE("outlier ejection counts right with many threads") {
  const auto s = of(backends(20));
  balance::outlier_ejection out{
      balance::random_choice{},
      {.interval = 1s, .max_ejection_percent = 25, .consecutive_errors = 3}};
  REQUIRE(out.rebuild(s));
  const auto work = [&](std::uint64_t seed) {
    for (std::uint64_t k = 0; k < 20'000; ++k) {
      const auto now = at(1ms * static_cast<std::int64_t>(k));
      const auto i = out.pick(s, draw(seed * 1'000'000 + k, now));
      out.started(i, draw(k, now));
      out.finished(i, {.success = (lepton::detail::mix(k + seed) & 3) != 0, .now = now});
    }
  };
  std::thread other{work, 1};
  work(2);
  other.join();
  std::uint32_t ejected = 0;
  const auto end = at(20'000ms);
  for (backend_index i = 0; i < 20; ++i) ejected += out.is_ejected(i, end) ? 1U : 0U;
  CHECK(ejected <= 5);
  CHECK(out.ejected_count() <= 5);
  out.sweep(at(10'000s));  // looks at the last requests, and may eject once more
  out.sweep(at(20'000s));
  CHECK(out.ejected_count() == 0);
}

TEST_CASE("switches and ramps work while threads pick") {
  auto list = backends(8);
  balance::drain stack{balance::slow_start{balance::round_robin{}, {.window = 1s}}};
  list[3].healthy = false;
  REQUIRE(stack.rebuild(of(list)));
  list[3].healthy = true;
  const auto s = of(list);
  REQUIRE(stack.rebuild(s));
  std::array<int, 2> nobody_picked{};
  const auto work = [&](std::size_t thread) {
    for (std::uint64_t k = 0; k < 20'000; ++k) {
      const auto i = stack.pick(s, draw(2 * k + thread, at(100s + 1us * 100 * k)));
      nobody_picked[thread] += i == no_backend ? 1 : 0;
    }
  };
  std::thread other{work, 1};
  for (int k = 0; k < 2'000; ++k) {
    stack.start(1);
    stack.start(2, at(100s));
    stack.stop(1);
    stack.stop(2);
  }
  work(0);
  other.join();
  CHECK(nobody_picked == std::array{0, 0});
  CHECK(near(shares(stack, s, at(200s), 8'000)[3], 1'000, 0.01));
}

TEST_CASE("a retry goes to a backend that has not been tried") {
  const auto s = of(backends(4));
  balance::retry_exclusion once{balance::random_choice{}};
  balance::retry_exclusion again{balance::random_choice{}, balance::when_all_tried::try_again};
  REQUIRE(once.rebuild(s));
  REQUIRE(again.rebuild(s));
  std::vector<backend_index> tried;
  for (int attempt = 0; attempt < 4; ++attempt) {
    const auto i = once.pick(s, balance::retry_context{draw(7), tried});
    CHECK(std::find(tried.begin(), tried.end(), i) == tried.end());
    CHECK(s.is_eligible(i));
    tried.push_back(i);
  }
  CHECK(once.pick(s, balance::retry_context{draw(7), tried}) == no_backend);
  CHECK(again.pick(s, balance::retry_context{draw(7), tried}) != no_backend);
  CHECK(again.pick(s, balance::retry_context{draw(7), tried}, nobody) == no_backend);
  CHECK(once.pick(s, draw(7)) != no_backend);  // a first try
  const std::array<backend_index, 3> not_there{no_backend, 2, 2};
  CHECK(once.pick(s, balance::retry_context{draw(7), not_there},
                  [](backend_index i) { return i == 2; }) == no_backend);
}

TEST_CASE("a session stays while its backend may be picked") {
  auto list = backends(5);
  const auto s = of(list);
  balance::sticky_sessions sticky{balance::random_choice{}, 1234};
  REQUIRE(sticky.rebuild(s));
  CHECK(sticky.cookie(5) == 0);
  for (backend_index i = 0; i < 5; ++i) {
    const auto cookie = sticky.cookie(i);
    CHECK(cookie != 0);
    CHECK(cookie != s.id(i));
    for (std::uint64_t k = 0; k < 50; ++k) {
      CHECK(sticky.pick(s, balance::cookie_context{draw(k), cookie}) == i);
      CHECK(sticky.pick(s, balance::cookie_context{draw(k), cookie}, except(i)) != i);
    }
  }
  CHECK(sticky.pick(s, balance::cookie_context{draw(1), 0}) == sticky.pick(s, draw(1)));
  CHECK(sticky.pick(s, balance::cookie_context{draw(1), 777}) == sticky.pick(s, draw(1)));

  // The cookie names the backend, not its place.
  const auto third = sticky.cookie(3);
  std::swap(list[3], list[0]);
  list[1].healthy = false;
  const auto other = of(list);
  balance::sticky_sessions elsewhere{balance::random_choice{}, 1234};
  REQUIRE(elsewhere.rebuild(other));
  CHECK(elsewhere.pick(other, balance::cookie_context{draw(1), third}) == 0);
  const auto sick = elsewhere.pick(other, balance::cookie_context{draw(1), sticky.cookie(1)});
  CHECK(other.is_eligible(sick));
}

TEST_CASE("wrappers pass hooks on and nest in any order") {
  auto list = backends(6);
  list[5].joined = at(1000s);
  const auto s = of(list);
  balance::retry_exclusion stack{balance::outlier_ejection{
      balance::drain{balance::sticky_sessions{balance::slow_start{listener{}}}}}};
  static_assert(balance::policy<decltype(stack)>);
  REQUIRE(stack.rebuild(s));
  const auto c = draw(3, at(1010s));
  stack.started(2, c);
  stack.started(3, c);
  stack.finished(2, {});
  auto& heard = stack.inner().inner().inner().inner().inner();
  CHECK(heard.starts == 2);
  CHECK(heard.ends == 1);

  stack.inner().inner().start(0);
  for (int k = 0; k < 5; ++k) stack.finished(1, {.success = false, .now = at(1010s)});
  const std::array<backend_index, 2> tried{2, 3};
  std::array<std::size_t, 6> count{};
  for (std::uint64_t k = 0; k < 6000; ++k) {
    const auto again = balance::retry_context{draw(k, at(1010s)), tried};
    const auto i =
        stack.pick(s, balance::cookie_context{again, stack.inner().inner().inner().cookie(0)});
    REQUIRE(i < 6);
    ++count[i];
  }
  CHECK(count[4] > 3500);
  CHECK(count[5] > 1000);  // a third of its share
  CHECK(count[4] + count[5] == 6000);
  auto copy = stack;
  CHECK(copy.pick(s, c) == stack.pick(s, c));
}
