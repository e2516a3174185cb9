// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/completion_heap.hpp>
#include <lepton/simulate/request.hpp>
#include <lepton/simulate/server_spec.hpp>

namespace lepton::simulate {

/// Servers at work: each with its slots and a queue, first come, first served. Jobs have numbers
/// that are used again, so that a run that is under way allocates nothing.
class server_farm {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;
  static constexpr std::uint32_t no_limit = 0xffff'ffff;

  struct job {
    request what{};
    time_point sent{};   ///< to the server where it is now
    time_point begun{};  ///< of the service
    std::uint32_t server = none;
    std::uint32_t next = none;  ///< in the server's queue, or of the unused
    bool measured = true;
  };

  /// @param queue_limit  requests that may wait at a server
  server_farm(std::span<const server_spec> servers, std::uint32_t queue_limit)
      : servers_(servers.size()), queue_limit_(queue_limit) {
    for (std::size_t i = 0; i < servers.size(); ++i) {
      servers_[i].slowness = 1 / servers[i].speed;
      servers_[i].free_slots = servers[i].slots;
    }
  }

  [[nodiscard]] auto operator[](std::uint32_t id) const noexcept -> const job& { return jobs_[id]; }
  /// Requests at all servers, in service or waiting.
  [[nodiscard]] auto in_flight() const noexcept -> std::size_t { return in_flight_; }
  /// When the next request will be done; the end of time if none is in service.
  [[nodiscard]] auto next_end() const noexcept -> time_point {
    return busy_.empty() ? time_point::max() : busy_.top().when;
  }

  /// A job of the request; it must be sent or closed.
  auto open(const request& what, bool measured) -> std::uint32_t {
    auto id = unused_;
    if (id == none) {
      id = static_cast<std::uint32_t>(jobs_.size());
      jobs_.emplace_back();
    } else {
      unused_ = jobs_[id].next;
    }
    auto& j = jobs_[id];
    j.what = what;
    j.measured = measured;
    return id;
  }
  void close(std::uint32_t id) noexcept {
    jobs_[id].next = unused_;
    unused_ = id;
  }

  /// The job goes to a server; false, and nothing done, if that has too many waiting already.
  auto send(std::uint32_t id, std::uint32_t server, time_point now) -> bool {
    auto& s = servers_[server];
    auto& j = jobs_[id];
    if (s.free_slots == 0 && s.waiting >= queue_limit_) return false;
    j.sent = now;
    j.server = server;
    j.next = none;
    ++in_flight_;
    if (s.free_slots > 0) {
      --s.free_slots;
      busy_.push(begin(id, now));
      return true;
    }
    (s.last == none ? s.first : jobs_[s.last].next) = id;
    s.last = id;
    ++s.waiting;
    return true;
  }

  /// The next request is done; its server takes up the one that waited longest. The job that ended
  /// must be closed.
  auto end_next() -> std::uint32_t {
    const auto done = busy_.top();
    auto& j = jobs_[done.ticket];
    auto& s = servers_[j.server];
    s.busy += overlap(j, done.when);
    --in_flight_;
    if (s.first == none) {
      ++s.free_slots;
      busy_.pop();
    } else {
      busy_.replace_top(begin(take_first(s), done.when));
    }
    return done.ticket;
  }

  /// The server loses what it has: those jobs are added to `lost`, the ones in service first.
  void fail(std::uint32_t server, time_point now, std::vector<std::uint32_t>& lost) {
    auto& s = servers_[server];
    const auto before = lost.size();
    busy_.remove_if([&](const completion& c) {
      if (jobs_[c.ticket].server != server) return false;
      s.busy += overlap(jobs_[c.ticket], now);
      ++s.free_slots;
      lost.push_back(c.ticket);
      return true;
    });
    std::sort(lost.begin() + static_cast<std::ptrdiff_t>(before), lost.end(),
              [&](std::uint32_t a, std::uint32_t b) {
                return jobs_[a].begun != jobs_[b].begun ? jobs_[a].begun < jobs_[b].begun : a < b;
              });
    while (s.first != none) lost.push_back(take_first(s));
    in_flight_ -= lost.size() - before;
  }

  /// Busy time is counted between these two moments.
  void count_from(time_point begin) noexcept {
    count_begin_ = begin;
    for (auto& s : servers_) s.busy = {};
  }
  void count_until(time_point end) noexcept {
    for (const auto& c : busy_) {
      const auto& j = jobs_[c.ticket];
      servers_[j.server].busy += overlap(j, end);
    }
    count_end_ = end;
  }
  /// Of all slots of the server together.
  [[nodiscard]] auto busy_time(std::uint32_t server) const noexcept -> duration {
    return servers_[server].busy;
  }

 private:
  struct station {
    double slowness = 1;
    std::uint32_t free_slots = 0;
    std::uint32_t waiting = 0;
    std::uint32_t first = none;  ///< of the queue
    std::uint32_t last = none;
    duration busy{};
  };

  auto begin(std::uint32_t id, time_point now) noexcept -> completion {
    auto& j = jobs_[id];
    j.begun = now;
    const double work = static_cast<double>(j.what.work.count()) * servers_[j.server].slowness;
    return {now + detail::whole_nanoseconds(work), order_++, id};
  }
  auto take_first(station& s) noexcept -> std::uint32_t {
    const auto id = s.first;
    s.first = jobs_[id].next;
    if (s.first == none) s.last = none;
    --s.waiting;
    return id;
  }
  /// Nothing once counting has ended.
  [[nodiscard]] auto overlap(const job& j, time_point end) const noexcept -> duration {
    if (end > count_end_) return {};
    return std::max(duration{}, end - std::max(j.begun, count_begin_));
  }

  std::vector<station> servers_;
  std::vector<job> jobs_;
  completion_heap busy_;
  std::uint32_t unused_ = none;
  std::uint32_t order_ = 0;
  std::uint32_t queue_limit_;
  std::size_t in_flight_ = 0;
  time_point count_begin_{};
  time_point count_end_ = time_point::max();
};

}  // namespace lepton::simulate
