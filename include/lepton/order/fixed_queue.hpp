// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/detail/block_tree.hpp>
#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::order {

/// A fixed ordering by a value: `o.before(a, b)` says the same as `o.key(a) < o.key(b)`. A queue
/// keeps the values at hand, so that finding a place does not read the tasks.
template <class O, class Task>
concept keyed_ordering = fixed_ordering<O, Task> && requires(const O& o, const queued<Task>& q) {
  { o.key(q) } -> std::totally_ordered;
};

namespace detail {

template <class Task, class Order>
struct fixed_item {
  std::uint64_t sequence = 0;
  const queued<Task>* task = nullptr;
};
template <class Task, keyed_ordering<Task> Order>
struct fixed_item<Task, Order> {
  std::remove_cvref_t<decltype(std::declval<const Order&>().key(
      std::declval<const queued<Task>&>()))>
      key{};
  std::uint64_t sequence = 0;
  const queued<Task>* task = nullptr;
};

template <class Task, class Order>
struct fixed_rules {
  using item = fixed_item<Task, Order>;

  [[nodiscard]] auto item_of(const queued<Task>& q) const noexcept -> item {
    if constexpr (keyed_ordering<Order, Task>) {
      return {order.key(q), q.sequence, &q};
    } else {
      return {q.sequence, &q};
    }
  }
  [[nodiscard]] auto before(const item& a, const item& b) const noexcept -> bool {
    if constexpr (keyed_ordering<Order, Task>) {
      return a.key < b.key || (!(b.key < a.key) && a.sequence < b.sequence);
    } else {
      return order.before(*a.task, *b.task) ||
             (!order.before(*b.task, *a.task) && a.sequence < b.sequence);
    }
  }
  static void set_block(const item& i, std::uint32_t block) noexcept { i.task->hook = block; }
  [[nodiscard]] static auto block_of(const item& i) noexcept -> std::uint32_t {
    return static_cast<std::uint32_t>(i.task->hook);
  }

  Order order{};
};

}  // namespace detail

/// The queue of a fixed ordering: the tasks in order in a B+-tree. Push, erase and take O(log n),
/// next O(1); nothing to do when time goes on. Meets `discipline`.
template <class Task, fixed_ordering<Task> Order>
class fixed_queue {
 public:
  fixed_queue() = default;
  explicit fixed_queue(Order order) : tasks_(rules{std::move(order)}) {}

  void push(const queued<Task>& w, time_point now) {
    tell_queued(order(), w, now);
    tasks_.insert(tasks_.rules().item_of(w));
  }
  void erase(const queued<Task>& w) { tasks_.erase(tasks_.rules().item_of(w)); }

  void begin_pass(time_point now) noexcept {
    now_ = now;
    next_ = tasks_.begin();
    offered_ = {};
  }
  [[nodiscard]] auto next() noexcept -> const queued<Task>* {
    offered_ = next_;
    if (next_.is_end()) return nullptr;
    next_ = tasks_.after(next_);
    return tasks_[offered_].task;
  }
  void take() {
    LEPTON_ASSERT(!offered_.is_end(), "order queue: take() comes after next() gave a task");
    const auto* const w = tasks_[offered_].task;
    next_ = tasks_.erase(offered_);
    offered_ = {};
    tell_started(order(), *w, now_);
  }
  /// A task that was never in the queue starts, as a member of a gang that was.
  void charge(const queued<Task>& w, time_point now) { tell_started(order(), w, now); }
  void ended(const queued<Task>& w, time_point now) { tell_ended(order(), w, now); }

  [[nodiscard]] auto size() const noexcept -> std::size_t { return tasks_.size(); }
  [[nodiscard]] auto order() noexcept -> Order& { return tasks_.rules().order; }
  [[nodiscard]] auto order() const noexcept -> const Order& { return tasks_.rules().order; }

 private:
  using rules = detail::fixed_rules<Task, Order>;
  using tree = lepton::detail::block_tree<typename rules::item, rules>;

  tree tasks_;
  typename tree::cursor next_{};
  typename tree::cursor offered_{};
  time_point now_{};
};

}  // namespace lepton::order
