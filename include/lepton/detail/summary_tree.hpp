// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace lepton::detail {

/// Entries in order, in a B+-tree whose knots keep a summary of what is below each child: least
/// amounts, or sums. A search leaves out what the summary rules out.
///
/// Insert and erase are O(log n) comparisons; a leaf is given up when it is empty, and joined with
/// its right neighbour when both fill half a leaf. A tree of up to 32 entries is one array.
///
/// @tparam Entry    trivially copyable, small
/// @tparam Summary  default constructed: of nothing; `Summary{entry}`; `s.add(other)`
template <class Entry, class Summary>
class summary_tree {
 public:
  summary_tree() { clear(); }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return size_; }
  [[nodiscard]] auto empty() const noexcept -> bool { return size_ == 0; }
  [[nodiscard]] auto total() const noexcept -> Summary { return total_of(root_, height_); }
  /// The tree must not be empty.
  [[nodiscard]] auto first() const noexcept -> const Entry& { return first_of(root_, height_); }

  void clear() {
    leaves_.assign(1, {});
    knots_.clear();
    free_leaves_.clear();
    free_knots_.clear();
    root_ = height_ = 0;
    size_ = 0;
  }

  /// `before(a, b)` is a strict total order, the same in all calls.
  template <class Before>
  void insert(const Entry& e, const Before& before) {
    ++size_;
    const auto right = insert_below(root_, height_, e, before);
    if (right == none) return;
    const auto top = take(knots_, free_knots_);
    put(knots_[top], 0, root_, height_);
    put(knots_[top], 1, right, height_);
    root_ = top;
    ++height_;
  }

  /// Takes out an entry of the tree.
  template <class Before>
  void erase(const Entry& e, const Before& before) {
    --size_;
    erase_below(root_, height_, e, before);
    while (height_ > 0 && knots_[root_].count == 1) {
      free_knots_.push_back(root_);
      root_ = knots_[root_].child[0];
      --height_;
    }
  }

  /// Shows the tree in order: `v.block(summary)` says of some neighbours whether they are done with
  /// at once (else they are shown one by one); `v.entry(e)` says of one whether to go on. Returns
  /// the entry after which to stop, or nullptr.
  template <class Visitor>
  auto visit(Visitor&& v) const -> const Entry* {
    return visit_below(root_, height_, v);
  }

 private:
  static constexpr std::uint32_t none = 0xffff'ffffU;
  static constexpr std::uint32_t leaf_width = 32;
  static constexpr std::uint32_t knot_width = 16;

  struct leaf {
    std::uint32_t count = 0;
    std::array<Entry, leaf_width> entry{};
  };
  struct knot {
    std::uint32_t count = 0;
    std::array<std::uint32_t, knot_width> child{};
    std::array<Entry, knot_width> low{};  ///< the first entry below each child
    std::array<Summary, knot_width> sum{};
  };

  template <class Node>
  static auto take(std::vector<Node>& all, std::vector<std::uint32_t>& unused) -> std::uint32_t {
    if (unused.empty()) {
      all.push_back(Node{});
      unused.reserve(all.capacity());
      return static_cast<std::uint32_t>(all.size() - 1);
    }
    const auto at = unused.back();
    unused.pop_back();
    all[at].count = 0;
    return at;
  }
  void give_back(std::uint32_t at, std::uint32_t level) {
    (level == 0 ? free_leaves_ : free_knots_).push_back(at);
  }

  [[nodiscard]] auto count_of(std::uint32_t at, std::uint32_t level) const noexcept
      -> std::uint32_t {
    return level == 0 ? leaves_[at].count : knots_[at].count;
  }
  [[nodiscard]] auto first_of(std::uint32_t at, std::uint32_t level) const noexcept
      -> const Entry& {
    return level == 0 ? leaves_[at].entry[0] : knots_[at].low[0];
  }
  [[nodiscard]] auto total_of(std::uint32_t at, std::uint32_t level) const noexcept -> Summary {
    Summary all{};
    if (level == 0) {
      const auto& l = leaves_[at];
      for (std::uint32_t i = 0; i < l.count; ++i) all.add(Summary{l.entry[i]});
    } else {
      const auto& k = knots_[at];
      for (std::uint32_t i = 0; i < k.count; ++i) all.add(k.sum[i]);
    }
    return all;
  }

  template <class Items, class Value>
  static void open(Items& items, std::uint32_t count, std::uint32_t at, const Value& value) {
    std::copy_backward(items.begin() + at, items.begin() + count, items.begin() + count + 1);
    items[at] = value;
  }
  template <class Items>
  static void close(Items& items, std::uint32_t count, std::uint32_t at) {
    std::copy(items.begin() + at + 1, items.begin() + count, items.begin() + at);
  }

  void put(knot& k, std::uint32_t at, std::uint32_t child, std::uint32_t child_level) {
    open(k.child, k.count, at, child);
    open(k.low, k.count, at, first_of(child, child_level));
    open(k.sum, k.count, at, total_of(child, child_level));
    ++k.count;
  }
  void refresh(knot& k, std::uint32_t at, std::uint32_t child_level) {
    k.low[at] = first_of(k.child[at], child_level);
    k.sum[at] = total_of(k.child[at], child_level);
  }
  static void remove(knot& k, std::uint32_t at) {
    close(k.child, k.count, at);
    close(k.low, k.count, at);
    close(k.sum, k.count, at);
    --k.count;
  }

  /// How many of the items come before `e` or are it. From the right: most are put in at the end.
  template <class Items, class Before>
  static auto not_after(const Items& items, std::uint32_t count, const Entry& e,
                        const Before& before) -> std::uint32_t {
    while (count > 0 && before(e, items[count - 1])) --count;
    return count;
  }
  template <class Before>
  static auto child_of(const knot& k, const Entry& e, const Before& before) -> std::uint32_t {
    const auto n = not_after(k.low, k.count, e, before);
    return n == 0 ? 0 : n - 1;
  }

  /// Returns a new right neighbour, or none.
  template <class Before>
  auto insert_below(std::uint32_t at, std::uint32_t level, const Entry& e, const Before& before)
      -> std::uint32_t {
    if (level == 0) return insert_in_leaf(at, e, before);
    const auto i = child_of(knots_[at], e, before);
    const auto right = insert_below(knots_[at].child[i], level - 1, e, before);
    if (right == none) {
      auto& k = knots_[at];
      if (before(e, k.low[i])) k.low[i] = e;
      k.sum[i].add(Summary{e});
      return none;
    }
    refresh(knots_[at], i, level - 1);
    if (knots_[at].count < knot_width) {
      put(knots_[at], i + 1, right, level - 1);
      return none;
    }
    const auto neighbour = take(knots_, free_knots_);
    auto& k = knots_[at];
    auto& n = knots_[neighbour];
    const auto kept = i + 1 == knot_width ? knot_width : knot_width / 2;
    std::copy(k.child.begin() + kept, k.child.end(), n.child.begin());
    std::copy(k.low.begin() + kept, k.low.end(), n.low.begin());
    std::copy(k.sum.begin() + kept, k.sum.end(), n.sum.begin());
    n.count = knot_width - kept;
    k.count = kept;
    if (i + 1 > kept || kept == knot_width) {
      put(n, i + 1 - kept, right, level - 1);
    } else {
      put(k, i + 1, right, level - 1);
    }
    return neighbour;
  }
  template <class Before>
  auto insert_in_leaf(std::uint32_t at, const Entry& e, const Before& before) -> std::uint32_t {
    const auto position = not_after(leaves_[at].entry, leaves_[at].count, e, before);
    if (leaves_[at].count < leaf_width) {
      open(leaves_[at].entry, leaves_[at].count++, position, e);
      return none;
    }
    const auto neighbour = take(leaves_, free_leaves_);
    auto& l = leaves_[at];
    auto& n = leaves_[neighbour];
    const auto kept = position == leaf_width ? leaf_width : leaf_width / 2;  // in order: full
    std::copy(l.entry.begin() + kept, l.entry.end(), n.entry.begin());
    n.count = leaf_width - kept;
    l.count = kept;
    if (position > kept || kept == leaf_width) {
      open(n.entry, n.count++, position - kept, e);
    } else {
      open(l.entry, l.count++, position, e);
    }
    return neighbour;
  }

  template <class Before>
  void erase_below(std::uint32_t at, std::uint32_t level, const Entry& e, const Before& before) {
    if (level == 0) {
      auto& l = leaves_[at];
      std::uint32_t position = 0;
      while (before(l.entry[position], e)) ++position;
      close(l.entry, l.count--, position);
      return;
    }
    auto& k = knots_[at];
    const auto i = child_of(k, e, before);
    const auto child = k.child[i];
    erase_below(child, level - 1, e, before);
    if (count_of(child, level - 1) == 0) {
      give_back(child, level - 1);
      remove(k, i);
    } else {
      if (level == 1 && i + 1 < k.count) join(k, i);
      refresh(k, i, level - 1);
    }
  }
  /// Joins a leaf with its right neighbour if both are half a leaf.
  void join(knot& k, std::uint32_t i) {
    auto& left = leaves_[k.child[i]];
    auto& right = leaves_[k.child[i + 1]];
    if (left.count + right.count > leaf_width / 2) return;
    std::copy(right.entry.begin(), right.entry.begin() + right.count,
              left.entry.begin() + left.count);
    left.count += right.count;
    right.count = 0;
    give_back(k.child[i + 1], 0);
    remove(k, i + 1);
  }

  template <class Visitor>
  auto visit_below(std::uint32_t at, std::uint32_t level, Visitor& v) const -> const Entry* {
    if (level == 0) {
      const auto& l = leaves_[at];
      for (std::uint32_t i = 0; i < l.count; ++i) {
        if (!v.entry(l.entry[i])) return &l.entry[i];
      }
      return nullptr;
    }
    const auto& k = knots_[at];
    for (std::uint32_t i = 0; i < k.count; ++i) {
      if (v.block(k.sum[i])) continue;
      if (const auto* stop = visit_below(k.child[i], level - 1, v)) return stop;
    }
    return nullptr;
  }

  std::vector<leaf> leaves_;
  std::vector<knot> knots_;
  std::vector<std::uint32_t> free_leaves_;
  std::vector<std::uint32_t> free_knots_;
  std::uint32_t root_ = 0;
  std::uint32_t height_ = 0;  ///< levels of knots above the leaves
  std::size_t size_ = 0;
};

}  // namespace lepton::detail
