// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/model/devices.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/resources.hpp>

namespace lepton {

/// Receipt of an allocation; give it back with `cluster::release`. A released one never becomes
/// valid again.
struct allocation_id {
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;  ///< 0: no allocation
  friend constexpr auto operator==(const allocation_id&, const allocation_id&) noexcept
      -> bool = default;
};

/// What a task holds, and where.
template <std::size_t N, class Dimensions = default_dimensions>
struct allocation {
  resources<N, Dimensions> demand{};
  device_request request{};
  node_index node = 0;
  device_mask devices = 0;
  bool has_resident = false;  ///< the node keeps the task's labels
};

}  // namespace lepton
