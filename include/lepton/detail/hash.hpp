// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <lepton/detail/fnv1a.hpp>

namespace lepton::detail {

/// Mixes all 64 bits (the finaliser of SplitMix64; Steele, Lea, Flood 2014); a bijection.
[[nodiscard]] constexpr auto mix(std::uint64_t x) noexcept -> std::uint64_t {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// Folds a value into a hash; the order of the calls matters.
[[nodiscard]] constexpr auto combine(std::uint64_t hash, std::uint64_t value) noexcept
    -> std::uint64_t {
  return (hash ^ value) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
}

/// Folds a text into a hash (FNV-1a, then the length, so that neighbours cannot run together).
[[nodiscard]] constexpr auto combine(std::uint64_t hash, std::string_view text) noexcept
    -> std::uint64_t {
  for (const char c : text) hash = fnv_add(hash, static_cast<unsigned char>(c));
  return combine(hash, text.size());
}

}  // namespace lepton::detail
