// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lepton::detail {

/// The whole number in the first `bytes` bytes (at most 8) of a text at `at`, the lowest byte
/// first.
[[nodiscard]] constexpr auto load_little_endian(std::string_view text, std::size_t at,
                                                std::size_t bytes) noexcept -> std::uint64_t {
  std::uint64_t value = 0;
  for (std::size_t k = 0; k < bytes; ++k) {
    value |= std::uint64_t{static_cast<unsigned char>(text[at + k])} << (8 * k);
  }
  return value;
}

}  // namespace lepton::detail
