// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/request_simulation.hpp>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <lepton/balance/maglev.hpp>
#include <lepton/balance/modulo_hash.hpp>
#include <lepton/balance/random_choice.hpp>
#include <lepton/balance/rendezvous_hash.hpp>
#include <lepton/balance/round_robin.hpp>
#include <lepton/simulate/named_balance_policies.hpp>
#include <lepton/simulate/request_stream.hpp>

#include "catch.hpp"
#include "sanitized.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

constexpr double work_ms = 10;

auto farm_of(std::size_t count, std::uint32_t slots = 1) -> std::vector<server_spec> {
  std::vector<server_spec> servers(count);
  for (std::size_t i = 0; i < count; ++i) {
    servers[i].name = "s" + std::to_string(i);
    servers[i].slots = slots;
    servers[i].weight = slots;
  }
  return servers;
}

/// Poisson arrivals and exponential work of 10 ms.
auto poisson(const std::vector<server_spec>& servers, double load, std::size_t count,
             std::uint64_t seed) -> request_stream {
  static const auto keys = std::make_shared<const zipf_keys>(1000, 0.0);
  return {count, poisson_arrivals{work_ms * 1e6 / (load * capacity_of(servers))},
          exponential_service{work_ms * 1e6}, keys, seed};
}

template <class Policy, class Source>
auto run(Policy policy, const std::vector<server_spec>& servers, Source source,
         request_options options = {}) -> balance_result {
  options.measure_picks = false;
  request_simulation simulation{std::move(policy), std::span<const server_spec>{servers},
                                std::move(source), std::move(options)};
  auto result = simulation.run();
  REQUIRE(result);
  return *std::move(result);
}

/// Requests as they are listed, in milliseconds.
struct listed {
  std::vector<request> requests{};
  std::size_t given = 0;

  auto add(int arrival_ms, int work, std::uint64_t hash = 0) -> listed& {
    requests.push_back({at(std::chrono::milliseconds{arrival_ms}), std::chrono::milliseconds{work},
                        hash, requests.size() * 0x4000'0000'0000'0000U});
    return *this;
  }
  [[nodiscard]] auto left() const noexcept -> std::size_t { return requests.size() - given; }
  auto fill(std::span<request> block) -> std::size_t {
    std::size_t n = 0;
    while (n < block.size() && given < requests.size()) block[n++] = requests[given++];
    return n;
  }
};

/// Mean response of M/M/k by Erlang's C formula, in units of the mean service time.
auto erlang_response(int slots, double load) -> double {
  const double offered = load * slots;
  double term = 1;
  double sum = 1;
  for (int i = 1; i < slots; ++i) sum += term *= offered / i;
  const double last = term * offered / slots / (1 - load);
  return last / (sum + last) / (slots * (1 - load)) + 1;
}

auto near_to(double value, double expected, double percent) -> bool {
  INFO(value << " is not within " << percent << " % of " << expected);
  CHECK(std::abs(value - expected) <= expected * percent / 100);
  return std::abs(value - expected) <= expected * percent / 100;
}

using everywhere = balance::round_robin<balance::single_threaded>;

}  // namespace

TEST_CASE("request_simulation: one server with one slot is M/M/1") {
  LEPTON_SKIP_SANITIZED();
  for (const double load : {0.5, 0.8, 0.9}) {
    const auto servers = farm_of(1);
    request_options options;
    options.warm_up = 50'000;
    const auto r =
        run(balance::random_choice{}, servers, poisson(servers, load, 2'000'000, 11), options);
    const double response = work_ms / (1 - load);
    CHECK(near_to(r.latency.mean, response, 2));
    CHECK(near_to(r.mean_wait, response - work_ms, 2.5));
    // The response time of M/M/1 is exponential.
    CHECK(near_to(r.latency.p50, response * std::log(2.0), 2.5));
    CHECK(near_to(r.latency.p99, response * std::log(100.0), 4));
    CHECK(near_to(r.utilisation, load, 1));
    CHECK(r.requests == 1'950'000);
  }
}

TEST_CASE("request_simulation: one server with k slots is M/M/k") {
  LEPTON_SKIP_SANITIZED();
  for (const auto& [slots, load] : {std::pair{2, 0.5}, {4, 0.8}, {8, 0.9}}) {
    const auto servers = farm_of(1, static_cast<std::uint32_t>(slots));
    request_options options;
    options.warm_up = 50'000;
    const auto r =
        run(balance::random_choice{}, servers, poisson(servers, load, 1'000'000, 6), options);
    CHECK(near_to(r.latency.mean, work_ms * erlang_response(slots, load), 2));
  }
  CHECK(erlang_response(1, 0.8) == Approx(5));
}

TEST_CASE("request_simulation: random picks split a Poisson stream into M/M/1 queues") {
  const auto servers = farm_of(5);
  const auto r = run(balance::random_choice{}, servers, poisson(servers, 0.7, 1'000'000, 3));
  CHECK(near_to(r.latency.mean, work_ms / 0.3, 2));
  CHECK(r.imbalance < 1.01);
  CHECK(r.jain > 0.9999);
}

TEST_CASE("request_simulation: speed and slots, step by step") {
  auto servers = farm_of(1, 2);
  servers[0].speed = 2;
  listed source;
  source.add(0, 20).add(1, 40).add(2, 10).add(2, 10);
  // Two slots: 0-10, 1-21; the third waits until 10 and ends at 15, the fourth from 15 to 20.
  const auto r = run(everywhere{}, servers, source);
  CHECK(r.completed == 4);
  CHECK(r.latency.mean == Approx((10 + 20 + 13 + 18) / 4.0));
  CHECK(r.latency.p50 == 13);
  CHECK(r.latency.max == 20);
  CHECK(r.mean_wait == Approx((0 + 0 + 8 + 13) / 4.0));
  CHECK(r.simulated_seconds == Approx(0.002));
  CHECK(r.utilisation == Approx((2 + 1) / 4.0));  // until the last arrival
}

TEST_CASE("request_simulation: what ends at the moment of an arrival has ended before it") {
  const auto servers = farm_of(1);
  listed source;
  for (int i = 0; i < 100; ++i) source.add(10 * i, 10);
  request_options options;
  options.queue_limit = 0;
  const auto r = run(everywhere{}, servers, source, options);
  CHECK(r.completed == 100);
  CHECK(r.latency.max == 10);
}

TEST_CASE("request_simulation: full queues reject, and the others are as short as that") {
  const auto servers = farm_of(1);
  listed source;
  for (int i = 0; i < 10; ++i) source.add(0, 10);
  request_options options;
  options.queue_limit = 2;
  const auto r = run(everywhere{}, servers, source, options);
  CHECK(r.completed == 3);
  CHECK(r.rejected == 7);
  CHECK(r.latency.max == 30);
}

TEST_CASE("request_simulation: a server that fails gives its requests to others, or loses them") {
  const auto servers = farm_of(2);
  listed source;
  for (int i = 0; i < 6; ++i) source.add(0, 10);  // three on each: one in service, two waiting
  source.add(100, 10);
  request_options options;
  options.changes = {{at(15ms), server_change::kind::fail, 1}};
  const auto again = run(everywhere{}, servers, source, options);
  CHECK(again.completed == 7);
  CHECK(again.retried == 2);
  // s0 has 10, 20, 30, and then the two of s1 from their beginning: 40, 50.
  CHECK(again.latency.max == 50);
  CHECK(again.per_server[1].requests == 1);

  options.on_failure = lost_requests::lose;
  const auto lost = run(everywhere{}, servers, source, options);
  CHECK(lost.completed == 5);
  CHECK(lost.lost == 2);
  CHECK(lost.latency.max == 30);
}

TEST_CASE("request_simulation: a server that leaves finishes what it has, one that joins starts") {
  const auto servers = farm_of(2);
  listed source;
  for (int i = 0; i < 8; ++i) source.add(i, 100);
  request_options options;
  options.changes = {{at(2ms), server_change::kind::leave, 0},
                     {at(4ms), server_change::kind::join, 1}};
  // Until 2 ms there is s0 alone (s1 joins later), then nobody until 4 ms, then s1.
  const auto r = run(everywhere{}, servers, source, options);
  CHECK(r.per_server[0].requests == 2);
  CHECK(r.rejected == 2);
  CHECK(r.per_server[1].requests == 4);
}

TEST_CASE("request_simulation: every request ends exactly once, whatever happens") {
  std::uint64_t seed = 0;
  for (const auto name : balance_policy_names()) {
    auto servers = farm_of(6, 2);
    const auto* const policy = find_balance_policy(name);
    request_options options;
    options.queue_limit = 5;
    options.on_failure = ++seed % 2 == 0 ? lost_requests::lose : lost_requests::retry;
    options.follow_keys = policy->keyed;
    options.measure_picks = false;
    options.changes = {
        {at(1s), server_change::kind::fail, 2}, {at(2s), server_change::kind::leave, 0},
        {at(3s), server_change::kind::join, 2}, {at(4s), server_change::kind::fail, 0},
        {at(4s), server_change::kind::fail, 5}, {at(5s), server_change::kind::join, 0}};
    const auto r = policy->run({servers.size(), seed, {}}, servers,
                               poisson(servers, 1.05, 20'000, seed), options);
    INFO(name);
    REQUIRE(r);
    CHECK(r->requests == 20'000);
    CHECK(r->completed + r->rejected + r->lost == 20'000);
    CHECK(r->lost <= 36);  // three failures of two slots and five waiting, at most
    const auto served =
        std::accumulate(r->per_server.begin(), r->per_server.end(), std::uint64_t{0},
                        [](auto sum, const auto& s) { return sum + s.requests; });
    CHECK(served == r->completed);
    CHECK(r->latency.p50 <= r->latency.p95);
    CHECK(r->latency.p999 <= r->latency.max);
    CHECK(r->jain <= 1.0000001);
    CHECK(r->imbalance >= 0.9999999);
  }
}

TEST_CASE("request_simulation: the same seed gives the same, another seed something else") {
  const auto servers = farm_of(4);
  const auto a = run(balance::random_choice{}, servers, poisson(servers, 0.9, 20'000, 7));
  const auto b = run(balance::random_choice{}, servers, poisson(servers, 0.9, 20'000, 7));
  const auto c = run(balance::random_choice{}, servers, poisson(servers, 0.9, 20'000, 8));
  CHECK(a.latency.mean == b.latency.mean);
  CHECK(a.latency.max == b.latency.max);
  CHECK(a.per_server[2].requests == b.per_server[2].requests);
  CHECK(a.latency.mean != c.latency.mean);
}

TEST_CASE("request_simulation: keys that move without need are told from those that must") {
  const auto servers = farm_of(10);
  request_options options;
  options.follow_keys = true;
  const auto imagined = [&](auto policy) {
    return run(std::move(policy), servers, poisson(servers, 0.5, 100, 1), options);
  };
  const auto even = imagined(balance::rendezvous_hash{});
  CHECK(*even.moved == Approx(0.1).margin(0.01));
  CHECK(*even.moved_excess == 0);
  const auto modulo = imagined(balance::modulo_hash{});
  CHECK(*modulo.moved == Approx(0.9).margin(0.01));
  CHECK(*modulo.moved_excess == Approx(0.8).margin(0.01));

  options.changes = {{at(100ms), server_change::kind::fail, 3},
                     {at(200ms), server_change::kind::join, 3}};
  const auto changed = imagined(balance::rendezvous_hash{});
  CHECK(*changed.moved == Approx(0.1).margin(0.01));
  CHECK(*changed.moved_excess == 0);
  CHECK_FALSE(run(everywhere{}, servers, poisson(servers, 0.5, 100, 1)).moved);
}

TEST_CASE("request_simulation: imbalance and Jain's index go by the weights") {
  auto servers = farm_of(3);
  servers[2].weight = 2;
  listed source;
  for (int i = 0; i < 300; ++i) source.add(i * 100, 1);
  const auto r = run(everywhere{}, servers, source);  // 100 each, so 100, 100, 50 a weight
  CHECK(r.imbalance == Approx(100 / (250 / 3.0)));
  CHECK(r.jain == Approx(250.0 * 250 / (3 * (10'000 + 10'000 + 2'500))));
}

TEST_CASE("request_simulation: the warm-up counts nowhere") {
  const auto servers = farm_of(1);
  listed source;
  source.add(0, 1000).add(2000, 10).add(2010, 10).add(2020, 10);
  request_options options;
  options.warm_up = 1;
  const auto r = run(everywhere{}, servers, source, options);
  CHECK(r.requests == 3);
  CHECK(r.latency.max == 10);
  CHECK(r.utilisation == 1);
  CHECK(r.per_server[0].requests == 3);
}

TEST_CASE("request_simulation: of a service across the end of the warm-up, the rest is counted") {
  const auto servers = farm_of(1);
  listed source;
  source.add(0, 1000).add(500, 10).add(2000, 10);
  request_options options;
  options.warm_up = 1;
  const auto r = run(everywhere{}, servers, source, options);
  CHECK(r.utilisation == Approx((500 + 10) / 1500.0));  // from 500 to 2000
  CHECK(r.mean_wait == Approx(500 / 2.0));
}

TEST_CASE("request_simulation: curves, if asked for") {
  const auto servers = farm_of(2);
  request_options options;
  options.keep_curves = true;
  const auto r = run(everywhere{}, servers, poisson(servers, 0.8, 100'000, 2), options);
  REQUIRE(r.tail.size() == 81);  // 16 a power of ten, down to one of 100,000
  CHECK(r.tail.front().beyond == 1);
  CHECK(r.tail.back().value == r.latency.max);
  CHECK(r.tail[16].beyond == Approx(0.1));
  for (std::size_t i = 1; i < r.tail.size(); ++i) CHECK(r.tail[i].value >= r.tail[i - 1].value);
  REQUIRE(r.flights.size() > 200);
  CHECK(r.flights.size() <= 512);
  CHECK(r.flights.back().seconds == Approx(r.simulated_seconds).epsilon(0.02));
  double sum = 0;
  for (const auto& f : r.flights) sum += static_cast<double>(f.in_flight);
  // Little's law, roughly: what is in flight is the arrival rate times the latency.
  CHECK(sum / static_cast<double>(r.flights.size()) == Approx(0.16 * r.latency.mean).epsilon(0.35));
}

TEST_CASE("request_simulation: what makes no sense is refused with a reason") {
  const auto refused = [](std::vector<server_spec> servers, request_options options) {
    request_simulation simulation{everywhere{}, std::span<const server_spec>{servers}, listed{},
                                  std::move(options)};
    const auto r = simulation.run();
    REQUIRE_FALSE(r);
    return r.error().message;
  };
  CHECK(refused({}, {}) == "there are no servers; give at least one");
  auto slow = farm_of(2);
  slow[1].speed = 0;
  CHECK(refused(slow, {}).find("server s1: the speed must be above 0") == 0);
  slow[1].speed = 1;
  slow[1].slots = 0;
  CHECK(refused(slow, {}).find("server s1: it must have 1 to") == 0);
  auto twins = farm_of(2);
  twins[1].name = "s0";
  CHECK(refused(twins, {}).find("backend 1 (s0) has the key of backend 0") == 0);
  request_options bad;
  bad.changes = {{at(1s), server_change::kind::fail, 2}};
  CHECK(refused(farm_of(2), bad) == "change 1 names server 2, but the last is server 1");
  bad.changes = {{at(2s), server_change::kind::fail, 0}, {at(1s), server_change::kind::fail, 1}};
  CHECK(refused(farm_of(2), bad).find("change 2 comes before") == 0);

  request_simulation none{balance::maglev{{6}}, std::span<const server_spec>{twins}, listed{}, {}};
  twins[1].name = "s1";
  CHECK(none.run().error().message.find("not a prime") != std::string::npos);
}

TEST_CASE("request_simulation: no requests at all") {
  const auto r = run(everywhere{}, farm_of(2), listed{});
  CHECK(r.requests == 0);
  CHECK(r.completed == 0);
  CHECK(r.latency.mean == 0);
}
