// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include <lepton/model/resources.hpp>

namespace lepton::place {

/// What counts as 100 % in each dimension, usually the largest node's capacity; 0 leaves the
/// dimension out. Dimensions from 8 on are left out.
struct percent_scale {
  std::array<amount, 8> resource{};
  amount devices = 0;  ///< of the sum over a node's devices, in milli
};

}  // namespace lepton::place
