// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/detail/hash.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/simulate/request.hpp>

namespace lepton::simulate {

/// The hash of key k of a generated population.
[[nodiscard]] constexpr auto key_hash(std::uint64_t k) noexcept -> std::uint64_t {
  return lepton::detail::mix(k + 0x9e3779b97f4a7c15ULL);
}

/// Keys of different popularity: key k (from 0) comes in proportion to 1 / (k + 1)^exponent. An
/// exponent of 0 makes all alike. O(1) a key by an alias table (Walker 1977, Vose 1991).
class zipf_keys {
 public:
  /// @param count  of keys, 1 to 2^32 - 1
  zipf_keys(std::uint32_t count, double exponent) : count_(count) {
    if (exponent == 0 || count < 2) return;
    std::vector<double> share(count);
    double sum = 0;
    for (std::uint32_t k = 0; k < count; ++k)
      sum += share[k] = std::pow(static_cast<double>(k) + 1, -exponent);
    for (auto& x : share) x *= count / sum;
    build(share);
  }

  [[nodiscard]] auto count() const noexcept -> std::uint32_t { return count_; }

  [[nodiscard]] auto draw(lepton::detail::pcg32& random) const noexcept -> std::uint32_t {
    const auto column = random.below(count_);
    if (columns_.empty()) return column;
    return random() < columns_[column].own ? column : columns_[column].other;
  }

  void fill(std::span<request> requests, lepton::detail::pcg32& random) const noexcept {
    for (auto& r : requests) r.hash = key_hash(draw(random));
  }

 private:
  /// Draws of a column go to its own key with probability own / 2^32, and else to another.
  struct alias_column {
    std::uint32_t own = 0xffff'ffff;
    std::uint32_t other = 0;
  };

  /// Fills up each key below the average by one above it, whose rest goes back to where it belongs.
  void build(std::vector<double>& share) {
    columns_.resize(count_);
    std::vector<std::uint32_t> below;
    std::vector<std::uint32_t> above;
    for (std::uint32_t k = 0; k < count_; ++k) {
      columns_[k].other = k;
      (share[k] < 1 ? below : above).push_back(k);
    }
    while (!below.empty() && !above.empty()) {
      const auto small = below.back();
      const auto large = above.back();
      below.pop_back();
      columns_[small] = {static_cast<std::uint32_t>(share[small] * 0x1p32), large};
      share[large] -= 1 - share[small];
      if (share[large] >= 1) continue;
      above.pop_back();
      below.push_back(large);
    }
  }

  std::uint32_t count_;
  std::vector<alias_column> columns_;
};

}  // namespace lepton::simulate
