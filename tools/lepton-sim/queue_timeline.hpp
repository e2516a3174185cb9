// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_curves.hpp>

namespace lepton_sim {

/// Means of a curve over the time from `begin` to `end` in `count` equal stretches. The curve is 0
/// before its first point and keeps its last value. count > 0, end > begin.
[[nodiscard]] auto means_over_time(std::span<const lepton::simulate::curve_point> curve,
                                   lepton::time_point begin, lepton::time_point end,
                                   std::size_t count) -> std::vector<double>;

}  // namespace lepton_sim
