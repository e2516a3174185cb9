// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/model/time.hpp>

namespace lepton::schedule {

/// How long a task stays out of the queue after a failed attempt: `initial`, twice as long after
/// each further one, at most `longest`. Kubernetes uses 1 s and 10 s. None by default.
struct backoff {
  duration initial{0};
  duration longest{0};

  [[nodiscard]] constexpr auto enabled() const noexcept -> bool { return initial > duration{0}; }
  /// After so many failed attempts, from 1.
  [[nodiscard]] constexpr auto after(std::uint32_t attempts) const noexcept -> duration {
    auto wait = initial;
    for (std::uint32_t k = 1; k < attempts && wait < longest; ++k) wait += wait;
    return std::min(wait, std::max(longest, initial));
  }
};

/// The tasks that are backing off, by the time that they come back. O(log n).
class backoff_queue {
 public:
  struct entry {
    time_point until{};
    std::uint64_t sequence = 0;
    task_id id = 0;
  };

  void push(entry e) {
    heap_.push_back(e);
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  [[nodiscard]] auto next_time() const noexcept -> time_point {
    return heap_.empty() ? time_point::max() : heap_.front().until;
  }
  /// Calls `back(entry)` for each that may come back, by time, then by submission. Tasks that were
  /// cancelled meanwhile are among them.
  template <class Back>
  void expire(time_point now, Back back) {
    while (!heap_.empty() && heap_.front().until <= now) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      const auto e = heap_.back();
      heap_.pop_back();
      back(e);
    }
  }

 private:
  static auto later(const entry& a, const entry& b) noexcept -> bool {
    return a.until != b.until ? a.until > b.until : a.sequence > b.sequence;
  }
  std::vector<entry> heap_;
};

}  // namespace lepton::schedule
