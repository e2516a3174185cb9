// SPDX-License-Identifier: Apache-2.0
#include "place_summary.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ranked_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::placement_result;
using lepton::simulate::replay_result;

constexpr auto full_load = 100;

/// The point of a load, or the last one below it.
template <class Points>
auto at_load(const Points& points, int load) -> typename Points::value_type {
  typename Points::value_type found{};
  for (const auto& p : points) {
    if (p.load <= load) found = p;
  }
  return found;
}

auto percent(double value) -> std::string { return fmt::format("{:.2f}", value); }

auto decisions_per_second(const replay_result& r) -> double {
  return r.seconds > 0 ? static_cast<double>(r.decisions) / r.seconds : 0;
}

}  // namespace

auto describe(const lepton::simulate::workload& w) -> std::string {
  double cpu = 0;
  std::int64_t memory = 0;
  double devices = 0;
  for (const auto& n : w.nodes) {
    cpu += static_cast<double>(n.capacity[0]) / 1000;
    memory += n.capacity[1];
    devices += static_cast<double>(n.devices.count());
  }
  return fmt::format("{}: {} nodes with {} GPUs, {} CPUs, {} of memory; {} tasks in the list",
                     w.name, grouped(static_cast<double>(w.nodes.size())), grouped(devices),
                     grouped(cpu), memory_text(memory),
                     grouped(static_cast<double>(w.tasks.size())));
}

auto summarise(std::span<const placement_result> results, std::size_t seeds) -> std::string {
  if (results.empty()) return {};
  const auto last = results.front().allocation.empty() ? 0 : results.front().allocation.back().load;
  const auto first = std::min(full_load, last);
  std::vector<std::string> heading{"policy", fmt::format("GPU % at {}", first)};
  if (last != first) heading.push_back(fmt::format("GPU % at {}", last));
  for (auto cell : {fmt::format("fragmented % at {}", first), std::string{"unplaced"},
                    std::string{"decisions/s"}}) {
    heading.push_back(std::move(cell));
  }

  std::vector<ranked_row> rows;
  for (std::size_t at = 0; at < results.size(); at += seeds) {
    const auto group = results.subspan(at, seeds);
    const auto gpu = [&](int load) {
      return mean_of(group, [&](const placement_result& r) {
        return at_load(r.allocation, load).gpu_percent;
      });
    };
    std::vector<std::string> cells{group.front().policy, percent(gpu(first))};
    if (last != first) cells.push_back(percent(gpu(last)));
    cells.push_back(percent(mean_of(group, [&](const placement_result& r) {
      return at_load(r.fragmentation, first).percent_of_cluster;
    })));
    cells.push_back(grouped(mean_of(group, [](const placement_result& r) { return r.unplaced; })));
    cells.push_back(grouped(
        median_of(group, [](const placement_result& r) { return r.decisions_per_second(); })));
    rows.push_back({{-gpu(last), -gpu(first)}, std::move(cells)});
  }
  return sorted_table(std::move(heading), std::move(rows));
}

auto summarise(std::span<const replay_result> results, std::size_t seeds) -> std::string {
  std::vector<ranked_row> rows;
  for (std::size_t at = 0; at < results.size(); at += seeds) {
    const auto group = results.subspan(at, seeds);
    const auto never =
        mean_of(group, [](const replay_result& r) { return r.never_placed + r.infeasible; });
    const auto wait = mean_of(group, [](const replay_result& r) { return r.mean_wait_seconds; });
    rows.push_back(
        {{never, wait},
         {group.front().policy,
          grouped(mean_of(group, [](const replay_result& r) { return r.placed; })),
          grouped(mean_of(group, [](const replay_result& r) { return r.never_placed; })),
          grouped(mean_of(group, [](const replay_result& r) { return r.infeasible; })),
          grouped(mean_of(group, [](const replay_result& r) { return r.max_queue; })),
          fmt::format("{:.1f}", wait),
          grouped(mean_of(group, [](const replay_result& r) { return r.max_wait_seconds; })),
          percent(mean_of(group, [](const replay_result& r) { return r.gpu_utilisation_percent; })),
          grouped(median_of(group, decisions_per_second))}});
  }
  return sorted_table({"policy", "placed", "never placed", "infeasible", "longest queue",
                       "mean wait s", "longest wait s", "GPU % over time", "decisions/s"},
                      std::move(rows));
}

}  // namespace lepton_sim
