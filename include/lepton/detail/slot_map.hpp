// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lepton::detail {

/// Values under receipts (slot, generation): O(1) insert, find and erase; the slots of erased
/// values are used again, last erased first, under a new generation. A generation is odd while its
/// slot is in use, so 0 is never valid.
template <class T, class Receipt>
class slot_map {
 public:
  [[nodiscard]] auto insert(T value) -> Receipt {
    if (unused_.empty()) {
      slots_.push_back({std::move(value), 1});
      unused_.reserve(slots_.capacity());
      return {static_cast<std::uint32_t>(slots_.size() - 1), 1};
    }
    const auto slot = unused_.back();
    unused_.pop_back();
    slots_[slot].value = std::move(value);
    return {slot, ++slots_[slot].generation};
  }

  [[nodiscard]] auto find(Receipt r) noexcept -> T* {
    return holds(r) ? &slots_[r.slot].value : nullptr;
  }
  [[nodiscard]] auto find(Receipt r) const noexcept -> const T* {
    return holds(r) ? &slots_[r.slot].value : nullptr;
  }

  /// The receipt must be valid. Allocates nothing.
  void erase(Receipt r) noexcept {
    ++slots_[r.slot].generation;
    unused_.push_back(r.slot);
  }

  /// Makes a valid receipt invalid for the time being; its value and slot are kept until `show`
  /// makes the same receipt valid again or `drop` erases it. Allocate nothing.
  void hide(Receipt r) noexcept {
    ++slots_[r.slot].generation;
    ++hidden_;
  }
  void show(Receipt r) noexcept {
    --slots_[r.slot].generation;
    --hidden_;
  }
  void drop(Receipt r) noexcept {
    unused_.push_back(r.slot);
    --hidden_;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t {
    return slots_.size() - unused_.size() - hidden_;
  }

  /// Calls `visit(receipt, value)` for each value, by slot.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::uint32_t slot = 0; slot < slots_.size(); ++slot) {
      if ((slots_[slot].generation & 1U) != 0)
        visit(Receipt{slot, slots_[slot].generation}, slots_[slot].value);
    }
  }

 private:
  struct entry {
    T value;
    std::uint32_t generation;
  };
  [[nodiscard]] auto holds(Receipt r) const noexcept -> bool {
    return (r.generation & 1U) != 0 && r.slot < slots_.size() &&
           slots_[r.slot].generation == r.generation;
  }

  std::vector<entry> slots_;
  std::vector<std::uint32_t> unused_;
  std::size_t hidden_ = 0;
};

}  // namespace lepton::detail
