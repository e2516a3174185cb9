// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/model/concepts.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/schedule/batch_start.hpp>
#include <lepton/schedule/batch_tasks.hpp>
#include <lepton/schedule/easy.hpp>
#include <lepton/schedule/no_backfill.hpp>
#include <lepton/schedule/running_tasks.hpp>
#include <lepton/schedule/runtime_predictor.hpp>
#include <lepton/schedule/saturated_time.hpp>

namespace lepton::schedule::detail {

/// The order of the candidates, if the backfilling has one of its own.
template <class Backfill>
struct candidates_of;
template <>
struct candidates_of<no_backfill> {
  using type = in_queue_order;
};
template <class Candidates>
struct candidates_of<easy<Candidates>> {
  using type = Candidates;
};

/// What a batch scheduler's ways to make a pass share: the policies, the tasks, what is free.
template <class Task, class Order, class Backfill, class Runtime>
class batch_core {
 public:
  using task_type = Task;
  using order_type = Order;
  using candidates_type = typename candidates_of<Backfill>::type;
  using resources_type = resources_of_t<Task>;
  static constexpr bool backfills = !std::same_as<Backfill, no_backfill>;
  /// Predictions never change, and are never corrected.
  static constexpr bool by_estimate = std::same_as<Runtime, requested_time>;

  batch_core(const resources_type& all, Order o, Backfill b, Runtime r)
      : order(std::move(o)),
        backfill(std::move(b)),
        predictor(std::move(r)),
        capacity(all),
        free(all) {}

  /// What was told to the orders, if they want to know.
  void tell_all_queued(std::uint32_t slot, time_point now) {
    order::tell_queued(order, tasks[slot].task, now);
    if constexpr (backfills) order::tell_queued(backfill.candidates, tasks[slot].task, now);
  }
  void tell_all_ended(std::uint32_t slot, time_point now) {
    order::tell_ended(order, tasks[slot].task, now);
    if constexpr (backfills) order::tell_ended(backfill.candidates, tasks[slot].task, now);
  }

  [[nodiscard]] auto predict(const Task& task, time_point now) -> duration {
    const auto estimate = estimate_of(task);
    if constexpr (by_estimate) {
      return estimate;
    } else {
      return std::clamp<duration>(predictor.predict(task, now), duration{1}, estimate);
    }
  }

  /// A waiting task starts. It has left the queue.
  void start(std::uint32_t slot, time_point now, bool backfilled) {
    auto& r = tasks[slot];
    r.is_running = true;
    r.started = now;
    r.start_number = starts++;
    r.end = later_by(now, r.runtime);
    free -= demand_of(r.task.what);
    if constexpr (backfills) running.insert(entry_of(slot));
    started.push_back({r.task.id, backfilled});
    order::tell_started(order, r.task, now);
    if constexpr (backfills) order::tell_started(backfill.candidates, r.task, now);
  }
  void stop(std::uint32_t slot, time_point now) {
    if constexpr (backfills) running.erase(entry_of(slot));
    free += demand_of(tasks[slot].task.what);
    tell_all_ended(slot, now);
  }

  /// Guesses anew for those that have run longer than was guessed; whether there were any.
  auto correct(time_point now) -> bool {
    if constexpr (by_estimate || !backfills) return false;
    bool any = false;
    for (; running.first_expiry() <= now; any = true) {
      const auto e = running.first_to_expire();
      running.erase(e);
      auto& r = tasks[e.slot];
      const auto ran = now - r.started;
      const auto estimate = estimate_of(r.task.what);
      if (ran >= estimate) {
        r.runtime = estimate;
      } else {
        r.runtime = std::clamp<duration>(predictor.correct(r.task.what, ran, r.runtime),
                                         ran + duration{1}, estimate);
      }
      r.end = later_by(r.started, r.runtime);
      running.insert(entry_of(e.slot));
    }
    return any;
  }

  [[nodiscard]] auto entry_of(std::uint32_t slot) const -> running_entry<resources_type> {
    const auto& r = tasks[slot];
    return {r.end, r.start_number, demand_of(r.task.what), slot,
            by_estimate || r.runtime >= estimate_of(r.task.what)};
  }

  Order order;
  Backfill backfill;
  Runtime predictor;
  resources_type capacity;
  resources_type free;
  batch_tasks<Task> tasks{};
  running_tasks<resources_type> running{};  ///< if reservations are made
  std::vector<batch_start> started{};       ///< in the current pass
  std::uint64_t starts = 0;
};

/// What a task that waits must not exceed to be started beside a reservation.
template <class Resources>
struct backfill_bounds {
  Resources free{};
  Resources extra{};
  duration until_shadow = duration::max();

  [[nodiscard]] auto allow(const Resources& demand, duration runtime) const noexcept -> bool {
    return fits(demand, free) && (runtime <= until_shadow || fits(demand, extra));
  }
};

}  // namespace lepton::schedule::detail
