// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/schedule/advance_reservation.hpp>
#include <lepton/schedule/batch_start.hpp>
#include <lepton/schedule/plan_keeper.hpp>
#include <lepton/schedule/plan_upkeep.hpp>
#include <lepton/schedule/runtime_predictor.hpp>
#include <lepton/schedule/saturated_time.hpp>
#include <lepton/schedule/submission_order.hpp>
#include <lepton/schedule/time_text.hpp>

namespace lepton::schedule {

/// Conservative backfilling: each task is planned when it is submitted, at the earliest start that
/// delays no other, so that a later task passes earlier ones only through holes that they leave.
///
/// The planned start is a promise: as long as no task runs longer than planned, and no reservation
/// is cancelled under its tasks, it never becomes later. It becomes earlier when tasks end before
/// their time, or leave; how is said by `plan_upkeep` (which also has plans without promises).
/// Hence deadlines: a task that could not end in time is turned away when it comes, and one that is
/// taken ends in time, whatever comes later (with `plan_upkeep::replan` that is only a forecast).
///
/// A task that outlives its time gets a new end, from the predictor's correction, or, if it
/// outlived its estimate, after as much time again as it ran; tasks that cannot start on time for
/// that are planned anew. No task starts before what it needs is free.
///
/// Advance reservations are kept free for tasks that name them. What happens at one moment: first
/// the ends, then the submissions, then `run`; moments never go back.
///
/// @tparam Task     with a demand, an id and an estimate
/// @tparam Order    an `order::ordering`: in which order tasks that may start together do, and what
///                  `plan_upkeep` says
/// @tparam Runtime  a `runtime_predictor`: what is planned with instead of the estimate; then a
///                  promise holds only if the guess does. Deadlines and reservations go by the
///                  estimate
template <task_like Task, class Order = submission_order, class Runtime = requested_time>
class conservative_scheduler {
  static_assert(order::ordering<Order, Task>,
                "lepton: the order of a conservative_scheduler must be an ordering of its tasks: "
                "bool before(queued, queued) const, or rank(queued, now) const");
  static_assert(runtime_predictor<Runtime, Task>,
                "lepton: the run times of a conservative_scheduler must come from a "
                "runtime_predictor: predict(task, now), observe(task, ran, now), "
                "correct(task, ran, expired)");

 public:
  using resources_type = resources_of_t<Task>;
  using reservation_type = advance_reservation<resources_type>;

  explicit conservative_scheduler(const resources_type& capacity, Order order = Order{},
                                  plan_upkeep upkeep = plan_upkeep::compress_by_start,
                                  Runtime runtime = Runtime{})
      : capacity_(capacity), keeper_(capacity, std::move(order), upkeep, std::move(runtime)) {
    LEPTON_ASSERT(!any_negative(capacity), "conservative_scheduler: the capacity is negative");
  }

  /// Plans a task, in a reservation if it names one. Fails, and nothing happens, when: its id is in
  /// use; it asks for nothing, for a negative amount, or for more than there is; its estimate is
  /// not positive; there is no such reservation, or no room in it; it cannot end by its deadline.
  /// O(search + waiting).
  auto submit(const Task& task, time_point now, reservation_id in = 0) -> status {
    keeper_.catch_up(now, false);
    const auto start = start_of("submit", task, in);
    if (!start) return unexpected<error>{start.error()};
    keeper_.submit(task, in);
    return {};
  }
  /// When the task would start if it were submitted now, or why it would be turned away.
  [[nodiscard]] auto admit(const Task& task, time_point now, reservation_id in = 0)
      -> expected<time_point> {
    keeper_.catch_up(now, false);
    return start_of("admit", task, in);
  }

  /// Takes a waiting task out of the plan, or stops a running one.
  auto cancel(task_id id, time_point now) -> status {
    const auto slot = keeper_.jobs.find(id);
    if (slot == keeper_.none) return unknown("cancel", id, "waiting or running");
    if (keeper_.is_running(slot)) {
      keeper_.end(slot, now, false);
    } else {
      keeper_.withdraw(slot);
    }
    return {};
  }
  /// A running task ended by itself.
  auto finish(task_id id, time_point now) -> status {
    const auto slot = keeper_.jobs.find(id);
    if (slot == keeper_.none || !keeper_.is_running(slot)) return unknown("finish", id, "running");
    keeper_.end(slot, now, true);
    return {};
  }

  /// Starts the tasks whose planned start has come, in their order; valid until the next call. Such
  /// a task counts as backfilled if one that is before it in the order goes on waiting.
  auto run(time_point now) -> const std::vector<batch_start>& {
    keeper_.catch_up(now, true);
    return keeper_.start_due();
  }
  /// When `run` may start something though nothing happened; `time_point::max()` if never. To be
  /// asked after `run`.
  [[nodiscard]] auto wakes_at() const noexcept -> time_point { return keeper_.wakes_at(); }

  /// Keeps resources free from `begin` to `end`. Fails, and nothing happens, when its id is 0 or in
  /// use, it is empty, begins in the past or asks for more than there is, or when it would break a
  /// promise: then the message says when it could begin instead.
  auto reserve(const reservation_type& r, time_point now) -> status {
    keeper_.catch_up(now, false);
    auto& plans = keeper_.plans;
    const auto name = "reserve: reservation " + std::to_string(r.id);
    if (r.id == 0 || plans.find(r.id) != plans.machine)
      return failure(name + " exists already, or is 0, which means none; choose another id");
    if (r.begin < keeper_.now() || r.end <= r.begin)
      return failure(name + " is from " + detail::text_of(r.begin) + " to " +
                     detail::text_of(r.end) + "; it must begin at " +
                     detail::text_of(keeper_.now()) + " or later, and end after that");
    if (const auto* wrong = flaw_of(r.demand)) return failure(name + wrong);
    auto& machine = plans[plans.machine];
    if (keeper_.replans()) machine.clear_starts();  // those are no promises
    const auto begin =
        machine.profile().earliest(r.demand, detail::span_between(r.begin, r.end), r.begin);
    if (begin == r.begin) plans.open(r);
    if (keeper_.replans()) keeper_.replan(machine);
    if (begin != r.begin)
      return failure(name + " cannot begin at " + detail::text_of(r.begin) +
                     " without breaking a promise; for so long it could begin at " +
                     detail::text_of(begin));
    return {};
  }
  /// Ends a reservation before its time. Tasks in it that run go on; those that wait are planned
  /// anew beside all others, which may be later than they were promised.
  auto cancel_reservation(reservation_id id, time_point now) -> status {
    keeper_.catch_up(now, false);
    const auto number = keeper_.plans.find(id);
    if (id == 0 || number == keeper_.plans.machine)
      return failure("cancel_reservation: there is no reservation " + std::to_string(id));
    keeper_.close(number);
    return {};
  }

  /// When a waiting task is planned to start (`time_point::max()`: never, behind a task or a
  /// reservation without end), or when a running one did.
  [[nodiscard]] auto planned_start(task_id id) const -> expected<time_point> {
    const auto slot = keeper_.jobs.find(id);
    if (slot == keeper_.none)
      return failure("planned_start: no task with id " + std::to_string(id) +
                     " is waiting or running");
    return keeper_.jobs[slot].start;
  }
  /// What is free over time beside tasks, planned ones too, and reservations.
  [[nodiscard]] auto profile() const noexcept -> const availability_profile<resources_type>& {
    return keeper_.plans[keeper_.plans.machine].profile();
  }
  [[nodiscard]] auto waiting_count() const noexcept -> std::size_t {
    return keeper_.jobs.size() - keeper_.running();
  }
  [[nodiscard]] auto running_count() const noexcept -> std::size_t { return keeper_.running(); }
  [[nodiscard]] auto capacity() const noexcept -> const resources_type& { return capacity_; }
  /// What no running task holds.
  [[nodiscard]] auto free() const noexcept -> const resources_type& { return keeper_.free(); }

 private:
  [[nodiscard]] auto flaw_of(const resources_type& demand) const noexcept -> const char* {
    if (any_negative(demand) || demand == resources_type{})
      return " asks for nothing, or for a negative amount";
    if (!fits(demand, capacity_)) return " asks for more than the whole machine";
    return nullptr;
  }

  [[nodiscard]] auto start_of(const char* call, const Task& task, reservation_id in)
      -> expected<time_point> {
    const auto wrong = [&](const std::string& what) {
      return failure(std::string{call} + ": task " + std::to_string(id_of(task)) + what);
    };
    if (keeper_.jobs.find(id_of(task)) != keeper_.none)
      return wrong(" is waiting or running already");
    if (const auto* flaw = flaw_of(demand_of(task))) return wrong(flaw);
    const auto estimate = estimate_of(task);
    if (estimate <= duration::zero())
      return wrong(" has an estimate of " + detail::text_of(estimate) + "; it must be positive");
    const auto number = keeper_.plans.find(in);
    if (in != 0 && number == keeper_.plans.machine)
      return wrong(" names reservation " + std::to_string(in) + ", which does not exist");
    const auto start = keeper_.plans[number].profile().earliest(
        demand_of(task), keeper_.length_of(task, in), keeper_.now());
    if (in != 0 && start == time_point::max())
      return wrong(" finds no room in reservation " + std::to_string(in) + " for " +
                   detail::text_of(estimate));
    const auto end = detail::later_by(start, estimate);
    const auto deadline = deadline_of(task);
    if (end > deadline)
      return wrong(" would end at " + detail::text_of(end) + " at the earliest, " +
                   detail::text_of(detail::span_between(deadline, end)) + " after its deadline, " +
                   detail::text_of(deadline));
    return start;
  }

  [[nodiscard]] LEPTON_COLD static auto unknown(const char* call, task_id id, const char* state)
      -> status {
    return failure(std::string{call} + ": no task with id " + std::to_string(id) + " is " + state);
  }

  resources_type capacity_;
  detail::plan_keeper<Task, Order, Runtime> keeper_;
};

}  // namespace lepton::schedule
