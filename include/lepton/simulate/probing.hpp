// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/balance/context.hpp>
#include <lepton/balance/fwd.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/request_context.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// A policy that asks servers how they are, such as `balance::prequal`.
template <class P>
concept sends_probes = requires(P& p, const balance::snapshot& s,
                                std::span<balance::backend_index> out) {
  p.probes_due();
  p.probe_targets(s, std::uint64_t{}, out);
  p.probed(balance::backend_index{}, std::uint32_t{}, duration{}, time_point{});
};

/// Servers answer probes at once: with what they have in flight, and with the latency that they
/// expect for one request more: the average of their last service times (about sixteen of them)
/// times how many rounds of their slots that is.
class probe_answers {
 public:
  explicit probe_answers(std::span<const server_spec> servers) : servers_(servers.size()) {
    for (std::size_t i = 0; i < servers.size(); ++i) servers_[i].slots = servers[i].slots;
  }

  void ended(std::uint32_t server, duration service) noexcept {
    auto& s = servers_[server];
    const auto now = static_cast<double>(service.count());
    s.service += (now - s.service) / (s.service == 0 ? 1 : 16);
  }

  template <sends_probes Policy>
  void give(Policy& policy, const balance::snapshot& s, std::uint64_t random,
            const simulated_loads& in_flight, time_point now) const noexcept {
    std::array<balance::backend_index, 16> targets{};
    const auto due = std::min<std::size_t>(policy.probes_due(), targets.size());
    const auto count =
        policy.probe_targets(s, balance::more_random(random, 99), std::span{targets}.first(due));
    for (std::size_t k = 0; k < count; ++k) {
      const auto i = targets[k];
      const auto rounds = std::max(1.0, (in_flight[i] + 1.0) / servers_[i].slots);
      policy.probed(i, in_flight[i],
                    duration{static_cast<std::int64_t>(servers_[i].service * rounds)}, now);
    }
  }

 private:
  struct measured {
    double service = 0;  ///< nanoseconds; 0: none known
    double slots = 1;
  };
  std::vector<measured> servers_;
};

}  // namespace lepton::simulate
