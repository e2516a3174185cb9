// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/negative_log.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

/// Rendezvous hashing, or highest random weight (Thaler and Ravishankar 1998), with weights by the
/// logarithm method (Schindelhauer and Schomaker 2005): the backend with the least -ln(u) / weight,
/// where u is a uniform number made of the request's hash and the backend's key. Ties go to the
/// lesser hash, then to the lowest index. Reads `context::hash`.
///
/// Each backend gets its exact share in expectation. A backend that leaves moves its own keys only,
/// evenly to all others; one that joins, or whose weight changes (alone), moves keys to or from
/// itself only. When the best one is not allowed: the next best. The same keys and weights give the
/// same answers on every machine, whatever the indices and the history.
///
/// O(n): about a nanosecond for a backend. Nothing is better up to a hundred backends; beyond,
/// `maglev` and `anchor_hash` are faster.
class rendezvous_hash {
 public:
  /// @param seed  different seeds place the keys independently
  explicit rendezvous_hash(std::uint64_t seed = 0) : seed_(seed) {}

  auto rebuild(const snapshot& s) -> status {
    seeds_.clear();
    inverse_.clear();
    bool equal = true;
    for (const auto i : s.eligible()) {
      seeds_.push_back(lepton::detail::mix(
          lepton::detail::combine(lepton::detail::mix(seed_), std::string_view{s.key(i)})));
      inverse_.push_back(std::clamp(1 / s.exact_weight(i), 1e-280, 1e280));
      equal = equal && inverse_.back() == inverse_.front();
    }
    if (equal) inverse_.clear();
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    const auto eligible = s.eligible();
    const auto found = inverse_.empty() ? least(eligible, c.hash, allowed)
                                        : least_weighted(eligible, c.hash, allowed);
    if (found != no_backend) return found;
    for (const auto i : eligible) {  // all those allowed have the largest hash
      if (allowed(i)) return i;
    }
    return no_backend;
  }

 private:
  using list = std::span<const backend_index>;

  template <admission Allowed>
  auto least(list eligible, std::uint64_t hash, const Allowed& allowed) const noexcept
      -> backend_index {
    auto best = std::numeric_limits<std::uint64_t>::max();
    auto found = no_backend;
    for (std::size_t k = 0; k < eligible.size(); ++k) {
      const auto h = lepton::detail::mix(hash ^ seeds_[k]);
      if (h >= best || !allowed(eligible[k])) continue;
      best = h;
      found = eligible[k];
    }
    return found;
  }

  /// Most backends are ruled out by the first term of the logarithm's series, a lower bound. Each
  /// number below comes of one rounded multiplication, so it cannot differ between machines.
  template <admission Allowed>
  auto least_weighted(list eligible, std::uint64_t hash, const Allowed& allowed) const noexcept
      -> backend_index {
    auto best = std::numeric_limits<double>::infinity();
    std::uint64_t best_hash = 0;
    auto found = no_backend;
    for (std::size_t k = 0; k < eligible.size(); ++k) {
      const auto h = lepton::detail::mix(hash ^ seeds_[k]);
      const auto v = static_cast<std::int64_t>(h >> 11);
      if (static_cast<double>(v) * inverse_[k] > best) continue;
      const auto log = static_cast<std::int64_t>(detail::negative_log(h >> 11));
      const auto score = static_cast<double>(log) / 32 * inverse_[k];
      if (score > best || (score == best && h >= best_hash) || !allowed(eligible[k])) continue;
      best = score;
      best_hash = h;
      found = eligible[k];
    }
    return found;
  }

  std::uint64_t seed_;
  std::vector<std::uint64_t> seeds_;  ///< of the eligible
  std::vector<double> inverse_;       ///< of their weights; empty: they are equal
};

}  // namespace lepton::balance
