// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <lepton/model/adapt.hpp>
#include <lepton/model/allocation.hpp>

namespace lepton {

/// An allocation that was taken back for the time being (`cluster::suspend`).
///
/// Hand it to `cluster::reinstate` or `cluster::discard` of the same cluster, once: one that gets
/// lost keeps its slot occupied for ever.
struct suspended {
  allocation_id id{};
  std::optional<resident> labelled{};  ///< what its node knew of the task
  std::size_t place = 0;               ///< where in the node's list of residents
};

}  // namespace lepton
