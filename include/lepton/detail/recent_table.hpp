// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/hash.hpp>

namespace lepton::detail {

/// Values under 64-bit keys, so many at most: when it is full, a new key takes the place of the one
/// that was touched longest ago. Every call O(1) on average; memory grows with the keys.
template <class T>
class recent_table {
 public:
  explicit recent_table(std::size_t capacity) : capacity_(std::min(capacity, most)) {
    LEPTON_ASSERT(capacity > 0, "recent_table: room for one key at least");
  }

  /// The value under the key, or nullptr. Does not count as a touch.
  [[nodiscard]] auto find(std::uint64_t key) const noexcept -> const T* {
    const auto i = where(key);
    return i == none ? nullptr : &entries_[i].value;
  }
  [[nodiscard]] auto find(std::uint64_t key) noexcept -> T* {
    const auto i = where(key);
    return i == none ? nullptr : &entries_[i].value;
  }

  /// The value under the key, `T{}` if it is new; valid until the next call. May drop another key.
  auto touch(std::uint64_t key) -> T& {
    auto i = where(key);
    if (i != none) {
      if (i == newest_) return entries_[i].value;
      unlink(i);
    } else {
      i = place();
      entries_[i].key = key;
      entries_[i].value = T{};
      chain(i);
    }
    link_newest(i);
    return entries_[i].value;
  }

  /// Whether there was one to forget.
  auto erase(std::uint64_t key) noexcept -> bool {
    const auto i = where(key);
    if (i == none) return false;
    drop(i);
    entries_[i].next = unused_;
    unused_ = i;
    return true;
  }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto capacity() const noexcept -> std::size_t { return capacity_; }

 private:
  using index = std::uint32_t;
  static constexpr index none = std::numeric_limits<index>::max();
  static constexpr std::size_t most = std::size_t{1} << 31;

  struct entry {
    std::uint64_t key = 0;
    index next = none;  // of the same bucket, or unused
    index newer = none;
    index older = none;
    T value{};
  };

  [[nodiscard]] auto bucket_of(std::uint64_t key) const noexcept -> std::size_t {
    return static_cast<std::size_t>(mix(key)) & (buckets_.size() - 1);
  }
  [[nodiscard]] auto where(std::uint64_t key) const noexcept -> index {
    if (buckets_.empty()) return none;
    auto i = buckets_[bucket_of(key)];
    while (i != none && entries_[i].key != key) i = entries_[i].next;
    return i;
  }

  /// An entry that nobody uses.
  auto place() -> index {
    if (unused_ != none) return std::exchange(unused_, entries_[unused_].next);
    if (entries_.size() == capacity_) {
      const auto i = oldest_;
      drop(i);
      return i;
    }
    if (entries_.size() == buckets_.size()) grow();
    entries_.emplace_back();
    return static_cast<index>(entries_.size() - 1);
  }

  /// All entries are in use.
  void grow() {
    buckets_.assign(std::max<std::size_t>(16, 2 * buckets_.size()), none);
    for (index i = 0; i < entries_.size(); ++i) {
      auto& head = buckets_[bucket_of(entries_[i].key)];
      entries_[i].next = std::exchange(head, i);
    }
  }

  void chain(index i) noexcept {
    auto& head = buckets_[bucket_of(entries_[i].key)];
    entries_[i].next = std::exchange(head, i);
    ++size_;
  }
  void drop(index i) noexcept {
    auto* at = &buckets_[bucket_of(entries_[i].key)];
    while (*at != i) at = &entries_[*at].next;
    *at = entries_[i].next;
    unlink(i);
    --size_;
  }

  void unlink(index i) noexcept {
    const auto newer = entries_[i].newer;
    const auto older = entries_[i].older;
    (newer == none ? newest_ : entries_[newer].older) = older;
    (older == none ? oldest_ : entries_[older].newer) = newer;
  }
  void link_newest(index i) noexcept {
    entries_[i].newer = none;
    entries_[i].older = newest_;
    (newest_ == none ? oldest_ : entries_[newest_].newer) = i;
    newest_ = i;
  }

  std::vector<entry> entries_;
  std::vector<index> buckets_;  // a power of two of them
  std::size_t capacity_;
  std::size_t size_ = 0;
  index unused_ = none;
  index newest_ = none;
  index oldest_ = none;
};

}  // namespace lepton::detail
