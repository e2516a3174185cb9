// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_summary.hpp>

#include "queue_options.hpp"
#include "queue_workload.hpp"

namespace lepton_sim {

/// What a policy did, and its figures.
struct queue_result {
  lepton::simulate::queue_run run{};
  lepton::simulate::queue_summary summary{};
};

/// What a report tells of.
struct queue_report_input {
  const loaded_queue& about;
  const queue_options& options;
  std::span<const queue_result> results{};  ///< one for each policy
};

/// Writes the report to `dir`/index.html as `write_report` does.
[[nodiscard]] auto write_queue_report(const std::filesystem::path& dir,
                                      const queue_report_input& input) -> lepton::status;

}  // namespace lepton_sim
