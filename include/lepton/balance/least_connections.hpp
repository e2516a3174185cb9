// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/balance/compare_loads.hpp>
#include <lepton/balance/concept.hpp>
#include <lepton/balance/per_backend.hpp>
#include <lepton/config.hpp>
#include <lepton/detail/indexed_heap.hpp>
#include <lepton/detail/level_lists.hpp>
#include <lepton/detail/mul_div.hpp>

namespace lepton::balance {

/// The backend with the fewest requests in flight for its weight: the least in_flight / weight,
/// compared as exact fractions. With `allowed`, the least of those allowed.
template <class Threading = shared>
class least_connections;

/// With the counts inside: O(1) for a request's begin and end and for the pick, while the weights
/// are few different ones; O(log k) for k different weights.
///
/// It counts by its hooks, so they must be called for each request (a `balancer` does); `c.loads`
/// is not read. `rebuild` keeps the counts of the backends that stay.
///
/// Ties: of backends of equal weight, the one that has had its number of requests for longest comes
/// first. Between different weights it goes by weighted round robin: all backends of a weight share
/// a virtual deadline, which rises by 1 / (weight * their number) with each of their requests, to
/// the last digit in the long run; the earliest comes first, then the heavier. So backends without
/// load share in exact proportion to their weights.
template <>
class least_connections<single_threaded> {
 public:
  using threading = single_threaded;

  /// O(n log n).
  auto rebuild(const snapshot& s) -> status {
    const auto members = in_order(s);
    std::vector<turn> turns;
    std::vector<entry> entries;
    std::uint64_t heaviest = 1;
    for (const auto i : members) {
      const auto weight = s.weight(i);
      if (turns.empty() || turns.back().weight != weight) {
        entries.push_back({0, parked_[i], weight, static_cast<std::uint32_t>(turns.size())});
        turns.push_back({0, 0, 0, 0, weight, i});
      }
      turns.back().total += weight;
      heaviest = std::max(heaviest, turns.back().total);
    }
    const auto unit = std::bit_ceil(std::min(heaviest, std::uint64_t{1} << 40)) << 16;
    for (auto& e : entries) {
      auto& t = turns[e.item];
      t.step = unit / t.total;
      t.step_rest = unit % t.total;
      e.deadline = carried_over(t);
    }
    turns_ = std::move(turns);
    heap_.assign(turns_.size(), std::move(entries));
    now_ = 0;

    lists_.reset(s.size(), members.size(), turns_.size());
    std::uint32_t group = 0;
    auto last = lepton::detail::level_lists::none;
    for (const auto i : members) {
      if (s.weight(i) != turns_[group].weight) {
        ++group;
        last = lepton::detail::level_lists::none;
      }
      lists_.append(group, i, parked_[i], last);
    }
    return {};
  }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& /*s*/, const Context& /*c*/,
                          const Allowed& allowed = {}) const noexcept -> backend_index {
    if (heap_.empty()) return no_backend;
    const auto first = lists_.first(heap_.top().item);
    if (allowed(first)) return first;
    backend_index found = no_backend;
    backend_index candidate = no_backend;
    heap_.first_of(
        [&](entry& e) noexcept {
          candidate = lists_.first(e.item);
          while (candidate != no_backend && !allowed(candidate))
            candidate = lists_.after(candidate);
          if (candidate != no_backend) e.load = lists_.count(candidate);
          return candidate != no_backend;
        },
        [&](const entry&) noexcept { found = candidate; });
    return found;
  }

  void started(backend_index i, const context& /*c*/) noexcept {
    LEPTON_ASSERT(i < parked_.size(), "least_connections: no such backend");
    if (!lists_.contains(i)) {
      ++parked_[i];
      return;
    }
    const auto g = lists_.group(i);
    lists_.increment(i);
    auto& t = turns_[g];
    auto e = heap_[g];
    now_ = std::max(now_, e.deadline);
    t.rest += t.step_rest;
    e.deadline = now_ + t.step;
    if (t.rest >= t.total) {
      t.rest -= t.total;
      ++e.deadline;
    }
    e.load = lists_.least_count(g);
    heap_.change(e);
    if (e.deadline >= latest) turn_back();
  }

  /// A request that was not counted (its backend was removed meanwhile) changes nothing.
  void finished(backend_index i, const outcome& /*how*/) noexcept {
    LEPTON_ASSERT(i < parked_.size(), "least_connections: no such backend");
    if (!lists_.contains(i)) {
      parked_[i] -= parked_[i] > 0 ? 1 : 0;
      return;
    }
    if (lists_.count(i) == 0) return;
    const auto g = lists_.group(i);
    lists_.decrement(i);
    auto e = heap_[g];
    if (e.load == lists_.least_count(g)) return;
    e.load = lists_.least_count(g);
    heap_.change(e);
  }

  /// Requests in flight on backend i.
  [[nodiscard]] auto load(backend_index i) const noexcept -> std::uint32_t {
    return lists_.contains(i) ? lists_.count(i) : parked_[i];
  }

 private:
  /// The backends of one weight in the heap: their least load, and when it is their turn.
  struct entry {
    std::uint64_t deadline;
    std::uint32_t load;
    std::uint32_t weight;
    std::uint32_t item;  ///< number of the group
  };
  struct order {
    auto operator()(const entry& a, const entry& b) const noexcept -> bool {
      const auto x = std::uint64_t{a.load} * b.weight;
      const auto y = std::uint64_t{b.load} * a.weight;
      const bool tie = (a.deadline < b.deadline) | ((a.deadline == b.deadline) & (a.item < b.item));
      return (x < y) | ((x == y) & tie);
    }
  };
  /// How the deadline of a group rises: by `step`, and one more as often as `step_rest` fills
  /// `total`.
  struct turn {
    std::uint64_t total;  ///< the weights of its backends, added up
    std::uint64_t step;
    std::uint64_t step_rest;
    std::uint64_t rest;
    std::uint32_t weight;
    backend_index first;  ///< a backend of the group
  };
  static constexpr std::uint64_t latest = std::uint64_t{1} << 62;

  /// The eligible backends, the heaviest first, then by load, then in the order so far. Takes up
  /// the snapshot in `parked_`.
  auto in_order(const snapshot& s) -> std::vector<backend_index> {
    std::vector<backend_index> members;
    members.reserve(s.eligible().size());
    std::vector<std::uint8_t> listed(s.size());
    for (std::uint32_t g = 0; g < lists_.groups(); ++g) {
      for (auto i = lists_.first(g); i != lepton::detail::level_lists::none; i = lists_.after(i)) {
        parked_[i] = lists_.count(i);
        if (s.is_eligible(i)) {
          members.push_back(i);
          listed[i] = 1;
        }
      }
    }
    parked_.follow(s);
    for (const auto i : s.eligible()) {
      if (listed[i] == 0) members.push_back(i);
    }
    std::stable_sort(members.begin(), members.end(), [&](backend_index a, backend_index b) {
      if (s.weight(a) != s.weight(b)) return s.weight(a) > s.weight(b);
      return parked_[a] < parked_[b];
    });
    return members;
  }

  /// The deadline of a new group, from now on: it waits for the same part of its step as the group
  /// that its first backend was in; a newcomer's for the whole step.
  [[nodiscard]] auto carried_over(turn& t) const noexcept -> std::uint64_t {
    if (!lists_.contains(t.first)) return t.step;
    const auto& e = heap_[lists_.group(t.first)];
    const auto& old = turns_[e.item];
    if (old.total == t.total) t.rest = old.rest;
    const auto ahead = e.deadline - std::min(e.deadline, now_);
    return lepton::detail::mul_div(ahead, t.step, std::max(old.step, std::uint64_t{1}));
  }

  /// Keeps the deadlines from overflowing, once in 64 to 2^46 requests. O(k).
  LEPTON_COLD void turn_back() noexcept {
    heap_.change_all([this](entry& e) { e.deadline -= std::min(e.deadline, now_); });
    now_ = 0;
  }

  lepton::detail::indexed_heap<entry, order> heap_;  ///< of the groups of equal weight
  lepton::detail::level_lists lists_;                ///< the backends of each, by load
  std::vector<turn> turns_;
  per_backend<std::uint32_t> parked_;  ///< loads of those that are not in the lists
  std::uint64_t now_ = 0;              ///< the virtual time: the latest deadline that was served
};

/// For any number of threads: reads `c.loads` of every eligible backend. O(n), so from some hundred
/// backends on prefer `power_of_d`. Ties rotate: the first of the least after the backend that was
/// picked last, in order of the indices. Threads that pick at the same moment see the same loads.
template <>
class least_connections<shared> {
 public:
  using threading = shared;

  auto rebuild(const snapshot& /*s*/) -> status { return {}; }

  template <class Context, admission Allowed = everyone>
  [[nodiscard]] auto pick(const snapshot& s, const Context& c, const Allowed& allowed = {}) noexcept
      -> backend_index {
    require_loads<Context>();
    const auto candidates = s.eligible();
    const auto n = candidates.size();
    const auto begin = n == 0 ? 0 : static_cast<std::size_t>(next_.load() % n);
    std::size_t best = n;
    detail::relative_load least{0xffff'ffff, 1};
    const auto look = [&](std::size_t from, std::size_t to) noexcept {
      for (auto k = from; k < to; ++k) {
        const auto i = candidates[k];
        const detail::relative_load mine{detail::load_of(c.loads, i), s.weight(i)};
        if ((best != n && !(mine < least)) || !allowed(i)) continue;
        least = mine;
        best = k;
      }
    };
    look(begin, n);
    look(0, begin);
    if (best == n) return no_backend;
    next_.store(static_cast<std::uint32_t>(best + 1));
    return candidates[best];
  }

 private:
  shared::cell<std::uint32_t> next_;  ///< where among the eligible the search begins
};

}  // namespace lepton::balance
