// SPDX-License-Identifier: Apache-2.0
// What nginx, IPVS, Envoy, tower, Finagle and the paper on Prequal pick or state. The numbers are
// other people's: turning red is legitimate only when one of them changes its rule and Lepton
// follows (say so in the header of the policy).

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/ipvs_least_connections.hpp>
#include <lepton/balance/least_connections.hpp>
#include <lepton/balance/nginx_least_connections.hpp>
#include <lepton/balance/peak_ewma.hpp>
#include <lepton/balance/power_of_d.hpp>
#include <lepton/balance/prequal.hpp>
#include <lepton/detail/rng.hpp>

#include "catch.hpp"

namespace balance = lepton::balance;
using balance::backend_index;
using namespace std::chrono_literals;

namespace {

auto weighing(std::initializer_list<double> weights) -> balance::snapshot {
  std::vector<balance::backend> backends;
  for (const auto w : weights) {
    backends.emplace_back();
    backends.back().id = backends.size();
    backends.back().weight = w;
  }
  return *balance::snapshot::build(backends);
}

/// The picks as letters, of requests that stay in flight or end at once.
template <class Policy>
auto letters(Policy p, const balance::snapshot& s, int picks, bool stay) -> std::string {
  REQUIRE(p.rebuild(s));
  std::vector<std::uint32_t> in_flight(s.size());
  std::string text;
  for (int k = 0; k < picks; ++k) {
    const auto i = p.pick(s, balance::context{}.with(in_flight));
    text += static_cast<char>('a' + i);
    in_flight[i] += stay ? 1 : 0;
  }
  return text;
}

using numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("golden: nginx least_conn") {
  // Without connections it is the smooth weighted round robin; the sequence of weights 5, 1, 1 is
  // that of nginx's change "Upstream: smooth weighted round-robin balancing" (2012).
  CHECK(letters(balance::nginx_least_connections{}, weighing({5, 1, 1}), 14, false) ==
        "aabacaaaabacaa");
  // Worked out by hand from ngx_http_upstream_get_least_conn_peer: ties add to the turns only of
  // those tied, and from the first of them on.
  CHECK(letters(balance::nginx_least_connections{}, weighing({5, 1, 1}), 10, true) == "abcaaaaacb");
  CHECK(letters(balance::nginx_least_connections{}, weighing({1, 1}), 6, true) == "abbaab");
}

TEST_CASE("golden: nginx sets failed servers aside") {
  // max_fails=1 fail_timeout=10s: a server that failed at 100 s is left out to 110 s inclusive.
  const auto s = weighing({2, 1});
  balance::nginx_least_connections p{{.max_fails = 1}};
  REQUIRE(p.rebuild(s));
  const numbers idle(2);
  const auto pick_at = [&](std::chrono::seconds t) {
    balance::context c;
    c.now = lepton::at(t);
    return p.pick(s, c.with(idle));
  };
  CHECK(pick_at(100s) == 0);  // turns 2, 1 of 3: leaves -1, 1
  p.finished(0, {5ms, false, lepton::at(100s)});
  CHECK(pick_at(101s) == 1);
  CHECK(pick_at(110s) == 1);
  // Its effective weight fell from 2 to 0 and grows by 1 a tie: turns -1 + 0 and 1 + 1.
  CHECK(pick_at(111s) == 1);  // leaves -1, 1
  CHECK(pick_at(112s) == 1);  // -1 + 1 and 1 + 1: leaves 0, 0
  CHECK(pick_at(113s) == 0);  // 0 + 2 and 0 + 1
  // Both have failed: none is left.
  p.finished(1, {5ms, false, lepton::at(113s)});
  p.finished(0, {5ms, false, lepton::at(113s)});
  CHECK(pick_at(113s) == balance::no_backend);
}

TEST_CASE("golden: IPVS counts an active connection as 256 inactive ones") {
  const auto pick = [](const auto& p, const balance::snapshot& s, const numbers& active,
                       const numbers& inactive) {
    return p.pick(s, balance::ipvs_context{balance::context{}, active, inactive});
  };
  const balance::ipvs_least_connections lc;
  const balance::ipvs_weighted_least_connections wlc;
  const auto equal = weighing({1, 1});
  CHECK(pick(lc, equal, {1, 0}, {0, 255}) == 1);
  CHECK(pick(lc, equal, {1, 0}, {0, 256}) == 0);  // a tie: the first in the list
  CHECK(pick(lc, equal, {1, 0}, {0, 257}) == 0);
  CHECK(pick(wlc, equal, {1, 0}, {0, 255}) == 1);
  CHECK(pick(wlc, equal, {1, 0}, {0, 256}) == 0);
  const auto weights = weighing({3, 1});
  CHECK(pick(lc, weights, {2, 1}, {0, 0}) == 1);   // lc looks at no weights
  CHECK(pick(wlc, weights, {2, 1}, {0, 0}) == 0);  // 512 / 3 < 256
  CHECK(pick(wlc, weights, {3, 1}, {0, 0}) == 0);  // a tie
  CHECK(pick(wlc, weights, {3, 1}, {1, 0}) == 1);
}

TEST_CASE("golden: IPVS sed and nq") {
  // Worked out by hand from ip_vs_sed.c and ip_vs_nq.c; the costs are (active + 1) / weight.
  const auto s = weighing({1, 2, 4});
  CHECK(letters(balance::shortest_expected_delay{}, s, 9, true) == "cbccabccb");
  CHECK(letters(balance::never_queue{}, s, 6, true) == "abcccb");
  CHECK(letters(balance::never_queue{}, s, 3, false) == "aaa");
}

TEST_CASE("golden: Envoy's least request tests") {
  // least_request_lb_test.cc: Normal.
  const auto two = weighing({1, 1});
  balance::power_of_d<2> p;
  REQUIRE(p.rebuild(two));
  for (std::uint64_t random : {0ULL, 2ULL, 3ULL, ~0ULL}) {
    balance::context c;
    c.random = random;
    CHECK(p.pick(two, c.with(numbers{1, 2})) == 0);
    CHECK(p.pick(two, c.with(numbers{2, 1})) == 1);
  }
  // PNC: five choices of four hosts find the least loaded.
  const auto four = weighing({1, 1, 1, 1});
  balance::power_of_d<5> p5;
  REQUIRE(p5.rebuild(four));
  CHECK(p5.pick(four, balance::context{}.with(numbers{4, 3, 2, 1})) == 3);
  // FullScanOneHostWithLeastRequests, FullScanMultipleHostsWithLeastRequests: a third each, here
  // by turns.
  const auto five = weighing({1, 1, 1, 1, 1});
  balance::least_connections<balance::shared> scan;
  REQUIRE(scan.rebuild(five));
  CHECK(scan.pick(five, balance::context{}.with(numbers{4, 3, 2, 1, 5})) == 3);
  numbers counts(5);
  for (int k = 0; k < 3000; ++k) {
    ++counts[scan.pick(five, balance::context{}.with(numbers{3, 3, 1, 1, 1}))];
  }
  CHECK(counts == numbers{0, 0, 1000, 1000, 1000});
}

TEST_CASE("golden: tower's peak EWMA tests") {
  // tower/src/load/peak_ewma.rs: default_decay, of 10 ms with tau = 1 s.
  balance::peak_ewma_estimator slow{1s};
  slow.update(0.010, lepton::at(0ms));
  CHECK(slow.estimate(lepton::at(0ms)) == 0.010);
  CHECK((slow.estimate(lepton::at(100ms)) > 0.009 && slow.estimate(lepton::at(100ms)) < 0.010));
  CHECK((slow.estimate(lepton::at(200ms)) > 0.008 && slow.estimate(lepton::at(200ms)) < 0.009));
  // compound_decay, of 20 ms; the load is the estimate times one more than those pending.
  balance::peak_ewma_estimator e{1s};
  e.update(0.020, lepton::at(0ms));
  CHECK(e.estimate(lepton::at(100ms)) * 2 > 0.020);
  CHECK(e.estimate(lepton::at(200ms)) * 3 > 0.040);
  e.update(0.200, lepton::at(300ms));
  CHECK(e.estimate(lepton::at(300ms)) * 2 == 0.400);
  e.update(0.200, lepton::at(400ms));
  CHECK(e.estimate(lepton::at(400ms)) == Approx(0.200).epsilon(1e-12));
  CHECK(e.estimate(lepton::at(1400ms)) < 0.100);
  CHECK(e.estimate(lepton::at(11400ms)) < 0.0001);
}

TEST_CASE("golden: Finagle tries a backend without history once") {
  // P2CPeakEwmaTest.scala: "Probe a node without latency history at most once" and "Balances evenly
  // across identical nodes"; a clock of 1 ns a step, decayTime 150 ns.
  constexpr std::size_t many = 100;
  constexpr std::int64_t steps = 50'000;
  std::vector<balance::backend> backends(many + 1);
  for (std::size_t i = 0; i <= many; ++i) backends[i].id = i + 1;
  const auto s = *balance::snapshot::build(backends);
  balance::peak_ewma<balance::single_threaded> p{{balance::peak_ewma_estimator{150ns}}};
  REQUIRE(p.rebuild(s));
  numbers in_flight(many + 1);
  numbers counts(many + 1);
  std::multimap<std::int64_t, std::pair<backend_index, lepton::duration>> ends;
  lepton::detail::pcg32 random{12345};
  for (std::int64_t step = 0; step < steps; ++step) {
    const auto now = lepton::at(lepton::duration{step});
    for (; !ends.empty() && ends.begin()->first <= step; ends.erase(ends.begin())) {
      const auto [i, latency] = ends.begin()->second;
      --in_flight[i];
      p.finished(i, {latency, true, now});
    }
    balance::context c;
    c.random = std::uint64_t{random()} << 32 | random();
    c.now = now;
    const auto i = p.pick(s, c.with(in_flight));
    ++in_flight[i];
    ++counts[i];
    const auto latency = lepton::duration{i == many ? steps * 2 : 1};
    ends.insert({step + latency.count(), {i, latency}});
  }
  CHECK(counts[many] == 1);
  std::uint32_t least = counts[0];
  std::uint32_t most = counts[0];
  for (std::size_t i = 0; i < many; ++i) {
    least = std::min(least, counts[i]);
    most = std::max(most, counts[i]);
  }
  CHECK(least > 400);
  CHECK(most < 600);
}

TEST_CASE("golden: Prequal's reuse of probes") {
  // NSDI 2024, equation 1: max(1, (1 + delta) / ((1 - m / n) r_probe - r_remove)), m = 16.
  const auto uses = [](std::size_t n, double probes, double removals, double delta) {
    std::vector<balance::backend> backends(n);
    for (std::size_t i = 0; i < n; ++i) backends[i].id = i + 1;
    balance::prequal<balance::single_threaded>::options o;
    o.probes = probes;
    o.removals = removals;
    o.surplus = delta;
    balance::prequal<balance::single_threaded> p{o};
    REQUIRE(p.rebuild(*balance::snapshot::build(backends)));
    return p.uses();
  };
  CHECK(uses(100, 3, 1, 1) == Approx(2 / 1.52));
  CHECK(uses(1600, 3, 1, 1) == Approx(2 / 1.97));
  CHECK(uses(100, 2, 0.25, 1) == Approx(2 / 1.43));
  CHECK(uses(100, 10, 1, 1) == 1);
  CHECK(uses(16, 3, 0, 1) == 255);  // no probe finds a backend that is not in the pool: no limit
}
