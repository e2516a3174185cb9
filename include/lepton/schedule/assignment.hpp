// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/decision.hpp>
#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>

namespace lepton {

/// What a scheduling pass says of one task: it starts on a node, or it never can.
struct assignment {
  task_id id = 0;
  decision what = decision::busy();
  duration waited{};  ///< since it was submitted
};

/// A running task that was stopped in favour of another, or because its gang fell below its
/// minimum. It waits again.
struct eviction {
  task_id id = 0;
  task_id by = 0;  ///< for whom; its own id when its gang broke
};

}  // namespace lepton
