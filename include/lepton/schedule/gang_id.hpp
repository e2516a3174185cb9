// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::schedule {

/// Name of a gang, of the program's choice; 0 stands for no gang.
using gang_id = std::uint64_t;

}  // namespace lepton::schedule
