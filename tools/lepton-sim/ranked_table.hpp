// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "text_table.hpp"

namespace lepton_sim {

/// The mean of a value over the results of a policy's seeds.
template <class Result, class Value>
auto mean_of(std::span<const Result> of_policy, Value value) -> double {
  double sum = 0;
  for (const auto& r : of_policy) sum += static_cast<double>(value(r));
  return sum / static_cast<double>(of_policy.size());
}

/// The middle one of some numbers, or the mean of the two in the middle; 0 of none.
inline auto median_of(std::vector<double> values) -> double {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}
template <class Result, class Value>
auto median_of(std::span<const Result> of_policy, Value value) -> double {
  std::vector<double> values;
  for (const auto& r : of_policy) values.push_back(value(r));
  return median_of(std::move(values));
}

/// A row and what it is sorted by, smallest first.
struct ranked_row {
  std::pair<double, double> rank;
  std::vector<std::string> cells;
};

inline auto sorted_table(std::vector<std::string> heading, std::vector<ranked_row> rows)
    -> std::string {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const ranked_row& a, const ranked_row& b) { return a.rank < b.rank; });
  text_table table{std::move(heading)};
  for (auto& row : rows) table.push_back(std::move(row.cells));
  return format_table(table);
}

}  // namespace lepton_sim
