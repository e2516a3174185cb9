// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/results.hpp>

namespace lepton_sim {

/// What a report tells of.
struct report_input {
  std::string workload_name{};
  double load = 0;  ///< demand that arrived in the end, in capacities: 1.3 is 130 %
  std::span<const lepton::simulate::placement_result> results{};  ///< one for each policy and seed
};

/// The report as one HTML page that loads nothing from elsewhere. Needs at least one result.
/// Policies appear in the order of the results; the cluster is drawn for those of them that kept
/// the final state of a run.
[[nodiscard]] auto report_html(const report_input& input) -> std::string;

/// Writes the page to `dir`/index.html and creates `dir`. An older page stays until the new one is
/// complete.
[[nodiscard]] auto write_report(const std::filesystem::path& dir, const report_input& input)
    -> lepton::status;

}  // namespace lepton_sim
