// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/balance/fwd.hpp>

namespace lepton::balance {

/// How much a table changed when backends came and went; shares of its slots, from 0 to 1.
struct table_disruption {
  /// Slots that have another backend than before.
  double moved = 0;
  /// Those of them that moved without need: the backend before is still in the table, and the
  /// backend now was in it before.
  double excess = 0;
};

/// Compares two tables of the same size, such as those of `maglev` before and after a change of the
/// backends (which must keep their indices, as members of a `membership` do). O(size).
[[nodiscard]] inline auto compare_tables(std::span<const backend_index> before,
                                         std::span<const backend_index> after) -> table_disruption {
  const auto slots = std::min(before.size(), after.size());
  if (slots == 0) return {};
  const auto members = [](std::span<const backend_index> table) {
    std::vector<bool> in(std::size_t{*std::max_element(table.begin(), table.end())} + 1);
    for (const auto i : table) in[i] = true;
    return in;
  };
  const auto had = members(before);
  const auto has = members(after);
  std::size_t moved = 0;
  std::size_t excess = 0;
  for (std::size_t k = 0; k < slots; ++k) {
    const auto from = before[k];
    const auto to = after[k];
    if (from == to) continue;
    ++moved;
    if (from < has.size() && has[from] && to < had.size() && had[to]) ++excess;
  }
  const auto all = static_cast<double>(slots);
  return {static_cast<double>(moved) / all, static_cast<double>(excess) / all};
}

}  // namespace lepton::balance
