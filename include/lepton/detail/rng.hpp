// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace lepton::detail {

/// PCG32 (O'Neill 2014, XSH-RR 64/32): the same numbers from the same seed on every machine.
class pcg32 {
 public:
  constexpr explicit pcg32(std::uint64_t seed, std::uint64_t stream = 0) noexcept
      : increment_((stream << 1) | 1U) {
    (*this)();
    state_ += seed;
    (*this)();
  }

  constexpr auto operator()() noexcept -> std::uint32_t {
    const auto old = state_;
    state_ = old * 6364136223846793005ULL + increment_;
    const auto shifted = static_cast<std::uint32_t>(((old >> 18) ^ old) >> 27);
    const auto rotation = static_cast<std::uint32_t>(old >> 59);
    return (shifted >> rotation) | (shifted << ((32U - rotation) & 31U));
  }

  /// Uniform on [0, bound), without bias (Lemire 2019); bound > 0.
  constexpr auto below(std::uint32_t bound) noexcept -> std::uint32_t {
    auto product = std::uint64_t{(*this)()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const auto threshold = (0U - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold)
        product = std::uint64_t{(*this)()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint64_t state_ = 0;
  std::uint64_t increment_;
};

/// Fisher-Yates: every order of the values is equally likely.
template <class Values>
constexpr void shuffle(Values& values, pcg32& random) noexcept {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[random.below(static_cast<std::uint32_t>(i))]);
  }
}

}  // namespace lepton::detail
