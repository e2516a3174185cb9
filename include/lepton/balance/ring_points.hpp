// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/balance/hash_ring.hpp>
#include <lepton/balance/snapshot.hpp>
#include <lepton/detail/crc32.hpp>
#include <lepton/detail/md5.hpp>
#include <lepton/detail/murmur.hpp>
#include <lepton/detail/xxh64.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::balance {

/// Whose rings `ring_hash` builds.
enum class ring_hash_mode : std::uint8_t {
  envoy,          ///< XXH64, 64 bits
  envoy_murmur2,  ///< MurmurHash2, 64 bits
  ketama,         ///< MD5, 32 bits; the shares rounded as by libmemcached and twemproxy
  libketama,      ///< MD5, 32 bits; the shares rounded as by libketama
  nginx,          ///< CRC-32
};

struct ring_hash_options {
  ring_hash_mode mode = ring_hash_mode::envoy;
  /// Envoy's modes: the ring gets at least so many points ...
  std::uint64_t min_size = 1'024;
  /// ... unless they are more than this. In the other modes, `rebuild` fails if they would be more.
  std::uint64_t max_size = 8'388'608;
};

}  // namespace lepton::balance

namespace lepton::balance::detail {

/// Writes numbers behind a text, each in place of the one before.
class numbered_text {
 public:
  numbered_text(std::string_view text, char separator) : text_(text), length_(text.size() + 1) {
    text_.push_back(separator);
  }
  [[nodiscard]] auto with(std::uint64_t number) -> std::string_view {
    text_.resize(length_);
    text_ += std::to_string(number);
    return text_;
  }

 private:
  std::string text_;
  std::size_t length_;
};

/// Envoy: the scale at which the lightest backend has a whole number of points, and running sums
/// that spread the points by the normalised weights.
[[nodiscard]] inline auto envoy_points(const snapshot& s, const ring_hash_options& options)
    -> std::vector<ring_point> {
  const auto share = [&](backend_index i) {
    return static_cast<double>(s.weight(i)) / static_cast<double>(s.total_weight());
  };
  double lightest = 1;
  for (const auto i : s.eligible()) lightest = std::min(lightest, share(i));
  const auto scale = std::min(
      std::ceil(lightest * static_cast<double>(std::max<std::uint64_t>(options.min_size, 1))) /
          lightest,
      static_cast<double>(options.max_size));
  std::vector<ring_point> points;
  points.reserve(static_cast<std::size_t>(std::ceil(scale)));
  double target = 0;
  for (const auto i : s.eligible()) {
    // Volatile keeps compilers from fusing the sum with the product, which rounds differently.
    const volatile double wanted = scale * share(i);
    target += wanted;
    numbered_text name{s.key(i), '_'};
    for (std::uint64_t k = 0; static_cast<double>(points.size()) < target; ++k) {
      const auto text = name.with(k);
      const auto hash = options.mode == ring_hash_mode::envoy ? lepton::detail::xxh64(text)
                                                              : lepton::detail::murmur2(text);
      points.push_back({hash, i});
    }
  }
  return points;
}

/// How many of a ketama ring's hashes, of four points each, a backend gets; in the float arithmetic
/// of the originals.
[[nodiscard]] inline auto ketama_hashes(std::uint32_t weight, std::uint64_t total, std::size_t n,
                                        ring_hash_mode mode) -> std::uint64_t {
  const auto share = static_cast<float>(weight) / static_cast<float>(total);
  if (mode == ring_hash_mode::libketama) {
    return static_cast<std::uint64_t>(std::floor(share * 40.0 * static_cast<double>(n)));
  }
  const float hashes = share * 160 / 4 * static_cast<float>(n);
  return static_cast<std::uint64_t>(static_cast<float>(hashes + 0.0000000001));
}

/// Ketama: 160 points for a mean weight.
[[nodiscard]] inline auto ketama_points(const snapshot& s, ring_hash_mode mode)
    -> std::vector<ring_point> {
  const auto n = s.eligible().size();
  std::vector<ring_point> points;
  points.reserve(n * 160);
  for (const auto i : s.eligible()) {
    numbered_text name{s.key(i), '-'};
    const auto hashes = ketama_hashes(s.weight(i), s.total_weight(), n, mode);
    for (std::uint64_t k = 0; k < hashes; ++k) {
      for (const auto hash : lepton::detail::md5(name.with(k))) points.push_back({hash, i});
    }
  }
  return points;
}

/// nginx: 160 points for each unit of weight. Other weights than whole numbers, which nginx does
/// not have, are rounded to whole points.
[[nodiscard]] inline auto nginx_points_of(const snapshot& s, backend_index i) -> double {
  return std::max(1.0, std::round(s.exact_weight(i) * 160));
}

/// nginx: a point is the CRC-32 of host, a zero, port and the point before. Of points that agree
/// only the first stays.
[[nodiscard]] inline auto nginx_points(const snapshot& s) -> std::vector<ring_point> {
  std::vector<ring_point> points;
  for (const auto i : s.eligible()) {
    std::string_view host = s.key(i);
    std::string_view port;
    constexpr std::string_view local = "unix:";
    const auto lower_case = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    if (host.size() >= local.size() &&
        std::equal(local.begin(), local.end(), host.begin(),
                   [&](char a, char b) { return a == lower_case(b); })) {
      host.remove_prefix(local.size());
    } else {
      const auto digits = host.find_last_not_of("0123456789");
      if (digits != std::string_view::npos && host[digits] == ':') {
        port = host.substr(digits + 1);
        host = host.substr(0, digits);
      }
    }
    const auto zero = std::string_view{"\0", 1};
    const auto base =
        lepton::detail::crc32(port, lepton::detail::crc32(zero, lepton::detail::crc32(host)));
    std::uint32_t hash = 0;
    const auto count = static_cast<std::uint64_t>(nginx_points_of(s, i));
    for (std::uint64_t k = 0; k < count; ++k) {
      hash = lepton::detail::crc32(hash, base);
      points.push_back({hash, i});
    }
  }
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.hash < b.hash; });
  points.erase(std::unique(points.begin(), points.end(),
                           [](const auto& a, const auto& b) { return a.hash == b.hash; }),
               points.end());
  return points;
}

}  // namespace lepton::balance::detail
