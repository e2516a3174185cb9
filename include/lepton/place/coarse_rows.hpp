// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace lepton::place::detail {

/// Many rows of K + 1 upper or lower bounds, rounded to 16 bits: finds the few rows that a point
/// may satisfy, eight comparisons an instruction. Rounding is monotone, so no row that is satisfied
/// is missed; whoever asks checks the rest exactly.
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
      if (exact_.size() > blocks_.size() * width) blocks_.emplace_back();
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
    blocks_[row / width].reach[row % width] = rounded_key(reach);
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
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      const auto& rows = blocks_[b];
      std::array<std::uint16_t, width> missing;
      for (std::size_t i = 0; i < width; ++i) {
        bool out = coarse_key > rows.reach[i];
        for (std::size_t k = 0; k < K; ++k) out = out | (rows.demand[k][i] > point[k]);
        missing[i] = out ? 0xffff : 0;
      }
      for (std::size_t i = 0; i < width; i += 4) {
        std::uint64_t four = 0;
        std::memcpy(&four, missing.data() + i, sizeof four);
        if (four == ~std::uint64_t{0}) continue;
        for (std::size_t j = i; j < i + 4; ++j) {
          if (missing[j] == 0) visit(b * width + j);
        }
      }
    }
  }

 private:
  static constexpr std::size_t width = 32;
  static constexpr std::uint16_t largest = 0xfffe;
  static constexpr std::uint16_t out_of_reach = 0xffff;
  static constexpr std::int64_t middle = 0x7fff;

  struct exact_row {
    amounts demand;
    std::int64_t reach;
  };
  struct block {
    std::array<std::uint16_t, width> reach{};
    std::array<std::array<std::uint16_t, width>, K> demand = [] {
      std::array<std::array<std::uint16_t, width>, K> none;
      for (auto& lane : none) lane.fill(out_of_reach);
      return none;
    }();
  };

  [[nodiscard]] static auto rounded(std::int64_t a, unsigned shift) noexcept -> std::uint16_t {
    return static_cast<std::uint16_t>(std::min<std::int64_t>(a >> shift, largest));
  }
  [[nodiscard]] auto rounded_key(std::int64_t key) const noexcept -> std::uint16_t {
    return static_cast<std::uint16_t>(
        std::clamp<std::int64_t>((key >> key_shift_) + middle, 0, largest));
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
    auto& rows = blocks_[row / width];
    for (std::size_t k = 0; k < K; ++k)
      rows.demand[k][row % width] = rounded(exact_[row].demand[k], shift_[k]);
    rows.reach[row % width] = rounded_key(exact_[row].reach);
  }

  std::vector<exact_row> exact_;
  std::vector<block> blocks_;
  std::array<unsigned, K> shift_{};
  unsigned key_shift_ = 0;
};

}  // namespace lepton::place::detail
