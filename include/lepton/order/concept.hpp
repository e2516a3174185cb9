// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>

#include <lepton/model/time.hpp>
#include <lepton/order/queued.hpp>

namespace lepton::order {

/// An order of waiting tasks that time does not change.
///
/// 1. `o.before(a, b)` is a strict weak order, and gives the same answer as long as both wait.
/// 2. Tasks that it holds equal are taken in the order of their submission.
template <class O, class Task>
concept fixed_ordering = requires(const O& o, const queued<Task>& a, const queued<Task>& b) {
  { o.before(a, b) } -> std::same_as<bool>;
};

/// An order of waiting tasks that changes while they wait.
///
/// 1. `o.rank(q, now)` gives a totally ordered value (a number, a pair of numbers ...); the
///    smallest is next. Values of different moments need not compare.
/// 2. Tasks of equal rank are taken in the order of their submission.
template <class O, class Task>
concept timed_ordering = requires(const O& o, const queued<Task>& q, time_point now) {
  { o.rank(q, now) } -> std::totally_ordered;
};

/// An ordering policy: which of the waiting tasks is next.
///
/// 1. It is a fixed or a timed ordering; one that is both is used as a fixed one.
/// 2. If it has them, it is told what happens: `o.queued(q, now)` when a task begins to wait,
///    `o.started(q, now)`, and `o.ended(q, now)` when what it started ended or was stopped. These
///    may change the ranks of a timed ordering (a tenant's usage), never a fixed one.
/// 3. Equal policies that are asked and told the same give the same answers.
template <class O, class Task>
concept ordering = fixed_ordering<O, Task> || timed_ordering<O, Task>;

/// A queue of waiting tasks that a scheduler serves in passes.
///
/// The caller owns the tasks and keeps each where it is from `push` until it has left the queue.
///
/// 1. `q.push(w, now)`: w waits. `q.erase(w)`: it does not any more (it is in the queue).
/// 2. `q.begin_pass(now)` begins a pass: every task can be offered once in it. Time never goes
/// back.
/// 3. `q.next()` offers the next task of the pass, or nullptr at its end. It stays in the queue,
///    passed over for the rest of the pass, unless
/// 4. `q.take()` says that the task which `next` offered last starts: it leaves the queue, and its
///    owner may be charged, so that what `next` offers after it may differ.
/// 5. `q.ended(w, now)`: a task that was taken has ended, or was stopped, and uses nothing any
/// more.
///    (It may be pushed again.)
/// 6. No `push`, `erase` or `ended` between `begin_pass` and the end of the calls of its pass.
/// 7. `q.size()` is the number of tasks that wait.
template <class Q, class Task>
concept discipline = requires(Q& q, const Q& constant, const queued<Task>& w, time_point now) {
  q.push(w, now);
  q.erase(w);
  q.begin_pass(now);
  { q.next() } -> std::same_as<const queued<Task>*>;
  q.take();
  q.ended(w, now);
  { constant.size() } -> std::convertible_to<std::size_t>;
};

/// A task starts beside the one that was offered, as a member of its gang, and was never in the
/// queue. A discipline that keeps accounts has `q.charge(w, now)` for it; `ended` follows as
/// always.
template <class Queue, class Task>
constexpr void tell_charged(Queue& q, const queued<Task>& w, time_point now) {
  if constexpr (requires { q.charge(w, now); }) q.charge(w, now);
}

/// The orderings' optional calls, by those who hold one.
template <class Order, class Task>
constexpr void tell_queued(Order& o, const queued<Task>& q, time_point now) {
  if constexpr (requires { o.queued(q, now); }) o.queued(q, now);
}
template <class Order, class Task>
constexpr void tell_started(Order& o, const queued<Task>& q, time_point now) {
  if constexpr (requires { o.started(q, now); }) o.started(q, now);
}
template <class Order, class Task>
constexpr void tell_ended(Order& o, const queued<Task>& q, time_point now) {
  if constexpr (requires { o.ended(q, now); }) o.ended(q, now);
}

}  // namespace lepton::order
