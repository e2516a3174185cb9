// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/model/time.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/queue_result.hpp>
#include <lepton/simulate/queue_window.hpp>

namespace lepton::simulate {

/// From this moment to the next point the value holds.
struct curve_point {
  time_point when{};
  std::int64_t value = 0;

  friend auto operator==(const curve_point&, const curve_point&) -> bool = default;
};

/// The curve in at most `most` points (at least 4), for a plot: the first and the last one, and of
/// each of equal pieces of the time between them the first smallest and the first largest value. A
/// curve that is short enough stays as it is. O(n).
[[nodiscard]] inline auto thinned(std::span<const curve_point> curve, std::size_t most)
    -> std::vector<curve_point> {
  most = std::max<std::size_t>(most, 4);
  if (curve.size() <= most) return {curve.begin(), curve.end()};
  const auto pieces = (most - 2) / 2;
  const auto begin = curve.front().when;
  const auto length = queue_detail::in_seconds(curve.back().when - begin);
  const auto piece_of = [&](const curve_point& p) {
    const auto part = queue_detail::in_seconds(p.when - begin) / length;
    return std::min(static_cast<std::size_t>(part * static_cast<double>(pieces)), pieces - 1);
  };
  std::vector<curve_point> kept{curve.front()};
  kept.reserve(most);
  const auto inner = curve.subspan(1, curve.size() - 2);
  for (std::size_t i = 0; i < inner.size();) {
    const auto piece = piece_of(inner[i]);
    auto low = i;
    auto high = i;
    for (; i < inner.size() && piece_of(inner[i]) == piece; ++i) {
      if (inner[i].value < inner[low].value) low = i;
      if (inner[i].value > inner[high].value) high = i;
    }
    kept.push_back(inner[std::min(low, high)]);
    if (low != high) kept.push_back(inner[std::max(low, high)]);
  }
  kept.push_back(curve.back());
  return kept;
}

namespace queue_detail {

/// Adds up changes: one point for each moment at which the value changes, and the first moment.
[[nodiscard]] inline auto curve_of(std::vector<curve_point> changes) -> std::vector<curve_point> {
  std::sort(changes.begin(), changes.end(),
            [](const curve_point& a, const curve_point& b) { return a.when < b.when; });
  std::size_t count = 0;
  std::int64_t value = 0;
  for (std::size_t i = 0; i < changes.size();) {
    const auto when = changes[i].when;
    const auto old = value;
    for (; i < changes.size() && changes[i].when == when; ++i) value += changes[i].value;
    if (count == 0 || value != old) changes[count++] = {when, value};
  }
  changes.resize(count);
  return changes;
}

}  // namespace queue_detail

/// Processors that are busy, from the first start to the last end. O(n log n).
[[nodiscard]] inline auto busy_curve(const queue_workload& work, const queue_run& run)
    -> std::vector<curve_point> {
  std::vector<curve_point> changes;
  changes.reserve(2 * run.jobs.size());
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const auto& o = run.jobs[i];
    if (!queue_detail::has_ended(o)) continue;
    changes.push_back({o.start, work.jobs[i].demand[0]});
    changes.push_back({o.end, -work.jobs[i].demand[0]});
  }
  return queue_detail::curve_of(std::move(changes));
}

/// Jobs that wait after what happens at each moment, from the first submission on; a job that
/// starts when it is submitted does not show. O(n log n).
[[nodiscard]] inline auto waiting_curve(const queue_workload& work, const queue_run& run)
    -> std::vector<curve_point> {
  std::vector<curve_point> changes;
  changes.reserve(2 * run.jobs.size());
  for (std::size_t i = 0; i < run.jobs.size(); ++i) {
    const auto& o = run.jobs[i];
    if (o.fate == job_fate::rejected) continue;
    changes.push_back({work.jobs[i].submitted, 1});
    if (queue_detail::has_ended(o)) changes.push_back({o.start, -1});
  }
  return queue_detail::curve_of(std::move(changes));
}

}  // namespace lepton::simulate
