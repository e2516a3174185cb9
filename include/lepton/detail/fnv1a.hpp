// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace lepton::detail {

// FNV-1a with 64 bits (Fowler, Noll and Vo), byte after byte.
inline constexpr std::uint64_t fnv_start = 0xcbf29ce484222325U;
[[nodiscard]] constexpr auto fnv_add(std::uint64_t hash, std::uint64_t byte) noexcept
    -> std::uint64_t {
  return (hash ^ byte) * 0x100000001b3U;
}

}  // namespace lepton::detail
