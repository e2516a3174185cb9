// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <lepton/collect/csv_line.hpp>
#include <lepton/collect/time_text.hpp>
#include <lepton/collect/words.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// Whether a table begins with a line of column names.
enum class csv_header : std::uint8_t { guess, yes, no };

struct csv_options {
  /// Column of the values: its name in the header, else its number from 1. Empty: the first one
  /// that holds neither the times nor, as it has no name beside others that do, row names.
  std::string column{};
  /// Column of the times, in the same way. Empty: the first one named time, timestamp, date,
  /// datetime or ds (in any case), or that holds dates on the table's first line; if there is
  /// none, the series has no times.
  std::string time_column{};
  csv_header header = csv_header::guess;
  char separator = 0;  ///< 0: comma, semicolon or tab, as the first line has it
};

/// Where the columns of a series stand in a table, counted from 0.
struct csv_columns {
  bool has_header = false;
  std::size_t value = 0;
  std::optional<std::size_t> time{};
  std::string value_name{};
  std::string time_name{};
};

namespace csv_detail {

[[nodiscard]] constexpr auto lower(char c) noexcept -> char {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr auto is_one_of(std::string_view text,
                                       std::span<const std::string_view> words) noexcept -> bool {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return lower(a) == b; });
  });
}
[[nodiscard]] constexpr auto is_missing(std::string_view text) noexcept -> bool {
  constexpr std::array<std::string_view, 6> words{"na", "n/a", "nan", "null", "none", "-nan"};
  return text.empty() || is_one_of(text, words);
}
[[nodiscard]] constexpr auto is_time_name(std::string_view text) noexcept -> bool {
  constexpr std::array<std::string_view, 5> words{"time", "timestamp", "date", "datetime", "ds"};
  return is_one_of(text, words);
}
[[nodiscard]] inline auto is_number(std::string_view text) noexcept -> bool {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double ignored = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return problem != std::errc::invalid_argument && end == text.data() + text.size();
}
[[nodiscard]] inline auto time_of(std::string_view text) noexcept -> std::optional<time_point> {
  const auto date = read_time(text);
  return date ? date : read_seconds(text);
}
/// For a message: in quotes, control characters replaced, and cut when it is long.
[[nodiscard]] inline auto quoted(std::string_view text) -> std::string {
  constexpr std::size_t longest = 40;
  std::string out = "'";
  for (const char c : text.substr(0, longest))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out + (text.size() > longest ? "...'" : "'");
}

}  // namespace csv_detail

/// Finds the columns from a table's first line.
[[nodiscard]] inline auto find_csv_columns(std::span<const csv_field> first,
                                           const csv_options& options) -> expected<csv_columns> {
  csv_columns columns;
  columns.has_header = options.header == csv_header::yes ||
                       (options.header == csv_header::guess &&
                        std::any_of(first.begin(), first.end(), [](const csv_field& field) {
                          return !csv_detail::is_missing(field.text) &&
                                 !csv_detail::is_number(field.text) && !read_time(field.text);
                        }));

  const auto find = [&](const std::string& wanted) -> expected<std::size_t> {
    std::string names;
    for (std::size_t i = 0; columns.has_header && i < first.size(); ++i) {
      if (first[i].unquoted() == wanted) return i;
      names += (i == 0 ? "" : ", ") + first[i].unquoted();
    }
    const auto number = words::count(wanted);
    if (number && *number >= 1 && *number <= first.size()) return *number - 1;
    return failure("there is no column " + csv_detail::quoted(wanted) +
                   (columns.has_header
                        ? "; there are: " + names.substr(0, 200)
                        : "; without a header, columns are named by numbers from 1 to " +
                              std::to_string(first.size())));
  };
  if (!options.time_column.empty()) {
    const auto found = find(options.time_column);
    if (!found) return unexpected{found.error()};
    columns.time = *found;
  }
  if (!options.column.empty()) {
    const auto found = find(options.column);
    if (!found) return unexpected{found.error()};
    columns.value = *found;
  }
  for (std::size_t i = 0; !columns.time && first.size() > 1 && i < first.size(); ++i) {
    if (!options.column.empty() && i == columns.value) continue;
    if (columns.has_header ? csv_detail::is_time_name(first[i].text)
                           : read_time(first[i].text).has_value())
      columns.time = i;
  }
  if (options.column.empty()) {
    // A first column without a name holds the rows' names, as R and pandas write them.
    const auto has_row_names = columns.has_header && first.size() > 1 && first[0].text.empty();
    columns.value = has_row_names || columns.time == std::size_t{0} ? 1 : 0;
    if (columns.time == columns.value) ++columns.value;
    if (columns.value >= first.size())
      return failure("the table's only column holds the times; which one holds the values?");
  }
  if (columns.has_header) {
    columns.value_name = first[columns.value].unquoted();
    if (columns.time) columns.time_name = first[*columns.time].unquoted();
  }
  return columns;
}

}  // namespace lepton::collect
