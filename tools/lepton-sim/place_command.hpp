// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "place_options.hpp"

namespace lepton_sim {

/// Carries out `lepton-sim place`; gives the program's exit code.
auto run_place(const place_options& options) -> int;

}  // namespace lepton_sim
