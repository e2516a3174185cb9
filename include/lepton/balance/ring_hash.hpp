// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/hash_ring.hpp>
#include <lepton/balance/key_hashes.hpp>
#include <lepton/balance/next_in_table.hpp>
#include <lepton/balance/ring_points.hpp>

namespace lepton::balance {

/// Consistent hashing on a ring (Karger et al., STOC 1997): each backend has points on the ring of
/// all hashes, more with more weight, and a request goes to the first point that is not before
/// `context::hash`, or behind the last one to the first. A backend that leaves or joins moves its
/// own requests and no others, as long as the others keep their numbers of points.
///
/// The modes build the rings of these programs to the bit:
/// - `envoy`, `envoy_murmur2` (Envoy's ring_hash): the hash of "key_0", "key_1", ...; all 64 bits
///   of the request's hash count, and `envoy_hash` is Envoy's hash of a text. The lightest backend
///   gets a whole number of points, such that the ring has at least `min_size`; that number may
///   change with the backends, and rounding can give a single backend one point more or less.
/// - `ketama` (libmemcached's weighted ketama, twemproxy), `libketama`: the MD5 digests of "key-0",
///   "key-1", ..., four points each, floor(40 n weight / sum of weights) digests; the lower 32
///   bits count, and `ketama_hash` is the clients' hash of a key. libmemcached leaves the port
///   11211 out of the key: do so too. A change of the backends can change the numbers of points
///   of all: by design with unequal weights, and by rounding with equal ones (39 digests for 40).
/// - `nginx` (`hash ... consistent`): a chain of CRC-32, 160 points for each unit of weight; the
///   lower 32 bits count, and `nginx_hash` is nginx's hash of a key.
///
/// Of points that agree the one of the lower index counts. With `allowed`: the next point, going
/// round, whose backend is allowed; after a full tour the first allowed backend without a point
/// (light ones may have none).
///
/// A pick is O(1) expected. `rebuild` is O(p log p) for p points; it fails if the sizes of the
/// options do not go together, and in the modes other than Envoy's if p would be above `max_size`.
class ring_hash {
 public:
  explicit ring_hash(ring_hash_options options = {}) : options_(options) {}

  auto rebuild(const snapshot& s) -> status {
    if (auto good = check(s); !good) return good;
    ring_ = detail::hash_ring{points_of(s), !is_envoy()};
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    const auto k = ring_.find(c.hash);
    const auto i = ring_.owner(k);
    if constexpr (std::same_as<Allowed, everyone>) {
      return i;
    } else {
      if (i == no_backend || allowed(i)) return i;
      const auto owner = [&](std::size_t at) { return ring_.owner(at); };
      return detail::next_in_table(s, ring_.size(), k == ring_.size() ? 0 : k, owner, allowed);
    }
  }

  /// The ring in rising order of the hashes; O(points).
  [[nodiscard]] auto points() const -> std::vector<ring_point> {
    std::vector<ring_point> result(ring_.size());
    for (std::size_t k = 0; k < result.size(); ++k) result[k] = ring_.point(k);
    return result;
  }

 private:
  [[nodiscard]] auto is_envoy() const noexcept -> bool {
    return options_.mode == ring_hash_mode::envoy || options_.mode == ring_hash_mode::envoy_murmur2;
  }

  [[nodiscard]] auto points_of(const snapshot& s) const -> std::vector<ring_point> {
    if (s.eligible().empty()) return {};
    if (is_envoy()) return detail::envoy_points(s, options_);
    if (options_.mode == ring_hash_mode::nginx) return detail::nginx_points(s);
    return detail::ketama_points(s, options_.mode);
  }

  [[nodiscard]] auto check(const snapshot& s) const -> status {
    constexpr std::uint64_t largest = std::uint64_t{1} << 28;
    if (options_.max_size == 0 || options_.max_size > largest) {
      return failure("ring_hash: max_size is " + std::to_string(options_.max_size) +
                     "; take 1 to 2^28 points");
    }
    if (is_envoy()) {
      if (options_.min_size <= options_.max_size) return {};
      return failure("ring_hash: min_size " + std::to_string(options_.min_size) +
                     " is above max_size " + std::to_string(options_.max_size));
    }
    double points = 0;
    if (options_.mode == ring_hash_mode::nginx) {
      for (const auto i : s.eligible()) points += detail::nginx_points_of(s, i);
    } else {
      points = static_cast<double>(s.eligible().size()) * 160;
    }
    if (points <= static_cast<double>(options_.max_size)) return {};
    return failure("ring_hash: the ring would get more points than max_size, " +
                   std::to_string(options_.max_size) +
                   "; raise max_size, or give smaller weights or fewer backends");
  }

  ring_hash_options options_;
  detail::hash_ring ring_;
};

}  // namespace lepton::balance
