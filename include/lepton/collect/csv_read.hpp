// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lepton/collect/csv_columns.hpp>
#include <lepton/collect/csv_line.hpp>
#include <lepton/collect/sample.hpp>
#include <lepton/collect/text_file.hpp>
#include <lepton/collect/time_text.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// A series as it stood in a table, row by row.
struct series_text {
  std::vector<double> values;     ///< NaN: missing
  std::vector<time_point> times;  ///< of each value; empty without a column of times
  std::string column;             ///< name of the column of values; empty without a header
  std::string time_column;        ///< the same of the column of times
  /// The most frequent step from one time to the next; 0 without times (or with one only).
  duration interval{};
};

namespace csv_detail {

/// A number, or NaN for what means missing; nothing if it is neither, or infinite.
[[nodiscard]] inline auto value_of(std::string_view text) -> std::optional<double> {
  if (is_missing(text)) return missing;
  if (text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  // What is too small for a double is out of range as well, but 0 does for it.
  if (problem == std::errc::result_out_of_range)
    value = std::abs(std::strtod(std::string{text}.c_str(), nullptr));
  else if (problem != std::errc{})
    return std::nullopt;
  return std::isinf(value) ? std::nullopt : std::optional{value};
}

/// The most frequent positive step; of equally frequent ones the shortest.
[[nodiscard]] inline auto usual_step(const std::vector<time_point>& times) -> duration {
  std::vector<duration> steps;
  steps.reserve(times.size());
  for (std::size_t i = 1; i < times.size(); ++i) {
    if (times[i] <= times[i - 1]) continue;
    const auto step = static_cast<std::uint64_t>(times[i].time_since_epoch().count()) -
                      static_cast<std::uint64_t>(times[i - 1].time_since_epoch().count());
    if (step <= INT64_MAX) steps.emplace_back(static_cast<std::int64_t>(step));
  }
  std::sort(steps.begin(), steps.end());
  duration usual{};
  std::size_t most = 0;
  for (std::size_t first = 0; first < steps.size();) {
    auto last = first;
    while (last < steps.size() && steps[last] == steps[first]) ++last;
    if (last - first > most) {
      most = last - first;
      usual = steps[first];
    }
    first = last;
  }
  return usual;
}

}  // namespace csv_detail

/// Reads one column of a table of comma-separated values (or of a plain list, one number a line) as
/// a series, and the times that belong to it. `name` is the file's, for errors, which tell file,
/// line and column.
///
/// The first line is a header unless all of its fields are numbers, times or missing. Numbers are
/// decimal, with a point. Missing are empty fields, NA, N/A, NaN, null and none, in any case; blank
/// lines and lines that begin with '#' are passed over. Times are ISO 8601 (UTC if no zone is
/// given) or numbers of seconds, milliseconds and so on since the epoch, or an index (which then
/// counts in seconds). O(length of the text).
[[nodiscard]] inline auto read_series_text(std::string_view text, std::string_view name,
                                           const csv_options& options = csv_options())
    -> expected<series_text> {
  csv_lines lines{text, options.separator};
  const auto wrong = [&](std::string what, std::size_t offset) {
    return unexpected{
        error{std::move(what), std::string{name}, lines.number(), lines.column(offset)}};
  };
  if (!lines.next()) return failure(std::string{name} + ": there are no lines with numbers in it");
  if (lines.fault() != nullptr) return wrong(lines.fault(), lines.fields().back().offset);
  auto found = find_csv_columns(lines.fields(), options);
  if (!found) return wrong(found.error().message, 0);
  const csv_columns columns = std::move(*found);

  series_text series;
  series.column = columns.value_name;
  series.time_column = columns.time_name;
  auto more = !columns.has_header || lines.next();
  for (; more; more = lines.next()) {
    const auto fields = lines.fields();
    if (lines.fault() != nullptr) return wrong(lines.fault(), fields.back().offset);
    const auto needed = std::max(columns.value, columns.time.value_or(0)) + 1;
    if (fields.size() < needed) {
      return wrong("the line has " + std::to_string(fields.size()) + " fields; column " +
                       std::to_string(needed) + " is wanted",
                   lines.length());
    }
    const auto& field = fields[columns.value];
    const auto value = csv_detail::value_of(field.text);
    if (!value) {
      return wrong(csv_detail::quoted(field.text) +
                       " is no finite number; what is missing is left empty or called NA",
                   field.offset);
    }
    if (columns.time) {
      const auto& stamp = fields[*columns.time];
      const auto time = csv_detail::time_of(stamp.text);
      if (!time) {
        return wrong(csv_detail::quoted(stamp.text) +
                         " is no time: 2014-02-14 14:30:00 or a number of seconds is expected",
                     stamp.offset);
      }
      series.times.push_back(*time);
    }
    series.values.push_back(*value);
  }
  if (series.values.empty())
    return failure(std::string{name} + ": there are no lines after the header");
  series.interval = csv_detail::usual_step(series.times);
  return series;
}

/// The same of a file.
[[nodiscard]] inline auto read_series_file(const std::string& path,
                                           const csv_options& options = csv_options())
    -> expected<series_text> {
  std::string text;
  constexpr auto most = std::size_t{1} << 31;
  if (auto done = read_text_file(path, text, most); !done)
    return unexpected{std::move(done).error()};
  return read_series_text(text, path, options);
}

}  // namespace lepton::collect
