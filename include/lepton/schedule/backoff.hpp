// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <set>

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
    const auto most = std::max(longest, initial);
    auto wait = initial;
    for (std::uint32_t k = 1; k < attempts && wait < most; ++k)
      wait = wait < most - wait ? wait + wait : most;
    return wait;
  }
};

/// The tasks that are backing off, by the time that they come back, then by submission. O(log n).
class backoff_queue {
 public:
  struct entry {
    time_point until{};
    std::uint64_t sequence = 0;
    task_id id = 0;
  };

  void push(const entry& e) { entries_.insert(e); }
  void erase(const entry& e) { entries_.erase(e); }
  /// When the next task comes back; `time_point::max()` if there is none.
  [[nodiscard]] auto next_time() const noexcept -> time_point {
    return entries_.empty() ? time_point::max() : entries_.begin()->until;
  }
  /// Calls `back(id)` for each that may come back.
  template <class Back>
  void expire(time_point now, Back back) {
    while (next_time() <= now && !entries_.empty()) {
      const auto id = entries_.begin()->id;
      entries_.erase(entries_.begin());
      back(id);
    }
  }

 private:
  struct sooner {
    [[nodiscard]] auto operator()(const entry& a, const entry& b) const noexcept -> bool {
      return a.until != b.until ? a.until < b.until : a.sequence < b.sequence;
    }
  };
  std::set<entry, sooner> entries_;
};

}  // namespace lepton::schedule
