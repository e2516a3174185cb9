// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Logs in the Standard Workload Format of the Parallel Workloads Archive (Chapin et al., Benchmarks
// and standards for the evaluation of parallel job schedulers, 1999): version 2.2.

namespace lepton::simulate {

/// A job of a log: the 18 fields of the format, in its order; -1 where the log knows nothing.
struct swf_record {
  std::int64_t number = -1;
  std::int64_t submit = -1;  ///< seconds since the log's start
  std::int32_t wait = -1;    ///< seconds
  std::int32_t run = -1;     ///< seconds
  std::int32_t allocated = -1;
  std::int32_t cpu_time = -1;  ///< mean over the processors, seconds
  std::int32_t memory = -1;    ///< mean over the processors, KiB
  std::int32_t requested_processors = -1;
  std::int32_t requested_time = -1;    ///< seconds
  std::int32_t requested_memory = -1;  ///< a processor, KiB
  std::int32_t status = -1;            ///< 1 completed, 0 failed, 5 cancelled, 2 to 4 parts of jobs
  std::int32_t user = -1;
  std::int32_t group = -1;
  std::int32_t application = -1;
  std::int32_t queue = -1;
  std::int32_t partition = -1;
  std::int32_t preceding = -1;   ///< number of the job that must end before
  std::int32_t think_time = -1;  ///< seconds from that end to this submission
};

/// What the comments ahead of the records say (`; MaxProcs: 128`); -1 or empty where they do not.
struct swf_header {
  std::string version;
  std::string computer;
  std::string installation;
  std::string time_zone;              ///< `TimeZoneString`
  std::int64_t unix_start_time = -1;  ///< second 0 of the log
  std::int64_t max_jobs = -1;
  std::int64_t max_records = -1;
  std::int64_t max_nodes = -1;
  std::int64_t max_procs = -1;
};

/// A log as it was written down: records in its order, which need not be that of time.
struct swf_log {
  std::string name;
  swf_header header{};
  std::vector<swf_record> records{};
};

}  // namespace lepton::simulate
