// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <lepton/config.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/swf_log.hpp>

namespace lepton::simulate::swf_detail {

inline constexpr std::size_t field_count = 18;

/// A field, and the largest number in it.
struct field {
  const char* name;
  std::int64_t most;
};
inline constexpr std::int64_t most_of_most = std::numeric_limits<std::int32_t>::max();
inline constexpr std::array<field, field_count> fields{{
    {"the job number", 999'999'999'999'999},
    {"the submit time", 4'000'000'000},  // so that a `time_point` reaches far beyond
    {"the wait time", most_of_most},
    {"the run time", most_of_most},
    {"the number of allocated processors", most_of_most},
    {"the CPU time", most_of_most},
    {"the used memory", most_of_most},
    {"the number of requested processors", most_of_most},
    {"the requested time", most_of_most},
    {"the requested memory", most_of_most},
    {"the status", most_of_most},
    {"the user", most_of_most},
    {"the group", most_of_most},
    {"the application", most_of_most},
    {"the queue", most_of_most},
    {"the partition", most_of_most},
    {"the preceding job", most_of_most},
    {"the think time", most_of_most},
}};

enum class fault : std::uint8_t { none, missing, no_number, negative, too_large };

[[nodiscard]] constexpr auto is_blank(char c) noexcept -> bool { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr auto is_line_end(char c) noexcept -> bool { return c == '\n' || c == '\r'; }
[[nodiscard]] constexpr auto is_digit(char c) noexcept -> bool { return c >= '0' && c <= '9'; }

/// A record's line as far as it could be read.
struct parsed_line {
  std::array<std::int64_t, field_count> values{};
  std::size_t read = 0;       ///< fields that were
  const char* end = nullptr;  ///< where the next begins, or what could not be read
  fault what = fault::none;
};

[[nodiscard]] LEPTON_COLD inline auto significant_digits(const char* first,
                                                         const char* last) noexcept
    -> std::ptrdiff_t {
  while (first != last && *first == '0') ++first;
  return last - first;
}

/// Reads 18 numbers. At `p` or after it there must be a line end. Fractions are cut off: the format
/// has whole numbers, some logs write 489.00.
[[nodiscard]] inline auto parse(const char* p, parsed_line& line) noexcept -> bool {
  constexpr std::ptrdiff_t most_digits = 18;
  const auto fail = [&](fault what, const char* where) {
    line.what = what;
    line.end = where;
    return false;
  };
  for (line.read = 0; line.read < field_count; ++line.read) {
    while (is_blank(*p)) ++p;
    const char* const start = p;
    const bool minus = *p == '-';
    if (minus) ++p;
    std::uint64_t number = 0;
    const char* const first = p;
    for (; is_digit(*p); ++p) number = number * 10 + static_cast<std::uint64_t>(*p - '0');
    auto digits = p - first;
    const bool large = number > static_cast<std::uint64_t>(fields[line.read].most) ||
                       (digits > most_digits && significant_digits(first, p) > most_digits);
    bool below = minus && number > 1;
    if (*p == '.') {
      for (++p; is_digit(*p); ++p, ++digits) below |= minus && *p != '0';
    }
    if (digits == 0 || !(is_blank(*p) || is_line_end(*p)))
      return fail(is_line_end(*start) ? fault::missing : fault::no_number, start);
    if (below || large) return fail(below ? fault::negative : fault::too_large, start);
    line.values[line.read] =
        minus ? -static_cast<std::int64_t>(number) : static_cast<std::int64_t>(number);
  }
  line.end = p;
  return true;
}

[[nodiscard]] inline auto record_of(const std::array<std::int64_t, field_count>& v) noexcept
    -> swf_record {
  const auto small = [&](std::size_t i) { return static_cast<std::int32_t>(v[i]); };
  return {v[0],      v[1],      small(2),  small(3),  small(4),  small(5),
          small(6),  small(7),  small(8),  small(9),  small(10), small(11),
          small(12), small(13), small(14), small(15), small(16), small(17)};
}

/// What is wrong with a line that `parse` gave up.
[[nodiscard]] LEPTON_COLD inline auto message_of(const parsed_line& line) -> std::string {
  const char* stop = line.end;
  constexpr std::ptrdiff_t enough = 100;
  while (!is_blank(*stop) && !is_line_end(*stop) && stop - line.end < enough) ++stop;
  const auto text = shown({line.end, static_cast<std::size_t>(stop - line.end)});
  const std::string name = fields[line.read].name;
  switch (line.what) {
    case fault::missing:
      return "the record ends after " + std::to_string(line.read) +
             " of 18 fields; complete it, with -1 for what is unknown";
    case fault::negative:
      return name + " is negative: " + text + "; write -1 if it is unknown";
    case fault::too_large:
      return name + " is too large: " + text + "; it must be at most " +
             std::to_string(fields[line.read].most);
    default:
      return name + " is not a number: " + text +
             "; a record is 18 numbers with blanks between them, a comment begins with ';'";
  }
}

}  // namespace lepton::simulate::swf_detail
