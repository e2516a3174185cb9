// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace lepton {

/// Why a node was ruled out: the first test that it failed, in this order.
enum class reason : std::uint8_t {
  closed,           ///< the node is draining, or gone
  resource_0,       ///< too little of resource 0 is free; the next seven likewise
  device_kind = 9,  ///< the node has no device of an acceptable type
  devices,          ///< too few devices, or too small shares, are free
  selector,         ///< the node's labels match none of the task's selectors
  taint,            ///< the node has a taint that the task does not tolerate
  affinity,         ///< no task that this one must be near is in the domain
  anti_affinity,    ///< a task that this one must not be near, or the other way round, is
  topology_spread,  ///< the domain would hold too many matching tasks
  filter_0          ///< the first of the program's own filters; the next seven likewise
};

/// Number of reasons that are told apart.
inline constexpr std::size_t reason_count = static_cast<std::size_t>(reason::filter_0) + 8;

/// The reason for too little of resource `dimension` (dimensions from 8 on share the last).
[[nodiscard]] constexpr auto resource_reason(std::size_t dimension) noexcept -> reason {
  return static_cast<reason>(static_cast<std::size_t>(reason::resource_0) +
                             std::min<std::size_t>(dimension, 7));
}
/// The reason for the program's own filter number `index` (filters from 8 on share the last).
[[nodiscard]] constexpr auto filter_reason(std::size_t index) noexcept -> reason {
  return static_cast<reason>(static_cast<std::size_t>(reason::filter_0) +
                             std::min<std::size_t>(index, 7));
}

/// For each reason, the number of nodes that were ruled out by it.
class reason_counts {
 public:
  [[nodiscard]] constexpr auto operator[](reason r) noexcept -> std::uint32_t& {
    return counts_[static_cast<std::size_t>(r)];
  }
  [[nodiscard]] constexpr auto operator[](reason r) const noexcept -> std::uint32_t {
    return counts_[static_cast<std::size_t>(r)];
  }
  /// Number of nodes ruled out.
  [[nodiscard]] constexpr auto total() const noexcept -> std::uint64_t {
    std::uint64_t sum = 0;
    for (const auto c : counts_) sum += c;
    return sum;
  }
  friend constexpr auto operator==(const reason_counts&, const reason_counts&) noexcept
      -> bool = default;

 private:
  std::array<std::uint32_t, reason_count> counts_{};
};

}  // namespace lepton
