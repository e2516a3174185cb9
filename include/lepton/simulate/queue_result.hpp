// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/time.hpp>

namespace lepton::simulate {

/// What became of a job of the workload.
enum class job_fate : std::uint8_t {
  completed,
  killed,    ///< it ran into its estimate
  rejected,  ///< it could never start
  waiting    ///< the simulation ended first
};

/// One job's times; by the job's id.
struct job_outcome {
  time_point start{};
  time_point end{};
  job_fate fate = job_fate::waiting;
  bool backfilled = false;  ///< it started while an earlier one of the order went on waiting
};

/// The cluster after a scheduling pass.
struct queue_moment {
  time_point when{};
  std::int64_t busy = 0;  ///< processors in use
  std::uint32_t waiting = 0;
};

/// What a simulation of one policy did; `queue_metrics` makes figures of it.
struct queue_run {
  std::vector<job_outcome> jobs{};
  std::vector<queue_moment> moments{};  ///< if they were asked for; by time, one a time stamp
  double seconds = 0;                   ///< of simulating, reading excluded
};

}  // namespace lepton::simulate
