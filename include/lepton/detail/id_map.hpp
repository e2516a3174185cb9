// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/hash.hpp>

namespace lepton::detail {

/// Finds small numbers by 64-bit keys that come and go: open addressing, at most half full; what is
/// erased leaves no trace (the entries behind move up), so it never needs cleaning. O(1) expected.
class id_map {
 public:
  static constexpr std::uint32_t none = 0xffff'ffffU;

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }

  /// The value under `key`, or `none`.
  [[nodiscard]] auto find(std::uint64_t key) const noexcept -> std::uint32_t {
    return slots_[slot_of(key)].value;
  }
  /// Puts a value (not `none`) under a key; false, and nothing happens, if the key is there.
  auto insert(std::uint64_t key, std::uint32_t value) -> bool {
    if (2 * (size_ + 1) > slots_.size()) grow();
    auto& s = slots_[slot_of(key)];
    if (s.value != none) return false;
    s = {key, value};
    ++size_;
    return true;
  }
  /// The key must be there.
  void erase(std::uint64_t key) noexcept {
    auto gap = slot_of(key);
    for (auto at = (gap + 1) & mask_; slots_[at].value != none; at = (at + 1) & mask_) {
      const auto home = static_cast<std::size_t>(mix(slots_[at].key)) & mask_;
      if (((at - home) & mask_) < ((at - gap) & mask_)) continue;
      slots_[gap] = slots_[at];
      gap = at;
    }
    slots_[gap].value = none;
    --size_;
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
  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    mask_ = slots_.size() - 1;
    for (const auto& s : old) {
      if (s.value != none) slots_[slot_of(s.key)] = s;
    }
  }

  std::vector<slot> slots_ = std::vector<slot>(16);
  std::size_t mask_ = 15;
  std::size_t size_ = 0;
};

}  // namespace lepton::detail
