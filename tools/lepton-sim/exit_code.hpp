// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

#include <lepton/model/error.hpp>

namespace lepton_sim {

inline constexpr int exit_good = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_bad_input = 2;

/// Names the cause on the standard error and gives the exit code back.
inline auto report_failure(const lepton::error& cause, int code) -> int {
  std::fprintf(stderr, "lepton-sim: %s\n", cause.to_string().c_str());
  return code;
}

}  // namespace lepton_sim
