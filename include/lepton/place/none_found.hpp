// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include <lepton/config.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>
#include <lepton/place/feasibility.hpp>

namespace lepton::place::detail {

/// Whether some node could hold the task if it were empty. O(n).
template <class Task, class View>
[[nodiscard]] auto feasible_somewhere(const Task& t, const View& v) noexcept -> bool {
  for (std::size_t i = 0; i < static_cast<std::size_t>(v.size()); ++i) {
    if (fits_when_empty(t, v[i])) return true;
  }
  return false;
}

/// The decision when no node was found: counts `failure(i)`, an `optional<reason>`, over all nodes.
/// O(n).
template <class Task, class View, class Failure>
[[nodiscard]] LEPTON_COLD auto none_found(const Task& t, const View& v, Failure failure)
    -> decision {
  reason_counts why;
  for (node_index i = 0; i < static_cast<std::size_t>(v.size()); ++i) {
    if (const std::optional<reason> failed = failure(i)) ++why[*failed];
  }
  return feasible_somewhere(t, v) ? decision::busy(why) : decision::infeasible(why);
}

}  // namespace lepton::place::detail
