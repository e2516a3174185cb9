// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace lepton::detail {

/// Remainders of the bytes for the CRC-32 of IEEE 802.3, bits reflected.
inline constexpr auto crc32_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb88320U : 0);
    table[byte] = rest;
  }
  return table;
}();

/// Continues the CRC-32 of what went before (0: of nothing) with a text.
[[nodiscard]] constexpr auto crc32(std::string_view text, std::uint32_t before = 0) noexcept
    -> std::uint32_t {
  auto rest = ~before;
  for (const char c : text) {
    rest = crc32_table[(rest ^ static_cast<unsigned char>(c)) & 0xff] ^ (rest >> 8);
  }
  return ~rest;
}

/// The same with four bytes, the lowest first.
[[nodiscard]] constexpr auto crc32(std::uint32_t word, std::uint32_t before) noexcept
    -> std::uint32_t {
  auto rest = ~before ^ word;
  for (int byte = 0; byte < 4; ++byte) rest = crc32_table[rest & 0xff] ^ (rest >> 8);
  return ~rest;
}

}  // namespace lepton::detail
