// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <lepton/simulate/results.hpp>

#include "seed_spread.hpp"

namespace lepton_sim {

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

/// The load at which the experiment ended, in percent.
[[nodiscard]] auto final_load(std::span<const policy_summary> policies) -> int;

/// The policies' indices: most GPU capacity allocated in the end first.
[[nodiscard]] auto ranking(std::span<const policy_summary> policies) -> std::vector<std::size_t>;

}  // namespace lepton_sim
