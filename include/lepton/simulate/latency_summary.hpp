// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace lepton::simulate {

/// A point of a distribution: the part `beyond` of all values is at least `value`.
struct tail_point {
  double beyond = 0;
  double value = 0;
};

/// Latencies in milliseconds. The percentiles are exact: the p-th is the smallest value that at
/// least p per cent of all do not exceed (nearest rank).
struct latency_summary {
  double mean = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;
};

namespace detail {

/// Position, from 0, of the nearest rank among `count` sorted values; `beyond` is 1 - p. Exact for
/// parts that are multiples of 1 / 10,000.
[[nodiscard]] inline auto rank_of(double beyond, std::size_t count) noexcept -> std::size_t {
  const auto parts = static_cast<std::uint64_t>(std::llround(beyond * 10'000));
  return count == 0 ? 0 : std::min(count - 1, count - 1 - count * parts / 10'000);
}

[[nodiscard]] inline auto milliseconds(std::int64_t nanoseconds) noexcept -> double {
  return static_cast<double>(nanoseconds) / 1e6;
}

}  // namespace detail

/// Sums up latencies in nanoseconds; reorders them. O(n).
[[nodiscard]] inline auto summarise_latencies(std::span<std::int64_t> all) noexcept
    -> latency_summary {
  latency_summary s;
  if (all.empty()) return s;
  double sum = 0;
  for (const auto x : all) sum += static_cast<double>(x);
  s.mean = sum / static_cast<double>(all.size()) / 1e6;
  auto first = all.begin();
  const auto at = [&](double beyond) {
    const auto nth = all.begin() + static_cast<std::ptrdiff_t>(detail::rank_of(beyond, all.size()));
    std::nth_element(first, nth, all.end());
    first = nth;
    return detail::milliseconds(*nth);
  };
  s.p50 = at(0.5);
  s.p95 = at(0.05);
  s.p99 = at(0.01);
  s.p999 = at(0.001);
  s.max = detail::milliseconds(*std::max_element(first, all.end()));
  return s;
}

/// The distribution's tail, at points evenly spread on a logarithmic scale, from all values down to
/// the largest; the same points whatever the values. Sorts the latencies. O(n log n).
[[nodiscard]] inline auto tail_of(std::span<std::int64_t> all) -> std::vector<tail_point> {
  constexpr double steps_of_ten = 16;
  std::vector<tail_point> tail;
  std::sort(all.begin(), all.end());
  for (double step = 0;; ++step) {
    const double beyond = std::pow(10.0, -step / steps_of_ten);
    const auto count = static_cast<std::size_t>(beyond * static_cast<double>(all.size()));
    if (count < 1) return tail;
    tail.push_back({beyond, detail::milliseconds(all[all.size() - count])});
  }
}

}  // namespace lepton::simulate
