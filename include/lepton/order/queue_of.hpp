// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <lepton/order/ordered_queue.hpp>

namespace lepton::order {

/// Which queue serves an ordering: the one it brings along as `Order::template queue<Task>`, else
/// the `ordered_queue` of its kind.
template <class Task, class Order>
struct queue_of {
  using type = ordered_queue<Task, Order>;
};
template <class Task, class Order>
  requires requires { typename Order::template queue<Task>; }
struct queue_of<Task, Order> {
  using type = typename Order::template queue<Task>;
};
template <class Task, class Order>
using queue_of_t = typename queue_of<Task, Order>::type;

}  // namespace lepton::order
