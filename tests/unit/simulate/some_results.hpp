// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/simulate/results.hpp>

namespace lepton_test {

inline auto some_result() -> lepton::simulate::placement_result {
  lepton::simulate::placement_result r;
  r.policy = "best-fit";
  r.seed = 18446744073709551615U;
  r.nodes = 2;
  r.tasks = 9;
  r.cpu_milli = 96000;
  r.memory_mib = 1048576;
  r.gpu_milli = 16000;
  r.allocation = {{0, 0, 0}, {1, 0.1, 12.345678901234567}};
  r.fragmentation = {{1, 100}, {2, 1e-7}};
  r.unplaced = 3;
  r.decisions = 9;
  r.seconds = 0.5;
  return r;
}

}  // namespace lepton_test
