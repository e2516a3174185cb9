// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::detail {

/// Items in groups, each item with a count that goes up and down by one; a group knows its items in
/// rising order of the counts, and those of equal counts in the order in which they came to it.
///
/// Items of equal count form a list, a level; the levels of a group form a list in rising order. So
/// every change is O(1) (as in the LFU cache of Shah, Mitra and Matani, 2010). Memory is taken when
/// items are put in, never by a change.
class level_lists {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  /// Forgets everything and makes room for `items` of the numbers below `bound`.
  void reset(std::size_t bound, std::size_t items, std::size_t groups) {
    nodes_.assign(bound, {});
    groups_.assign(groups, none);
    // Never more levels than items, and one in passing.
    levels_.assign(items + 1, {});
    for (std::size_t at = 0; at < items; ++at)
      levels_[at].next = static_cast<std::uint32_t>(at + 1);
    levels_.back().next = none;
    free_ = 0;
  }
  /// Puts an item in, behind those of its group, whose counts must not be larger.
  void append(std::uint32_t group, std::uint32_t item, std::uint32_t count, std::uint32_t& last) {
    if (last == none || levels_[last].count != count) {
      const auto fresh = take();
      levels_[fresh] = {count, group, none, none, last, none};
      (last == none ? groups_[group] : levels_[last].next) = fresh;
      last = fresh;
    }
    push_back(last, item);
  }

  [[nodiscard]] auto contains(std::uint32_t item) const noexcept -> bool {
    return item < nodes_.size() && nodes_[item].level != none;
  }
  [[nodiscard]] auto count(std::uint32_t item) const noexcept -> std::uint32_t {
    return levels_[nodes_[item].level].count;
  }
  [[nodiscard]] auto group(std::uint32_t item) const noexcept -> std::uint32_t {
    return levels_[nodes_[item].level].group;
  }
  [[nodiscard]] auto groups() const noexcept -> std::size_t { return groups_.size(); }
  /// The first item of a group that is not empty, and the one after an item or `none`.
  [[nodiscard]] auto first(std::uint32_t group) const noexcept -> std::uint32_t {
    return levels_[groups_[group]].first;
  }
  [[nodiscard]] auto least_count(std::uint32_t group) const noexcept -> std::uint32_t {
    return levels_[groups_[group]].count;
  }
  [[nodiscard]] auto after(std::uint32_t item) const noexcept -> std::uint32_t {
    const auto& n = nodes_[item];
    if (n.next != none) return n.next;
    const auto above = levels_[n.level].next;
    return above == none ? none : levels_[above].first;
  }

  void increment(std::uint32_t item) noexcept {
    const auto at = nodes_[item].level;
    auto& here = levels_[at];
    const auto target = here.count + 1;
    const auto above = here.next;
    const bool meets = above != none && levels_[above].count == target;
    if (here.first == here.last && !meets) {
      here.count = target;
      return;
    }
    const auto to = meets ? above : insert(at, above, target);
    unlink(item);
    push_back(to, item);
  }
  /// The item's count must be positive.
  void decrement(std::uint32_t item) noexcept {
    const auto at = nodes_[item].level;
    auto& here = levels_[at];
    const auto target = here.count - 1;
    const auto below = here.previous;
    const bool meets = below != none && levels_[below].count == target;
    if (here.first == here.last && !meets) {
      here.count = target;
      return;
    }
    const auto to = meets ? below : insert(below, at, target);
    unlink(item);
    push_back(to, item);
  }

 private:
  struct node {
    std::uint32_t level = none;
    std::uint32_t previous = none;
    std::uint32_t next = none;
  };
  struct level {
    std::uint32_t count;
    std::uint32_t group;
    std::uint32_t first;
    std::uint32_t last;
    std::uint32_t previous;
    std::uint32_t next;  ///< also of the free ones
  };

  auto take() noexcept -> std::uint32_t {
    const auto at = free_;
    free_ = levels_[at].next;
    return at;
  }
  /// A new level between two of one group, of which one may be missing.
  auto insert(std::uint32_t below, std::uint32_t above, std::uint32_t count) noexcept
      -> std::uint32_t {
    const auto group = levels_[below != none ? below : above].group;
    const auto at = take();
    levels_[at] = {count, group, none, none, below, above};
    (below != none ? levels_[below].next : groups_[group]) = at;
    if (above != none) levels_[above].previous = at;
    return at;
  }
  void push_back(std::uint32_t at, std::uint32_t item) noexcept {
    auto& l = levels_[at];
    nodes_[item] = {at, l.last, none};
    (l.last != none ? nodes_[l.last].next : l.first) = item;
    l.last = item;
  }
  /// Takes an item out of its level, and the level away if that leaves it empty.
  void unlink(std::uint32_t item) noexcept {
    const auto n = nodes_[item];
    auto& l = levels_[n.level];
    (n.previous != none ? nodes_[n.previous].next : l.first) = n.next;
    (n.next != none ? nodes_[n.next].previous : l.last) = n.previous;
    if (l.first != none) return;
    (l.previous != none ? levels_[l.previous].next : groups_[l.group]) = l.next;
    if (l.next != none) levels_[l.next].previous = l.previous;
    l.next = free_;
    free_ = n.level;
  }

  std::vector<node> nodes_;  ///< by item
  std::vector<level> levels_;
  std::vector<std::uint32_t> groups_;  ///< the lowest level of each
  std::uint32_t free_ = none;
};

}  // namespace lepton::detail
