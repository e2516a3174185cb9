// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include <lepton/model/expected.hpp>

#include "forecast_compare.hpp"
#include "forecast_options.hpp"
#include "forecast_series.hpp"

namespace lepton_sim {

/// What the report shows.
struct forecast_report_input {
  const forecast_series& series;
  const forecast_compare_options& options;
  std::span<const forecast_result> results;
};

/// Writes the report of `lepton-sim forecast compare` to `dir`/index.html.
[[nodiscard]] auto write_forecast_report(const std::filesystem::path& dir,
                                         const forecast_report_input& input) -> lepton::status;

}  // namespace lepton_sim
