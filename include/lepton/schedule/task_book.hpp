// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lepton/model/allocation.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/schedule/disruption_budget.hpp>
#include <lepton/schedule/gang_id.hpp>
#include <lepton/schedule/running_task.hpp>

namespace lepton::schedule {

/// Where a task of the scheduler is.
enum class task_state : std::uint8_t {
  waiting,      ///< in the queue
  in_gang,      ///< its gang's first member waits for it
  backing_off,  ///< out of the queue for a while
  held,         ///< evicted where there are quotas: out of the queue until something happens
  running
};

/// All that a scheduler knows of a task. It stays at its address while the scheduler holds it.
template <class Task>
struct task_record : order::queued<Task> {
  allocation_id allocation{};     ///< while it runs
  gang_id gang = 0;               ///< 0: none
  std::uint32_t class_index = 0;  ///< while it waits
  std::uint32_t attempts = 0;     ///< failed ones since it was last started or submitted
  std::uint64_t pass = 0;         ///< in which it was started
  std::size_t position = 0;       ///< while it runs: in the list of running tasks
  time_point backs_off_until{};   ///< while it backs off
  task_state state = task_state::waiting;
  std::vector<budget_index> budgets{};  ///< that count it
};

/// The tasks by id, and the running ones in a list. All in O(1) expected.
template <class Task>
class task_book {
 public:
  using record = task_record<Task>;

  task_book() = default;
  task_book(task_book&&) noexcept = default;
  auto operator=(task_book&&) noexcept -> task_book& = default;
  ~task_book() = default;
  task_book(const task_book& other)
      : records_(other.records_),
        running_(other.running_),
        lowest_(other.lowest_),
        at_lowest_(other.at_lowest_) {
    for (auto& r : running_) r.budgets = find(r.id)->budgets;
  }

  /// A fresh record, or nullptr when the id is in use.
  [[nodiscard]] auto add(task_id id) -> record* {
    const auto [at, fresh] = records_.try_emplace(id);
    return fresh ? &at->second : nullptr;
  }
  [[nodiscard]] auto find(task_id id) noexcept -> record* {
    const auto at = records_.find(id);
    return at == records_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] auto find(task_id id) const noexcept -> const record* {
    const auto at = records_.find(id);
    return at == records_.end() ? nullptr : &at->second;
  }
  void erase(const record& r) { records_.erase(r.id); }

  /// It runs from now on; `gang_minimum` if it is in a gang.
  void start(record& r, allocation_id receipt, time_point now, std::size_t gang_minimum) {
    r.state = task_state::running;
    r.allocation = receipt;
    r.attempts = 0;
    r.position = running_.size();
    const auto priority = priority_of(r.what);
    if (running_.empty() || priority < lowest_) {
      lowest_ = priority;
      at_lowest_ = 0;
    }
    at_lowest_ += std::size_t{priority == lowest_};
    running_.push_back(
        {receipt, r.id, priority, now, tenant_of(r.what), r.gang, gang_minimum, r.budgets});
  }
  /// It runs no more.
  void stop(record& r) noexcept {
    const auto last = running_.size() - 1;
    if (r.position != last) {
      running_[r.position] = running_[last];
      find(running_[last].id)->position = r.position;
    }
    running_.pop_back();
    r.allocation = {};
    if (priority_of(r.what) == lowest_ && --at_lowest_ == 0) find_lowest();
  }

  /// Whether a task runs whose priority is lower. O(1).
  [[nodiscard]] auto runs_below(std::int64_t priority) const noexcept -> bool {
    return !running_.empty() && lowest_ < priority;
  }
  /// Says anew with how few members the gangs of the running tasks can do: `minimum_of(gang)`.
  template <class MinimumOf>
  void refresh_gangs(MinimumOf minimum_of) {
    for (auto& r : running_) {
      if (r.gang != 0) r.gang_minimum = minimum_of(r.gang);
    }
  }

  /// The tasks in a state, by submission. O(n log n).
  [[nodiscard]] auto in_state(task_state state) const -> std::vector<const record*> {
    std::vector<const record*> found;
    for (const auto& [id, r] : records_) {
      if (r.state == state) found.push_back(&r);
    }
    std::sort(found.begin(), found.end(),
              [](const auto* a, const auto* b) { return a->sequence < b->sequence; });
    return found;
  }
  [[nodiscard]] auto running() const noexcept -> const std::vector<running_task>& {
    return running_;
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return records_.size(); }

 private:
  void find_lowest() noexcept {
    for (const auto& r : running_) {
      if (at_lowest_ != 0 && r.priority > lowest_) continue;
      at_lowest_ = at_lowest_ != 0 && r.priority == lowest_ ? at_lowest_ + 1 : 1;
      lowest_ = r.priority;
    }
  }

  std::unordered_map<task_id, record> records_;
  std::vector<running_task> running_;
  std::int64_t lowest_ = 0;    ///< priority of a running task
  std::size_t at_lowest_ = 0;  ///< running tasks of that priority
};

}  // namespace lepton::schedule
