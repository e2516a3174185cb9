// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::detail {

/// Items in order, in linked blocks of up to 64 under a B+-tree whose knots hold the blocks' first
/// items, so that a search reads a few blocks of memory that lie together.
///
/// Blocks are given up when they are empty, not merged before (Sen and Tarjan, Deletion without
/// rebalancing in multiway search trees, 2014): the tree is as high as the most items there ever
/// were ask for. Insert O(log n), at the end O(1); erase O(1), if it is a block's first item
/// O(log n).
///
/// @tparam Item   default constructible, cheap to copy
/// @tparam Rules  `rules.before(a, b)`, a strict total order; `rules.set_block(item, number)`, told
///                when an item comes into another block; `rules.block_of(item)`, that number
template <class Item, class Rules>
class block_tree {
 public:
  /// Where an item is. Inserting makes cursors invalid, erasing those of the items behind.
  struct cursor {
    std::uint32_t block = none;
    std::uint32_t at = 0;
    [[nodiscard]] constexpr auto is_end() const noexcept -> bool { return block == none; }
  };

  block_tree() = default;
  explicit block_tree(Rules rules) : rules_(std::move(rules)) {}

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto empty() const noexcept -> bool { return size_ == 0; }
  [[nodiscard]] auto rules() noexcept -> Rules& { return rules_; }
  [[nodiscard]] auto rules() const noexcept -> const Rules& { return rules_; }

  [[nodiscard]] auto begin() const noexcept -> cursor { return {first_, 0}; }
  [[nodiscard]] auto operator[](cursor c) const noexcept -> const Item& {
    return blocks_[c.block]->items[c.at];
  }
  [[nodiscard]] auto after(cursor c) const noexcept -> cursor {
    const auto& b = *blocks_[c.block];
    return c.at + 1 < b.size ? cursor{c.block, c.at + 1} : cursor{b.next, 0};
  }
  /// Where an item of the tree is.
  [[nodiscard]] auto find(const Item& item) const noexcept -> cursor {
    const auto number = rules_.block_of(item);
    const auto& b = *blocks_[number];
    return {number, not_after(b.items.data(), b.size, item) - 1};
  }

  void insert(const Item& item) {
    ++size_;
    if (first_ == none) {
      first_ = last_ = root_ = new_block();
      put(root_, 0, item);
      return;
    }
    route way{};
    auto number = last_;
    const bool at_end = !rules_.before(item, blocks_[last_]->items[blocks_[last_]->size - 1]);
    if (!at_end || blocks_[last_]->size == fan) number = descend(item, way);
    auto* b = blocks_[number].get();
    auto at = not_after(b->items.data(), b->size, item);
    if (b->size == fan) {
      // What comes in order leaves full blocks behind.
      const auto kept = at_end ? fan : fan / 2;
      const auto right = split_block(number, kept);
      if (at > kept || at_end) {
        number = right;
        at -= kept;
      }
      put(number, at, item);
      add_child(way, right, blocks_[right]->items[0]);
    } else {
      put(number, at, item);
    }
  }

  /// Takes an item out; returns where the one after it is.
  auto erase(cursor c) -> cursor {
    auto& b = *blocks_[c.block];
    --size_;
    if (b.size == 1) {
      const auto next = b.next;
      route way{};
      descend(b.items[0], way);
      remove_child(way);
      (b.previous == none ? first_ : blocks_[b.previous]->next) = b.next;
      (b.next == none ? last_ : blocks_[b.next]->previous) = b.previous;
      free_blocks_.push_back(c.block);
      return {next, 0};
    }
    if (c.at == 0 && c.block != first_) {
      route way{};
      descend(b.items[0], way);
      set_first(way, 0, b.items[1]);
    }
    std::copy(b.items.begin() + c.at + 1, b.items.begin() + b.size, b.items.begin() + c.at);
    --b.size;
    return c.at < b.size ? c : cursor{b.next, 0};
  }
  void erase(const Item& item) { erase(find(item)); }

 private:
  static constexpr std::uint32_t none = 0xffff'ffffU;
  static constexpr std::uint32_t fan = 64;

  struct block {
    std::uint32_t size = 0;
    std::uint32_t previous = none;
    std::uint32_t next = none;
    std::array<Item, fan> items{};
  };
  struct knot {
    std::uint32_t size = 0;
    std::array<std::uint32_t, fan> children{};
    std::array<Item, fan> firsts{};  ///< of the children; that of the first is never read
  };
  struct step {
    std::uint32_t knot = 0;
    std::uint32_t at = 0;
  };
  using route = std::array<step, 8>;  ///< from the bottom; 8 levels hold any number of blocks

  /// How many of the sorted items are not after `item`.
  [[nodiscard]] auto not_after(const Item* items, std::uint32_t n, const Item& item) const noexcept
      -> std::uint32_t {
    std::uint32_t low = 0;
    while (n > 0) {
      const auto half = n / 2;
      const bool right = !rules_.before(item, items[low + half]);
      low = right ? low + half + 1 : low;
      n = right ? n - half - 1 : half;
    }
    return low;
  }

  auto descend(const Item& item, route& way) const noexcept -> std::uint32_t {
    auto number = root_;
    for (auto level = height_; level-- > 0;) {
      const auto& k = *knots_[number];
      const auto at = not_after(k.firsts.data() + 1, k.size - 1, item);
      way[level] = {number, at};
      number = k.children[at];
    }
    return number;
  }

  void put(std::uint32_t number, std::uint32_t at, const Item& item) {
    auto& b = *blocks_[number];
    std::copy_backward(b.items.begin() + at, b.items.begin() + b.size,
                       b.items.begin() + b.size + 1);
    b.items[at] = item;
    ++b.size;
    rules_.set_block(item, number);
  }

  auto split_block(std::uint32_t number, std::uint32_t kept) -> std::uint32_t {
    const auto right_number = new_block();
    auto& left = *blocks_[number];
    auto& right = *blocks_[right_number];
    std::copy(left.items.begin() + kept, left.items.begin() + left.size, right.items.begin());
    right.size = left.size - kept;
    left.size = kept;
    right.previous = number;
    right.next = left.next;
    (left.next == none ? last_ : blocks_[left.next]->previous) = right_number;
    left.next = right_number;
    for (std::uint32_t i = 0; i < right.size; ++i) rules_.set_block(right.items[i], right_number);
    return right_number;
  }

  /// Hangs a new child behind the one that the way leads to.
  void add_child(const route& way, std::uint32_t child, Item first) {
    for (std::uint32_t level = 0; level < height_; ++level) {
      auto* k = knots_[way[level].knot].get();
      auto at = way[level].at + 1;
      if (k->size < fan) {
        put_child(*k, at, child, first);
        return;
      }
      const auto kept = at == fan ? fan : fan / 2;
      const auto right_number = new_knot();
      k = knots_[way[level].knot].get();
      auto& right = *knots_[right_number];
      std::copy(k->children.begin() + kept, k->children.end(), right.children.begin());
      std::copy(k->firsts.begin() + kept, k->firsts.end(), right.firsts.begin());
      right.size = fan - kept;
      k->size = kept;
      if (at > kept || kept == fan) {
        put_child(right, at - kept, child, first);
      } else {
        put_child(*k, at, child, first);
      }
      child = right_number;
      first = right.firsts[0];
    }
    LEPTON_ASSERT(height_ < way.size(), "block_tree: more items than 32-bit block numbers name");
    const auto top = new_knot();
    auto& k = *knots_[top];
    k.size = 2;
    k.children[0] = root_;
    k.children[1] = child;
    k.firsts[1] = first;
    root_ = top;
    ++height_;
  }

  static void put_child(knot& k, std::uint32_t at, std::uint32_t child, const Item& first) {
    std::copy_backward(k.children.begin() + at, k.children.begin() + k.size,
                       k.children.begin() + k.size + 1);
    std::copy_backward(k.firsts.begin() + at, k.firsts.begin() + k.size,
                       k.firsts.begin() + k.size + 1);
    k.children[at] = child;
    k.firsts[at] = first;
    ++k.size;
  }

  /// The subtree that the way leads to at `level` begins with another item now.
  void set_first(const route& way, std::uint32_t level, const Item& first) noexcept {
    for (; level < height_; ++level) {
      if (way[level].at == 0) continue;
      knots_[way[level].knot]->firsts[way[level].at] = first;
      return;
    }
  }

  /// Takes away the block that the way leads to, and the knots that it leaves empty.
  void remove_child(const route& way) {
    std::uint32_t level = 0;
    for (; level < height_ && knots_[way[level].knot]->size == 1; ++level)
      free_knots_.push_back(way[level].knot);
    if (level == height_) {
      height_ = 0;
      root_ = none;
      return;
    }
    auto& k = *knots_[way[level].knot];
    const auto at = way[level].at;
    std::copy(k.children.begin() + at + 1, k.children.begin() + k.size, k.children.begin() + at);
    std::copy(k.firsts.begin() + at + 1, k.firsts.begin() + k.size, k.firsts.begin() + at);
    --k.size;
    if (at == 0) set_first(way, level + 1, k.firsts[0]);
    while (height_ > 0 && knots_[root_]->size == 1) {
      free_knots_.push_back(root_);
      root_ = knots_[root_]->children[0];
      --height_;
    }
  }

  template <class Knot>
  static auto take_free(std::vector<std::unique_ptr<Knot>>& all, std::vector<std::uint32_t>& unused)
      -> std::uint32_t {
    if (unused.empty()) {
      all.push_back(std::make_unique<Knot>());
      return static_cast<std::uint32_t>(all.size() - 1);
    }
    const auto number = unused.back();
    unused.pop_back();
    *all[number] = Knot{};
    return number;
  }
  auto new_block() -> std::uint32_t { return take_free(blocks_, free_blocks_); }
  auto new_knot() -> std::uint32_t { return take_free(knots_, free_knots_); }

  std::vector<std::unique_ptr<block>> blocks_;
  std::vector<std::unique_ptr<knot>> knots_;
  std::vector<std::uint32_t> free_blocks_;
  std::vector<std::uint32_t> free_knots_;
  std::size_t size_ = 0;
  std::uint32_t root_ = none;
  std::uint32_t height_ = 0;  ///< levels of knots above the blocks
  std::uint32_t first_ = none;
  std::uint32_t last_ = none;
  Rules rules_{};
};

}  // namespace lepton::detail
