// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/csv_table.hpp>

namespace lepton::simulate {

/// How a reader treats bad records.
struct read_options {
  bool skip_bad = false;  ///< count and name them and go on, instead of failing at the first
};

/// What a reader found.
struct read_summary {
  static constexpr std::size_t most_problems = 100;

  std::size_t records = 0;        ///< good ones
  std::size_t skipped = 0;        ///< bad ones
  std::vector<error> problems{};  ///< why each bad one was skipped; the first 100

  /// Counts and keeps a bad record.
  void skip(error why) {
    ++skipped;
    if (problems.size() < most_problems) problems.push_back(std::move(why));
  }
};

/// Calls `read(table)` for each well-formed record of the table. `read` keeps the record, or
/// rejects a field of it (`csv_table::reject`) and keeps nothing.
///
/// Fails at the first bad record, unless these are to be skipped; and when there is no good one.
template <class Read>
auto read_records(csv_table& table, const read_options& options, Read read)
    -> expected<read_summary> {
  read_summary summary;
  while (table.next()) {
    if (!table.problem()) read(table);
    if (!table.problem()) {
      ++summary.records;
    } else if (options.skip_bad) {
      summary.skip(*table.problem());
    } else {
      return unexpected{*table.problem()};
    }
  }
  if (summary.records != 0) return summary;
  if (summary.skipped == 0) {
    return unexpected{
        error{"there are column names but no records; the list must have at least one",
              std::string{table.file()}, table.line() + 1, 1}};
  }
  auto first = std::move(summary.problems.front());
  first.message = "none of the " + std::to_string(summary.skipped) +
                  " records can be used; the first: " + first.message;
  return unexpected{std::move(first)};
}

}  // namespace lepton::simulate
