// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <lepton/detail/crc32.hpp>
#include <lepton/detail/md5.hpp>
#include <lepton/detail/xxh64.hpp>

namespace lepton::balance {

/// The hash that Envoy's hash policies give a text (a header, a cookie, an address): XXH64. For
/// `maglev` and `ring_hash` in their Envoy modes.
[[nodiscard]] constexpr auto envoy_hash(std::string_view text) noexcept -> std::uint64_t {
  return lepton::detail::xxh64(text);
}

/// The hash that ketama clients (libketama, libmemcached, twemproxy) give a key: the first four
/// bytes of its MD5 digest. For `ring_hash` in its ketama modes.
[[nodiscard]] constexpr auto ketama_hash(std::string_view key) noexcept -> std::uint32_t {
  return lepton::detail::md5(key)[0];
}

/// The hash that nginx gives the key of `hash ... consistent`: CRC-32. For `ring_hash` in its mode
/// `nginx`.
[[nodiscard]] constexpr auto nginx_hash(std::string_view key) noexcept -> std::uint32_t {
  return lepton::detail::crc32(key);
}

}  // namespace lepton::balance
