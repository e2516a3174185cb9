// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <lepton/simulate/read_records.hpp>

namespace lepton_sim {

/// Names the bad records of a file on the standard error, if there are any.
void name_skipped(const std::string& path, const lepton::simulate::read_summary& found);

}  // namespace lepton_sim
