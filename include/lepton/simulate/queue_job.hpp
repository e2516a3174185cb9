// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/fwd.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/model/time.hpp>
#include <lepton/model/wishes.hpp>

namespace lepton::simulate {

/// A machine of equal processors (or GPUs) has one resource.
struct processor_dimensions {
  static constexpr std::array<std::string_view, 1> names{"processors"};
};
using processors = resources<1, processor_dimensions>;

/// A rigid job of a log: it holds its processors from its start to its end.
struct queue_job {
  task_id id = 0;           ///< position in the workload, from 0
  std::int64_t number = 0;  ///< the log's name for it
  time_point submitted{};
  duration run{};       ///< how long it runs
  duration estimate{};  ///< what its user asked for; it is stopped then
  processors demand{};
  tenant_id tenant = 0;  ///< the user
  std::int64_t group = -1, application = -1, queue = -1, partition = -1;
};

/// The jobs of a log under some rules, by submission; equals in the order of the log.
struct queue_workload {
  std::string name;
  std::vector<queue_job> jobs;
  std::int64_t processors = 0;  ///< of the machine
  std::size_t dropped = 0;      ///< records that the rules leave out
};

}  // namespace lepton::simulate
