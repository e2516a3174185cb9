// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lepton/detail/load_little_endian.hpp>

namespace lepton::detail {

/// One block of MD5: 64 bytes as words.
constexpr void md5_block(std::array<std::uint32_t, 4>& state,
                         const std::array<std::uint32_t, 16>& words) noexcept {
  // floor(2^32 * |sin(i + 1)|)
  constexpr std::uint32_t sines[64] = {
      0xd76aa478U, 0xe8c7b756U, 0x242070dbU, 0xc1bdceeeU, 0xf57c0fafU, 0x4787c62aU, 0xa8304613U,
      0xfd469501U, 0x698098d8U, 0x8b44f7afU, 0xffff5bb1U, 0x895cd7beU, 0x6b901122U, 0xfd987193U,
      0xa679438eU, 0x49b40821U, 0xf61e2562U, 0xc040b340U, 0x265e5a51U, 0xe9b6c7aaU, 0xd62f105dU,
      0x02441453U, 0xd8a1e681U, 0xe7d3fbc8U, 0x21e1cde6U, 0xc33707d6U, 0xf4d50d87U, 0x455a14edU,
      0xa9e3e905U, 0xfcefa3f8U, 0x676f02d9U, 0x8d2a4c8aU, 0xfffa3942U, 0x8771f681U, 0x6d9d6122U,
      0xfde5380cU, 0xa4beea44U, 0x4bdecfa9U, 0xf6bb4b60U, 0xbebfbc70U, 0x289b7ec6U, 0xeaa127faU,
      0xd4ef3085U, 0x04881d05U, 0xd9d4d039U, 0xe6db99e5U, 0x1fa27cf8U, 0xc4ac5665U, 0xf4292244U,
      0x432aff97U, 0xab9423a7U, 0xfc93a039U, 0x655b59c3U, 0x8f0ccc92U, 0xffeff47dU, 0x85845dd1U,
      0x6fa87e4fU, 0xfe2ce6e0U, 0xa3014314U, 0x4e0811a1U, 0xf7537e82U, 0xbd3af235U, 0x2ad7d2bbU,
      0xeb86d391U,
  };
  constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
  auto [a, b, c, d] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    const auto round = i / 16;
    const auto mixed = round == 0   ? (b & c) | (~b & d)
                       : round == 1 ? (d & b) | (~d & c)
                       : round == 2 ? b ^ c ^ d
                                    : c ^ (b | ~d);
    const auto word = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
    const auto sum = a + mixed + sines[i] + words[word % 16];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, turns[round][i % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

/// The MD5 digest (RFC 1321) of a text as four words, each the lowest byte first. Not for security.
[[nodiscard]] constexpr auto md5(std::string_view text) noexcept -> std::array<std::uint32_t, 4> {
  std::array<std::uint32_t, 4> state{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
  std::array<std::uint32_t, 16> words{};
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) {
    for (std::size_t k = 0; k < 16; ++k) {
      words[k] = static_cast<std::uint32_t>(load_little_endian(text, at + 4 * k, 4));
    }
    md5_block(state, words);
  }
  const auto rest = text.size() - at;
  words = {};
  for (std::size_t k = 0; k < rest; ++k) {
    words[k / 4] |= std::uint32_t{static_cast<unsigned char>(text[at + k])} << (8 * (k % 4));
  }
  words[rest / 4] |= std::uint32_t{0x80} << (8 * (rest % 4));
  if (rest >= 56) {
    md5_block(state, words);
    words = {};
  }
  const auto bits = std::uint64_t{text.size()} * 8;
  words[14] = static_cast<std::uint32_t>(bits);
  words[15] = static_cast<std::uint32_t>(bits >> 32);
  md5_block(state, words);
  return state;
}

}  // namespace lepton::detail
