// SPDX-License-Identifier: Apache-2.0
// Nanoseconds a pick for every balancing policy at 10, 1,000 and 100,000 backends of weights 1 to
// 100, on one thread and shared by two; the cost of reading the current backends; build times.
// Peers in the shape of widely used proxies, and the machine's floor, run beside them.

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <type_traits>
#include <vector>

#include <lepton/balance.hpp>
#include <lepton/detail/rng.hpp>

#include "balance_peers.hpp"

namespace {

namespace balance = lepton::balance;
using balance::backend_index;
using balance::context;
using balance::shared;
using balance::single_threaded;
using balance::snapshot;

// --- what is measured with ---------------------------------------------------------------------

/// Random bits at the price of one multiplication.
class cheap_random {
 public:
  explicit cheap_random(std::uint64_t seed) : state_(lepton::detail::mix(seed)) {}
  auto operator()() noexcept -> std::uint64_t {
    state_ += 0xa0761d6478bd642fULL;
    __extension__ using wide = unsigned __int128;
    const auto product = wide{state_} * (state_ ^ 0xe7037ed1a0b428dbULL);
    return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
  }

 private:
  std::uint64_t state_;
};

auto backends(std::size_t n, bool weighted) -> const snapshot& {
  static std::map<std::pair<std::size_t, bool>, snapshot> known;
  static std::mutex turn;
  const std::lock_guard lock{turn};
  auto& s = known[{n, weighted}];
  if (s.size() != n) {
    lepton::detail::pcg32 random{n};
    std::vector<balance::backend> list(n);
    for (std::size_t i = 0; i < n; ++i) {
      list[i].key = "10." + std::to_string(i >> 16) + "." + std::to_string(i >> 8 & 255) + "." +
                    std::to_string(i & 255) + ":8080";
      list[i].zone = i % 2 == 0 ? "a" : "b";
      if (weighted) list[i].weight = 1 + random.below(100);
    }
    auto built = snapshot::build(list);
    if (!built) std::abort();
    s = *std::move(built);
  }
  return s;
}

/// Two choices and hash policies are measured with equal weights, as they are mostly used.
template <class Policy>
constexpr bool takes_weights = true;
template <>
constexpr bool takes_weights<balance::power_of_d<2>> = false;
template <>
constexpr bool takes_weights<balance::jump_hash> = false;
template <>
constexpr bool takes_weights<balance::maglev> = false;
template <>
constexpr bool takes_weights<balance::ring_hash> = false;
template <>
constexpr bool takes_weights<balance::rendezvous_hash> = false;
template <>
constexpr bool takes_weights<balance::anchor_hash> = false;
template <>
constexpr bool takes_weights<balance::modulo_hash> = false;
template <>
constexpr bool takes_weights<balance::ip_hash<>> = false;
template <class Inner, class Threading>
constexpr bool takes_weights<balance::bounded_loads<Inner, Threading>> = false;

template <class Policy>
auto configured(std::size_t n) -> Policy {
  if constexpr (std::is_same_v<Policy, balance::maglev>) {
    balance::maglev_options options;
    options.table_size = n > 10'000 ? 10'000'019 : 65'537;
    return Policy{options};
  } else {
    return Policy{};
  }
}

template <class Policy>
auto built(std::size_t n) -> Policy {
  auto p = configured<Policy>(n);
  if (!p.rebuild(backends(n, takes_weights<Policy>))) std::abort();
  return p;
}

/// One policy and its loads, for all threads of a run.
template <class Policy, class Threading>
struct rig {
  explicit rig(std::size_t n) : policy(built<Policy>(n)), in_flight(n) {}
  Policy policy;
  balance::in_flight<Policy, Threading> in_flight;

  static auto of(std::size_t n) -> rig& {
    static std::map<std::size_t, std::unique_ptr<rig>> known;
    static std::mutex turn;
    const std::lock_guard lock{turn};
    auto& one = known[n];
    if (!one) one = std::make_unique<rig>(n);
    return *one;
  }
};

auto size_of(const benchmark::State& run) -> std::size_t {
  return static_cast<std::size_t>(run.range(0));
}
auto seed_of(const benchmark::State& run) -> std::uint64_t {
  return static_cast<std::uint64_t>(run.thread_index()) + 1;
}

struct request : context {
  balance::client_address address{};
  std::uint16_t port = 0;
};

/// Picks only: loads stay as they are.
template <class Policy, class Threading>
void picks(benchmark::State& run) {
  const auto n = size_of(run);
  auto& r = rig<Policy, Threading>::of(n);
  const auto& s = backends(n, takes_weights<Policy>);
  cheap_random random{seed_of(run)};
  std::uint64_t sum = 0;
  for (auto _ : run) {
    request q;
    q.hash = q.random = random();
    if constexpr (std::is_same_v<Policy, balance::ip_hash<>>) {
      const auto h = q.hash;
      q.address = balance::client_address{std::array<std::uint8_t, 4>{
          static_cast<std::uint8_t>(h >> 8), static_cast<std::uint8_t>(h >> 16),
          static_cast<std::uint8_t>(h >> 24), 1}};
    }
    sum += r.policy.pick(s, balance::with_loads(q, r.in_flight));
  }
  benchmark::DoNotOptimize(sum);
  run.SetItemsProcessed(run.iterations());
}

/// A request begins and the oldest of 64 of this thread ends.
template <class Policy, class Threading>
void picks_and_counts(benchmark::State& run) {
  const auto n = size_of(run);
  auto& r = rig<Policy, Threading>::of(n);
  const auto& s = backends(n, takes_weights<Policy>);
  cheap_random random{seed_of(run)};
  std::array<backend_index, 64> running{};
  std::size_t k = 0;
  const auto begin = [&] {
    context c;
    c.hash = c.random = random();
    const auto i = r.policy.pick(s, balance::with_loads(c, r.in_flight));
    r.in_flight.start(i);
    balance::tell_started(r.policy, i, c);
    return i;
  };
  const auto end = [&](backend_index i) {
    balance::outcome how;
    how.latency = lepton::duration{1'000'000};
    balance::tell_finished(r.policy, i, how);
    r.in_flight.finish(i);
  };
  for (auto& i : running) i = begin();
  for (auto _ : run) {
    auto& oldest = running[k++ % running.size()];
    end(oldest);
    oldest = begin();
  }
  for (const auto i : running) end(i);
  run.SetItemsProcessed(run.iterations());
}

/// Four requests in flight on each backend on average; one at random ends, one begins.
template <class Policy, bool Weighted>
void steady_state(benchmark::State& run) {
  const auto n = size_of(run);
  Policy policy{backends(n, Weighted)};
  std::vector<backend_index> running;
  while (running.size() < 4 * n) running.push_back(policy.pick());
  cheap_random random{1};
  for (auto _ : run) {
    auto& one = running[balance::below(random(), running.size())];
    policy.finish(one);
    one = policy.pick();
  }
  run.SetItemsProcessed(run.iterations());
}
class heap_of_loads {
 public:
  explicit heap_of_loads(const snapshot& s) : s_(s) {
    if (!policy_.rebuild(s)) std::abort();
  }
  auto pick() -> backend_index {
    const auto i = policy_.pick(s_, context{});
    policy_.started(i, context{});
    return i;
  }
  void finish(backend_index i) { policy_.finished(i, {}); }

 private:
  const snapshot& s_;
  balance::least_connections<single_threaded> policy_;
};

void fork_picks(benchmark::State& run) {
  const auto n = size_of(run);
  auto mine = rig<balance::weighted_round_robin<>, shared>::of(n).policy.fork(seed_of(run));
  const auto& s = backends(n, true);
  std::uint64_t sum = 0;
  for (auto _ : run) sum += mine.pick(s, context{});
  benchmark::DoNotOptimize(sum);
  run.SetItemsProcessed(run.iterations());
}

template <class Peer>
void peer_picks(benchmark::State& run) {
  Peer peer{backends(size_of(run), true)};
  std::uint64_t sum = 0;
  for (auto _ : run) {
    const auto i = peer.pick();
    sum += i;
    if constexpr (requires { peer.finish(i); }) peer.finish(i);
  }
  benchmark::DoNotOptimize(sum);
  run.SetItemsProcessed(run.iterations());
}

auto maglev_size(std::size_t n) -> std::uint64_t { return n > 10'000 ? 10'000'019 : 65'537; }

void peer_maglev(benchmark::State& run) {
  static std::map<std::size_t, std::unique_ptr<peers::modulo_maglev>> known;
  const auto n = size_of(run);
  auto& peer = known[n];
  if (!peer) peer = std::make_unique<peers::modulo_maglev>(backends(n, false), maglev_size(n));
  cheap_random random{1};
  std::uint64_t sum = 0;
  for (auto _ : run) sum += peer->pick(random());
  benchmark::DoNotOptimize(sum);
  run.SetItemsProcessed(run.iterations());
}

// --- the machine's floor -----------------------------------------------------------------------

/// A table look-up by random bits.
void floor_look_up(benchmark::State& run) {
  std::vector<std::uint32_t> table(size_of(run), 1);
  cheap_random random{1};
  std::uint64_t sum = 0;
  for (auto _ : run) sum += table[balance::below(random(), table.size())];
  benchmark::DoNotOptimize(sum);
  run.SetItemsProcessed(run.iterations());
}
/// Each load's address is what the one before found.
void floor_dependent_load(benchmark::State& run) {
  const auto n = size_of(run);
  std::vector<std::uint32_t> order(n);
  for (std::uint32_t i = 0; i < n; ++i) order[i] = i;
  lepton::detail::pcg32 random{1};
  lepton::detail::shuffle(order, random);
  std::vector<std::uint32_t> next(n);
  for (std::size_t k = 0; k < n; ++k) next[order[k]] = order[(k + 1) % n];
  std::uint32_t at = 0;
  for (auto _ : run) at = next[at];
  benchmark::DoNotOptimize(at);
  run.SetItemsProcessed(run.iterations());
}
void floor_random_bits(benchmark::State& run) {
  cheap_random random{1};
  std::uint64_t sum = 0;
  for (auto _ : run) sum += random();
  benchmark::DoNotOptimize(sum);
}
void floor_atomic_add(benchmark::State& run) {
  static std::atomic<std::uint64_t> counter;
  for (auto _ : run) counter.fetch_add(1, std::memory_order_relaxed);
}

// --- reading the current backends --------------------------------------------------------------

void epoch_guard(benchmark::State& run) {
  static std::atomic<const std::uint64_t*> current{new std::uint64_t{1}};
  std::uint64_t sum = 0;
  for (auto _ : run) {
    const balance::epoch::guard here;
    sum += *current.load(std::memory_order_acquire);
  }
  benchmark::DoNotOptimize(sum);
}
void peer_shared_ptr(benchmark::State& run) {
  static std::atomic<std::shared_ptr<const std::uint64_t>> current{
      std::make_shared<const std::uint64_t>(1)};
  std::uint64_t sum = 0;
  for (auto _ : run) sum += *current.load();
  benchmark::DoNotOptimize(sum);
}
void peer_shared_mutex(benchmark::State& run) {
  static std::shared_mutex turn;
  static const std::uint64_t value = 1;
  std::uint64_t sum = 0;
  for (auto _ : run) {
    const std::shared_lock here{turn};
    sum += value;
  }
  benchmark::DoNotOptimize(sum);
}

/// A whole request: guard, pick, count, lease, end.
template <class Policy, class Threading>
void balancer_request(benchmark::State& run) {
  using balancer = balance::balancer<Policy, Threading>;
  static std::map<std::size_t, std::unique_ptr<balancer>> known;
  static std::mutex turn;
  const auto n = size_of(run);
  balancer* b = nullptr;
  {
    const std::lock_guard lock{turn};
    auto& one = known[n];
    if (!one) {
      one = std::make_unique<balancer>(Policy{}, n);
      std::vector<balance::backend> list(n);
      for (std::size_t i = 0; i < n; ++i) list[i].id = i + 1;
      if (!one->replace(list)) std::abort();
    }
    b = one.get();
  }
  cheap_random random{seed_of(run)};
  for (auto _ : run) {
    context c;
    c.hash = c.random = random();
    auto lease = b->pick(c);
    benchmark::DoNotOptimize(lease);
  }
  run.SetItemsProcessed(run.iterations());
}

// --- building ----------------------------------------------------------------------------------

template <class Policy>
void rebuild(benchmark::State& run) {
  const auto n = size_of(run);
  const auto& s = backends(n, takes_weights<Policy>);
  for (auto _ : run) {
    auto p = configured<Policy>(n);
    if (!p.rebuild(s)) std::abort();
    benchmark::DoNotOptimize(p);
  }
}
void rebuild_weighted_maglev(benchmark::State& run) {
  const auto n = size_of(run);
  const auto& s = backends(n, true);
  for (auto _ : run) {
    auto p = configured<balance::maglev>(n);
    if (!p.rebuild(s)) std::abort();
    benchmark::DoNotOptimize(p);
  }
}
void peer_rebuild_maglev(benchmark::State& run) {
  const auto n = size_of(run);
  const auto& s = backends(n, false);
  for (auto _ : run) {
    const peers::modulo_maglev p{s, maglev_size(n)};
    benchmark::DoNotOptimize(p);
  }
}

// --- the list ----------------------------------------------------------------------------------

constexpr std::array<std::int64_t, 3> sizes{10, 1'000, 100'000};

using body = void (*)(benchmark::State&);

/// `peer` names the benchmark that stands beside it in the table.
auto add(const std::string& name, body f, const std::string& peer = {})
    -> benchmark::internal::Benchmark* {
  return benchmark::RegisterBenchmark(
             name.c_str(),
             [f, peer](benchmark::State& run) {
               f(run);
               if (!peer.empty())
                 run.SetLabel("beside " + peer + "/" + std::to_string(run.range(0)));
             })
      ->MinTime(0.1);
}
auto sized(benchmark::internal::Benchmark* b) -> benchmark::internal::Benchmark* {
  for (const auto n : sizes) b->Arg(n);
  return b;
}
template <class Policy, class Shared = Policy>
void add_picks(const std::string& name, const std::string& peer = {},
               const std::string& rebuild_peer = {}) {
  sized(add("pick/" + name, picks<Policy, single_threaded>, peer));
  if constexpr (balance::is_thread_safe<Shared>())
    sized(add("pick_shared/" + name, picks<Shared, shared>))->Threads(1)->Threads(2);
  sized(add("rebuild/" + name, rebuild<Policy>, rebuild_peer));
}
template <class Policy, class Shared>
void add_counted(const std::string& name, const std::string& peer = {}) {
  sized(add("counted/" + name, picks_and_counts<Policy, single_threaded>, peer));
  sized(add("counted_shared/" + name, picks_and_counts<Shared, shared>))->Threads(1)->Threads(2);
}

const bool listed = [] {
  sized(add("floor/look_up", floor_look_up));
  sized(add("floor/dependent_load", floor_dependent_load));
  add("floor/random_bits", floor_random_bits);
  add("floor/atomic_add", floor_atomic_add)->Threads(1)->Threads(2);

  add("read/epoch_guard", epoch_guard)->Threads(1)->Threads(2);
  add("read/peer_shared_ptr", peer_shared_ptr)->Threads(1)->Threads(2);
  add("read/peer_shared_mutex", peer_shared_mutex)->Threads(1)->Threads(2);
  using balance::power_of_d;
  sized(add("request/power_of_d", balancer_request<power_of_d<2>, single_threaded>,
            "peer/mersenne_two_choices"));
  sized(add("request_shared/power_of_d", balancer_request<power_of_d<2>, shared>))
      ->Threads(1)
      ->Threads(2);

  sized(add("peer/linear_smooth", peer_picks<peers::linear_smooth>));
  sized(add("peer/edf_heap", peer_picks<peers::edf_heap>));
  sized(add("peer/mersenne_two_choices", peer_picks<peers::mersenne_two_choices>));
  sized(add("peer/discrete", peer_picks<peers::discrete>));
  sized(add("peer/modulo_maglev", peer_maglev));

  using balance::round_robin;
  using balance::static_stride;
  using balance::weighted_round_robin;
  add_picks<round_robin<single_threaded>, round_robin<shared>>("round_robin");
  sized(add("pick/weighted_round_robin_fork", fork_picks, "peer/linear_smooth"));
  add_picks<weighted_round_robin<single_threaded>, weighted_round_robin<shared>>(
      "weighted_round_robin", "peer/linear_smooth");
  add_picks<static_stride<single_threaded>, static_stride<shared>>("static_stride",
                                                                   "peer/edf_heap");
  add_picks<balance::edf_round_robin>("edf_round_robin", "peer/edf_heap");
  add_picks<balance::smooth_round_robin>("smooth_round_robin", "peer/linear_smooth");
  add_picks<balance::ipvs_weighted_round_robin>("ipvs_weighted_round_robin");
  add_picks<balance::random_choice>("random_choice");
  add_picks<balance::weighted_random>("weighted_random", "peer/discrete");

  add_counted<power_of_d<2>, power_of_d<2>>("power_of_d", "peer/mersenne_two_choices");
  add_picks<power_of_d<2>>("power_of_d");
  add_picks<power_of_d<3>>("weighted_power_of_three");
  add_picks<balance::zone_power_of_d<2>>("zone_power_of_d");
  add_counted<balance::peak_ewma<single_threaded>, balance::peak_ewma<shared>>("peak_ewma");
  add_counted<balance::prequal<single_threaded>, balance::prequal<shared>>("prequal");
  sized(add("steady/least_connections", steady_state<heap_of_loads, false>,
            "steady/peer_linear_least"));
  sized(add("steady/weighted_least_connections", steady_state<heap_of_loads, true>,
            "steady/peer_linear_least"));
  sized(add("steady/peer_linear_least", steady_state<peers::linear_least, true>));
  add_picks<balance::nginx_least_connections>("nginx_least_connections");
  add_picks<balance::ipvs_weighted_least_connections>("ipvs_weighted_least_connections");
  add_picks<balance::shortest_expected_delay>("shortest_expected_delay");
  add_picks<balance::never_queue>("never_queue");

  add_picks<balance::maglev>("maglev", "peer/modulo_maglev", "rebuild/peer_modulo_maglev");
  add_picks<balance::ring_hash>("ring_hash");
  add_picks<balance::rendezvous_hash>("rendezvous_hash");
  add_picks<balance::jump_hash>("jump_hash");
  add_picks<balance::anchor_hash>("anchor_hash");
  add_picks<balance::modulo_hash>("modulo_hash");
  add_picks<balance::ip_hash<>>("ip_hash");
  add_counted<balance::bounded_loads<balance::anchor_hash, single_threaded>,
              balance::bounded_loads<balance::anchor_hash, shared>>("bounded_loads_anchor");
  sized(add("rebuild/weighted_maglev", rebuild_weighted_maglev))->Unit(benchmark::kMillisecond);
  sized(add("rebuild/peer_modulo_maglev", peer_rebuild_maglev))->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
