// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <lepton/model/time.hpp>
#include <lepton/simulate/value_summary.hpp>

namespace lepton::simulate {

/// Which jobs count: a simulation begins and ends with an empty machine, which real ones do not.
/// The limits hold together.
struct queue_trim {
  double warm_up_percent = 0;            ///< of the jobs, the first to be submitted
  double cool_down_percent = 0;          ///< of the jobs, the last to be submitted
  time_point from = time_point::min();   ///< jobs submitted before do not count
  time_point until = time_point::max();  ///< nor those submitted from here on
};

/// How figures are made.
struct queue_metrics_options {
  duration tau{10'000'000'000};  ///< shorter runs count as this long in bounded slowdowns
  queue_trim trim{};
};

/// The figures of one policy on one workload. Times are in seconds.
///
/// Of a job: wait = start - submission; turnaround = end - submission; run = end - start, as it ran
/// here; slowdown = turnaround / run; bounded slowdown = max(1, turnaround / max(run, τ))
/// (Feitelson et al. 1997); per-processor bounded slowdown = max(1, turnaround / (processors ·
/// max(run, τ))) (Zotkin and Keleher 1999).
///
/// What is said over time is said of the window from the first submission to the last end of the
/// jobs that count; in it, the jobs that do not count hold processors and queue up as well.
struct queue_summary {
  std::string policy;
  std::size_t jobs = 0;       ///< that count and ended; the distributions are theirs
  std::size_t submitted = 0;  ///< that count
  std::size_t trimmed = 0;    ///< that do not
  std::size_t completed = 0;
  std::size_t killed = 0;
  std::size_t rejected = 0;
  std::size_t waiting = 0;  ///< when the simulation ended
  std::size_t backfilled = 0;
  std::size_t tenants = 0;  ///< with jobs that ended

  std::int64_t sum_wait = 0;              ///< whole seconds of it; exact
  std::int64_t sum_wait_nanoseconds = 0;  ///< and the rest, below a second
  value_summary wait{};
  value_summary turnaround{};
  value_summary slowdown{};
  value_summary bounded_slowdown{};
  value_summary per_processor_bounded_slowdown{};
  double tau = 0;

  double makespan = 0;        ///< length of the window
  double utilisation = 0;     ///< busy processor seconds / (processors · window)
  double throughput = 0;      ///< jobs that ended, an hour of the window
  double mean_queue = 0;      ///< jobs waiting, mean over the window's time
  std::size_t max_queue = 0;  ///< most that waited for any time at all, in the window
  /// Jain's index of the tenants' mean bounded slowdowns: (Σx)² / (n Σx²), from 1/n (one has it
  /// all) to 1 (all the same).
  double jain = 1;

  double seconds = 0;          ///< of simulating; measured
  double jobs_per_second = 0;  ///< all jobs of the workload in that time; 0 if it was not measured
};

}  // namespace lepton::simulate
