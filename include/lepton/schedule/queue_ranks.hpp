// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/order/concept.hpp>

namespace lepton::schedule::detail {

/// Whether `a` is before `b` in an order, at one moment; ties by submission.
template <class Order, class Task>
[[nodiscard]] auto comes_before(const Order& order, const order::queued<Task>& a,
                                const order::queued<Task>& b, time_point now) -> bool {
  if constexpr (order::fixed_ordering<Order, Task>) {
    static_cast<void>(now);
    if (order.before(a, b)) return true;
    return a.sequence < b.sequence && !order.before(b, a);
  } else {
    const auto rank_a = order.rank(a, now);
    const auto rank_b = order.rank(b, now);
    return rank_a != rank_b ? rank_a < rank_b : a.sequence < b.sequence;
  }
}

/// Puts items in the order of the queue: `task(item)` is the queued task of an item. A timed order
/// is asked once for each.
template <class Order, class Items, class TaskOf>
void sort_by_order(const Order& order, Items& items, const TaskOf& task, time_point now) {
  using queued_type = std::remove_cvref_t<decltype(task(items.front()))>;
  using task_type = decltype(queued_type::what);
  if constexpr (order::fixed_ordering<Order, task_type>) {
    std::sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
      return comes_before(order, task(a), task(b), now);
    });
  } else {
    using item = typename Items::value_type;
    using rank = std::remove_cvref_t<decltype(order.rank(task(items.front()), now))>;
    std::vector<std::pair<rank, item>> ranked;
    ranked.reserve(items.size());
    for (const auto& i : items) ranked.emplace_back(order.rank(task(i), now), i);
    std::sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first
                                : task(a.second).sequence < task(b.second).sequence;
    });
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = ranked[i].second;
  }
}

}  // namespace lepton::schedule::detail
