// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/azure_llm_reader.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/request_trace.hpp>

// The deep-learning jobs of Microsoft's cluster Philly, 2017 (Jeon et al., Analysis of large-scale
// multi-tenant GPU clusters for DNN training workloads, USENIX ATC 2019), as a table.

namespace lepton::simulate {

/// Jobs that hold GPUs, and whose they are.
struct philly_log {
  queue_workload workload{};
  std::vector<std::string> tenant_names{};  ///< the virtual clusters, by tenant number
};

/// Reads jobs into `into`: columns `timestamp` (of submission, 2017-10-09 07:01:55), `duration`
/// (seconds), `num_gpus` and `cluster` (the virtual cluster), on a machine of `gpus` GPUs.
///
/// A job asks for the time that it runs. Its number is that of its record, from 1; tenants are
/// numbered from 0 in the order of their first records; time 0 is the first submission. The jobs
/// are sorted by submission, equals in the table's order. Jobs of no time, of no GPU or of more
/// than there are cannot run: they are dropped.
///
/// Fails, leaving `into` as it was, as `read_openb_nodes` does; also when `gpus` is below 1 and
/// when no job is left. O(n log n).
inline auto read_philly(std::string_view text, std::string_view file, std::int64_t gpus,
                        philly_log& into, const read_options& options = {})
    -> expected<read_summary> {
  static constexpr std::array columns{csv_column{"timestamp"}, csv_column{"duration"},
                                      csv_column{"num_gpus"}, csv_column{"cluster"}};
  enum : std::size_t { timestamp, seconds, num_gpus, cluster };
  if (gpus < 1) {
    return unexpected{error{"a machine of " + std::to_string(gpus) + " GPUs; give at least 1",
                            std::string{file}, 0}};
  }
  auto table = csv_table::open(text, file, columns);
  if (!table) return unexpected{table.error()};
  philly_log staged;
  auto& jobs = staged.workload.jobs;
  std::map<std::string, tenant_id, std::less<>> tenants;
  std::int64_t number = 0;
  auto summary = read_records(*table, options, [&](csv_table& t) {
    ++number;
    const auto submitted = azure_detail::time_stamp(t.text(timestamp));
    if (!submitted) {
      t.reject(timestamp, "timestamp is not a time: " + shown(t.text(timestamp)) +
                              "; write it as 2017-10-09 07:01:55");
    }
    const auto run = trace_detail::seconds(t, seconds, "duration");
    const auto wanted = t.whole(num_gpus, max_amount);
    if (t.text(cluster).empty()) t.reject(cluster, "cluster is empty; name the virtual cluster");
    if (t.problem()) return;
    const auto [tenant, is_new] =
        tenants.try_emplace(std::string{t.text(cluster)}, staged.tenant_names.size());
    if (is_new) staged.tenant_names.push_back(tenant->first);
    if (run.count() == 0 || wanted == 0 || wanted > gpus) {
      ++staged.workload.dropped;
      return;
    }
    queue_job job;
    job.number = number;
    job.submitted = *submitted;
    job.run = run;
    job.estimate = run;
    job.demand = processors{wanted};
    job.tenant = tenant->second;
    jobs.push_back(job);
  });
  if (!summary) return summary;
  if (jobs.empty()) {
    return unexpected{error{"none of the " + std::to_string(summary->records) +
                                " jobs can run on " + std::to_string(gpus) + " GPUs; give more",
                            std::string{file}, 0}};
  }
  std::stable_sort(jobs.begin(), jobs.end(), [](const queue_job& a, const queue_job& b) {
    return a.submitted < b.submitted;
  });
  const auto first = jobs.front().submitted.time_since_epoch();
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    jobs[i].id = i;
    jobs[i].submitted -= first;
  }
  staged.workload.name = file;
  staged.workload.processors = gpus;
  into = std::move(staged);
  return summary;
}

}  // namespace lepton::simulate
