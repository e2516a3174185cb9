// SPDX-License-Identifier: Apache-2.0
// What holds for every policy: the requirements of balance::policy, and that a pick allocates
// nothing.

#include <lepton/balance.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include <lepton/detail/rng.hpp>

#include "catch.hpp"

#if !defined(LEPTON_TEST_SANITIZED)  // sanitizers bring these operators themselves

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Counts for the whole program. Out of line, or GCC sees free() meet operator new and warns.
#define COUNTED [[gnu::noinline]]
COUNTED void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc{};
}
COUNTED void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto a = static_cast<std::size_t>(alignment);
  if (void* const p = std::aligned_alloc(a, (size + a - 1) / a * a)) return p;
  throw std::bad_alloc{};
}
COUNTED void* operator new[](std::size_t size) { return operator new(size); }
COUNTED void* operator new[](std::size_t size, std::align_val_t a) { return operator new(size, a); }
COUNTED void operator delete(void* p) noexcept { std::free(p); }
COUNTED void operator delete[](void* p) noexcept { std::free(p); }
COUNTED void operator delete(void* p, std::size_t) noexcept { std::free(p); }
COUNTED void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
COUNTED void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
COUNTED void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
COUNTED void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
COUNTED void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
#undef COUNTED

#endif

namespace balance = lepton::balance;
using balance::backend;
using balance::backend_index;
using balance::no_backend;
using balance::shared;
using balance::single_threaded;
using balance::snapshot;

namespace {

/// Everything that some policy reads.
struct request : balance::context {
  balance::client_address address{};
  std::uint16_t port = 0;
  std::span<const backend_index> tried{};
  std::uint64_t cookie = 0;
};

using every_policy = std::tuple<
    balance::round_robin<shared>, balance::round_robin<single_threaded>,
    balance::smooth_round_robin, balance::edf_round_robin, balance::static_stride<shared>,
    balance::weighted_round_robin<shared>, balance::weighted_round_robin<single_threaded>,
    balance::ipvs_weighted_round_robin, balance::random_choice, balance::weighted_random,
    balance::least_connections<shared>, balance::least_connections<single_threaded>,
    balance::nginx_least_connections, balance::ipvs_least_connections,
    balance::ipvs_weighted_least_connections, balance::shortest_expected_delay,
    balance::never_queue, balance::power_of_d<2>, balance::power_of_d<3>,
    balance::zone_power_of_d<2>, balance::peak_ewma<shared>, balance::peak_ewma<single_threaded>,
    balance::prequal<shared>, balance::prequal<single_threaded>, balance::local_prequal<>,
    balance::ip_hash<>, balance::modulo_hash, balance::ipvs_source_hash, balance::ring_hash,
    balance::maglev, balance::rendezvous_hash, balance::jump_hash, balance::anchor_hash,
    balance::bounded_loads<balance::ring_hash>, balance::slow_start<balance::random_choice>,
    balance::drain<balance::random_choice>, balance::outlier_ejection<balance::round_robin<>>,
    balance::priority_levels<balance::random_choice>, balance::zone_aware<balance::maglev>,
    balance::label_subset<balance::round_robin<>>,
    balance::deterministic_subset<balance::random_choice>,
    balance::retry_exclusion<balance::power_of_d<2>>,
    balance::sticky_sessions<balance::random_choice>,
    balance::retry_exclusion<balance::outlier_ejection<
        balance::priority_levels<balance::zone_aware<balance::power_of_d<2>>>>>>;

template <class Policy>
auto ready_for_anything() -> Policy {
  return Policy{};
}
template <>
auto ready_for_anything<balance::label_subset<balance::round_robin<>>>()
    -> balance::label_subset<balance::round_robin<>> {
  balance::subset_options options;
  options.fallback = balance::subset_fallback::any;  // its default is nobody
  return balance::label_subset<balance::round_robin<>>{{}, options};
}

template <class Policy>
auto some_backends(std::size_t n) -> std::vector<backend> {
  constexpr bool takes_weights = !std::is_same_v<Policy, balance::jump_hash>;
  std::vector<backend> list(n);
  for (std::size_t i = 0; i < n; ++i) {
    list[i].key = "10.0.0." + std::to_string(i) + ":80";
    list[i].weight = takes_weights ? static_cast<double>(1 + i % 3) : 2;
    list[i].zone = i % 2 == 0 ? "a" : "b";
  }
  return list;
}

auto some_request(lepton::detail::pcg32& random) -> request {
  request r;
  r.hash = std::uint64_t{random()} << 32 | random();
  r.random = std::uint64_t{random()} << 32 | random();
  r.now = lepton::at(std::chrono::hours{1});
  const auto bits = random();
  r.address = balance::client_address{std::array<std::uint8_t, 4>{
      static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8),
      static_cast<std::uint8_t>(bits >> 16), static_cast<std::uint8_t>(bits >> 24)}};
  return r;
}

template <class Policy>
struct bench {
  Policy policy = ready_for_anything<Policy>();
  snapshot backends{};
  balance::loads<single_threaded> in_flight{64};
  lepton::detail::pcg32 random{11};

  auto take_up(const std::vector<backend>& list) -> bool {
    auto s = snapshot::build(list);
    if (!s) return false;
    backends = *std::move(s);
    return policy.rebuild(backends).has_value();
  }
  template <class Allowed = balance::everyone>
  auto pick(const Allowed& allowed = {}) -> backend_index {
    return policy.pick(backends, balance::with_loads(some_request(random), in_flight), allowed);
  }
};

}  // namespace

TEMPLATE_LIST_TEST_CASE("every policy meets the concept and its requirements", "", every_policy) {
  using balance::loaded_context;
  using balance::loads;
  static_assert(balance::policy<TestType, loaded_context<loads<single_threaded>, request>>);

  bench<TestType> b;
  CHECK(b.pick() == no_backend);  // never rebuilt
  REQUIRE(b.take_up({}));
  CHECK(b.pick() == no_backend);

  auto list = some_backends<TestType>(9);
  for (auto& one : list) one.healthy = false;
  REQUIRE(b.take_up(list));
  if (!balance::detail::may_pick_unhealthy<TestType>()) CHECK(b.pick() == no_backend);

  list = some_backends<TestType>(9);
  list[2].healthy = false;
  list[5].draining = true;
  list[7].weight = 0;
  REQUIRE(b.take_up(list));
  std::vector<bool> seen(list.size());
  for (int k = 0; k < 3000; ++k) {
    const auto i = b.pick();
    REQUIRE(i < list.size());
    REQUIRE(b.backends.is_eligible(i));
    seen[i] = true;
    const auto other = b.pick([&](backend_index j) { return j != i && j != 4; });
    REQUIRE(other < list.size());
    REQUIRE(b.backends.is_eligible(other));
    REQUIRE(other != i);
    REQUIRE(other != 4);
    REQUIRE(b.pick([](backend_index j) { return j == 3; }) == 3);
    REQUIRE(b.pick([](backend_index) { return false; }) == no_backend);
  }
  CHECK_FALSE(seen[7]);

  // What had no weight, or was unhealthy, recovers.
  list = some_backends<TestType>(9);
  REQUIRE(b.take_up(list));
  std::size_t weightless = 0;
  std::size_t unhealthy = 0;
  for (int k = 0; k < 3000; ++k) {
    const auto i = b.pick([](backend_index j) { return j == 7 || j == 2; });
    weightless += i == 7 ? 1 : 0;
    unhealthy += i == 2 ? 1 : 0;
  }
  CHECK(weightless + unhealthy == 3000);
  for (int k = 0; k < 20'000 && !seen[7]; ++k) {
    const auto i = b.pick();
    if (i != no_backend) {
      seen[i] = true;
      b.in_flight.start(i);  // whoever looks at loads comes to idle ones
      balance::tell_started(b.policy, i, balance::context{});
    }
  }
  CHECK(seen[7]);
}

TEMPLATE_LIST_TEST_CASE("a copy of a policy picks the same", "", every_policy) {
  bench<TestType> b;
  REQUIRE(b.take_up(some_backends<TestType>(13)));
  for (int k = 0; k < 50; ++k) (void)b.pick();
  auto copy = b;
  std::vector<backend_index> first;
  std::vector<backend_index> second;
  for (int k = 0; k < 200; ++k) first.push_back(b.pick());
  for (int k = 0; k < 200; ++k) second.push_back(copy.pick());
  CHECK(first == second);
}

#if !defined(LEPTON_TEST_SANITIZED)

TEMPLATE_LIST_TEST_CASE("a pick, a start and an end allocate nothing", "", every_policy) {
  bench<TestType> b;
  REQUIRE(b.take_up(some_backends<TestType>(31)));
  std::array<backend_index, 64> running{};
  running.fill(no_backend);
  const auto before = allocations.load();
  std::size_t none = 0;
  for (std::size_t k = 0; k < 2000; ++k) {
    auto& mine = running[k % running.size()];
    if (mine != no_backend) {
      b.in_flight.finish(mine);
      balance::outcome how;
      how.latency = std::chrono::milliseconds{1 + k % 9};
      how.success = k % 17 != 0;
      how.now = lepton::at(std::chrono::hours{1});
      balance::tell_finished(b.policy, mine, how);
    }
    const auto c = balance::with_loads(some_request(b.random), b.in_flight);
    mine = k % 3 == 0 ? b.policy.pick(b.backends, c, [&](backend_index i) { return i % 4 != 1; })
                      : b.policy.pick(b.backends, c);
    if (mine == no_backend) {
      ++none;
      continue;
    }
    b.in_flight.start(mine);
    balance::tell_started(b.policy, mine, c);
  }
  CHECK(allocations.load() == before);
  CHECK(none == 0);
}

#endif
