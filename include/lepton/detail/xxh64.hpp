// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lepton/detail/load_little_endian.hpp>

namespace lepton::detail {

/// The 64-bit xxHash of a text (XXH64; Yann Collet's specification of the algorithm, 2012).
[[nodiscard]] constexpr auto xxh64(std::string_view text, std::uint64_t seed = 0) noexcept
    -> std::uint64_t {
  constexpr std::uint64_t p1 = 0x9e3779b185ebca87ULL;
  constexpr std::uint64_t p2 = 0xc2b2ae3d27d4eb4fULL;
  constexpr std::uint64_t p3 = 0x165667b19e3779f9ULL;
  constexpr std::uint64_t p4 = 0x85ebca77c2b2ae63ULL;
  constexpr std::uint64_t p5 = 0x27d4eb2f165667c5ULL;
  const auto round = [](std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane + word * p2, 31) * p1;
  };

  std::size_t at = 0;
  std::uint64_t hash = seed + p5;
  if (text.size() >= 32) {
    std::uint64_t lanes[4] = {seed + p1 + p2, seed + p2, seed, seed - p1};
    for (; at + 32 <= text.size(); at += 32) {
      for (std::size_t k = 0; k < 4; ++k) {
        lanes[k] = round(lanes[k], load_little_endian(text, at + 8 * k, 8));
      }
    }
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
    for (const auto lane : lanes) hash = (hash ^ round(0, lane)) * p1 + p4;
  }
  hash += text.size();

  for (; at + 8 <= text.size(); at += 8) {
    hash = std::rotl(hash ^ round(0, load_little_endian(text, at, 8)), 27) * p1 + p4;
  }
  if (at + 4 <= text.size()) {
    hash = std::rotl(hash ^ (load_little_endian(text, at, 4) * p1), 23) * p2 + p3;
    at += 4;
  }
  for (; at < text.size(); ++at) {
    hash = std::rotl(hash ^ (load_little_endian(text, at, 1) * p5), 11) * p1;
  }
  hash = (hash ^ (hash >> 33)) * p2;
  hash = (hash ^ (hash >> 29)) * p3;
  return hash ^ (hash >> 32);
}

}  // namespace lepton::detail
