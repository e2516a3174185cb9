// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include <lepton/place/capacity_parts.hpp>
#include <lepton/place/packing_problem.hpp>

namespace lepton::place::detail {

/// The items that are not packed yet; finds the one that fits and scores highest.
///
/// Items of equal demand are one group; the groups are the leaves of a k-d tree (Bentley 1975),
/// whose knots keep the least and the largest demands below them. A knot is opened if its least
/// demands fit and the score of its largest, as far as these fit, is not below the best so far.
template <resource_vector R>
class item_pool {
 public:
  static constexpr std::size_t dimension_count = R::dimension_count;
  /// Demands, or what is free, in parts of the largest capacities; 2^20 of them or fewer.
  using parts = std::array<std::int64_t, dimension_count>;

  /// What `best` found; good until the next `take`.
  struct finding {
    std::int64_t score = std::numeric_limits<std::int64_t>::min();
    std::uint32_t item = std::numeric_limits<std::uint32_t>::max();
    std::size_t group = 0;
    std::size_t knot = 0;
  };

  /// O(n log n).
  explicit item_pool(const packing_problem<R>& p) : scale_(p.largest(), 20), item_(p.size()) {
    const auto& demands = p.demands();
    std::iota(item_.begin(), item_.end(), 0U);
    std::sort(item_.begin(), item_.end(), [&](auto a, auto b) {
      for (std::size_t d = 0; d < dimension_count; ++d) {
        if (demands[a][d] != demands[b][d]) return demands[a][d] < demands[b][d];
      }
      return a < b;
    });
    for (std::size_t i = 0; i < item_.size(); ++i) {
      const auto& demand = demands[item_[i]];
      if (i == 0 || !(demand == groups_.back().demand))
        groups_.push_back({demand, parts_of(demand), i, i});
      ++groups_.back().end;
    }
    if (!groups_.empty()) build(0, groups_.size(), none);
  }

  /// Of the items that fit, the one with the highest score, then the lowest index.
  /// `score(x, free)` takes parts, and must not fall when x rises towards what is free.
  template <class Score>
  [[nodiscard]] auto best(const R& free, Score score) const -> std::optional<finding> {
    finding found;
    const auto room = parts_of(free);
    if (!knots_.empty() && fits(knots_[0].least, free)) search(0, free, room, score, found);
    if (found.item == finding{}.item) return std::nullopt;
    return found;
  }

  /// Takes out what was found.
  void take(const finding& f) noexcept {
    auto& taken = groups_[f.group];
    if (++taken.begin != taken.end) return;
    taken = groups_[--knots_[f.knot].end];
    for (auto at = f.knot; at != none; at = knots_[at].parent) summarise(knots_[at], at);
  }

 private:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
  static constexpr std::size_t width = 8;

  /// Items of equal demand, the lowest index first: begin … end − 1 of `item_`.
  struct group {
    R demand;
    parts in_parts;
    std::size_t begin;
    std::size_t end;
  };
  /// An inner knot's first child follows it; a leaf has no `second` and the groups begin … end − 1.
  struct knot {
    R least;
    parts largest;
    std::size_t parent;
    std::size_t begin;
    std::size_t end;
    std::size_t second = none;
  };

  [[nodiscard]] auto parts_of(const R& amounts) const noexcept -> parts {
    parts p;
    for (std::size_t d = 0; d < dimension_count; ++d) p[d] = scale_.of(d, amounts[d]);
    return p;
  }

  template <class Score>
  void search(std::size_t at, const R& free, const parts& room, Score& score,
              finding& found) const {
    const auto& k = knots_[at];
    if (k.second == none) {
      for (auto g = k.begin; g < k.end; ++g) {
        const auto& candidate = groups_[g];
        if (!fits(candidate.demand, free)) continue;
        const auto s = score(candidate.in_parts, room);
        const auto item = item_[candidate.begin];
        if (s > found.score || (s == found.score && item < found.item)) found = {s, item, g, at};
      }
      return;
    }
    const std::array children{at + 1, k.second};
    std::array<std::int64_t, 2> bound{};
    std::array<bool, 2> open{};
    for (std::size_t c = 0; c < 2; ++c) {
      const auto& child = knots_[children[c]];
      open[c] = fits(child.least, free);
      if (!open[c]) continue;
      parts most;
      for (std::size_t d = 0; d < dimension_count; ++d)
        most[d] = std::min(child.largest[d], room[d]);
      bound[c] = score(most, room);
    }
    const auto first = open[1] && (!open[0] || bound[1] > bound[0]) ? 1U : 0U;
    for (const auto c : {first, 1 - first}) {
      if (open[c] && bound[c] >= found.score) search(children[c], free, room, score, found);
    }
  }

  void build(std::size_t begin, std::size_t end, std::size_t parent) {
    const auto at = knots_.size();
    knots_.push_back({R{}, parts{}, parent, begin, end});
    if (end - begin > width) {
      const auto axis = widest(begin, end);
      const auto half = begin + (end - begin) / 2;
      const auto first = groups_.begin();
      const auto to = [](std::size_t i) { return static_cast<std::ptrdiff_t>(i); };
      std::nth_element(first + to(begin), first + to(half), first + to(end),
                       [axis](const group& a, const group& b) {
                         return a.demand[axis] != b.demand[axis] ? a.demand[axis] < b.demand[axis]
                                                                 : a.begin < b.begin;
                       });
      build(begin, half, at);
      knots_[at].second = knots_.size();
      build(half, end, at);
    }
    summarise(knots_[at], at);
  }
  [[nodiscard]] auto widest(std::size_t begin, std::size_t end) const noexcept -> std::size_t {
    std::size_t axis = 0;
    std::int64_t most = -1;
    for (std::size_t d = 0; d < dimension_count; ++d) {
      auto low = groups_[begin].in_parts[d];
      auto high = low;
      for (auto g = begin + 1; g < end; ++g) {
        low = std::min(low, groups_[g].in_parts[d]);
        high = std::max(high, groups_[g].in_parts[d]);
      }
      if (high - low > most) axis = d;
      most = std::max(most, high - low);
    }
    return axis;
  }
  void summarise(knot& k, std::size_t at) const noexcept {
    k.least = R::filled(2 * max_amount);  // fits nowhere
    k.largest = {};
    const auto add = [&k](const R& least, const parts& largest) {
      for (std::size_t d = 0; d < dimension_count; ++d) {
        k.least[d] = std::min(k.least[d], least[d]);
        k.largest[d] = std::max(k.largest[d], largest[d]);
      }
    };
    if (k.second == none) {
      for (auto g = k.begin; g < k.end; ++g) add(groups_[g].demand, groups_[g].in_parts);
    } else {
      add(knots_[at + 1].least, knots_[at + 1].largest);
      add(knots_[k.second].least, knots_[k.second].largest);
    }
  }

  capacity_parts<R> scale_;
  std::vector<std::uint32_t> item_;
  std::vector<group> groups_;
  std::vector<knot> knots_;
};

}  // namespace lepton::place::detail
