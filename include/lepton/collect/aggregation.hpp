// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include <lepton/collect/sample.hpp>

namespace lepton::collect {

/// What becomes of several samples in one interval.
enum class aggregation : std::uint8_t {
  mean,
  last,  ///< the sample with the latest time stamp; of equal ones the one that came last
  max,
  min,
  sum,
};

/// The samples of one interval so far, put together.
struct aggregate {
  double value = missing;  ///< NaN as long as there is no sample
  std::uint32_t count = 0;
  time_point latest{};  ///< time stamp of the latest sample

  /// Takes a further sample, in any order of time. O(1).
  constexpr void add(aggregation how, sample s) noexcept {
    if (count == 0) {
      *this = {s.value, 1, s.time};
      return;
    }
    if (count != UINT32_MAX) ++count;
    switch (how) {
      case aggregation::mean:
        value += (s.value - value) / count;
        break;
      case aggregation::last:
        value = s.time < latest ? value : s.value;
        break;
      case aggregation::max:
        value = std::max(value, s.value);
        break;
      case aggregation::min:
        value = std::min(value, s.value);
        break;
      case aggregation::sum:
        value += s.value;
        break;
    }
    latest = std::max(latest, s.time);
  }
};

}  // namespace lepton::collect
