// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_summary.hpp>
#include <lepton/simulate/queue_window.hpp>

namespace lepton::simulate {

/// A point of a cumulative distribution: the part `share` of all values is at most `value`.
struct share_point {
  double value = 0;
  double share = 0;
};

/// 1, and on by equal factors, `per_ten` of them to ten times as much, until `highest` is reached
/// or passed: the points of a logarithmic axis.
[[nodiscard]] inline auto logarithmic_points(double highest, int per_ten = 20)
    -> std::vector<double> {
  constexpr double most_points = 1000;
  std::vector<double> points{1};
  for (double i = 1; points.back() < highest && i < most_points; ++i)
    points.push_back(std::pow(10.0, i / per_ten));
  return points;
}

/// What part of the jobs that count and ended has at most each of these bounded slowdowns, which
/// must rise. O(n log points).
[[nodiscard]] inline auto bounded_slowdown_shares(const queue_workload& work, const queue_run& run,
                                                  std::span<const double> values,
                                                  const queue_metrics_options& options = {})
    -> std::vector<share_point> {
  std::vector<std::size_t> counts(values.size() + 1);
  const auto bound = static_cast<double>(options.tau.count());
  const auto kept = queue_detail::kept_jobs(work.jobs, options.trim);
  std::size_t jobs = 0;
  for (auto i = kept.first; i < kept.last; ++i) {
    const auto& o = run.jobs[i];
    if (!queue_detail::has_ended(o)) continue;
    const auto turnaround = static_cast<double>((o.end - work.jobs[i].submitted).count());
    const auto slowdown =
        std::max(1.0, turnaround / std::max(static_cast<double>((o.end - o.start).count()), bound));
    const auto at = std::lower_bound(values.begin(), values.end(), slowdown);
    ++counts[static_cast<std::size_t>(at - values.begin())];
    ++jobs;
  }
  std::vector<share_point> shares;
  shares.reserve(values.size());
  std::size_t up_to = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    up_to += counts[i];
    shares.push_back(
        {values[i], jobs == 0 ? 0 : static_cast<double>(up_to) / static_cast<double>(jobs)});
  }
  return shares;
}

}  // namespace lepton::simulate
