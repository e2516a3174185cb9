// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "balance_options.hpp"

namespace lepton_sim {

/// Runs `lepton-sim balance`; returns the exit code.
auto run_balance(const balance_options& options) -> int;

/// Runs `lepton-sim balance picks`.
auto run_picks(const picks_options& options) -> int;

}  // namespace lepton_sim
