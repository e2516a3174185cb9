// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lepton/detail/order_place.hpp>
#include <lepton/place/coarse_rows.hpp>

namespace lepton::place::detail {

/// How far each of a few demands has searched an ordered list of nodes, so that no search passes
/// over the same nodes twice.
///
/// For each row (a demand of K amounts) there is a frontier, a place in the order, and a heap of
/// candidates: every node before the frontier that meets the demand is in the heap. `offer` tells
/// all rows of a changed node at once; stale candidates are dropped when they come up. A heap that
/// grows too large gives up its far half and pulls the frontier back.
template <std::size_t K>
class frontiers {
 public:
  using amounts = std::array<std::int64_t, K>;
  using place = lepton::detail::order_place;

  struct candidate {
    place where;
    std::uint64_t revision;  ///< of the node when it was offered
  };

  void clear() noexcept {
    coarse_.clear();
    rows_.clear();
  }

  /// Starts row `row` (at most one more than there are) anew: nothing before `from` can meet the
  /// demand.
  void reset(std::size_t row, const amounts& demand, const place& from) {
    if (row == rows_.size()) rows_.emplace_back();
    coarse_.set(row, demand, from.key);
    rows_[row].demand = demand;
    rows_[row].frontier = from;
    rows_[row].heap.clear();
  }

  [[nodiscard]] auto frontier(std::size_t row) const noexcept -> const place& {
    return rows_[row].frontier;
  }
  /// Nothing before `to` that is not in the heap meets the row's demand.
  void advance(std::size_t row, const place& to) noexcept {
    rows_[row].frontier = to;
    coarse_.set_reach(row, to.key);
  }

  /// A node changed: it now stands at `where` with these amounts. O(rows), in vector steps.
  template <class IsCurrent>
  void offer(const place& where, const amounts& have, std::uint64_t revision,
             IsCurrent is_current) {
    coarse_.for_each_near(have, where.key, [&](std::size_t index) {
      auto& r = rows_[index];
      std::int64_t missing = 0;
      for (std::size_t k = 0; k < K; ++k) missing |= have[k] - r.demand[k];
      if (missing < 0 || !(where < r.frontier)) return;
      if (r.heap.size() == most_candidates) thin_out(index, is_current);
      if (!(where < r.frontier)) return;
      r.heap.push_back({where, revision});
      std::push_heap(r.heap.begin(), r.heap.end(), later{});
    });
  }

  /// The first candidate of a row, or nullptr.
  [[nodiscard]] auto top(std::size_t row) const noexcept -> const candidate* {
    return rows_[row].heap.empty() ? nullptr : &rows_[row].heap.front();
  }
  void pop(std::size_t row) noexcept {
    auto& heap = rows_[row].heap;
    std::pop_heap(heap.begin(), heap.end(), later{});
    heap.pop_back();
  }

 private:
  static constexpr std::size_t most_candidates = 32;

  struct later {
    auto operator()(const candidate& a, const candidate& b) const noexcept -> bool {
      return b.where < a.where;
    }
  };
  struct row_state {
    amounts demand{};
    place frontier{};
    std::vector<candidate> heap{};
  };

  template <class IsCurrent>
  void thin_out(std::size_t row, IsCurrent& is_current) {
    auto& heap = rows_[row].heap;
    std::erase_if(heap, [&](const candidate& c) { return !is_current(c); });
    if (heap.size() > most_candidates / 2) {
      const auto middle = heap.begin() + most_candidates / 2;
      std::nth_element(heap.begin(), middle, heap.end(),
                       [](const candidate& a, const candidate& b) { return a.where < b.where; });
      advance(row, middle->where);
      heap.erase(middle, heap.end());
    }
    std::make_heap(heap.begin(), heap.end(), later{});
  }

  coarse_rows<K> coarse_;
  std::vector<row_state> rows_;
};

}  // namespace lepton::place::detail
