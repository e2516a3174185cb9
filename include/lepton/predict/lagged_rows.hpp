// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lepton/predict/feature.hpp>

namespace lepton::predict::detail {

/// First word of the name of an `autoregression`.
struct autoregression_name {
  static constexpr std::string_view model_name = "autoregression";
};

/// Writes the features of a value, those that move with the level relative to a past value.
template <class Features>
struct lagged_rows {
  const Features& features;
  std::size_t difference = 0;  ///< how far back that value is; 0: no such value

  /// `past` ends `lead` values before `time`. Returns what the target is relative to.
  auto write(std::span<const double> past, std::uint64_t time, std::size_t lead,
             std::span<double> row) const noexcept -> double {
    features.write(past, time, row);
    if (difference == 0) return 0;
    const double base = lagged(past, difference > lead ? difference - lead : 1);
    for (std::size_t i = 0; i < row.size(); ++i)
      if (features.level(i)) row[i] -= base;
    return base;
  }
};

}  // namespace lepton::predict::detail
