// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>
#include <lepton/schedule/availability_profile.hpp>
#include <lepton/schedule/saturated_time.hpp>
#include <lepton/schedule/search_memo.hpp>

namespace lepton::schedule {

/// A task that waits, and when it is to start.
template <resource_vector Resources>
struct planned_task {
  time_point start{};  ///< `time_point::max()`: never, as the plan stands
  duration length{};
  Resources demand{};
  std::uint64_t sequence = 0;  ///< breaks ties of `start`
  std::uint32_t slot = 0;      ///< the owner's name for it

  [[nodiscard]] constexpr auto end() const noexcept -> time_point {
    return detail::later_by(start, length);
  }
  friend constexpr auto operator<(const planned_task& a, const planned_task& b) noexcept -> bool {
    return a.start != b.start ? a.start < b.start : a.sequence < b.sequence;
  }
};

/// When each waiting task starts, beside what runs: the plan of conservative backfilling.
///
/// A task gets the earliest start that moves no other. When something is given back (a task ended
/// before its time, or left the queue) the plan is compressed: tasks move to earlier starts, and
/// never to later ones.
///
/// `compress(now)` takes the tasks by their planned start, ties by submission (Mu'alem and
/// Feitelson, "Utilization, Predictability, Workloads, and User Runtime Estimates in Scheduling the
/// IBM SP2 with Backfilling", 2001, compress the existing schedule instead of making a new one, so
/// that guarantees hold). One round is enough then: what a task frees when it moves lies after the
/// old start of every task before it, and what lies there cannot help these. So after it no task
/// could start earlier with the others where they are, and that stays true until something is given
/// back again. The next round therefore looks only at tasks which fit somewhere in what was given
/// back, and begins their searches where those for smaller ones ended.
///
/// The owner is told of each move by `moved(task)`.
template <resource_vector Resources>
class job_plan {
 public:
  using task_type = planned_task<Resources>;

  explicit job_plan(const Resources& free, time_point begin = time_point::min())
      : profile_(free, begin) {}

  /// What is free beside the tasks that run and wait.
  [[nodiscard]] auto profile() const noexcept -> const availability_profile<Resources>& {
    return profile_;
  }
  /// By start, then sequence.
  [[nodiscard]] auto tasks() const noexcept -> const std::vector<task_type>& { return tasks_; }
  /// Whether something was given back since the plan was compressed last.
  [[nodiscard]] auto loose() const noexcept -> bool { return freed_begin_ < freed_end_; }

  void advance(time_point now) { profile_.advance(now); }

  /// Plans a task, no earlier than `from`. O(waiting) to put it in its place.
  auto add(task_type task, time_point from) -> time_point {
    task.start = profile_.earliest(task.demand, task.length, from);
    profile_.take(task.demand, task.start, task.end());
    tasks_.insert(std::upper_bound(tasks_.begin(), tasks_.end(), task), task);
    return task.start;
  }
  /// Takes a waiting task out of the plan.
  void erase(time_point start, std::uint64_t sequence) {
    task_type key;
    key.start = start;
    key.sequence = sequence;
    const auto at = std::lower_bound(tasks_.begin(), tasks_.end(), key);
    give(at->demand, at->start, at->end());
    tasks_.erase(at);
  }
  /// Forgets, of the tasks that should have started by now, those of which `started(task)` says
  /// that they did; what they hold stays taken.
  template <class Started>
  void release(time_point now, Started started) {
    auto due = tasks_.begin();
    while (due != tasks_.end() && due->start <= now) ++due;
    tasks_.erase(std::remove_if(tasks_.begin(), due, started), due);
  }

  void take(const Resources& demand, time_point begin, time_point end) {
    profile_.take(demand, begin, end);
  }
  void give(const Resources& demand, time_point begin, time_point end) {
    if (begin >= end) return;
    profile_.give(demand, begin, end);
    freed_begin_ = std::min(freed_begin_, begin);
    freed_end_ = std::max(freed_end_, end);
  }

  /// Compresses by planned start.
  template <class Moved>
  void compress(time_point now, Moved moved) {
    const auto from = std::max(now, freed_begin_);
    if (from >= freed_end_) return settle();
    auto most = profile_.most(from, freed_end_);
    memo_.clear();
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      auto& task = tasks_[i];
      if (task.start <= from || !fits(task.demand, most)) continue;
      const auto first = memo_.none_before(task.demand, task.length, now);
      const auto start = profile_.earlier(task.demand, task.length, first, task.start);
      memo_.remember(task.demand, task.length, start);
      if (start == task.start) continue;
      freed_end_ = std::max(freed_end_, move(task, start));
      moved(task);
      most = profile_.most(from, freed_end_);
      const auto end = tasks_.begin() + static_cast<std::ptrdiff_t>(i);
      std::rotate(std::upper_bound(tasks_.begin(), end, task), end, end + 1);
    }
    settle();
  }

  /// Compresses in an order of the owner's: places in `tasks()`. Cannot leave out any task.
  template <class Moved>
  void compress(time_point now, const std::vector<std::uint32_t>& order, Moved moved) {
    if (!loose()) return;
    for (const auto i : order) {
      auto& task = tasks_[i];
      const auto start = profile_.earlier(task.demand, task.length, now, task.start);
      if (start == task.start) continue;
      move(task, start);
      moved(task);
    }
    settle();
    std::sort(tasks_.begin(), tasks_.end());
  }

  /// Makes the plan anew in an order of the owner's; starts may become later.
  template <class Moved>
  void replan(time_point now, const std::vector<std::uint32_t>& order, Moved moved) {
    clear_starts();
    memo_.clear();
    for (const auto i : order) {
      auto& task = tasks_[i];
      const auto first = memo_.none_before(task.demand, task.length, now);
      task.start = profile_.earliest(task.demand, task.length, first);
      memo_.remember(task.demand, task.length, task.start);
      profile_.take(task.demand, task.start, task.end());
      moved(task);
    }
    settle();
    std::sort(tasks_.begin(), tasks_.end());
  }
  /// Gives back what all waiting tasks hold; they are planned to start never.
  void clear_starts() {
    for (auto& task : tasks_) {
      give(task.demand, task.start, task.end());
      task.start = time_point::max();
    }
  }

  /// Makes a plan of what is none any more, because tasks run on past their time: tasks that should
  /// have started start now; then, wherever more is held than there is, those that start last
  /// leave, and are planned anew by their old start.
  template <class Moved>
  void repair(time_point now, Moved moved) {
    for (auto& task : tasks_) {
      if (task.start >= now) break;
      const auto held = std::max(now, task.end());
      task.start = now;
      take(task.demand, held, task.end());
      moved(task);
    }
    std::sort(tasks_.begin(), tasks_.end());
    std::vector<task_type> displaced;
    for (auto at = profile_.first_overdrawn(now); at != time_point::max();) {
      auto last = tasks_.end();
      auto t = tasks_.begin();
      for (; t != tasks_.end() && t->start <= at; ++t) {
        if (at < t->end()) last = t;
      }
      if (last == tasks_.end()) {  // held by what runs, or was reserved: go on
        const auto next = t == tasks_.end() ? time_point::max() : t->start;
        at = std::min(profile_.next_overdrawn(at), profile_.first_overdrawn(next));
        continue;
      }
      give(last->demand, last->start, last->end());
      displaced.push_back(*last);
      tasks_.erase(last);
      at = profile_.first_overdrawn(at);
    }
    std::sort(displaced.begin(), displaced.end());
    for (auto& task : displaced) {
      task.start = add(task, now);
      moved(task);
    }
  }

 private:
  /// Moves a task to an earlier start; returns until when something was freed.
  auto move(task_type& task, time_point start) -> time_point {
    const auto old_start = task.start;
    const auto old_end = task.end();
    task.start = start;
    profile_.take(task.demand, start, std::min(old_start, task.end()));
    profile_.give(task.demand, std::max(old_start, task.end()), old_end);
    return old_end;
  }
  void settle() noexcept {
    freed_begin_ = time_point::max();
    freed_end_ = time_point::min();
  }

  availability_profile<Resources> profile_;
  std::vector<task_type> tasks_;
  /// What was given back since the plan was compressed last lies in between.
  time_point freed_begin_ = time_point::max(), freed_end_ = time_point::min();
  search_memo<Resources> memo_;
};

}  // namespace lepton::schedule
