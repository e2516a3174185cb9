// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/concept.hpp>
#include <lepton/balance/stride_sequence.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance {

template <class Threading = shared>
class static_stride;

/// gRPC's weighted round robin: a `stride_sequence` over the eligible backends and one sequence
/// number for all threads. O(largest / mean weight) steps a pick on average, at most 10.
///
/// Reads `exact_weight`. Shares are those of weights in 16 bits, within 0.01 and 10 times the mean;
/// weight 0 still means no requests.
///
/// Backends that are not allowed lose their turn. After `most_looks` lost turns the pick goes to
/// the allowed backend whose turn comes next, O(n), and the sequence goes on where it was.
///
/// Each rebuild goes on at another, random turn; so nobody starves however often there are updates.
/// (gRPC goes on with the next number, which with a new number of backends is any other backend.)
template <class Threading>
class static_stride {
 public:
  using threading = Threading;
  static constexpr std::size_t most_looks = 64;

  /// Seed 0 starts at sequence number 0; any other at a random number that picks, so that the first
  /// pick falls on each backend with the probability of its weight.
  static_stride() = default;
  explicit static_stride(std::uint64_t seed) noexcept : seed_(seed) {}

  auto rebuild(const snapshot& s) -> status {
    std::vector<float> weights;
    weights.reserve(s.eligible().size());
    double most = 0;
    for (const auto i : s.eligible()) most = std::max(most, s.exact_weight(i));
    // Of doubles beyond a float's range only the ratios count; those in range stay as they are.
    const bool in_range = most > 1e-30 && most < 1e30;
    for (const auto i : s.eligible()) {
      const auto weight = in_range ? s.exact_weight(i) : s.exact_weight(i) / most;
      weights.push_back(std::max(static_cast<float>(weight), 1e-38F));
    }
    sequence_ = stride_sequence{weights};

    std::uint64_t start = 0;
    if (!sequence_.empty() && (seed_ != 0 || rebuilds_ != 0)) {
      for (std::uint64_t k = 0; k < 4096; ++k) {
        start = more_random(lepton::detail::mix(seed_) + rebuilds_, k) >> 32;
        if (sequence_.at(static_cast<std::uint32_t>(start)).picked) break;
      }
    }
    number_.store(static_cast<std::uint32_t>(start));
    ++rebuilds_;
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& /*c*/,
                          const Allowed& allowed = {}) noexcept -> backend_index {
    const auto order = s.eligible();
    if (sequence_.empty()) return order.size() == 1 && allowed(order[0]) ? order[0] : no_backend;
    for (std::size_t looks = 0; looks < most_looks;) {
      const auto step = sequence_.at(number_.add(1));
      if (!step.picked) continue;
      if (allowed(order[step.entry])) return order[step.entry];
      ++looks;
    }
    const auto number = number_.load();
    auto best = no_backend;
    auto least = ~std::uint64_t{0};
    for (std::uint32_t k = 0; k < order.size(); ++k) {
      if (!allowed(order[k])) continue;
      const auto distance = sequence_.distance(number, k);
      if (distance >= least) continue;
      least = distance;
      best = order[k];
    }
    return best;
  }

 private:
  stride_sequence sequence_;
  std::uint64_t seed_ = 0;
  std::uint64_t rebuilds_ = 0;
  static constexpr std::size_t line = std::same_as<Threading, shared> ? 64 : 8;
  // Apart from what all threads only read.
  alignas(line) typename Threading::template cell<std::uint32_t> number_{};
};

}  // namespace lepton::balance
