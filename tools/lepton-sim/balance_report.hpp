// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton_sim {

/// What a report tells of.
struct balance_report_input {
  std::string about_servers{};
  std::string about_requests{};
  double load = 0;  ///< work that arrives over what the servers can do
  std::span<const lepton::simulate::server_spec> servers{};
  std::span<const lepton::simulate::balance_result> results{};  ///< one for each policy and seed
};

/// Writes the report to `dir`/index.html as `write_report` does. Latencies and loads are drawn for
/// the runs that kept their curves.
[[nodiscard]] auto write_balance_report(const std::filesystem::path& dir,
                                        const balance_report_input& input) -> lepton::status;

}  // namespace lepton_sim
