// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <lepton/detail/wide_integer.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_summary.hpp>

namespace lepton::simulate::queue_detail {

[[nodiscard]] constexpr auto has_ended(const job_outcome& o) noexcept -> bool {
  return o.fate == job_fate::completed || o.fate == job_fate::killed;
}
[[nodiscard]] constexpr auto in_seconds(duration d) noexcept -> double {
  return static_cast<double>(d.count()) / 1e9;
}

/// Places of jobs in a workload: those that count.
struct job_range {
  std::size_t first = 0;
  std::size_t last = 0;  ///< behind the last one
};

[[nodiscard]] inline auto kept_jobs(const std::vector<queue_job>& jobs, const queue_trim& trim)
    -> job_range {
  const auto part = [&](double percent) {
    return static_cast<std::size_t>(std::floor(static_cast<double>(jobs.size()) * percent / 100));
  };
  const auto before = [&](time_point limit) {
    const auto at = std::partition_point(jobs.begin(), jobs.end(),
                                         [&](const queue_job& j) { return j.submitted < limit; });
    return static_cast<std::size_t>(at - jobs.begin());
  };
  job_range kept;
  kept.first = std::max(part(trim.warm_up_percent), before(trim.from));
  kept.last = std::min(jobs.size() - part(trim.cool_down_percent), before(trim.until));
  kept.last = std::max(kept.first, kept.last);
  return kept;
}

struct time_window {
  time_point begin{};
  time_point end{};

  [[nodiscard]] auto length() const noexcept -> duration { return end - begin; }
  /// How long [from, to) lies in it.
  [[nodiscard]] auto overlap(time_point from, time_point to) const noexcept -> duration {
    const auto a = std::max(from, begin);
    const auto b = std::min(to, end);
    return a < b ? b - a : duration{};
  }
};

/// Most jobs that wait at once for longer than no time in the window. O(n log n).
[[nodiscard]] inline auto longest_queue(const queue_workload& work, const queue_run& run,
                                        const time_window& window) -> std::size_t {
  std::vector<time_point> come;
  std::vector<time_point> go;
  come.reserve(work.jobs.size());
  go.reserve(work.jobs.size());
  for (std::size_t i = 0; i < work.jobs.size(); ++i) {
    if (run.jobs[i].fate == job_fate::rejected) continue;
    come.push_back(work.jobs[i].submitted);
    if (has_ended(run.jobs[i])) go.push_back(run.jobs[i].start);
  }
  if (!std::is_sorted(go.begin(), go.end())) std::sort(go.begin(), go.end());
  std::size_t most = 0;
  for (std::size_t c = 0, g = 0; c < come.size();) {
    const auto now = g < go.size() ? std::min(come[c], go[g]) : come[c];
    while (c < come.size() && come[c] == now) ++c;
    while (g < go.size() && go[g] == now) ++g;
    auto next = c < come.size() ? come[c] : time_point::max();
    if (g < go.size()) next = std::min(next, go[g]);
    if (now < window.end && next > window.begin) most = std::max(most, c - g);
  }
  return most;
}

/// What goes by the time of the window.
inline void measure_window(const queue_workload& work, const queue_run& run,
                           const time_window& window, queue_summary& into) {
  const auto length = static_cast<double>(window.length().count());
  lepton::detail::wide_integer busy;
  lepton::detail::wide_integer queued;
  for (std::size_t i = 0; i < work.jobs.size(); ++i) {
    const auto& job = work.jobs[i];
    const auto& o = run.jobs[i];
    if (o.fate == job_fate::rejected) continue;
    const bool started = has_ended(o);
    const auto waits = window.overlap(job.submitted, started ? o.start : time_point::max());
    queued = queued + lepton::detail::wide_integer{waits.count()};
    if (started) {
      busy = busy + lepton::detail::wide_integer::product(window.overlap(o.start, o.end).count(),
                                                          job.demand[0]);
    }
  }
  into.makespan = length / 1e9;
  if (work.processors > 0)
    into.utilisation = busy.to_double() / (length * static_cast<double>(work.processors));
  into.throughput = static_cast<double>(into.jobs) / (length / 3.6e12);
  into.mean_queue = queued.to_double() / length;
  into.max_queue = longest_queue(work, run, window);
}

}  // namespace lepton::simulate::queue_detail
