// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/swf_log.hpp>

namespace lepton::simulate {

/// How a record becomes a job of a machine with P processors. Both are in use, and give different
/// figures.
///
/// - r1 keeps every record. With run ≤ 0, allocated ≤ 0 or submit < 0 it is a job of 1 s that asks
///   for 1 s, submitted at max(submit, 1), on max(allocated, 1) processors. Else processors are the
///   allocated ones, estimate = max(requested time, run, 1), run = max(min(requested time, run), 1)
///   (so 1 s where the requested time is unknown). More than P processors count as P. These are the
///   rules of the simulator pyss and of its descendants.
/// - r2: processors = requested if > 0, else allocated; estimate = requested time if > 0, else run;
///   run = min(run, estimate). Records with run ≤ 0, processors ≤ 0 or > P, or submit < 0 are
///   dropped.
enum class swf_rules : std::uint8_t { r1, r2 };

/// The tenant of jobs whose user the log does not know.
inline constexpr tenant_id unknown_user = std::numeric_limits<std::uint32_t>::max();

namespace swf_detail {

/// What the rules say of a record.
struct rigid_job {
  std::int64_t submit = 0;
  std::int64_t run = 0;
  std::int64_t estimate = 0;
  std::int64_t processors = 0;
};

[[nodiscard]] constexpr auto by_r1(const swf_record& r, std::int64_t machine) noexcept
    -> rigid_job {
  const std::int64_t run = r.run;
  const std::int64_t asked = r.requested_time;
  const auto size = std::clamp<std::int64_t>(r.allocated, 1, machine);
  if (run <= 0 || r.allocated <= 0 || r.submit < 0)
    return {std::max<std::int64_t>(r.submit, 1), 1, 1, size};
  return {r.submit, std::max<std::int64_t>(std::min(asked, run), 1), std::max(asked, run), size};
}

[[nodiscard]] constexpr auto by_r2(const swf_record& r, std::int64_t machine) noexcept
    -> std::optional<rigid_job> {
  const std::int64_t size = r.requested_processors > 0 ? r.requested_processors : r.allocated;
  const std::int64_t estimate = r.requested_time > 0 ? r.requested_time : r.run;
  const auto run = std::min<std::int64_t>(r.run, estimate);
  if (run <= 0 || size <= 0 || size > machine || r.submit < 0) return std::nullopt;
  return rigid_job{r.submit, run, estimate, size};
}

}  // namespace swf_detail

/// The log's jobs under the rules, by submission; equals in the log's order. `machine` is the
/// number of processors; 0: as many as the log's header says (`MaxProcs`).
///
/// Fails when that number is below 1 or nowhere to be found, and when the rules leave no job.
/// O(n log n).
[[nodiscard]] inline auto queue_workload_of(const swf_log& log, swf_rules rules,
                                            std::int64_t machine = 0) -> expected<queue_workload> {
  if (machine == 0) machine = log.header.max_procs;
  const auto wrong = [&](std::string what) {
    return unexpected{error{std::move(what), log.name, 0}};
  };
  if (machine == -1) {
    return wrong(
        "the header does not say how many processors the machine has (MaxProcs); give "
        "their number");
  }
  if (machine < 1 || machine > max_amount) {
    return wrong("a machine of " + std::to_string(machine) +
                 " processors; their number must be 1 to " + std::to_string(max_amount));
  }
  queue_workload made;
  made.name = log.name;
  made.processors = machine;
  made.jobs.reserve(log.records.size());
  for (const auto& r : log.records) {
    const auto what = rules == swf_rules::r1 ? std::optional{swf_detail::by_r1(r, machine)}
                                             : swf_detail::by_r2(r, machine);
    if (!what) {
      ++made.dropped;
      continue;
    }
    queue_job job;
    job.number = r.number;
    job.submitted = at(std::chrono::seconds{what->submit});
    job.run = std::chrono::seconds{what->run};
    job.estimate = std::chrono::seconds{what->estimate};
    job.demand = processors{what->processors};
    job.tenant = r.user < 0 ? unknown_user : static_cast<tenant_id>(r.user);
    job.group = r.group;
    job.application = r.application;
    job.queue = r.queue;
    job.partition = r.partition;
    made.jobs.push_back(job);
  }
  if (made.jobs.empty()) {
    return wrong("the rules leave none of the " + std::to_string(made.dropped) +
                 " records; check the number of processors (" + std::to_string(machine) +
                 ") or use other rules");
  }
  const auto earlier = [](const queue_job& a, const queue_job& b) {
    return a.submitted < b.submitted;
  };
  if (!std::is_sorted(made.jobs.begin(), made.jobs.end(), earlier))
    std::stable_sort(made.jobs.begin(), made.jobs.end(), earlier);
  for (std::size_t i = 0; i < made.jobs.size(); ++i) made.jobs[i].id = i;
  return made;
}

}  // namespace lepton::simulate
