// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <lepton/order/concept.hpp>
#include <lepton/order/fixed_queue.hpp>

namespace lepton::order {

namespace detail {

/// A task as a value that compares as a fixed ordering orders it.
template <class Order, class Task>
struct by_before {
  const Order* order = nullptr;
  const queued<Task>* task = nullptr;

  [[nodiscard]] friend auto operator<(const by_before& a, const by_before& b) -> bool {
    return a.order->before(*a.task, *b.task);
  }
  [[nodiscard]] friend auto operator>(const by_before& a, const by_before& b) -> bool {
    return b < a;
  }
  [[nodiscard]] friend auto operator<=(const by_before& a, const by_before& b) -> bool {
    return !(b < a);
  }
  [[nodiscard]] friend auto operator>=(const by_before& a, const by_before& b) -> bool {
    return !(a < b);
  }
  [[nodiscard]] friend auto operator==(const by_before& a, const by_before& b) -> bool {
    return !(a < b) && !(b < a);
  }
  [[nodiscard]] friend auto operator!=(const by_before& a, const by_before& b) -> bool {
    return !(a == b);
  }
};

template <class Order, class Task>
[[nodiscard]] constexpr auto part_of_rank(const Order& o, const queued<Task>& q, time_point now) {
  if constexpr (keyed_ordering<Order, Task>) {
    return o.key(q);
  } else if constexpr (fixed_ordering<Order, Task>) {
    return by_before<Order, Task>{&o, &q};
  } else {
    return o.rank(q, now);
  }
}

template <class Order, class Task>
concept hears_queued = requires(Order& o, const queued<Task>& q, time_point now) {
  o.queued(q, now);
};
template <class Order, class Task>
concept hears_started = requires(Order& o, const queued<Task>& q, time_point now) {
  o.started(q, now);
};
template <class Order, class Task>
concept hears_ended = requires(Order& o, const queued<Task>& q, time_point now) {
  o.ended(q, now);
};

}  // namespace detail

/// Lexicographic composition: by the first ordering; those that it holds equal by the second, and
/// so on; at last in the order of submission. Fixed if all parts are, with a key if all have one;
/// timed if one part is. What it is told it tells its parts.
template <class... Orders>
class then_by {
  static_assert(sizeof...(Orders) > 0, "lepton: then_by needs at least one ordering");

 public:
  then_by() = default;
  constexpr explicit then_by(Orders... parts) : parts_(std::move(parts)...) {}

  template <class Task>
    requires(keyed_ordering<Orders, Task>&&...)
  [[nodiscard]] constexpr auto key(const order::queued<Task>& q) const {
    return std::apply([&](const auto&... part) { return std::tuple{part.key(q)...}; }, parts_);
  }
  template <class Task>
    requires(fixed_ordering<Orders, Task>&&...)
  [[nodiscard]] constexpr auto before(const order::queued<Task>& a,
                                      const order::queued<Task>& b) const -> bool {
    int found = 0;  // -1: a is first, 1: b is
    const auto decide = [&](const auto& part) {
      found = part.before(a, b) ? -1 : part.before(b, a) ? 1 : 0;
      return found != 0;
    };
    std::apply([&](const auto&... part) { (void)(decide(part) || ...); }, parts_);
    return found < 0;
  }
  template <class Task>
    requires(ordering<Orders, Task>&&...)
  &&(!(fixed_ordering<Orders, Task> && ...))
      [[nodiscard]] constexpr auto rank(const order::queued<Task>& q, time_point now) const {
    return std::apply(
        [&](const auto&... part) { return std::tuple{detail::part_of_rank(part, q, now)...}; },
        parts_);
  }

  template <class Task>
    requires(detail::hears_queued<Orders, Task> || ...)
  constexpr void queued(const order::queued<Task>& q, time_point now) {
    std::apply([&](auto&... part) { (tell_queued(part, q, now), ...); }, parts_);
  }
  template <class Task>
    requires(detail::hears_started<Orders, Task> || ...)
  constexpr void started(const order::queued<Task>& q, time_point now) {
    std::apply([&](auto&... part) { (tell_started(part, q, now), ...); }, parts_);
  }
  template <class Task>
    requires(detail::hears_ended<Orders, Task> || ...)
  constexpr void ended(const order::queued<Task>& q, time_point now) {
    std::apply([&](auto&... part) { (tell_ended(part, q, now), ...); }, parts_);
  }

  /// One of the parts, to set it or to look at it.
  template <std::size_t I>
  [[nodiscard]] constexpr auto part() noexcept -> auto& {
    return std::get<I>(parts_);
  }

 private:
  std::tuple<Orders...> parts_{};
};

}  // namespace lepton::order
