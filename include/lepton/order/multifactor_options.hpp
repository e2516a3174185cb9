// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include <lepton/model/concepts.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::order {

/// Slurm's settings of priority/multifactor, named after slurm.conf's: PriorityWeightAge and so on,
/// PriorityMaxAge, PriorityFavorSmall, PriorityFlags=SMALL_RELATIVE_TO_TIME; and the machine's
/// size.
struct multifactor_options {
  std::uint32_t age = 0;
  std::uint32_t association = 0;
  std::uint32_t fair_share = 0;
  std::uint32_t job_size = 0;
  std::uint32_t partition = 0;
  std::uint32_t qos = 0;
  duration max_age = std::chrono::hours{7 * 24};  ///< whole seconds count
  bool favour_small = false;
  bool relative_to_time = false;  ///< size per minute of the time limit
  std::int64_t processors = 1;    ///< of the machine
  std::int64_t nodes = 1;
};

/// What Slurm's multifactor reads of a job. Factors are held to [0, 1].
struct multifactor_facts {
  std::int64_t processors = 0;  ///< 0: not known, then the nodes alone count
  std::int64_t nodes = 1;
  double association = 0;  ///< priority of its account divided by the highest one
  double partition = 0;    ///< PriorityJobFactor of its partition divided by the highest one
  double qos = 0;          ///< priority of its QoS divided by the highest one
  double tres = 0;         ///< Σ weight · share of the partition's trackable resources: points
  std::int64_t site = 0;   ///< the site factor: points
  std::int64_t nice = 0;   ///< points to take off
};

/// The facts of a task that says no more than its demand: processors in the first dimension, one
/// node.
struct demand_facts {
  template <class Task>
  [[nodiscard]] constexpr auto operator()(const Task& t) const noexcept -> multifactor_facts {
    multifactor_facts facts;
    if constexpr (task_like<Task>) facts.processors = demand_of(t)[0];
    return facts;
  }
};

/// No fair share: everyone's factor is 0.
struct no_fair_share {
  [[nodiscard]] constexpr auto operator()(tenant_id) const noexcept -> double { return 0; }
};

}  // namespace lepton::order
