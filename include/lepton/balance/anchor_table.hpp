// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/balance/context.hpp>
#include <lepton/config.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::balance::detail {

/// AnchorHash (Mendelson, Vargaftik, Barabash, Lorenz, Keslassy and Orda, ToN 2021) in its form of
/// least memory: slots that are removed in any order and come back in the reverse one, the last
/// removed first. Each working slot has an owner.
///
/// A slot that is removed moves its own keys only, evenly to the others; one that is added takes
/// keys to itself only. Look-ups take 1 + ln(capacity / working) steps in expectation.
class anchor_table {
 public:
  anchor_table() = default;
  /// All slots are removed; `add` will give 0, 1, 2, ...
  explicit anchor_table(std::uint32_t capacity)
      : slots_(capacity), order_(capacity), place_(capacity), removed_(capacity) {
    for (std::uint32_t k = 0; k < capacity; ++k) {
      slots_[k] = {k, k};
      order_[k] = place_[k] = k;
      removed_[k] = capacity - 1 - k;
    }
  }

  [[nodiscard]] auto capacity() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(slots_.size());
  }
  [[nodiscard]] auto working() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(slots_.size() - removed_.size());
  }

  /// Puts the slot that was removed last back to work and returns it; there must be one.
  auto add(std::uint32_t owner) noexcept -> std::uint32_t {
    LEPTON_ASSERT(!removed_.empty(), "anchor_table: all slots work already");
    const auto n = working();
    const auto slot = removed_.back();
    removed_.pop_back();
    place_[order_[n]] = n;
    order_[place_[slot]] = slot;
    slots_[slot] = {0, owner};
    return slot;
  }

  /// Removes a working slot.
  void remove(std::uint32_t slot) noexcept {
    const auto n = working() - 1;
    removed_.push_back(slot);
    slots_[slot] = {n, order_[n]};
    order_[place_[slot]] = order_[n];
    place_[order_[n]] = place_[slot];
  }

  [[nodiscard]] auto owner(std::uint32_t slot) const noexcept -> std::uint32_t {
    return slots_[slot].next;
  }
  void set_owner(std::uint32_t slot, std::uint32_t owner) noexcept { slots_[slot].next = owner; }

  /// The owner of the key's slot; a slot must be working.
  [[nodiscard]] auto find(std::uint64_t key) const noexcept -> std::uint32_t {
    auto hash = lepton::detail::mix(key);
    auto at = slots_[below(hash, slots_.size())];
    while (at.removed_at != 0) {
      hash = lepton::detail::mix(hash + at.removed_at);
      auto to = slots_[below(hash, at.removed_at)];
      while (to.removed_at >= at.removed_at) to = slots_[to.next];
      at = to;
    }
    return at.next;
  }

 private:
  struct entry {
    std::uint32_t removed_at;  ///< how many slots worked after it was removed; 0: it works
    std::uint32_t next;  ///< who took its place in the order then; of a working one: its owner
  };

  std::vector<entry> slots_;
  std::vector<std::uint32_t> order_;    ///< the working slots, first `working()`
  std::vector<std::uint32_t> place_;    ///< where a slot stands in the order
  std::vector<std::uint32_t> removed_;  ///< the last one last
};

}  // namespace lepton::balance::detail
