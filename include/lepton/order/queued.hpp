// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>

namespace lepton::order {

/// A task that waits.
template <class Task>
struct queued {
  Task what;
  task_id id = 0;
  time_point submitted{};
  std::uint64_t sequence = 0;      ///< number of the submission: earlier ones are smaller
  mutable std::uint64_t hook = 0;  ///< of the queue that holds it: where it is in there
};

}  // namespace lepton::order
