// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::order {

/// The queue of a timed ordering: all ranks are computed anew when a pass asks for its first task,
/// then put in order as far as the pass goes. Push and erase O(1); a pass of n tasks that offers k
/// is O(n + k log n). If the ordering wants to know what starts, what is left is ranked anew after
/// each task that does. Meets `discipline`.
template <class Task, timed_ordering<Task> Order>
class timed_queue {
 public:
  timed_queue() = default;
  explicit timed_queue(Order order) : order_(std::move(order)) {}

  void push(const queued<Task>& w, time_point now) {
    tell_queued(order_, w, now);
    w.hook = tasks_.size();
    tasks_.push_back(&w);
  }
  void erase(const queued<Task>& w) noexcept {
    tasks_[w.hook] = tasks_.back();
    tasks_[w.hook]->hook = w.hook;
    tasks_.pop_back();
  }

  void begin_pass(time_point now) {
    now_ = now;
    offered_ = nullptr;
    stale_ = fresh_ = true;
  }
  [[nodiscard]] auto next() -> const queued<Task>* {
    if (stale_) rank_all();
    offered_ = nullptr;
    if (heap_.empty()) return nullptr;
    std::pop_heap(heap_.begin(), heap_.end(), after);
    offered_ = heap_.back().task;
    heap_.pop_back();
    return offered_;
  }
  void take() {
    LEPTON_ASSERT(offered_ != nullptr, "order queue: take() comes after next() gave a task");
    const auto* const w = std::exchange(offered_, nullptr);
    erase(*w);
    charge(*w, now_);
  }
  /// A task starts: the one just taken, or a member of its gang that was never in the queue.
  void charge(const queued<Task>& w, time_point now) {
    tell_started(order_, w, now);
    if constexpr (requires { order_.started(w, now); }) stale_ = true;
  }
  void ended(const queued<Task>& w, time_point now) { tell_ended(order_, w, now); }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return tasks_.size(); }
  [[nodiscard]] auto order() noexcept -> Order& { return order_; }
  [[nodiscard]] auto order() const noexcept -> const Order& { return order_; }

 private:
  using rank_type = std::remove_cvref_t<decltype(std::declval<const Order&>().rank(
      std::declval<const queued<Task>&>(), time_point{}))>;
  struct entry {
    rank_type rank{};
    std::uint64_t sequence = 0;
    const queued<Task>* task = nullptr;
  };

  [[nodiscard]] static auto after(const entry& a, const entry& b) noexcept -> bool {
    return b.rank < a.rank || (!(a.rank < b.rank) && b.sequence < a.sequence);
  }

  void rank_all() {
    if (std::exchange(fresh_, false)) {
      heap_.clear();
      for (const auto* w : tasks_) heap_.push_back({{}, w->sequence, w});
    }
    for (auto& e : heap_) e.rank = order_.rank(*e.task, now_);
    std::make_heap(heap_.begin(), heap_.end(), after);
    stale_ = false;
  }

  Order order_{};
  std::vector<const queued<Task>*> tasks_;  ///< in any order; a task's hook is its place
  std::vector<entry> heap_;                 ///< what the pass has not offered yet
  const queued<Task>* offered_ = nullptr;
  bool fresh_ = false;  ///< the pass has not asked for a task yet
  bool stale_ = false;  ///< the ranks in the heap are old
  time_point now_{};
};

}  // namespace lepton::order
