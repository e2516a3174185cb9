// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/rehash_pick.hpp>

namespace lepton::balance {

/// The backend at `hash mod n` of the n eligible ones, as in HAProxy's map-based hashing. With
/// unequal weights: at `hash mod W` when each stands there as often as its whole weight says, W
/// times in all, in the order of the indices. Reads `context::hash`, which should be well mixed.
///
/// Even to the last request, and a change of the backends moves almost all keys: choose
/// `rendezvous_hash`, `maglev` or `ring_hash` where that matters.
///
/// When the backend is not allowed: `detail::rehash_pick`.
///
/// O(1) with equal weights, else O(1) unless weights differ wildly, and O(log n) at most; O(n) to
/// rebuild.
class modulo_hash {
 public:
  auto rebuild(const snapshot& s) -> status {
    ends_.clear();
    starts_.clear();
    if (s.equal_weights()) return {};
    const auto eligible = s.eligible();
    ends_.reserve(eligible.size());
    std::uint64_t end = 0;
    for (const auto i : eligible) ends_.push_back(end += s.weight(i));
    shift_ = 0;
    while ((end >> shift_) > 2 * eligible.size()) ++shift_;
    std::size_t k = 0;
    for (std::uint64_t first = 0; first < end; first += std::uint64_t{1} << shift_) {
      while (ends_[k] <= first) ++k;
      starts_.push_back(static_cast<std::uint32_t>(k));
    }
    starts_.push_back(static_cast<std::uint32_t>(eligible.size() - 1));
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    const auto eligible = s.eligible();
    if (eligible.empty()) return no_backend;
    return detail::rehash_pick(s, c.hash, allowed, [&](std::uint64_t hash) noexcept {
      return eligible[starts_.empty() ? hash % eligible.size() : holder(hash % ends_.back())];
    });
  }

 private:
  /// Position among the eligible of the one that place `r` belongs to.
  [[nodiscard]] auto holder(std::uint64_t r) const noexcept -> std::size_t {
    const auto part = r >> shift_;
    const auto first = ends_.begin() + starts_[part];
    const auto last = ends_.begin() + starts_[part + 1];
    return static_cast<std::size_t>(std::upper_bound(first, last, r) - ends_.begin());
  }

  std::vector<std::uint64_t> ends_;    ///< of the eligible: where the places of each end
  std::vector<std::uint32_t> starts_;  ///< who holds place k << shift_; empty: weights are equal
  unsigned shift_ = 0;
};

}  // namespace lepton::balance
