// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace lepton::place::detail {

/// Many rows of K + 1 upper or lower bounds, rounded to 16 bits: finds the few rows that a point may
/// satisfy, eight comparisons an instruction. Rounding is monotone, so no row that is satisfied is
/// missed; whoever asks checks the rest exactly.
///
/// A row is a demand of K amounts (the point must reach them all) and a reach (the point's key must
/// not lie beyond it).
template <std::size_t K>
class coarse_rows {
 public:
  using amounts = std::array<std::int64_t, K>;

  void clear() noexcept { *this = coarse_rows{}; }

  /// Sets row `row` (at most one more than there are).
  void set(std::size_t row, const amounts& demand, std::int64_t reach) {
    if (row == exact_.size()) {
      exact_.push_back({demand, reach});
      const auto padded = (exact_.size() + block - 1) / block * block;
      for (auto& lane : demand_) lane.resize(padded, out_of_reach);
      reach_.resize(padded, 0);
    } else {
      exact_[row] = {demand, reach};
    }
    bool rescale = false;
    for (std::size_t k = 0; k < K; ++k) rescale = widen(shift_[k], demand[k]) || rescale;
    if (rescale) {
      for (std::size_t r = 0; r < exact_.size(); ++r) write(r);
    } else {
      write(row);
    }
  }
  void set_reach(std::size_t row, std::int64_t reach) noexcept {
    exact_[row].reach = reach;
    reach_[row] = rounded_key(reach);
  }

  /// Calls `visit(row)` for each row that the point satisfies, and perhaps for a few more.
  template <class Visit>
  void for_each_near(const amounts& have, std::int64_t key, Visit visit) {
    std::array<std::uint16_t, K> point{};
    for (std::size_t k = 0; k < K; ++k) {
      if (have[k] < 0) return;
      point[k] = rounded(have[k], shift_[k]);
    }
    if (widen_keys(key)) {
      for (std::size_t r = 0; r < exact_.size(); ++r) write(r);
    }
    const auto coarse_key = rounded_key(key);
    for (std::size_t first = 0; first < exact_.size(); first += block) {
      std::array<std::uint16_t, block> missing;
      const auto* reach = reach_.data() + first;
      for (std::size_t i = 0; i < block; ++i) missing[i] = coarse_key > reach[i] ? 0xffff : 0;
      for (std::size_t k = 0; k < K; ++k) {
        const auto* demand = demand_[k].data() + first;
        const auto p = point[k];
        for (std::size_t i = 0; i < block; ++i) {
          missing[i] = static_cast<std::uint16_t>(missing[i] | (demand[i] > p ? 0xffff : 0));
        }
      }
      for (std::size_t i = 0; i < block; i += 4) {
        std::uint64_t four = 0;
        std::memcpy(&four, missing.data() + i, sizeof four);
        if (four == ~std::uint64_t{0}) continue;
        for (std::size_t j = i; j < i + 4; ++j) {
          if (missing[j] == 0) visit(first + j);
        }
      }
    }
  }

 private:
  static constexpr std::size_t block = 32;
  static constexpr std::uint16_t largest = 0xfffe;
  static constexpr std::uint16_t out_of_reach = 0xffff;
  static constexpr std::int64_t middle = 0x7fff;

  struct exact_row {
    amounts demand;
    std::int64_t reach;
  };

  [[nodiscard]] static auto rounded(std::int64_t a, unsigned shift) noexcept -> std::uint16_t {
    return static_cast<std::uint16_t>(std::min<std::int64_t>(a >> shift, largest));
  }
  [[nodiscard]] auto rounded_key(std::int64_t key) const noexcept -> std::uint16_t {
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>((key >> key_shift_) + middle, 0, largest));
  }
  static auto widen(unsigned& shift, std::int64_t a) noexcept -> bool {
    const auto before = shift;
    while ((a >> shift) > largest) ++shift;
    return shift != before;
  }
  auto widen_keys(std::int64_t key) noexcept -> bool {
    const auto before = key_shift_;
    while ((key >> key_shift_) > middle || (key >> key_shift_) < -middle) ++key_shift_;
    return key_shift_ != before;
  }
  void write(std::size_t row) noexcept {
    for (std::size_t k = 0; k < K; ++k) demand_[k][row] = rounded(exact_[row].demand[k], shift_[k]);
    reach_[row] = rounded_key(exact_[row].reach);
  }

  std::vector<exact_row> exact_;
  std::array<std::vector<std::uint16_t>, K> demand_;
  std::vector<std::uint16_t> reach_;
  std::array<unsigned, K> shift_{};
  unsigned key_shift_ = 0;
};

}  // namespace lepton::place::detail
