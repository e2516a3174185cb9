// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/mul_div.hpp>

namespace lepton::balance::detail {

/// Members of a priority level, and how many of them are healthy. For `weighted` health the sums of
/// weights stand beside the numbers.
struct level_health {
  std::uint64_t members = 0;
  std::uint64_t healthy = 0;
  std::uint64_t member_weight = 0;
  std::uint64_t healthy_weight = 0;
};

/// What a level gets.
struct level_load {
  std::uint32_t percent = 0;  ///< of the requests; all levels together 100
  bool panic = false;         ///< the health of its members is disregarded
};

/// How Envoy divides the requests among priority levels (LoadBalancerBase, whole percents):
///
///   health(k)  = min(100, overprovisioning × healthy(k) / members(k))
///   total      = min(100, Σ health)
///   percent(k) = min(100 - Σ percent(< k), 100 × health(k) / total)
///
/// each rounded down, and what is left by rounding goes to the first level of any health. If total
/// is below 100, a level with less than `panic` percent of its members healthy panics. If all do,
/// the levels get percentages by their numbers of members. `levels` is not empty.
[[nodiscard]] inline auto level_loads(const std::vector<level_health>& levels,
                                      std::uint64_t overprovisioning, std::uint64_t panic,
                                      bool weighted) -> std::vector<level_load> {
  std::vector<level_load> result(levels.size());
  const auto share_out = [&](const std::vector<std::uint64_t>& amounts, std::uint64_t total) {
    std::uint32_t left = 100;
    level_load* first = nullptr;
    for (std::size_t k = 0; k < levels.size(); ++k) {
      if (first == nullptr && amounts[k] > 0) first = &result[k];
      result[k].percent =
          static_cast<std::uint32_t>(std::min<std::uint64_t>(left, amounts[k] * 100 / total));
      left -= result[k].percent;
    }
    first->percent += left;
  };

  std::vector<std::uint64_t> health(levels.size());
  std::uint64_t total = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    const auto& l = levels[k];
    const auto all = weighted ? l.member_weight : l.members;
    if (all == 0) continue;
    health[k] = std::min<std::uint64_t>(
        100,
        lepton::detail::mul_div(overprovisioning, weighted ? l.healthy_weight : l.healthy, all));
    total += health[k];
  }
  total = std::min<std::uint64_t>(total, 100);
  if (total > 0) share_out(health, total);

  bool all_panic = total < 100;
  for (std::size_t k = 0; total < 100 && k < levels.size(); ++k) {
    const auto& l = levels[k];
    result[k].panic = l.members == 0 ? panic > 0 : 100 * l.healthy < panic * l.members;
    all_panic = all_panic && result[k].panic;
  }
  std::uint64_t members = 0;
  for (std::size_t k = 0; k < levels.size(); ++k) {
    health[k] = levels[k].members;
    members += levels[k].members;
  }
  if (all_panic && members > 0) {
    share_out(health, members);
  } else if (all_panic || total == 0) {
    for (auto& r : result) r.percent = 0;
    result.front().percent = 100;
  }
  return result;
}

}  // namespace lepton::balance::detail
