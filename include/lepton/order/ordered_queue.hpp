// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/order/concept.hpp>
#include <lepton/order/fixed_queue.hpp>
#include <lepton/order/linear_ordering.hpp>
#include <lepton/order/linear_queue.hpp>
#include <lepton/order/timed_queue.hpp>

namespace lepton::order {

namespace detail {

template <class Task, class Order>
struct queue_by_kind {
  static_assert(ordering<Order, Task>,
                "lepton: an ordering has bool before(const queued<Task>&, const queued<Task>&) "
                "const, or rank(const queued<Task>&, time_point) const that gives a totally "
                "ordered value");
};
template <class Task, fixed_ordering<Task> Order>
struct queue_by_kind<Task, Order> {
  using type = fixed_queue<Task, Order>;
};
template <class Task, class Order>
  requires(linear_ordering<Order, Task> && !fixed_ordering<Order, Task>)
struct queue_by_kind<Task, Order> {
  using type = linear_queue<Task, Order>;
};
template <class Task, class Order>
  requires(timed_ordering<Order, Task> && !fixed_ordering<Order, Task> &&
           !linear_ordering<Order, Task>)
struct queue_by_kind<Task, Order> {
  using type = timed_queue<Task, Order>;
};

}  // namespace detail

/// The queue that serves an ordering of its kind: fixed, linear or timed.
template <class Task, class Order>
using ordered_queue = typename detail::queue_by_kind<Task, Order>::type;

}  // namespace lepton::order
