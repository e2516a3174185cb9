// SPDX-License-Identifier: Apache-2.0
// A gateway: threads pick backends by two random choices, while an operator changes the backends.

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <lepton/balance.hpp>
#include <lepton/detail/rng.hpp>

namespace balance = lepton::balance;

int main() {
  balance::balancer gateway{balance::outlier_ejection{balance::power_of_d<2>{}}};
  if (const auto done = gateway.replace({{.key = "10.0.0.1:8080", .weight = 2},
                                         {.key = "10.0.0.2:8080"},
                                         {.key = "10.0.0.3:8080"}});
      !done) {
    std::fprintf(stderr, "%s\n", done.error().to_string().c_str());
    return 1;
  }

  std::array<std::atomic<int>, 4> served{};  // by index: a backend keeps it while it is a member
  const auto work = [&](std::uint64_t seed) {
    lepton::detail::pcg32 random{seed};
    for (int k = 0; k < 10'000; ++k) {
      balance::context c;
      c.random = std::uint64_t{random()} << 32 | random();
      c.now = lepton::at(lepton::duration{k});
      auto request = gateway.pick(c);  // counted in flight ...
      if (!request) continue;          // nobody is healthy
      ++served[request.index()];
      request.finish({.latency = std::chrono::milliseconds{3}, .now = c.now});  // ... until here
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
  const auto added = gateway.add({.key = "10.0.0.4:8080"});
  (void)gateway.set_healthy(1, false);
  for (auto& t : threads) t.join();

  int total = 0;
  for (balance::backend_index i = 0; i < served.size(); ++i) {
    std::printf("%s served %d\n", gateway.describe(i)->key.c_str(), served[i].load());
    total += served[i];
  }
  return added && total == 40'000 && gateway.loads().total() == 0 ? 0 : 1;
}
