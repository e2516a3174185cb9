// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace lepton::detail {

/// A heap whose entries can be found by their item, a number below some bound, and changed in
/// place. `Before` is a strict total order of the entries; `top` is the first of all.
///
/// A knot has four children that stand side by side, so a step down reads one or two cache lines
/// and the heap is half as deep as one of two children. A change is O(log4 n) steps.
///
/// @tparam Entry   has a member `std::uint32_t item`
/// @tparam Before  `before(a, b)`: a comes out first
template <class Entry, class Before>
class indexed_heap {
 public:
  [[nodiscard]] auto size() const noexcept -> std::size_t { return entries_.size(); }
  [[nodiscard]] auto empty() const noexcept -> bool { return entries_.empty(); }
  [[nodiscard]] auto entries() const noexcept -> const std::vector<Entry>& { return entries_; }
  [[nodiscard]] auto top() const noexcept -> const Entry& { return entries_.front(); }
  /// The entry of an item that is in the heap.
  [[nodiscard]] auto operator[](std::uint32_t item) const noexcept -> const Entry& {
    return entries_[places_[item]];
  }

  /// Takes other entries, of items below `bound`, each at most once. O(bound + n).
  void assign(std::size_t bound, std::vector<Entry> entries) {
    places_.assign(bound, 0);
    entries_ = std::move(entries);
    order_all();
  }

  /// Changes every entry in place by `change(entry)`, then puts them in order. O(n).
  template <class Change>
  void change_all(Change change) noexcept {
    for (auto& e : entries_) change(e);
    order_all();
  }

  /// Puts `e` in place of the entry of the same item.
  void change(const Entry& e) noexcept {
    const auto at = std::size_t{places_[e.item]};
    if (at > 0 && before_(e, entries_[(at - 1) / fan])) {
      rise(at, e);
    } else {
      sink(at, e);
    }
  }

  /// The first of what `better` makes of the entries: `better(e)` puts into its copy of an entry
  /// what does not come before it, or returns false; `take(e)` is told of each that comes before
  /// all so far, the last one is the first of all. Looks only at entries that come before what was
  /// found, and at their children.
  template <class Better, class Take>
  void first_of(const Better& better, const Take& take) const noexcept {
    Entry found{};
    bool any = false;
    std::array<std::uint32_t, 64> open{};  // three for each of at most 16 levels, and one
    std::size_t count = entries_.empty() ? 0 : 1;
    while (count > 0) {
      const auto at = std::size_t{open[--count]};
      if (any && !before_(entries_[at], found)) continue;
      Entry candidate = entries_[at];
      if (better(candidate) && (!any || before_(candidate, found))) {
        take(candidate);
        found = candidate;
        any = true;
      }
      for (auto child = fan * at + fan; child > fan * at; --child) {
        if (child < entries_.size()) open[count++] = static_cast<std::uint32_t>(child);
      }
    }
  }

 private:
  static constexpr std::size_t fan = 4;

  void order_all() noexcept {
    for (std::size_t at = 0; at < entries_.size(); ++at) place(at);
    for (auto at = (entries_.size() + fan - 1) / fan; at-- > 0;) sink(at, entries_[at]);
  }

  void place(std::size_t at) noexcept {
    places_[entries_[at].item] = static_cast<std::uint32_t>(at);
  }

  void rise(std::size_t at, const Entry e) noexcept {
    while (at > 0) {
      const auto parent = (at - 1) / fan;
      if (!before_(e, entries_[parent])) break;
      entries_[at] = entries_[parent];
      place(at);
      at = parent;
    }
    entries_[at] = e;
    place(at);
  }

  void sink(std::size_t at, const Entry e) noexcept {
    const auto n = entries_.size();
    for (;;) {
      const auto child = fan * at + 1;
      auto best = child;
      if (child + fan <= n) {  // without branches: which child is first cannot be predicted
        const auto left = child + std::size_t{before_(entries_[child + 1], entries_[child])};
        const auto right =
            child + 2 + std::size_t{before_(entries_[child + 3], entries_[child + 2])};
        best =
            left ^ ((left ^ right) & (0 - std::size_t{before_(entries_[right], entries_[left])}));
      } else if (child < n) {
        for (auto k = child + 1; k < n; ++k) best = before_(entries_[k], entries_[best]) ? k : best;
      } else {
        break;
      }
      if (!before_(entries_[best], e)) break;
      entries_[at] = entries_[best];
      place(at);
      at = best;
    }
    entries_[at] = e;
    place(at);
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> places_;  ///< by item
  [[no_unique_address]] Before before_{};
};

}  // namespace lepton::detail
