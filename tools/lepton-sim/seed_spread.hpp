// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

namespace lepton_sim {

/// What the runs with different seeds agree on, and by how much they differ.
struct seed_spread {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

inline auto spread_of(const std::vector<double>& values) -> seed_spread {
  if (values.empty()) return {};
  double sum = 0;
  for (const double value : values) sum += value;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {sum / static_cast<double>(values.size()), *low, *high};
}

}  // namespace lepton_sim
