// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace lepton_sim {

// The text of Chart.js, for reports that open without a network. Its definition is written by
// CMake; do not read it before main().
extern const std::string_view chart_js;

}  // namespace lepton_sim
