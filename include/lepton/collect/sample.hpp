// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include <lepton/model/time.hpp>

namespace lepton::collect {

/// What stands for a number that is not known, in all series: NaN.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// A number measured at a moment.
struct sample {
  time_point time{};
  double value = missing;

  friend auto operator==(const sample&, const sample&) -> bool = default;
};

}  // namespace lepton::collect
