// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include <lepton/model/constraints.hpp>
#include <lepton/model/devices.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/labels.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton {

/// The library's own task, for programs that have none. Its members are what `adapt` looks for.
template <std::size_t N, class Dimensions>
struct task {
  task_id id = 0;
  resources<N, Dimensions> demand{};
  device_request devices{};
  labels own_labels{};
  constraints rules{};
  std::int64_t priority = 0;                ///< larger goes first
  tenant_id tenant = 0;                     ///< whose it is
  duration estimate = duration::max();      ///< how long it says that it will run
  time_point deadline = time_point::max();  ///< when it should be done

  friend auto operator==(const task&, const task&) -> bool = default;
};

}  // namespace lepton
