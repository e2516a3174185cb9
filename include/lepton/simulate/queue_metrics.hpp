// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_summary.hpp>
#include <lepton/simulate/queue_window.hpp>
#include <lepton/simulate/tenant_means.hpp>
#include <lepton/simulate/value_summary.hpp>

namespace lepton::simulate {
namespace queue_detail {

[[nodiscard]] inline auto check(const queue_workload& work, const queue_run& run,
                                const queue_metrics_options& options) -> status {
  if (run.jobs.size() != work.jobs.size()) {
    return failure("the run has outcomes of " + std::to_string(run.jobs.size()) +
                   " jobs, the workload has " + std::to_string(work.jobs.size()) +
                   "; give the workload that was simulated");
  }
  const auto warm_up = options.trim.warm_up_percent;
  const auto cool_down = options.trim.cool_down_percent;
  if (!(warm_up >= 0 && cool_down >= 0 && warm_up + cool_down < 100)) {
    return failure("warm-up and cool-down must be percentages from 0 that leave some of the jobs");
  }
  if (options.tau.count() <= 0)
    return failure("the bound of slowdowns must be longer than no time");
  for (std::size_t i = 0; i < work.jobs.size(); ++i) {
    const auto& o = run.jobs[i];
    if (has_ended(o) && (o.start < work.jobs[i].submitted || o.end < o.start)) {
      return failure(
          "job " + std::to_string(work.jobs[i].number) +
          " starts before its submission or ends before its start; the run is not one of "
          "this workload");
    }
  }
  return {};
}

inline void count_fates(std::span<const job_outcome> kept, queue_summary& into) {
  for (const auto& o : kept) {
    into.completed += o.fate == job_fate::completed ? 1U : 0U;
    into.killed += o.fate == job_fate::killed ? 1U : 0U;
    into.rejected += o.fate == job_fate::rejected ? 1U : 0U;
    into.waiting += o.fate == job_fate::waiting ? 1U : 0U;
    into.backfilled += has_ended(o) && o.backfilled ? 1U : 0U;
  }
  into.submitted = kept.size();
  into.jobs = into.completed + into.killed;
}

/// Waits, turnarounds and slowdowns of the jobs that ended.
inline void measure_jobs(std::span<const queue_job> jobs, std::span<const job_outcome> outcomes,
                         duration tau, queue_summary& into) {
  std::vector<std::int64_t> times;
  std::vector<double> ratios;
  times.reserve(into.jobs);
  ratios.reserve(into.jobs);
  const auto each = [&](auto measure) {
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      const auto& o = outcomes[i];
      if (has_ended(o)) measure(jobs[i], o.end - jobs[i].submitted, o.end - o.start);
    }
  };
  constexpr std::int64_t second = 1'000'000'000;
  each([&](const queue_job&, duration turnaround, duration run) {
    const auto wait = (turnaround - run).count();
    times.push_back(wait);
    into.sum_wait += wait / second;
    into.sum_wait_nanoseconds += wait % second;
  });
  into.sum_wait += into.sum_wait_nanoseconds / second;
  into.sum_wait_nanoseconds %= second;
  into.wait = summarise_values<std::int64_t>(times, second);
  if (!times.empty()) {
    const auto rest = static_cast<double>(into.sum_wait_nanoseconds) / 1e9;
    into.wait.mean =
        (static_cast<double>(into.sum_wait) + rest) / static_cast<double>(times.size());
  }
  times.clear();
  each([&](const queue_job&, duration turnaround, duration) {
    times.push_back(turnaround.count());
  });
  into.turnaround = summarise_values<std::int64_t>(times, second);

  const auto ratio_of = [&](auto ratio) {
    ratios.clear();
    each([&](const queue_job& job, duration turnaround, duration run) {
      ratios.push_back(
          ratio(job, static_cast<double>(turnaround.count()), static_cast<double>(run.count())));
    });
    return summarise_values<double>(ratios);
  };
  const auto bound = static_cast<double>(tau.count());
  into.slowdown = ratio_of([](const queue_job&, double t, double run) {
    run = std::max(run, 1.0);
    return std::max(t, run) / run;
  });
  tenant_means means;
  into.bounded_slowdown = ratio_of([&](const queue_job& job, double t, double run) {
    const auto x = std::max(1.0, t / std::max(run, bound));
    means.add(job.tenant, x);
    return x;
  });
  into.per_processor_bounded_slowdown = ratio_of([&](const queue_job& job, double t, double run) {
    const auto size = static_cast<double>(std::max<amount>(job.demand[0], 1));
    return std::max(1.0, t / (size * std::max(run, bound)));
  });
  into.tenants = means.size();
  into.jain = means.jain();
  into.tau = in_seconds(tau);
}

}  // namespace queue_detail

/// The figures of a run of `policy` on a workload; `queue_summary` defines them.
///
/// Fails when the run is not one of the workload (another number of jobs, a job that starts before
/// its submission), when trimming is to drop less than nothing or all jobs, and when τ is not above
/// 0. Figures of no job are 0. O(n) but for the longest queue, O(n log n).
[[nodiscard]] inline auto summarise_queue(const queue_workload& work, const queue_run& run,
                                          std::string policy,
                                          const queue_metrics_options& options = {})
    -> expected<queue_summary> {
  if (auto good = queue_detail::check(work, run, options); !good) return unexpected{good.error()};
  const auto kept = queue_detail::kept_jobs(work.jobs, options.trim);
  const auto count = kept.last - kept.first;
  const auto jobs = std::span{work.jobs}.subspan(kept.first, count);
  const auto outcomes = std::span{run.jobs}.subspan(kept.first, count);

  queue_summary made;
  made.policy = std::move(policy);
  made.trimmed = work.jobs.size() - count;
  queue_detail::count_fates(outcomes, made);
  queue_detail::measure_jobs(jobs, outcomes, options.tau, made);
  if (made.jobs != 0) {
    queue_detail::time_window window{jobs.front().submitted, time_point::min()};
    for (const auto& o : outcomes) {
      if (queue_detail::has_ended(o)) window.end = std::max(window.end, o.end);
    }
    if (window.begin < window.end) queue_detail::measure_window(work, run, window, made);
  }
  made.seconds = run.seconds;
  if (run.seconds > 0) made.jobs_per_second = static_cast<double>(work.jobs.size()) / run.seconds;
  return made;
}

}  // namespace lepton::simulate
