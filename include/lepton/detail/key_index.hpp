// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::detail {

/// Finds small numbers by 64-bit keys: open addressing, at most half full, filled once.
class key_index {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  key_index() : key_index(0) {}
  /// Room for so many keys.
  explicit key_index(std::size_t capacity)
      : slots_(std::bit_ceil(2 * capacity + 2)), mask_(slots_.size() - 1) {}

  /// A key that is there already keeps its value.
  void insert(std::uint64_t key, std::uint32_t value) {
    LEPTON_ASSERT(2 * size_ < slots_.size(), "key_index: more keys than there is room for");
    auto& s = slots_[slot_of(key)];
    if (s.value != none) return;
    s = {key, value};
    ++size_;
  }
  /// The value under `key`, or `none`. O(1) on average.
  [[nodiscard]] auto find(std::uint64_t key) const noexcept -> std::uint32_t {
    return slots_[slot_of(key)].value;
  }

 private:
  struct slot {
    std::uint64_t key = 0;
    std::uint32_t value = none;
  };

  [[nodiscard]] auto slot_of(std::uint64_t key) const noexcept -> std::size_t {
    auto at = static_cast<std::size_t>(mix(key)) & mask_;
    while (slots_[at].value != none && slots_[at].key != key) at = (at + 1) & mask_;
    return at;
  }

  std::vector<slot> slots_;
  std::size_t mask_;
  std::size_t size_ = 0;
};

}  // namespace lepton::detail
