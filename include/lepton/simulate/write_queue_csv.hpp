// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lepton/config.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_window.hpp>
#include <lepton/simulate/write_csv.hpp>

namespace lepton::simulate {

/// The run of one policy, for tables of several.
struct named_run {
  std::string_view policy;
  const queue_run* run = nullptr;
};

namespace queue_detail {

inline void append(std::string& text, std::int64_t number) {
  char digits[24];
  text.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// In seconds; digits behind a point only if it takes them.
inline void append(std::string& text, time_point when) {
  constexpr std::int64_t second = 1'000'000'000;
  const auto all = when.time_since_epoch().count();
  auto rest = all % second;
  if (rest == 0) return append(text, all / second);
  if (all < 0) text += '-';
  append(text, all < 0 ? -(all / second) : all / second);
  rest = all < 0 ? -rest : rest;
  text += '.';
  for (auto unit = second / 10; rest != 0; unit /= 10) {
    text += static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
}

inline void append_starts(std::string& text, std::string_view before, const queue_workload& work,
                          const queue_run& run) {
  constexpr std::size_t usual_line = 48;
  text.reserve(text.size() + run.jobs.size() * (usual_line + before.size()));
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const auto& job = work.jobs[i];
    text += before;
    append(text, job.number);
    text += ',';
    append(text, job.submitted);
    text += ',';
    if (has_ended(run.jobs[i])) append(text, run.jobs[i].start);
    text += ',';
    if (has_ended(run.jobs[i])) append(text, run.jobs[i].end);
    text += ',';
    append(text, job.demand[0]);
    text += '\n';
  }
}

}  // namespace queue_detail

/// What became of the jobs as a table, in the workload's order: `job` (the log's number), `submit`,
/// `start`, `end` (seconds; the last two empty if it never ran) and `processors`. The run must be
/// one of the workload.
[[nodiscard]] inline auto to_starts_csv(const queue_workload& work, const queue_run& run)
    -> std::string {
  LEPTON_ASSERT(run.jobs.size() == work.jobs.size(), "to_starts_csv: a run of another workload");
  std::string text = "job,submit,start,end,processors\n";
  queue_detail::append_starts(text, {}, work, run);
  return text;
}

/// The same of several policies, one after another, with a first column `policy`.
[[nodiscard]] inline auto to_starts_csv(const queue_workload& work, std::span<const named_run> runs)
    -> std::string {
  std::string text = "policy,job,submit,start,end,processors\n";
  for (const auto& [policy, run] : runs) {
    LEPTON_ASSERT(run->jobs.size() == work.jobs.size(), "to_starts_csv: a run of another workload");
    queue_detail::append_starts(text, csv_detail::field(policy) + ',', work, *run);
  }
  return text;
}

}  // namespace lepton::simulate
