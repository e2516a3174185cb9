// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <lepton/model/expected.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/swf_line.hpp>
#include <lepton/simulate/swf_log.hpp>

namespace lepton::simulate {
namespace swf_detail {

[[nodiscard]] inline auto without_blanks(std::string_view text) noexcept -> std::string_view {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Keeps a comment's `Key: value` if it is one that the header has; the first one counts.
LEPTON_COLD inline void read_comment(std::string_view comment, swf_header& into) {
  constexpr std::size_t longest = 1000;
  const auto colon = comment.find(':');
  if (colon == std::string_view::npos) return;
  const auto key = without_blanks(comment.substr(0, colon));
  const auto value = without_blanks(comment.substr(colon + 1));
  const auto text = [&](std::string_view name, std::string& to) {
    if (key == name && to.empty()) to = value.substr(0, longest);
  };
  const auto number = [&](std::string_view name, std::int64_t& to) {
    std::int64_t n = -1;
    if (key != name || to >= 0) return;
    std::from_chars(value.data(), value.data() + value.size(), n);
    if (n >= 0) to = n;
  };
  text("Version", into.version);
  text("Computer", into.computer);
  text("Installation", into.installation);
  text("TimeZoneString", into.time_zone);
  number("UnixStartTime", into.unix_start_time);
  number("MaxJobs", into.max_jobs);
  number("MaxRecords", into.max_records);
  number("MaxNodes", into.max_nodes);
  number("MaxProcs", into.max_procs);
}

/// Reads lines one after another into a log, until one is bad that must not be skipped.
class log_reader {
 public:
  log_reader(std::string_view file, swf_log& into, const read_options& options)
      : file_(file), log_(into), options_(options) {}

  /// Reads a text that is empty or ends with LF.
  [[nodiscard]] auto read(std::string_view text) -> status {
    const char* p = text.data();
    const char* const end = p + text.size();
    parsed_line line;
    while (p != end) {
      const char* const begin = p;
      ++line_;
      while (is_blank(*p)) ++p;
      if (*p == ';') {
        while (!is_line_end(*p)) ++p;
        if (log_.records.empty() && summary_.skipped == 0)
          read_comment(without_blanks({begin, static_cast<std::size_t>(p - begin)}).substr(1),
                       log_.header);
      } else if (!is_line_end(*p)) {
        if (parse(p, line)) {
          if (log_.records.size() == log_.records.capacity())
            make_room(static_cast<std::size_t>(begin - text.data()), text.size());
          log_.records.push_back(record_of(line.values));
        } else if (auto bad = reject(line, begin); !bad) {
          return bad;
        }
        p = line.end;
        while (!is_line_end(*p)) ++p;
      }
      const bool two = *p == '\r' && p[1] == '\n';
      p += two ? 2 : 1;
    }
    return {};
  }

  /// What was read in all; an error when there is no record.
  [[nodiscard]] auto finish() && -> expected<read_summary> {
    summary_.records = log_.records.size();
    if (summary_.records != 0) return std::move(summary_);
    if (summary_.skipped == 0) {
      return unexpected{error{"the log has no records; a record is a line of 18 numbers",
                              std::string{file_}, line_ + 1, 1}};
    }
    auto first = std::move(summary_.problems.front());
    first.message = "none of the " + std::to_string(summary_.skipped) +
                    " records can be used; the first: " + first.message;
    return unexpected{std::move(first)};
  }

 private:
  /// Room for the records of the whole text, if they are as long as those so far.
  LEPTON_COLD void make_room(std::size_t read, std::size_t all) {
    constexpr std::size_t few = 256;
    constexpr std::size_t shortest_line = 2 * field_count;
    const auto count = log_.records.size();
    const auto whole = static_cast<double>(count) * static_cast<double>(all) /
                       static_cast<double>(std::max<std::size_t>(read, 1));
    const auto likely = static_cast<std::size_t>(whole * 1.02) + few;
    const auto most = all / shortest_line + 1;
    log_.records.reserve(count < few ? few : std::max(count + count / 2, std::min(likely, most)));
  }

  LEPTON_COLD auto reject(const parsed_line& line, const char* begin) -> status {
    error why{message_of(line), std::string{file_}, line_,
              static_cast<std::size_t>(line.end - begin) + 1};
    if (!options_.skip_bad) return unexpected{std::move(why)};
    summary_.skip(std::move(why));
    return {};
  }

  std::string_view file_;
  swf_log& log_;
  read_options options_;
  read_summary summary_{};
  std::size_t line_ = 0;
};

}  // namespace swf_detail

/// Reads a log in the Standard Workload Format (see swf_log.hpp) into `into`; `file` is its name,
/// for errors and as the log's name.
///
/// A record is a line of 18 numbers with blanks or tabs between them, in any order of time; -1 is
/// what is unknown, fractions are cut off, and what follows on the line is passed over. A line that
/// begins with `;` is a comment; those ahead of the first record make the header. Lines end with
/// LF, CR LF or CR.
///
/// Fails, leaving `into` as it was, at the first bad record (too few fields; no number, or one that
/// is too large, or below -1), or skips these if `options` say so; and when there is no good one.
/// The error says where. O(n) time; memory for the records and no more.
inline auto read_swf(std::string_view text, std::string_view file, swf_log& into,
                     const read_options& options = {}) -> expected<read_summary> {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark)
    text.remove_prefix(byte_order_mark.size());
  swf_log staged;
  staged.name = file;
  swf_detail::log_reader reader{file, staged, options};
  const auto whole = text.rfind('\n') + 1;  // npos + 1 is 0
  if (auto read = reader.read(text.substr(0, whole)); !read) return unexpected{read.error()};
  if (whole != text.size()) {
    const auto last = std::string{text.substr(whole)} + '\n';
    if (auto read = reader.read(last); !read) return unexpected{read.error()};
  }
  auto summary = std::move(reader).finish();
  if (summary) into = std::move(staged);
  return summary;
}

}  // namespace lepton::simulate
