// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lepton/collect/sample.hpp>
#include <lepton/collect/series.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Numbers at equal intervals, NaN where nothing was measured.
struct regular_values {
  std::vector<double> values;
  time_point start{};
  duration interval{};
  series_counts counts{};

  [[nodiscard]] auto time_of(std::size_t i) const noexcept -> time_point {
    return start + static_cast<std::int64_t>(i) * interval;
  }
};

/// Puts samples in any order on a grid that begins with the earliest of them: what
/// `series::add` does, for a recording. An error if the grid would have more than `most` numbers
/// (one wrong time stamp is enough for that). O(samples · log samples + grid).
[[nodiscard]] inline auto regular_series(std::span<const double> values,
                                         std::span<const time_point> times, duration interval,
                                         aggregation combine = aggregation::mean,
                                         std::size_t most = std::size_t{1} << 26)
    -> expected<regular_values> {
  LEPTON_ASSERT(values.size() == times.size(), "regular_series: one time for each value");
  if (interval.count() <= 0) return failure("regular_series: the interval must be positive");
  regular_values regular;
  regular.interval = interval;
  if (values.empty()) return regular;
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return times[a] < times[b]; });
  regular.start = times[order.front()];
  const auto last = times[order.back()];
  const auto length = (static_cast<std::uint64_t>(last.time_since_epoch().count()) -
                       static_cast<std::uint64_t>(regular.start.time_since_epoch().count())) /
                      static_cast<std::uint64_t>(interval.count());
  if (length >= most) {
    return failure("regular_series: from the first time to the last there are " +
                   std::to_string(length) + " intervals, more than " + std::to_string(most) +
                   "; is a time wrong, or the interval too short?");
  }
  series_options options;
  options.combine = combine;
  series grid{static_cast<std::size_t>(length) + 1, interval, regular.start, options};
  for (const auto i : order) grid.add({times[i], values[i]});
  regular.values.assign(grid.values().begin(), grid.values().end());
  regular.values.push_back(grid.open_value());
  regular.counts = grid.counts();
  return regular;
}

}  // namespace lepton::collect
