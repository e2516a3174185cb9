// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/schedule/batch_core.hpp>
#include <lepton/schedule/ranked_waiting.hpp>
#include <lepton/schedule/sorted_waiting.hpp>
#include <lepton/schedule/submission_order.hpp>

namespace lepton::schedule {

/// A batch scheduler of a machine of equal units: a task holds its demand from its start to its
/// end, and says how long that is at most (its estimate).
///
/// In a pass, tasks start in the order of the queue as long as the next one, the head, fits; then
/// others, as the backfilling allows.
///
/// The caller says what time it is; time never goes back. Nobody is stopped at the end of the
/// estimate: that is the caller's business.
///
/// Cost: with orders that time does not change, every call is O(log tasks), and a pass that for
/// each start, with what its search looks into in vain; else a pass is O(waiting), if the orders
/// are told of starts that for each start.
///
/// @tparam Task      has an id, a demand and an estimate (`adapt`); copied
/// @tparam Order     an `order::ordering` of the queue
/// @tparam Backfill  `no_backfill`, `easy<>`, `sjbf`, `easy<ordering>`
/// @tparam Runtime   a `runtime_predictor`. Waiting tasks' run times are predicted anew in the
///                   first pass after it observed something; a running task's, when it runs longer
///                   (EASY++: Tsafrir, Etzion and Feitelson, 2007).
template <class Task, class Order = submission_order, class Backfill = easy<>,
          class Runtime = requested_time>
class batch_scheduler {
  using core_type = detail::batch_core<Task, Order, Backfill, Runtime>;
  using candidates_type = typename core_type::candidates_type;

  static_assert(task_like<Task> && lepton::detail::has_id<Task> && has_estimate<Task>,
                "lepton: a batch scheduler's task needs an id, a demand and an estimate");
  static_assert(order::ordering<Order, Task>,
                "lepton: a batch scheduler's second parameter must be an ordering of its tasks: "
                "bool before(queued, queued) const, or rank(queued, now) const");
  static_assert(std::same_as<candidates_type, in_queue_order> ||
                    std::same_as<candidates_type, shortest_first> ||
                    order::ordering<candidates_type, Task>,
                "lepton: the candidates for backfilling are in_queue_order, shortest_first, or an "
                "ordering of the tasks");
  static_assert(runtime_predictor<Runtime, Task>,
                "lepton: a batch scheduler's fourth parameter must be a runtime_predictor of its "
                "tasks: predict(task, now), observe(task, ran, now), correct(task, ran, expired)");

  template <class O>
  static constexpr bool is_steady = order::fixed_ordering<O, Task> || !order::ordering<O, Task>;
  using waiting_type =
      std::conditional_t<is_steady<Order> && is_steady<candidates_type>,
                         detail::sorted_waiting<core_type>, detail::ranked_waiting<core_type>>;

 public:
  using resources_type = typename core_type::resources_type;

  explicit batch_scheduler(const resources_type& capacity, Order order = Order{},
                           Backfill backfill = Backfill{}, Runtime runtime = Runtime{})
      : core_(capacity, std::move(order), std::move(backfill), std::move(runtime)) {
    LEPTON_ASSERT(
        fits(resources_type{}, capacity) && fits(capacity, resources_type::filled(max_amount)),
        "batch_scheduler: each amount of the machine must be from 0 to 2^53 - 1");
  }

  /// Queues a task. Fails when its id is in use, when it asks for nothing, for a negative amount or
  /// for more than the machine has, or when its estimate is not positive.
  auto submit(const Task& task, time_point now) -> status {
    if (auto fault = check(task); !fault) return fault;
    const auto slot = core_.tasks.add(task, id_of(task), now);
    if (slot == core_.tasks.none) {
      return failure("submit: a task with id " + std::to_string(id_of(task)) +
                     " is waiting or running already");
    }
    core_.tasks[slot].runtime = core_.predict(task, now);
    core_.tell_all_queued(slot, now);
    waiting_.push(core_, slot);
    return {};
  }

  /// Takes a waiting task out of the queue, or stops a running one (which the predictor does not
  /// observe). Fails when there is none of that id.
  auto cancel(task_id id, time_point now) -> status {
    const auto slot = core_.tasks.find(id);
    if (slot == core_.tasks.none) return unknown("cancel", id, "waiting or running");
    if (core_.tasks[slot].is_running) {
      core_.stop(slot, now);
      waiting_.unsettle();
    } else {
      waiting_.erase(core_, slot);
    }
    core_.tasks.erase(slot);
    return {};
  }

  /// One scheduling pass: what starts now, in the order of the starts. Valid until the next call.
  auto run(time_point now) -> const std::vector<batch_start>& {
    core_.started.clear();
    if (core_.correct(now)) waiting_.unsettle();
    if (observed_) {
      waiting_.predict_anew(core_, now);
      observed_ = false;
    }
    waiting_.pass(core_, now);
    return core_.started;
  }

  /// A running task ended by itself. Fails when none of that id runs.
  auto finish(task_id id, time_point now) -> status {
    const auto slot = core_.tasks.find(id);
    if (slot == core_.tasks.none || !core_.tasks[slot].is_running)
      return unknown("finish", id, "running");
    core_.stop(slot, now);
    waiting_.unsettle();
    if constexpr (!core_type::by_estimate) {
      const auto& r = core_.tasks[slot];
      core_.predictor.observe(r.task.what, now - r.started, now);
      observed_ = core_type::backfills;
    }
    core_.tasks.erase(slot);
    return {};
  }

  /// The next moment at which a pass may start something although nothing happened: when a
  /// prediction turns out too short, the head's shadow time may move, and leave room for others.
  /// (With an order that changes with time any pass may; that is not counted.)
  [[nodiscard]] auto wakes_at() const noexcept -> time_point {
    if (core_type::by_estimate || !core_type::backfills || waiting_count() < 2)
      return time_point::max();
    return core_.running.first_expiry();
  }

  [[nodiscard]] auto waiting_count() const noexcept -> std::size_t { return waiting_.size(); }
  [[nodiscard]] auto running_count() const noexcept -> std::size_t {
    return core_.tasks.size() - waiting_.size();
  }
  [[nodiscard]] auto free() const noexcept -> resources_type { return core_.free; }
  [[nodiscard]] auto capacity() const noexcept -> resources_type { return core_.capacity; }
  [[nodiscard]] auto order() const noexcept -> const Order& { return core_.order; }
  [[nodiscard]] auto predictor() const noexcept -> const Runtime& { return core_.predictor; }

 private:
  [[nodiscard]] auto check(const Task& task) const -> status {
    const auto& demand = demand_of(task);
    bool nothing = true;
    for (std::size_t i = 0; i < resources_type::size(); ++i) {
      nothing = nothing && demand[i] == 0;
      if (demand[i] < 0 || demand[i] > core_.capacity[i]) return impossible(task, i);
    }
    if (nothing) return asks_for_nothing(task);
    if (estimate_of(task) <= duration{}) return no_estimate(task);
    return {};
  }

  [[nodiscard]] LEPTON_COLD auto impossible(const Task& task, std::size_t i) const -> status {
    return failure("submit: task " + std::to_string(id_of(task)) + " asks for " +
                   std::to_string(demand_of(task)[i]) + " " + std::string{resources_type::name(i)} +
                   "; the machine has " + std::to_string(core_.capacity[i]) +
                   ", and demands are not negative");
  }
  [[nodiscard]] LEPTON_COLD static auto asks_for_nothing(const Task& task) -> status {
    return failure("submit: task " + std::to_string(id_of(task)) +
                   " asks for nothing; give it a demand of at least one unit");
  }
  [[nodiscard]] LEPTON_COLD static auto no_estimate(const Task& task) -> status {
    return failure("submit: task " + std::to_string(id_of(task)) + " has an estimate of " +
                   std::to_string(estimate_of(task).count()) + " ns; an estimate is positive");
  }
  [[nodiscard]] LEPTON_COLD static auto unknown(const char* call, task_id id, const char* what)
      -> status {
    return failure(std::string{call} + ": no task with id " + std::to_string(id) + " is " + what);
  }

  core_type core_;
  waiting_type waiting_{};
  bool observed_ = false;  ///< since the last pass
};

}  // namespace lepton::schedule
