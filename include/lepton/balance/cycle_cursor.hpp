// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <lepton/balance/context.hpp>
#include <lepton/balance/threading.hpp>

namespace lepton::balance::detail {

/// Goes round and round over positions 0 .. length - 1: each `take` is one step.
///
/// Shared: one relaxed addition to a 64-bit count that never wraps, on a cache line of its own, and
/// its remainder by two multiplications (Barrett), so the positions of all threads together are
/// exactly a round. Single-threaded: an addition and a comparison.
template <class Threading>
class cycle_cursor {
 public:
  /// The next step goes to `start`. A length of 0 must not be taken from.
  void restart(std::size_t length, std::size_t start) noexcept {
    length_ = length;
    reciprocal_ = length == 0 ? 0 : ~std::uint64_t{0} / length;
    count_.store(start);
  }
  [[nodiscard]] auto length() const noexcept -> std::size_t {
    return static_cast<std::size_t>(length_);
  }

  [[nodiscard]] auto take() noexcept -> std::size_t {
    if constexpr (std::same_as<Threading, shared>) {
      const auto count = count_.add(1);
      // The estimate of count / length is at most one too small.
      const auto rest = count - below(count, reciprocal_) * length_;
      return static_cast<std::size_t>(rest >= length_ ? rest - length_ : rest);
    } else {
      const auto here = count_.load();
      count_.store(here + 1 == length_ ? 0 : here + 1);
      return static_cast<std::size_t>(here);
    }
  }
  /// As many steps at once, at most `length()`.
  void skip(std::size_t steps) noexcept {
    if constexpr (std::same_as<Threading, shared>) {
      count_.add(steps);
    } else {
      const auto there = count_.load() + steps;
      count_.store(there >= length_ ? there - length_ : there);
    }
  }

 private:
  static constexpr std::size_t line = std::same_as<Threading, shared> ? 64 : 8;

  std::uint64_t length_ = 0;
  std::uint64_t reciprocal_ = 0;
  // Apart from what all threads only read.
  alignas(line) typename Threading::template cell<std::uint64_t> count_{};
};

}  // namespace lepton::balance::detail
