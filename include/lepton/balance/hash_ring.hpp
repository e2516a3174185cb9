// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/fwd.hpp>

namespace lepton::balance {

/// A place on a hash ring and the backend that the requests from the place before up to this one
/// go to.
struct ring_point {
  std::uint64_t hash = 0;
  backend_index owner = no_backend;
};

}  // namespace lepton::balance

namespace lepton::balance::detail {

/// Points on a ring of 64-bit (or 32-bit) hashes, found in O(1) expected: an index over the upper
/// bits of the hashes names the first point that may be meant, and a short walk does the rest.
///
/// Points and hashes of 32 bits are kept as the upper halves of 64.
class hash_ring {
 public:
  /// No points.
  hash_ring() : hash_ring(std::vector<ring_point>{}, false) {}

  /// `narrow`: the hashes have 32 bits. Of points with the same hash the first in the list is
  /// found.
  hash_ring(std::vector<ring_point> points, bool narrow) : shift_(narrow ? 32 : 0) {
    std::stable_sort(points.begin(), points.end(),
                     [](const auto& a, const auto& b) { return a.hash < b.hash; });
    const auto n = points.size();
    entries_.reserve(n + 1);
    for (const auto& p : points) entries_.push_back({upper(p.hash << shift_), p.owner});
    if (!narrow) {
      lower_.reserve(n + 1);
      for (const auto& p : points) lower_.push_back(lower(p.hash));
      lower_.push_back(~0U);
    }
    // What lies behind the last point belongs to the first.
    entries_.push_back({~0U, n == 0 ? no_backend : points.front().owner});
    index(static_cast<unsigned>(std::clamp<std::size_t>(std::bit_width(n) + 1, 1, 28)));
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return entries_.size() - 1; }
  [[nodiscard]] auto owner(std::size_t k) const noexcept -> backend_index {
    return entries_[k].owner;
  }
  [[nodiscard]] auto point(std::size_t k) const noexcept -> ring_point {
    const auto low = lower_.empty() ? 0U : lower_[k];
    return {(std::uint64_t{entries_[k].upper} << 32 | low) >> shift_, entries_[k].owner};
  }

  /// The number of the first point with at least this hash; `size()` if there is none, whose owner
  /// is that of point 0.
  [[nodiscard]] auto find(std::uint64_t hash) const noexcept -> std::size_t {
    const auto high = upper(hash << shift_);
    const auto low = lower(hash << shift_);
    std::size_t k = starts_[high >> index_shift_];
    // Mostly none or one: the first without a branch to guess.
    k += entries_[k].upper < high ? 1 : 0;
    while (entries_[k].upper < high) ++k;
    if (entries_[k].upper == high && low != 0 && !lower_.empty()) {
      while (entries_[k].upper == high && lower_[k] < low) ++k;
    }
    return k;
  }

 private:
  struct entry {
    std::uint32_t upper;
    backend_index owner;
  };

  [[nodiscard]] static auto upper(std::uint64_t hash) noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(hash >> 32);
  }
  [[nodiscard]] static auto lower(std::uint64_t hash) noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(hash);
  }

  /// Notes for each value of the upper `bits` bits the first entry that is not before it.
  void index(unsigned bits) {
    index_shift_ = 32 - bits;
    starts_.resize(std::size_t{1} << bits);
    std::uint32_t k = 0;
    for (std::size_t value = 0; value < starts_.size(); ++value) {
      while (entries_[k].upper >> index_shift_ < value) ++k;
      starts_[value] = k;
    }
  }

  std::vector<entry> entries_;
  std::vector<std::uint32_t> lower_;  ///< empty if the hashes have 32 bits
  std::vector<std::uint32_t> starts_;
  unsigned index_shift_ = 31;
  unsigned shift_ = 0;
};

}  // namespace lepton::balance::detail
