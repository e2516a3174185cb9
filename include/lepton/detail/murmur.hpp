// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lepton/detail/load_little_endian.hpp>

namespace lepton::detail {

/// The 64-bit MurmurHash2 of a text (MurmurHash64A; Austin Appleby, 2008), but that the bytes of a
/// last incomplete word count as libstdc++ counts them. The seed is that of its `std::hash`, and of
/// Envoy.
[[nodiscard]] constexpr auto murmur2(std::string_view text,
                                     std::uint64_t seed = 0xc70f6907ULL) noexcept -> std::uint64_t {
  constexpr std::uint64_t prime = 0xc6a4a7935bd1e995ULL;
  const auto fold = [](std::uint64_t x) { return x ^ (x >> 47); };
  std::uint64_t hash = seed ^ (text.size() * prime);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    hash = (hash ^ (fold(load_little_endian(text, at, 8) * prime) * prime)) * prime;
  }
  if (at < text.size()) {
    hash = (hash ^ load_little_endian(text, at, text.size() - at)) * prime;
  }
  return fold(fold(hash) * prime);
}

/// The first 64 bits of the MurmurHash3 of two words (MurmurHash3_x64_128 of their 16 bytes, lowest
/// byte first; Austin Appleby, 2011).
[[nodiscard]] constexpr auto murmur3(std::uint64_t first, std::uint64_t second,
                                     std::uint32_t seed) noexcept -> std::uint64_t {
  constexpr std::uint64_t c1 = 0x87c37b91114253d5ULL;
  constexpr std::uint64_t c2 = 0x4cf5ad432745937fULL;
  constexpr std::uint64_t length = 16;
  const auto finish = [](std::uint64_t x) {
    x = (x ^ (x >> 33)) * 0xff51afd7ed558ccdULL;
    x = (x ^ (x >> 33)) * 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
  };
  auto a = std::uint64_t{seed} ^ (std::rotl(first * c1, 31) * c2);
  a = (std::rotl(a, 27) + seed) * 5 + 0x52dce729U;
  auto b = std::uint64_t{seed} ^ (std::rotl(second * c2, 33) * c1);
  b = (std::rotl(b, 31) + a) * 5 + 0x38495ab5U;
  a = (a ^ length) + (b ^ length);
  b = (b ^ length) + a;
  return finish(a) + finish(b);
}

}  // namespace lepton::detail
