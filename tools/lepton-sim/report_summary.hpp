// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lepton/simulate/results.hpp>

namespace lepton_sim {

/// What the runs with different seeds agree on, and by how much they differ.
struct seed_spread {
  double mean = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct curve_point {
  int load = 0;  ///< percent of capacity that had arrived
  seed_spread value{};
};

using curve = std::vector<curve_point>;  ///< by rising load

/// All runs of one policy.
struct policy_summary {
  std::string name{};
  std::vector<std::uint64_t> seeds{};
  curve gpu{};  ///< percent of capacity that is allocated
  curve cpu{};
  curve fragmentation{};  ///< percent of all devices
  seed_spread unplaced{};
  double decisions_per_second = 0;  ///< median; 0 if it was not measured
  const lepton::simulate::placement_result* last_state =
      nullptr;  ///< the run to draw, if one kept it
};

/// One summary a policy, in order of first appearance.
[[nodiscard]] auto summarize(std::span<const lepton::simulate::placement_result> results)
    -> std::vector<policy_summary>;

/// The value when `load` percent had arrived: that of the last point up to there.
[[nodiscard]] auto value_at(const curve& points, int load) -> std::optional<seed_spread>;

}  // namespace lepton_sim
