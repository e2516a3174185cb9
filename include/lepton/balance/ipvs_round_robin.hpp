// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>

#include <lepton/balance/concept.hpp>

namespace lepton::balance {

/// The weighted round robin of Linux's IPVS ("wrr"), pick for pick: passes over the backends in the
/// order of their indices, of which the first takes those with the largest weight, each following
/// one also those whose weight is one step less (the steps are the weights' greatest common
/// divisor), and after the last, which takes all, it starts again. Exact shares over a period; the
/// heavy come in a row at its beginning. O(largest / mean weight) amortised, O(n) at worst.
///
/// A backend that is not allowed is what IPVS calls overloaded. Where the kernel would go through
/// every pass to find the next allowed one, this jumps to the pass that has it.
///
/// The kernel goes back to the head of its list at every change; this keeps the place, so that
/// nobody starves when there is an update between any two picks. The level of the pass changes as
/// in the kernel.
///
/// Source: Linux, net/netfilter/ipvs/ip_vs_wrr.c.
class ipvs_weighted_round_robin {
 public:
  using threading = single_threaded;

  auto rebuild(const snapshot& s) -> status {
    std::uint32_t divisor = 0;
    std::uint32_t largest = 0;
    for (const auto i : s.eligible()) {
      divisor = std::gcd(divisor, s.weight(i));
      largest = std::max(largest, s.weight(i));
    }
    step_ = std::max<std::int64_t>(divisor, 1);
    top_ = largest == 0 ? 0 : largest - (step_ - 1);
    if (level_ > top_ || level_ == 0) {
      level_ = top_;
    } else if (step_ > 1) {
      level_ = level_ / step_ * step_ + 1;
    }
    // Behind the last backend picked, or behind where it was.
    const auto order = s.eligible();
    place_ = next_index_ == 0
                 ? 0
                 : static_cast<std::size_t>(
                       std::lower_bound(order.begin(), order.end(), next_index_) - order.begin());
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    const auto order = s.eligible();
    const auto n = order.size();
    if (n == 0) return no_backend;
    const auto begun_at = place_;
    const auto begun_level = level_;
    for (auto k = place_; k < n; ++k) {
      if (s.weight(order[k]) >= level_ && allowed(order[k])) return found(order[k], k);
    }
    next_pass();
    std::int64_t largest_allowed = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const std::int64_t weight = s.weight(order[k]);
      if (weight <= largest_allowed || !allowed(order[k])) continue;
      if (weight >= level_) return found(order[k], k);
      largest_allowed = weight;
    }
    if (largest_allowed == 0) return nobody(begun_at, begun_level, order);
    // None of the passes above this one would have found anyone.
    level_ -= (level_ - largest_allowed + step_ - 1) / step_ * step_;
    for (std::size_t k = 0; k < n; ++k) {
      if (s.weight(order[k]) >= level_ && allowed(order[k])) return found(order[k], k);
    }
    return no_backend;
  }

 private:
  [[nodiscard]] auto found(backend_index i, std::size_t k) noexcept -> backend_index {
    place_ = k + 1;
    next_index_ = i + 1;
    return i;
  }
  void next_pass() noexcept {
    level_ -= step_;
    if (level_ <= 0) level_ = top_;
  }
  /// Where the kernel stands after it has asked everyone in vain.
  [[nodiscard]] auto nobody(std::size_t begun_at, std::int64_t begun_level,
                            std::span<const backend_index> order) noexcept -> backend_index {
    level_ = top_;
    place_ = 0;
    next_index_ = 0;
    if (begun_at != 0 && begun_level <= step_) {
      level_ = top_ - (top_ - 1) / step_ * step_;
      place_ = begun_at;
      next_index_ = order[begun_at - 1] + 1;
    }
    return no_backend;
  }

  std::int64_t level_ = 0;        ///< the weight that the pass asks for
  std::int64_t top_ = 0;          ///< of the first pass
  std::int64_t step_ = 1;         ///< from pass to pass
  std::size_t place_ = 0;         ///< in the order of the backends: who is next in the pass
  backend_index next_index_ = 0;  ///< the same as an index, for the next snapshot
};

}  // namespace lepton::balance
