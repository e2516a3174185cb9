// SPDX-License-Identifier: Apache-2.0
#include "balance_summary.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "ranked_table.hpp"
#include "text_table.hpp"

namespace lepton_sim {
namespace {

using lepton::simulate::balance_result;

/// "9.9 + 0.2": what had to move, and what moved beside.
auto moved_text(std::span<const balance_result> group) -> std::string {
  if (!group.front().moved) return "";
  const auto moved = mean_of(group, [](const auto& r) { return r.moved.value_or(0); });
  const auto excess = mean_of(group, [](const auto& r) { return r.moved_excess.value_or(0); });
  return fmt::format("{:.1f} + {:.1f}", 100 * (moved - excess), 100 * excess);
}

}  // namespace

auto summarise(std::span<const balance_result> results, std::size_t seeds) -> std::string {
  const auto any = [&](auto count) {
    return std::any_of(results.begin(), results.end(), [&](const auto& r) { return count(r) > 0; });
  };
  const auto rejected = [](const balance_result& r) { return r.rejected; };
  const auto lost = [](const balance_result& r) { return r.lost; };
  const auto retried = [](const balance_result& r) { return r.retried; };
  const bool moves = std::any_of(results.begin(), results.end(),
                                 [](const auto& r) { return r.moved.has_value(); });

  std::vector<std::string> heading{"policy", "mean ms", "p50",       "p95",
                                   "p99",    "p99.9",   "imbalance", "Jain"};
  if (moves) heading.emplace_back("moved %");
  if (any(rejected)) heading.emplace_back("rejected");
  if (any(lost)) heading.emplace_back("lost");
  if (any(retried)) heading.emplace_back("retried");
  heading.emplace_back("requests/s");

  std::vector<ranked_row> rows;
  for (std::size_t at = 0; at < results.size(); at += seeds) {
    const auto group = results.subspan(at, seeds);
    const auto mean = [&](auto value) { return mean_of(group, value); };
    const auto p99 = mean([](const auto& r) { return r.latency.p99; });
    const auto latency = mean([](const auto& r) { return r.latency.mean; });
    std::vector<std::string> cells{
        group.front().policy,
        latency_text(latency),
        latency_text(mean([](const auto& r) { return r.latency.p50; })),
        latency_text(mean([](const auto& r) { return r.latency.p95; })),
        latency_text(p99),
        latency_text(mean([](const auto& r) { return r.latency.p999; })),
        fmt::format("{:.3f}", mean([](const auto& r) { return r.imbalance; })),
        fmt::format("{:.3f}", mean([](const auto& r) { return r.jain; }))};
    if (moves) cells.push_back(moved_text(group));
    if (any(rejected)) cells.push_back(grouped(mean(rejected)));
    if (any(lost)) cells.push_back(grouped(mean(lost)));
    if (any(retried)) cells.push_back(grouped(mean(retried)));
    cells.push_back(
        three_digits(median_of(group, [](const auto& r) { return r.picks_per_second; })));
    rows.push_back({{p99, latency}, std::move(cells)});
  }
  return sorted_table(std::move(heading), std::move(rows));
}

}  // namespace lepton_sim
