// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/simulate/request.hpp>
#include <lepton/simulate/request_context.hpp>
#include <lepton/simulate/stopwatch.hpp>

namespace lepton::simulate {

/// How many requests a second a policy can deal with: a pick, and where it has them the hooks at
/// the begin and the end of the request. By a copy, for the same requests again and again, while
/// the loads stand still; the fastest of several rounds.
template <class Policy, class Contexts>
[[nodiscard]] auto picks_per_second(Policy policy, const balance::snapshot& s,
                                    std::span<const request> requests, const Contexts& contexts,
                                    const simulated_loads& in_flight) -> double {
  constexpr std::size_t rounds = 8;
  constexpr std::size_t picks = 4096;
  volatile balance::backend_index picked = 0;  // each pick is needed, one after the other
  double best = 0;
  std::size_t at = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    stopwatch watch;
    watch.start();
    for (std::size_t k = 0; k < picks; ++k, at = at + 1 == requests.size() ? 0 : at + 1) {
      const auto& r = requests[at];
      const auto c = contexts(r.hash, r.random + k, r.arrival, in_flight);
      const auto i = policy.pick(s, c);
      picked = i;
      if (i == balance::no_backend) continue;
      balance::tell_started(policy, i, c);
      balance::tell_finished(policy, i, balance::outcome{r.work, true, r.arrival});
    }
    watch.stop();
    best = std::max(best, static_cast<double>(picks) / std::max(1e-9, watch.seconds()));
  }
  static_cast<void>(picked);
  return best;
}

}  // namespace lepton::simulate
