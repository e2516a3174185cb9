// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace lepton::detail {

/// Up to `Width` (at most 32) vectors of K amounts, kind by kind, and the largest of each kind.
///
/// Unused places hold `lowest`. Changing one vector costs O(K), and O(Width) for a kind of which it
/// had the largest amount; tests of all vectors run side by side in vector registers.
template <std::size_t K, std::size_t Width>
class amount_rows {
 public:
  using amounts = std::array<std::int64_t, K>;
  static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min() / 2;

  [[nodiscard]] auto operator[](std::size_t i) const noexcept -> amounts {
    amounts a;
    for (std::size_t k = 0; k < K; ++k) a[k] = rows_[k][i];
    return a;
  }
  [[nodiscard]] auto largest() const noexcept -> const amounts& { return largest_; }

  void set(std::size_t i, const amounts& a) noexcept {
    for (std::size_t k = 0; k < K; ++k) {
      const auto old = rows_[k][i];
      rows_[k][i] = a[k];
      if (a[k] >= largest_[k]) {
        largest_[k] = a[k];
      } else if (old == largest_[k]) {
        largest_[k] = maximum(rows_[k]);
      }
    }
  }
  void unset(std::size_t i) noexcept { set(i, none()); }
  void clear() noexcept {
    for (auto& row : rows_) row.fill(lowest);
    largest_ = none();
  }
  /// Makes room at i by moving the vectors i … count−1 on by one.
  void shift(std::size_t i, std::size_t count) noexcept {
    for (auto& row : rows_) {
      for (std::size_t j = count; j > i; --j) row[j] = row[j - 1];
    }
  }

  /// Bit i is set if all amounts of vector i reach the demand.
  [[nodiscard]] auto reaching(const amounts& demand) const noexcept -> std::uint32_t {
    std::array<std::int64_t, Width> missing{};
    for (std::size_t k = 0; k < K; ++k) {
      for (std::size_t i = 0; i < Width; ++i) missing[i] |= rows_[k][i] - demand[k];
    }
    std::uint32_t mask = 0;
    for (std::size_t i = 0; i < Width; ++i)
      mask |= static_cast<std::uint32_t>(missing[i] >= 0) << i;
    return mask;
  }

 private:
  using amounts_row = std::array<std::int64_t, Width>;

  [[nodiscard]] static constexpr auto none() noexcept -> amounts {
    amounts a;
    a.fill(lowest);
    return a;
  }
  [[nodiscard]] static auto maximum(const amounts_row& values) noexcept -> std::int64_t {
    auto most = values[0];
    for (const auto value : values) most = value > most ? value : most;
    return most;
  }

  std::array<amounts_row, K> rows_ = [] {
    std::array<amounts_row, K> empty;
    for (auto& r : empty) r.fill(lowest);
    return empty;
  }();
  amounts largest_ = none();
};

}  // namespace lepton::detail
