// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <lepton/model/allocation.hpp>
#include <lepton/model/decision.hpp>

namespace lepton::schedule {

/// How the placing of a gang came out: its members, or why there are none.
struct gang_placement {
  struct member {
    std::size_t index = 0;  ///< which of the tasks
    decision where = decision::busy();
    allocation_id allocation{};
  };

  verdict outcome = verdict::busy;
  std::vector<member> members{};  ///< those placed; none unless the outcome is `placed`

  constexpr explicit operator bool() const noexcept { return outcome == verdict::placed; }
};

}  // namespace lepton::schedule
