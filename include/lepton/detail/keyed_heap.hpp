// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace lepton::detail {

/// A heap of items, small numbers, that come and go, each under a key that may change. `Before` is
/// a strict total order of the entries; `top` is the first of all. Every call is O(log4 n).
///
/// @tparam Entry   has a member `std::uint32_t item`
/// @tparam Before  `before(a, b)`: a comes out first
template <class Entry, class Before>
class keyed_heap {
 public:
  [[nodiscard]] auto size() const noexcept -> std::size_t { return entries_.size(); }
  [[nodiscard]] auto empty() const noexcept -> bool { return entries_.empty(); }
  [[nodiscard]] auto top() const noexcept -> const Entry& { return entries_.front(); }
  [[nodiscard]] auto contains(std::uint32_t item) const noexcept -> bool {
    return item < places_.size() && places_[item] != nowhere;
  }

  /// Puts the entry in, in place of that of the same item if there is one.
  void set(const Entry& e) {
    if (e.item >= places_.size()) places_.resize(std::size_t{e.item} + 1, nowhere);
    if (places_[e.item] == nowhere) {
      entries_.push_back(e);
      rise(entries_.size() - 1, e);
    } else {
      settle(places_[e.item], e);
    }
  }

  /// Takes the item out, if it is in.
  void erase(std::uint32_t item) noexcept {
    if (!contains(item)) return;
    const auto at = std::size_t{places_[item]};
    places_[item] = nowhere;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (at < entries_.size()) settle(at, last);
  }

  /// Gives every entry the key that `change(entry)` puts into it. O(n).
  template <class Change>
  void change_all(Change change) {
    for (auto& e : entries_) change(e);
    for (auto at = entries_.size(); at-- > 0;) sink(at, Entry{entries_[at]});
  }

 private:
  static constexpr std::size_t fan = 4;
  static constexpr std::uint32_t nowhere = std::numeric_limits<std::uint32_t>::max();

  void put(std::size_t at, const Entry& e) noexcept {
    entries_[at] = e;
    places_[e.item] = static_cast<std::uint32_t>(at);
  }
  void settle(std::size_t at, const Entry e) noexcept {
    if (at > 0 && before_(e, entries_[(at - 1) / fan])) {
      rise(at, e);
    } else {
      sink(at, e);
    }
  }
  void rise(std::size_t at, const Entry e) noexcept {
    while (at > 0) {
      const auto parent = (at - 1) / fan;
      if (!before_(e, entries_[parent])) break;
      put(at, entries_[parent]);
      at = parent;
    }
    put(at, e);
  }
  void sink(std::size_t at, const Entry e) noexcept {
    for (;;) {
      const auto first = fan * at + 1;
      if (first >= entries_.size()) break;
      const auto end = first + fan < entries_.size() ? first + fan : entries_.size();
      auto best = first;
      for (auto child = first + 1; child < end; ++child)
        best = before_(entries_[child], entries_[best]) ? child : best;
      if (!before_(entries_[best], e)) break;
      put(at, entries_[best]);
      at = best;
    }
    put(at, e);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> places_;  ///< by item
  [[no_unique_address]] Before before_{};
};

}  // namespace lepton::detail
