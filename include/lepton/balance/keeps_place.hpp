// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/balance/snapshot.hpp>

namespace lepton::balance::detail {

/// Whether a backend keeps its place in a table that does not change when backends fail: it is a
/// member that may be picked, or would be if it were healthy, not draining and of positive weight.
/// Members that a wrapper left out (`snapshot::restricted`) have no place.
[[nodiscard]] inline auto keeps_place(const snapshot& s, backend_index i) noexcept -> bool {
  if (s.is_eligible(i)) return true;
  return s.is_member(i) && (!s.is_healthy(i) || s.is_draining(i) || s.weight(i) == 0);
}

}  // namespace lepton::balance::detail
