// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/model/adapt.hpp>
#include <lepton/model/concepts.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>
#include <lepton/order/concept.hpp>
#include <lepton/schedule/batch_start.hpp>
#include <lepton/schedule/expected_ends.hpp>
#include <lepton/schedule/plan_upkeep.hpp>
#include <lepton/schedule/planned_jobs.hpp>
#include <lepton/schedule/queue_ranks.hpp>
#include <lepton/schedule/reservation_plans.hpp>
#include <lepton/schedule/runtime_bounds.hpp>
#include <lepton/schedule/saturated_time.hpp>

namespace lepton::schedule::detail {

/// The tasks of a `conservative_scheduler` and their plans, kept true as time goes on. It is told
/// only what was found right before.
template <class Task, class Order, class Runtime>
class plan_keeper {
 public:
  using resources_type = resources_of_t<Task>;
  using plan_type = job_plan<resources_type>;
  static constexpr std::uint32_t none = planned_jobs<Task>::none;

  plan_keeper(const resources_type& capacity, Order order, plan_upkeep upkeep, Runtime runtime)
      : plans(capacity),
        free_(capacity),
        order_(std::move(order)),
        runtime_(std::move(runtime)),
        upkeep_(upkeep) {}

  reservation_plans<resources_type> plans;
  planned_jobs<Task> jobs{};

  [[nodiscard]] auto now() const noexcept -> time_point { return now_; }
  [[nodiscard]] auto free() const noexcept -> const resources_type& { return free_; }
  [[nodiscard]] auto running() const noexcept -> std::size_t { return running_; }
  [[nodiscard]] auto replans() const noexcept -> bool { return upkeep_ == plan_upkeep::replan; }
  [[nodiscard]] auto is_running(std::uint32_t slot) const noexcept -> bool {
    return jobs[slot].state == job_state::running;
  }

  /// How long a task is planned to run. In a reservation it must end in time.
  [[nodiscard]] auto length_of(const Task& task, reservation_id in) -> duration {
    const auto estimate = estimate_of(task);
    if (in != 0) return estimate;
    return within_estimate(runtime_.predict(task, now_), estimate);
  }

  /// Brings the plans to `now`, before anything is planned or, in a pass, starts then.
  void catch_up(time_point now, bool pass) {
    LEPTON_ASSERT(now >= now_, "conservative_scheduler: time goes back");
    now_ = std::max(now, now_);
    plans.for_each([&](auto& plan, std::uint32_t) { plan.advance(now_); });
    bool broken = prolong();
    for (std::uint32_t k = 1; k < plans.size(); ++k) {
      if (plans.is_open(k) && plans.what(k).end <= now_) close(k);
    }
    plans.for_each([&](const auto& plan, std::uint32_t) {
      broken |= !plan.tasks().empty() && plan.tasks().front().start < now_;
    });
    plans.for_each([&](auto& plan, std::uint32_t number) {
      if (replans() && number == plans.machine) return;
      if (broken) plan.repair(now_, moved());
      compress(plan);
    });
    if (!replans()) return;
    auto& machine = plans[plans.machine];
    changed_ |= broken || machine.loose() || !order::fixed_ordering<Order, Task>;
    if (pass && changed_) replan(machine);
    changed_ = changed_ && !pass;
  }
  void replan(plan_type& plan) { plan.replan(now_, in_order(plan), moved()); }

  void submit(const Task& task, reservation_id in) {
    const auto slot = jobs.add(task, id_of(task), now_);
    auto& job = jobs[slot];
    job.demand = demand_of(task);
    job.plan = plans.find(in);
    job.length = length_of(task, in);
    put(slot);
    changed_ = true;
    order::tell_queued(order_, job.task, now_);
  }
  /// Takes a waiting task out of its plan.
  void withdraw(std::uint32_t slot) {
    plans[jobs[slot].plan].erase(jobs[slot].start, jobs[slot].task.sequence);
    jobs.erase(slot);
  }
  /// A running task ended by itself, or is stopped.
  void end(std::uint32_t slot, time_point now, bool by_itself) {
    auto& job = jobs[slot];
    if (by_itself) runtime_.observe(job.task.what, now - job.start, now);
    plans.give(job.plan, job.demand, std::max(now, now_), job.end);
    free_ += job.demand;
    --running_;
    order::tell_ended(order_, job.task, now);
    jobs.erase(slot);
    while (!ends_.empty() && !is_true(ends_.top())) ends_.pop();
  }

  /// Starts what is due and fits, in the order.
  auto start_due() -> const std::vector<batch_start>& {
    started_.clear();
    due_.clear();
    plans.for_each([&](const auto& plan, std::uint32_t) {
      for (const auto& task : plan.tasks()) {
        if (task.start > now_) break;
        due_.push_back(task.slot);
      }
    });
    if (due_.empty()) return started_;
    const auto queued = [this](std::uint32_t slot) -> const order::queued<Task>& {
      return jobs[slot].task;
    };
    sort_by_order(order_, due_, queued, now_);
    find_room();
    for (const auto slot : due_) {
      const auto& job = jobs[slot];
      if (!fits(job.demand, free_) || !fits(job.demand, room_[job.plan])) continue;
      room_[job.plan] -= job.demand;
      start(slot);
    }
    if (started_.empty()) return started_;
    plans.for_each([&](auto& plan, std::uint32_t) {
      plan.release(now_, [&](const auto& task) { return is_running(task.slot); });
    });
    mark_backfilled();
    return started_;
  }

  [[nodiscard]] auto wakes_at() const noexcept -> time_point {
    auto when = time_point::max();
    bool held = false;
    plans.for_each([&](const auto& plan, std::uint32_t number) {
      if (plan.tasks().empty()) return;
      const auto start = plan.tasks().front().start;
      held |= start <= now_;
      if (start > now_) when = std::min(when, start);
      if (plan.tasks().back().start == time_point::max())  // lost its place in a reservation
        when = std::min(when, plans.what(number).end);
    });
    // What holds a task that is due should have ended: it will get a new end.
    if (held && !ends_.empty())
      when = std::min(when, std::max(ends_.top().end, later_by(now_, duration{1})));
    return when;
  }

  /// Ends a reservation. Its tasks that run go on, those that wait are planned beside all others.
  void close(std::uint32_t number) {
    const auto waiting = plans[number].tasks();
    const auto end = plans.what(number).end;
    plans.close(number, now_);
    for (std::uint32_t slot = 0; slot < jobs.slot_count(); ++slot) {
      auto& job = jobs[slot];
      if (job.state == job_state::none || job.plan != number) continue;
      job.plan = plans.machine;
      if (is_running(slot)) plans.take(job.plan, job.demand, now_, std::min(job.end, end));
    }
    for (const auto& task : waiting) put(task.slot);
  }

 private:
  [[nodiscard]] auto moved() noexcept {
    return [this](const planned_task<resources_type>& t) { jobs[t.slot].start = t.start; };
  }
  /// Gives a waiting task a place in its plan.
  void put(std::uint32_t slot) {
    auto& job = jobs[slot];
    job.start = plans[job.plan].add({{}, job.length, job.demand, job.task.sequence, slot}, now_);
  }

  /// What there is now in each plan for what is due: what was planned for it, less what should have
  /// ended by now and still runs.
  void find_room() {
    room_.assign(plans.size(), {});
    plans.for_each([&](const auto& plan, std::uint32_t number) {
      room_[number] = plan.profile().free_at(now_);
    });
    for (const auto slot : due_) room_[jobs[slot].plan] += jobs[slot].demand;
    for (const auto& e : new_ends_) {
      if (e.end == now_) room_[jobs[e.slot].plan] -= jobs[e.slot].demand;
    }
  }
  void start(std::uint32_t slot) {
    auto& job = jobs[slot];
    free_ -= job.demand;
    ++running_;
    job.state = job_state::running;
    job.start = now_;
    job.end = later_by(now_, job.length);
    ends_.push({job.end, job.task.sequence, slot});
    started_.push_back({job.task.id, false});
    order::tell_started(order_, job.task, now_);
  }
  void mark_backfilled() {
    const order::queued<Task>* first = nullptr;
    plans.for_each([&](const auto& plan, std::uint32_t) {
      for (const auto& task : plan.tasks()) {
        const auto& queued = jobs[task.slot].task;
        if (first == nullptr || comes_before(order_, queued, *first, now_)) first = &queued;
      }
    });
    if (first == nullptr) return;
    for (auto& s : started_)
      s.backfilled = comes_before(order_, *first, jobs[jobs.find(s.id)].task, now_);
  }

  void compress(plan_type& plan) {
    if (!plan.loose()) return;
    if (upkeep_ == plan_upkeep::compress_by_start) {
      plan.compress(now_, moved());
    } else {
      plan.compress(now_, in_order(plan), moved());
    }
  }
  /// Places in the list of a plan's tasks, by the order.
  auto in_order(const plan_type& plan) -> const std::vector<std::uint32_t>& {
    places_.resize(plan.tasks().size());
    for (std::size_t i = 0; i < places_.size(); ++i) places_[i] = static_cast<std::uint32_t>(i);
    const auto queued = [&](std::uint32_t i) -> const order::queued<Task>& {
      return jobs[plan.tasks()[i].slot].task;
    };
    sort_by_order(order_, places_, queued, now_);
    return places_;
  }

  [[nodiscard]] auto is_true(const expected_ends::entry& e) const noexcept -> bool {
    return is_running(e.slot) && jobs[e.slot].task.sequence == e.sequence &&
           jobs[e.slot].end == e.end;
  }
  /// New ends for what should have ended. What has run for its estimate just now may end yet.
  auto prolong() -> bool {
    bool any = false;
    new_ends_.clear();
    for (; !ends_.empty() && ends_.top().end <= now_; ends_.pop()) {
      auto e = ends_.top();
      if (!is_true(e)) continue;
      auto& job = jobs[e.slot];
      const auto ran = now_ - job.start;
      const auto estimate = estimate_of(job.task.what);
      if (e.end < now_ || ran < estimate) {
        job.length = ran < estimate ? within_rest(runtime_.correct(job.task.what, ran, job.length),
                                                  ran, estimate)
                                    : add_durations(ran, ran);
        e.end = later_by(job.start, job.length);
        plans.take(job.plan, job.demand, job.end, e.end);
        job.end = e.end;
        any = true;
      }
      new_ends_.push_back(e);
    }
    for (const auto& e : new_ends_) ends_.push(e);
    return any;
  }

  resources_type free_;
  Order order_;
  Runtime runtime_;
  plan_upkeep upkeep_;
  expected_ends ends_{};
  std::size_t running_ = 0;
  time_point now_ = time_point::min();
  bool changed_ = false;  ///< since the machine's plan was made anew, if it is
  std::vector<batch_start> started_{};
  std::vector<std::uint32_t> due_{}, places_{};
  std::vector<resources_type> room_{};
  std::vector<expected_ends::entry> new_ends_{};
};

}  // namespace lepton::schedule::detail
