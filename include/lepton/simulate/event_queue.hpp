// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// What is going to happen, by time; at the same time by rank (lower first), then first in, first
/// out. A binary heap: O(log n).
template <class Event>
class event_queue {
 public:
  struct entry {
    time_point when{};
    int rank = 0;
    std::uint64_t sequence = 0;
    Event what;
  };

  void push(time_point when, int rank, Event what) {
    heap_.push_back({when, rank, sequence_++, std::move(what)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  [[nodiscard]] auto empty() const noexcept -> bool { return heap_.empty(); }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return heap_.size(); }
  [[nodiscard]] auto next() const noexcept -> const entry& {
    LEPTON_ASSERT(!heap_.empty(), "event_queue: it is empty");
    return heap_.front();
  }
  auto pop() -> entry {
    LEPTON_ASSERT(!heap_.empty(), "event_queue: it is empty");
    std::pop_heap(heap_.begin(), heap_.end(), later);
    auto first = std::move(heap_.back());
    heap_.pop_back();
    return first;
  }

 private:
  static auto later(const entry& a, const entry& b) noexcept -> bool {
    if (a.when != b.when) return a.when > b.when;
    if (a.rank != b.rank) return a.rank > b.rank;
    return a.sequence > b.sequence;
  }

  std::vector<entry> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace lepton::simulate
