// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <lepton/detail/id_map.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::schedule::detail {

enum class job_state : std::uint8_t { none, waiting, running };

/// A task of a `conservative_scheduler`.
template <class Task>
struct planned_job {
  order::queued<Task> task{};
  resources_of_t<Task> demand{};
  duration length{};   ///< that it is planned to hold its demand for
  time_point start{};  ///< planned, or when it did
  time_point end{};    ///< while it runs: expected
  std::uint32_t plan = 0;
  job_state state = job_state::none;
};

/// The tasks in numbered slots, which are used again, and by id. A task stays at its address.
template <class Task>
class planned_jobs {
 public:
  using job = planned_job<Task>;
  static constexpr std::uint32_t none = lepton::detail::id_map::none;

  /// The slot of a new task, whose id is not in use.
  auto add(const Task& task, task_id id, time_point now) -> std::uint32_t {
    auto slot = static_cast<std::uint32_t>(slots_.size());
    if (unused_.empty()) {
      slots_.emplace_back();
    } else {
      slot = unused_.back();
      unused_.pop_back();
    }
    slots_[slot].task = {task, id, now, sequence_++};
    slots_[slot].state = job_state::waiting;
    ids_.insert(id, slot);
    return slot;
  }
  void erase(std::uint32_t slot) {
    ids_.erase(slots_[slot].task.id);
    slots_[slot].state = job_state::none;
    unused_.push_back(slot);
  }

  /// The slot of a task, or `none`.
  [[nodiscard]] auto find(task_id id) const noexcept -> std::uint32_t { return ids_.find(id); }
  [[nodiscard]] auto operator[](std::uint32_t slot) noexcept -> job& { return slots_[slot]; }
  [[nodiscard]] auto operator[](std::uint32_t slot) const noexcept -> const job& {
    return slots_[slot];
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return ids_.size(); }
  /// Slots are below this.
  [[nodiscard]] auto slot_count() const noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(slots_.size());
  }

 private:
  std::deque<job> slots_;
  std::vector<std::uint32_t> unused_;
  lepton::detail::id_map ids_;
  std::uint64_t sequence_ = 0;
};

}  // namespace lepton::schedule::detail
