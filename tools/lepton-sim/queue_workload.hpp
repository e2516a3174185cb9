// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/queue_job.hpp>

#include "queue_options.hpp"

namespace lepton_sim {

/// What a simulation is about: the same for all policies.
struct loaded_queue {
  lepton::simulate::queue_workload workload{};
  std::string unit = "processor";  ///< or "GPU"
  double load = 0;                 ///< work submitted over what the machine can do
  std::string about{};             ///< one line without a full stop: jobs, and where they are from
};

/// Whether the log is the Philly list: by its option, or by its name.
[[nodiscard]] auto is_philly(const queue_options& options) -> bool;

/// Reads the log that the options name, or generates one.
[[nodiscard]] auto load_queue(const queue_options& options) -> lepton::expected<loaded_queue>;

}  // namespace lepton_sim
