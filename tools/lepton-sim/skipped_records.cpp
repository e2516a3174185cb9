// SPDX-License-Identifier: Apache-2.0
#include "skipped_records.hpp"

#include <cstdio>

#include <fmt/format.h>

namespace lepton_sim {

void name_skipped(const std::string& path, const lepton::simulate::read_summary& found) {
  if (found.skipped == 0) return;
  fmt::print(stderr, "lepton-sim: {}: {} bad {} skipped, {} used\n", path, found.skipped,
             found.skipped == 1 ? "record" : "records", found.records);
  for (const auto& problem : found.problems) fmt::print(stderr, "  {}\n", problem.to_string());
  if (found.skipped > found.problems.size())
    fmt::print(stderr, "  and {} more\n", found.skipped - found.problems.size());
}

}  // namespace lepton_sim
