// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/schedule/batch_start.hpp>
#include <lepton/simulate/completion_heap.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/stopwatch.hpp>

namespace lepton::simulate {

/// In which order the events of one moment happen, and when the scheduler makes its passes.
enum class queue_ties : std::uint8_t {
  /// "m0": a pass after each event. First the moment's submissions, in the order of the workload,
  /// then its terminations, in the order of the starts. But what has used up its whole estimate by
  /// now counts as free from the first of these passes on, to start others and in reservations
  /// (for its own termination, a pass is all that is left to do). So do simulators that plan on a
  /// profile of the free processors over time, in which a job lies up to its estimated end, such
  /// as pyss (Parallel Systems Lab, Hebrew University) and its descendants.
  pass_per_event,
  /// "m1": first all terminations of the moment, then all its submissions, then one pass.
  pass_per_moment
};

struct queue_simulation_options {
  queue_ties ties = queue_ties::pass_per_moment;
  bool keep_moments = false;             ///< fill `queue_run::moments`
  time_point until = time_point::max();  ///< the last moment that is simulated
};

/// What `simulate_queue` drives: see `schedule::batch_scheduler`.
template <class S>
concept queue_scheduler = requires(S& s, const S& constant, const queue_job& j, task_id id,
                                   time_point now) {
  { s.submit(j, now) } -> std::same_as<status>;
  { s.finish(id, now) } -> std::same_as<status>;
  { s.run(now) } -> std::convertible_to<const std::vector<schedule::batch_start>&>;
  { constant.wakes_at() } -> std::same_as<time_point>;
  { constant.waiting_count() } -> std::convertible_to<std::size_t>;
  { constant.free() } -> std::convertible_to<processors>;
};

namespace detail {

/// One simulation.
template <class Scheduler>
class queue_simulator {
 public:
  queue_simulator(const queue_workload& w, Scheduler& s, const queue_simulation_options& o)
      : workload_(w), jobs_(w.jobs), scheduler_(s), options_(o) {}

  auto run() && -> expected<queue_run> {
    if (auto fault = check(); !fault) return unexpected<error>{fault.error()};
    stopwatch watch;
    watch.start();
    out_.jobs.resize(jobs_.size());
    for (auto now = next_moment(); anything_at(now); now = next_moment()) {
      auto done = options_.ties == queue_ties::pass_per_moment ? one_pass(now) : many_passes(now);
      if (!done) return unexpected<error>{done.error()};
      wakes_at_ = scheduler_.wakes_at();
      if (wakes_at_ <= now) wakes_at_ = time_point::max();
    }
    watch.stop();
    out_.seconds = watch.seconds();
    return std::move(out_);
  }

 private:
  [[nodiscard]] auto check() const -> status {
    if (jobs_.size() >= std::numeric_limits<std::uint32_t>::max())
      return failure("simulate_queue: a workload has fewer than 2^32 - 1 jobs");
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (jobs_[i].id != i) return wrong(i, "must have its position in the workload as its id");
      if (jobs_[i].run < duration{}) return wrong(i, "runs for a negative time");
      if (i > 0 && jobs_[i].submitted < jobs_[i - 1].submitted)
        return wrong(i, "is submitted before the one ahead of it; sort the jobs by submission");
    }
    return {};
  }
  [[nodiscard]] LEPTON_COLD auto wrong(std::size_t at, const char* what) const -> status {
    return failure("simulate_queue: job " + std::to_string(at) + " of the workload (number " +
                   std::to_string(jobs_[at].number) + ", id " + std::to_string(jobs_[at].id) +
                   ") " + what);
  }

  [[nodiscard]] auto next_moment() const noexcept -> time_point {
    auto when = wakes_at_;
    if (next_ < jobs_.size()) when = std::min(when, jobs_[next_].submitted);
    if (!ends_.empty()) when = std::min(when, ends_.top().when);
    return when;
  }
  [[nodiscard]] auto anything_at(time_point when) const noexcept -> bool {
    return when <= options_.until &&
           (next_ < jobs_.size() || !ends_.empty() || when != time_point::max());
  }
  [[nodiscard]] auto submits_at(time_point now) const noexcept -> bool {
    return next_ < jobs_.size() && jobs_[next_].submitted <= now;
  }

  auto one_pass(time_point now) -> status {
    while (!ends_.empty() && ends_.top().when <= now) {
      const auto job = ends_.top().ticket;
      ends_.pop();
      if (auto ended = scheduler_.finish(job, now); !ended) return ended;
    }
    while (submits_at(now)) submit_next(now);
    return pass(now);
  }

  auto many_passes(time_point now) -> status {
    bool nothing_happened = true;
    ending_.clear();
    for (; !ends_.empty() && ends_.top().when <= now; ends_.pop()) {
      const auto job = ends_.top().ticket;
      ending_.push_back(job);
      if (!used_up(job)) continue;
      if (auto ended = scheduler_.finish(job, now); !ended) return ended;
    }
    for (; submits_at(now); nothing_happened = false) {
      submit_next(now);
      if (auto done = pass(now); !done) return done;
    }
    for (const auto job : ending_) {
      if (!used_up(job)) {
        if (auto ended = scheduler_.finish(job, now); !ended) return ended;
      }
      if (auto done = pass(now); !done) return done;
      nothing_happened = false;
    }
    return nothing_happened ? pass(now) : status{};
  }
  [[nodiscard]] auto used_up(std::uint32_t job) const noexcept -> bool {
    return jobs_[job].run >= jobs_[job].estimate;
  }

  void submit_next(time_point now) {
    if (!scheduler_.submit(jobs_[next_], now)) out_.jobs[next_].fate = job_fate::rejected;
    ++next_;
  }

  auto pass(time_point now) -> status {
    const std::vector<schedule::batch_start>& starts = scheduler_.run(now);
    for (const auto& s : starts) {
      if (s.id >= next_ || out_.jobs[s.id].fate != job_fate::waiting) return foreign(s.id);
      const auto& job = jobs_[s.id];
      auto& o = out_.jobs[s.id];
      const bool killed = job.run > job.estimate;
      const auto length = killed ? job.estimate : job.run;
      if (now > time_point{} && length > time_point::max() - now) return too_late(s.id);
      o.start = now;
      o.end = now + length;
      o.fate = killed ? job_fate::killed : job_fate::completed;
      o.backfilled = s.backfilled;
      ends_.push({o.end, starts_++, static_cast<std::uint32_t>(s.id)});
    }
    if (options_.keep_moments) keep_moment(now);
    return {};
  }
  [[nodiscard]] LEPTON_COLD static auto foreign(task_id id) -> status {
    return failure("simulate_queue: the scheduler starts task " + std::to_string(id) +
                   ", which does not wait; it must be empty when a simulation begins");
  }

  [[nodiscard]] LEPTON_COLD auto too_late(task_id id) const -> status {
    return failure("simulate_queue: job " + std::to_string(jobs_[id].number) +
                   " would end more than 292 years after the beginning; the log's jobs are too "
                   "long for the machine");
  }

  void keep_moment(time_point now) {
    const processors free = scheduler_.free();
    const queue_moment m{now, workload_.processors - free[0],
                         static_cast<std::uint32_t>(scheduler_.waiting_count())};
    if (!out_.moments.empty() && out_.moments.back().when == now) {
      out_.moments.back() = m;
    } else {
      out_.moments.push_back(m);
    }
  }

  const queue_workload& workload_;
  const std::vector<queue_job>& jobs_;
  Scheduler& scheduler_;
  queue_simulation_options options_;
  queue_run out_{};
  completion_heap ends_{};               ///< of the running jobs
  std::vector<std::uint32_t> ending_{};  ///< now, in the order of the starts
  std::size_t next_ = 0;                 ///< to be submitted
  std::uint32_t starts_ = 0;
  time_point wakes_at_ = time_point::max();
};

}  // namespace detail

/// Runs a workload through a scheduler, which must be empty, under a virtual clock.
///
/// A job that runs as long as its estimate ends there: it is killed if it would run longer. What
/// the scheduler does not take is rejected, no error. Fails when the workload is not sorted by
/// submission, its ids are not the positions, or a run time is negative; nothing was simulated
/// then.
///
/// O(log running) and the scheduler's own work for each event. Memory is that of the workload's
/// outcomes.
template <class Scheduler>
[[nodiscard]] auto simulate_queue(const queue_workload& workload, Scheduler& scheduler,
                                  const queue_simulation_options& options = {})
    -> expected<queue_run> {
  static_assert(queue_scheduler<Scheduler>,
                "lepton: simulate_queue drives a batch scheduler of queue_jobs: submit(job, now), "
                "run(now), finish(id, now), wakes_at(), waiting_count(), free()");
  return detail::queue_simulator<Scheduler>{workload, scheduler, options}.run();
}

}  // namespace lepton::simulate
