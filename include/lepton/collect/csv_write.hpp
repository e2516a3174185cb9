// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <lepton/collect/csv_line.hpp>
#include <lepton/collect/sample.hpp>
#include <lepton/collect/time_text.hpp>
#include <lepton/model/expected.hpp>

namespace lepton::collect {

/// How times stand in a table.
enum class time_format : std::uint8_t { iso, seconds };

struct csv_write_options {
  std::string column = "value";           ///< name of the column of values
  std::string time_column = "timestamp";  ///< name of the column of times, if there are any
  std::string missing = "NA";             ///< what stands for a missing value
  time_format time = time_format::iso;
};

namespace csv_detail {

inline void append_name(std::string& text, std::string_view name) {
  const auto plain = !name.empty() && name.find_first_of(",;\t\"#\r\n") == std::string_view::npos &&
                     name.front() != ' ' && name.back() != ' ';
  if (plain) {
    text += name;
    return;
  }
  text += '"';
  for (const char c : name) {
    if (c == '"') text += c;
    text += c == '\n' || c == '\r' ? ' ' : c;  // a field ends on its line
  }
  text += '"';
}

}  // namespace csv_detail

/// A series as a table with a header, in columns of times (unless there are none) and values. Each
/// number has the fewest digits that give the same double when read again; infinite ones count as
/// missing. There must be no times or as many as values.
[[nodiscard]] inline auto series_csv(std::span<const double> values,
                                     std::span<const time_point> times = {},
                                     const csv_write_options& options = csv_write_options())
    -> std::string {
  LEPTON_ASSERT(times.empty() || times.size() == values.size(),
                "series_csv: there must be as many times as values, or none");
  std::string text;
  if (!times.empty()) {
    csv_detail::append_name(text, options.time_column);
    text += ',';
  }
  csv_detail::append_name(text, options.column);
  text += '\n';
  std::array<char, 32> digits;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!times.empty()) {
      text += options.time == time_format::iso ? write_time(times[i]) : write_seconds(times[i]);
      text += ',';
    }
    if (std::isfinite(values[i])) {
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), values[i]).ptr;
      text.append(digits.data(), end);
    } else {
      text += options.missing;
    }
    text += '\n';
  }
  return text;
}

/// Writes a text to a file as a whole or not at all: to a new file beside it, which then takes the
/// file's name (so a symbolic link is replaced, not followed).
[[nodiscard]] inline auto write_text_file(const std::string& path, std::string_view text)
    -> status {
  const auto wrong = [&](int code) {
    return unexpected{
        error{"cannot be written: " + std::generic_category().message(code), path, 0}};
  };
  constexpr auto most_leftovers = 1000;
  std::FILE* file = nullptr;
  std::string beside;
  errno = 0;
  for (auto i = 0; i < most_leftovers && file == nullptr; ++i) {
    beside = path + ".part" + std::to_string(i);
    file = std::fopen(beside.c_str(), "wbx");
    if (file == nullptr && errno != EEXIST) break;
  }
  if (file == nullptr) return wrong(errno);
  errno = 0;
  auto good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  good = std::fflush(file) == 0 && good;
  auto code = errno;
  good = std::fclose(file) == 0 && good;
  if (good && std::rename(beside.c_str(), path.c_str()) == 0) return {};
  if (code == 0) code = errno;
  static_cast<void>(std::remove(beside.c_str()));
  return wrong(code == 0 ? EIO : code);
}

/// Writes a series to a file, as a whole or not at all.
[[nodiscard]] inline auto write_series_file(const std::string& path, std::span<const double> values,
                                            std::span<const time_point> times = {},
                                            const csv_write_options& options = csv_write_options())
    -> status {
  return write_text_file(path, series_csv(values, times, options));
}

}  // namespace lepton::collect
