// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "queue_options.hpp"

namespace lepton_sim {

/// Runs `lepton-sim queue`; returns the exit code.
auto run_queue(const queue_options& options) -> int;

}  // namespace lepton_sim
