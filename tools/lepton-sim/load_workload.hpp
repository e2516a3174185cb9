// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/workload.hpp>

namespace lepton_sim {

/// Which workload, and how to read it.
struct workload_source {
  std::string nodes{};  ///< node list; with `tasks`, or both empty
  std::string tasks{};  ///< pod list
  std::string data{};   ///< folder of recorded traces; empty: environment variable LEPTON_DATA_DIR
  bool skip_bad = false;  ///< name bad records on the standard error and go on
};

/// The lists that were named; else those of the data folder; else the built-in figures.
auto load_workload(const workload_source& source) -> lepton::expected<lepton::simulate::workload>;

}  // namespace lepton_sim
