// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "forecast_options.hpp"

namespace lepton_sim {

/// Runs `lepton-sim forecast fit` and `lepton-sim forecast compare`. The exit code.
auto run_forecast_fit(const forecast_fit_options& options) -> int;
auto run_forecast_compare(const forecast_compare_options& options) -> int;

}  // namespace lepton_sim
