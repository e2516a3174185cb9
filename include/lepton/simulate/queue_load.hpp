// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/queue_job.hpp>

namespace lepton::simulate {

/// Work that is submitted over what the machine can do from the first submission to the last:
/// Σ run · processors / (processors · time). 0 if all comes at once.
[[nodiscard]] inline auto offered_load(const queue_workload& of) -> double {
  if (of.jobs.empty() || of.processors <= 0) return 0;
  const auto time = of.jobs.back().submitted - of.jobs.front().submitted;
  if (time <= duration::zero()) return 0;
  double work = 0;
  for (const auto& job : of.jobs)
    work += static_cast<double>(job.run.count()) * static_cast<double>(job.demand[0]);
  return work / static_cast<double>(time.count()) / static_cast<double>(of.processors);
}

/// Moves the submissions together or apart, by one factor and to whole seconds after the first, so
/// that the load is what is wanted; returns the factor. An error, and nothing moves: the jobs come
/// all at once, have no work, or would come later than a time_point can say.
[[nodiscard]] inline auto set_offered_load(queue_workload& of, double wanted) -> expected<double> {
  const double load = offered_load(of);
  if (!(load > 0) || !(wanted > 0))
    return failure(
        "the jobs come all at once or have no work, so that no load can be made of them");
  const double factor = load / wanted;
  const auto first = of.jobs.front().submitted;
  const double span = static_cast<double>((of.jobs.back().submitted - first).count()) * factor;
  if (!(span < static_cast<double>((time_point::max() - first).count()) / 2))
    return failure("so low a load would take centuries");
  for (auto& job : of.jobs) {
    const double since = static_cast<double>((job.submitted - first).count()) * factor;
    job.submitted = first + std::chrono::seconds{std::llround(since * 1e-9)};
  }
  return factor;
}

}  // namespace lepton::simulate
