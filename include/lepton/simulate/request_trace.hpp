// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/detail/hash.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/plain_number.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/request.hpp>
#include <lepton/simulate/zipf_keys.hpp>

namespace lepton::simulate {

/// Recorded requests by rising time of arrival.
struct request_trace {
  std::string name;  ///< shown in tables and reports
  std::vector<request> requests{};

  /// Work that arrives in a second of time, in seconds; 0 if all arrive at once.
  [[nodiscard]] auto offered() const noexcept -> double {
    if (requests.empty()) return 0;
    double work = 0;
    for (const auto& r : requests) work += static_cast<double>(r.work.count());
    const auto time = requests.back().arrival - requests.front().arrival;
    return time.count() > 0 ? work / static_cast<double>(time.count()) : 0;
  }
};

namespace trace_detail {

/// Longest time of a record, in seconds: 30 years.
inline constexpr std::int64_t most_seconds = 999'999'999;

/// A number of seconds in a column; rejects the record when there is none.
inline auto seconds(csv_table& t, std::size_t column, std::string_view name) -> duration {
  const auto number = plain_number::read(t.text(column));
  if (number) return duration{number->billionths()};
  t.reject(column, std::string{name} + " is not a number of seconds: " + shown(t.text(column)) +
                       "; give digits with at most one point, from 0 to " +
                       std::to_string(most_seconds));
  return {};
}

/// Rejects the record if it is earlier than the last one.
inline void check_order(csv_table& t, std::size_t column, time_point when,
                        const request_trace& read) {
  if (!read.requests.empty() && when < read.requests.back().arrival)
    t.reject(column, "the request arrives before the one ahead of it; sort the list by time");
}

}  // namespace trace_detail

/// Adds the requests of a list to `into`: columns `time` (of arrival) and `work` (how long a server
/// of speed 1 needs for it), both in seconds; `key`, any text, may be absent: then every request
/// has a key of its own. Times must not fall.
///
/// Fails, leaving `into` as it was, as `read_openb_nodes` does. O(n).
inline auto read_request_trace(std::string_view text, std::string_view file, request_trace& into,
                               const read_options& options = {}) -> expected<read_summary> {
  static constexpr std::array columns{csv_column{"time"}, csv_column{"work"},
                                      csv_column{"key", false}};
  enum : std::size_t { time, work, key };
  auto table = csv_table::open(text, file, columns);
  if (!table) return unexpected{table.error()};
  request_trace staged;
  auto summary = read_records(*table, options, [&](csv_table& t) {
    request r;
    r.arrival = at(trace_detail::seconds(t, time, "time"));
    r.work = trace_detail::seconds(t, work, "work");
    trace_detail::check_order(t, time, r.arrival, staged);
    if (t.problem()) return;
    const auto own = t.text(key);
    r.hash = own.empty() ? key_hash(staged.requests.size())
                         : lepton::detail::mix(lepton::detail::combine(0, own));
    staged.requests.push_back(r);
  });
  if (!summary) return summary;
  into.requests.insert(into.requests.end(), staged.requests.begin(), staged.requests.end());
  return summary;
}

}  // namespace lepton::simulate
