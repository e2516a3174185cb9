// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/detail/id_map.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::schedule::detail {

/// A task that a batch scheduler holds.
template <class Task>
struct batch_record {
  order::queued<Task> task;
  duration runtime{};  ///< predicted
  bool is_running = false;
  time_point started{};  ///< while it runs; so the next two
  time_point end{};      ///< predicted
  std::uint64_t start_number = 0;
  std::uint32_t position = 0;  ///< while it waits, in the list that holds it
};

/// The tasks in numbered slots, which are used again, and by id.
template <class Task>
class batch_tasks {
 public:
  using record = batch_record<Task>;
  static constexpr std::uint32_t none = lepton::detail::id_map::none;

  /// The slot of a new task, or `none` if its id is in use.
  auto add(const Task& task, task_id id, time_point now) -> std::uint32_t {
    const auto slot = unused_.empty() ? static_cast<std::uint32_t>(slots_.size()) : unused_.back();
    if (!ids_.insert(id, slot)) return none;
    if (unused_.empty()) {
      slots_.push_back(record{{task, id, now, sequence_++}});
      return slot;
    }
    unused_.pop_back();
    auto& r = slots_[slot];
    r.task.what = task;
    r.task.id = id;
    r.task.submitted = now;
    r.task.sequence = sequence_++;
    r.is_running = false;
    return slot;
  }
  void erase(std::uint32_t slot) {
    ids_.erase(slots_[slot].task.id);
    unused_.push_back(slot);
  }
  [[nodiscard]] auto find(task_id id) const noexcept -> std::uint32_t { return ids_.find(id); }
  [[nodiscard]] auto operator[](std::uint32_t slot) noexcept -> record& { return slots_[slot]; }
  [[nodiscard]] auto operator[](std::uint32_t slot) const noexcept -> const record& {
    return slots_[slot];
  }
  [[nodiscard]] auto size() const noexcept -> std::size_t { return ids_.size(); }

 private:
  std::vector<record> slots_;
  std::vector<std::uint32_t> unused_;
  lepton::detail::id_map ids_;
  std::uint64_t sequence_ = 0;
};

}  // namespace lepton::schedule::detail
