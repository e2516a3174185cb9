// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/schedule/quota_verdict.hpp>

namespace lepton::schedule {

/// No quotas: everybody may use everything.
struct unlimited_quota {
  template <class Task>
  [[nodiscard]] constexpr auto may_start(const Task&) const noexcept -> quota_verdict {
    return {};
  }
  template <class Task>
  constexpr void started(const Task&) const noexcept {}
  template <class Task>
  constexpr void ended(const Task&) const noexcept {}
};

}  // namespace lepton::schedule
