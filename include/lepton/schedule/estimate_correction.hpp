// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::schedule {

/// A task that outlived its guess is expected to run as long as its owner said. O(1), no memory.
struct estimate_correction {
  template <class Task>
  [[nodiscard]] constexpr auto correct(const Task& t, duration, duration) const noexcept
      -> duration {
    return estimate_of(t);
  }
};

}  // namespace lepton::schedule
