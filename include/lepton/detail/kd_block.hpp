// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace lepton::detail {

/// Where an item stands in an order: by key, equal keys by number.
struct kd_place {
  static constexpr auto no_item = std::numeric_limits<std::uint32_t>::max();

  std::int64_t key = std::numeric_limits<std::int64_t>::max();
  std::uint32_t item = no_item;  ///< by default behind all others

  friend constexpr auto operator==(const kd_place&, const kd_place&) noexcept -> bool = default;
  friend constexpr auto operator<(const kd_place& a, const kd_place& b) noexcept -> bool {
    return a.key != b.key ? a.key < b.key : a.item < b.item;
  }
};

/// An item with K amounts.
template <std::size_t K>
struct kd_point {
  std::array<std::int64_t, K> have;
  kd_place at;

  /// Where it stands along an axis; no two items stand in the same place.
  [[nodiscard]] constexpr auto along(std::size_t axis) const noexcept -> kd_place {
    return {have[axis], at.item};
  }
};

/// A leaf of a `fit_kd_tree`: a few points side by side, so that their amounts can be compared in
/// vector registers.
template <std::size_t K>
class kd_block {
 public:
  static constexpr std::size_t width = 32;
  static constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min() / 2;

  kd_block() noexcept {
    for (auto& row : have_) row.fill(lowest);
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return count_; }
  [[nodiscard]] auto operator[](std::size_t slot) const noexcept -> kd_point<K> {
    kd_point<K> p;
    p.at = at_[slot];
    for (std::size_t k = 0; k < K; ++k) p.have[k] = have_[k][slot];
    return p;
  }
  /// There must be room for one more.
  void add(const kd_point<K>& p) noexcept { put(count_++, p); }
  /// The item must be in the block.
  void change(const kd_point<K>& p) noexcept { put(slot_of(p.at.item), p); }
  /// The item must be in the block.
  void remove(std::uint32_t item) noexcept {
    put(slot_of(item), (*this)[--count_]);
    at_[count_] = {};
    for (auto& row : have_) row[count_] = lowest;
  }

  /// Replaces `best` by an earlier place of an item that reaches the demand.
  void find(const std::array<std::int64_t, K>& demand, kd_place& best) const noexcept {
    std::array<std::int64_t, width> missing{};
    for (std::size_t k = 0; k < K; ++k) {
      for (std::size_t i = 0; i < width; ++i) missing[i] |= have_[k][i] - demand[k];
    }
    for (std::size_t i = 0; i < count_; ++i) {
      if (missing[i] >= 0 && at_[i] < best) best = at_[i];
    }
  }
  /// The largest amount of kind k; `lowest` if there is no item.
  [[nodiscard]] auto top(std::size_t k) const noexcept -> std::int64_t {
    auto most = lowest;
    for (const auto a : have_[k]) most = a > most ? a : most;
    return most;
  }
  [[nodiscard]] auto least() const noexcept -> kd_place {
    kd_place first;
    for (std::size_t i = 0; i < count_; ++i) first = std::min(first, at_[i]);
    return first;
  }

 private:
  void put(std::size_t slot, const kd_point<K>& p) noexcept {
    at_[slot] = p.at;
    for (std::size_t k = 0; k < K; ++k) have_[k][slot] = p.have[k];
  }
  [[nodiscard]] auto slot_of(std::uint32_t item) const noexcept -> std::size_t {
    std::size_t i = 0;
    while (at_[i].item != item) ++i;
    return i;
  }

  std::size_t count_ = 0;
  std::array<kd_place, width> at_{};
  std::array<std::array<std::int64_t, width>, K> have_;
};

}  // namespace lepton::detail
