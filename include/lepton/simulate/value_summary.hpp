// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace lepton::simulate {

/// A distribution in five numbers; all 0 if there is no value. The p-th percentile is the smallest
/// value that at least p per cent of all do not exceed (nearest rank), so it is one of them.
struct value_summary {
  double mean = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// Sums up values, each `1 / scale` of its unit; reorders them. The mean is that of the values in
/// their order, as doubles. O(n).
template <class T>
[[nodiscard]] auto summarise_values(std::span<T> all, double scale = 1) noexcept -> value_summary {
  value_summary s;
  if (all.empty()) return s;
  double sum = 0;
  for (const auto x : all) sum += static_cast<double>(x);
  s.mean = sum / static_cast<double>(all.size()) / scale;
  auto first = all.begin();
  const auto percentile = [&](std::size_t p) {
    const auto rank = all.size() - 1 - all.size() * (100 - p) / 100;
    const auto nth = all.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(first, nth, all.end());
    first = nth;  // larger ones are behind it
    return static_cast<double>(*nth) / scale;
  };
  s.p50 = percentile(50);
  s.p95 = percentile(95);
  s.p99 = percentile(99);
  s.max = static_cast<double>(*std::max_element(first, all.end())) / scale;
  return s;
}

}  // namespace lepton::simulate
