// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace lepton::schedule {

/// How a quota answers the question whether a task may start.
enum class quota_outcome : std::uint8_t {
  within_guarantee,  ///< yes, out of what its tenant is guaranteed
  borrows,           ///< yes, with something of what others leave unused
  over_limit         ///< not now
};

/// The answer of a quota: yes (and whose amounts are used), or where the limit is.
struct quota_verdict {
  static constexpr std::uint32_t no_node = std::numeric_limits<std::uint32_t>::max();

  quota_outcome outcome = quota_outcome::within_guarantee;
  bool hopeless = false;         ///< over the limit even if nothing else ran: no use to wait
  std::uint32_t node = no_node;  ///< the node of the quota's tree whose limit is met, if one is
  std::size_t dimension = 0;     ///< the resource in which it is met

  [[nodiscard]] constexpr auto may_start() const noexcept -> bool {
    return outcome != quota_outcome::over_limit;
  }
  constexpr explicit operator bool() const noexcept { return may_start(); }
  friend constexpr auto operator==(const quota_verdict&, const quota_verdict&) noexcept
      -> bool = default;
};

}  // namespace lepton::schedule
