// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/latency_summary.hpp>
#include <lepton/simulate/server_farm.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// Counts what each server did, and how even that was.
class server_tally {
 public:
  explicit server_tally(std::size_t servers) : counts_(servers) {}

  void ended(std::uint32_t server, duration latency) noexcept {
    ++counts_[server].requests;
    counts_[server].latency += static_cast<double>(latency.count());
  }
  /// The server was not there all the time: left out of the comparison.
  void was_away(std::uint32_t server) noexcept { counts_[server].always_there = false; }

  void sum_up(std::span<const server_spec> servers, const server_farm& farm, duration window,
              balance_result& into) const {
    duration busy{};
    std::uint64_t slots = 0;
    const auto part = [&](duration time, std::uint64_t of_slots) {
      const auto whole = static_cast<double>(window.count()) * static_cast<double>(of_slots);
      return whole > 0 ? static_cast<double>(time.count()) / whole : 0.0;
    };
    for (std::uint32_t i = 0; i < servers.size(); ++i) {
      const auto& c = counts_[i];
      const auto own = farm.busy_time(i);
      busy += own;
      slots += servers[i].slots;
      const double mean = c.requests == 0 ? 0 : c.latency / static_cast<double>(c.requests) / 1e6;
      into.per_server.push_back({servers[i].name, c.requests, part(own, servers[i].slots), mean});
    }
    into.utilisation = part(busy, slots);
    compare(servers, into);
  }

 private:
  struct count {
    std::uint64_t requests = 0;
    double latency = 0;
    bool always_there = true;
  };

  void compare(std::span<const server_spec> servers, balance_result& into) const {
    const auto stayed =
        std::any_of(counts_.begin(), counts_.end(), [](const count& c) { return c.always_there; });
    double most = 0;
    double sum = 0;
    double squares = 0;
    double number = 0;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (servers[i].weight <= 0 || (stayed && !counts_[i].always_there)) continue;
      const double share = static_cast<double>(counts_[i].requests) / servers[i].weight;
      most = std::max(most, share);
      sum += share;
      squares += share * share;
      ++number;
    }
    into.imbalance = sum > 0 ? most / (sum / number) : 1;
    into.jain = squares > 0 ? sum * sum / (number * squares) : 1;
  }

  std::vector<count> counts_;
};

}  // namespace lepton::simulate
