// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

#include "catch.hpp"

using namespace lepton::simulate;

namespace {

constexpr std::string_view valid =
    "; Version: 2.2\n"
    "; MaxProcs: 128\r\n"
    ";\n"
    "    1        0     -1   1451  128     -1    -1   -1     -1    -1 -1   1   1  -1 -1 -1 -1 -1\n"
    "2\t1460 12 3726.50 128 489.00 6676 128 3600 5904 1 2 2 2 4 1 -1 -1\r\n"
    "\n"
    "; in the middle\n"
    " 3 1400 -1 1 1 -1 -1 1 1 -1 1 2 3 4 5 6 2 10 extra 20\n"
    "4 -1 -1 0 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1";

auto mutated(std::string text, lepton::detail::pcg32& random) -> std::string {
  static constexpr std::string_view pieces[] = {" ",
                                                "\t",
                                                "\n",
                                                "\r",
                                                "\r\n",
                                                "-",
                                                "0",
                                                "9999999999",
                                                "99999999999999999999999",
                                                "00000000000000000000000",
                                                ".",
                                                ";",
                                                "; MaxProcs: 7\n",
                                                "\xEF\xBB\xBF",
                                                "1e5",
                                                "+",
                                                "-2",
                                                "\xFF",
                                                ": "};
  const auto below = [&](std::size_t bound) {
    return std::size_t{random.below(static_cast<std::uint32_t>(bound))};
  };
  for (auto changes = below(4); changes != 0; --changes) {
    const auto at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        text.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, below(12));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random.below(256));
        break;
      case 4:
        text.insert(at, 1 + below(3), '\0');
        break;
      default:
        text.insert(at, text.substr(below(text.size() + 1), below(100)));
    }
  }
  return text;
}

/// A number of the format, by a slow and plain reading.
auto slow_number(std::string_view token, std::int64_t most) -> std::optional<std::int64_t> {
  const bool minus = !token.empty() && token[0] == '-';
  token.remove_prefix(minus ? 1 : 0);
  const auto whole = token.substr(0, token.find('.'));
  const auto rest = token.substr(std::min(whole.size() + 1, token.size()));
  std::size_t digits = 0;
  std::string significant;
  bool fraction = false;
  for (const char c : whole) {
    if (c < '0' || c > '9') return std::nullopt;
    ++digits;
    if (c != '0' || !significant.empty()) significant += c;
  }
  for (const char c : rest) {
    if (c < '0' || c > '9') return std::nullopt;
    ++digits;
    fraction |= c != '0';
  }
  if (digits == 0 || significant.size() > 18) return std::nullopt;
  std::int64_t n = 0;
  std::from_chars(significant.data(), significant.data() + significant.size(), n);
  if (minus && (n > 1 || fraction)) return std::nullopt;
  if (n > most) return std::nullopt;
  return minus ? -n : n;
}

struct slow_log {
  std::vector<std::vector<std::int64_t>> records;
  std::vector<std::size_t> bad_lines;
};
/// The whole text, by the same.
auto slow_read(std::string_view text) -> slow_log {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  slow_log log;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(end);
    if (!text.empty()) text.remove_prefix(text.substr(0, 2) == "\r\n" ? 2 : 1);
    ++number;
    std::vector<std::string_view> tokens;
    while (true) {
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      if (line.empty()) break;
      const auto size = std::min(line.find_first_of(" \t"), line.size());
      tokens.push_back(line.substr(0, size));
      line.remove_prefix(size);
    }
    if (tokens.empty() || tokens[0][0] == ';') continue;
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < 18 && i < tokens.size(); ++i) {
      const auto value = slow_number(tokens[i], i == 0   ? 999'999'999'999'999
                                                : i == 1 ? 4'000'000'000
                                                         : 2'147'483'647);
      if (!value) break;
      values.push_back(*value);
    }
    if (values.size() == 18)
      log.records.push_back(values);
    else
      log.bad_lines.push_back(number);
  }
  return log;
}

auto same(const swf_record& r, const std::vector<std::int64_t>& v) -> bool {
  return std::vector<std::int64_t>{
             r.number,         r.submit,           r.wait,   r.run,
             r.allocated,      r.cpu_time,         r.memory, r.requested_processors,
             r.requested_time, r.requested_memory, r.status, r.user,
             r.group,          r.application,      r.queue,  r.partition,
             r.preceding,      r.think_time} == v;
}

void check_against_slow(std::string_view text, bool skip_bad) {
  // In memory of exactly that size, so that sanitizers see a read behind the end.
  const std::vector<char> exact(text.begin(), text.end());
  const auto expected = slow_read(text);
  swf_log log;
  const auto found = read_swf({exact.data(), exact.size()}, "f.swf", log, {skip_bad});
  const bool should = !expected.records.empty() && (skip_bad || expected.bad_lines.empty());
  if (found.has_value() != should) FAIL("read or not, wrongly:\n" << text);
  if (!found) {
    const auto& e = found.error();
    const auto line = !expected.bad_lines.empty() ? expected.bad_lines[0] : e.line;
    if (e.line != line || e.line < 1 || e.column < 1 || e.file != "f.swf" || e.message.empty())
      FAIL("an error without its place for:\n" << text);
    if (!log.records.empty()) FAIL("something was kept of:\n" << text);
    return;
  }
  if (found->records != expected.records.size() || log.records.size() != found->records ||
      found->skipped != expected.bad_lines.size())
    FAIL("wrong counts for:\n" << text);
  for (std::size_t i = 0; i < log.records.size(); ++i) {
    if (!same(log.records[i], expected.records[i])) FAIL("wrong record " << i << " of:\n" << text);
  }
  for (std::size_t i = 0; i < found->problems.size(); ++i) {
    if (found->problems[i].line != expected.bad_lines[i])
      FAIL("wrong line of a problem:\n" << text);
  }
  for (const auto rules : {swf_rules::r1, swf_rules::r2}) {
    const auto work = queue_workload_of(log, rules, 64);
    if (!work) continue;
    if (work->jobs.size() + work->dropped != log.records.size()) FAIL("lost jobs of:\n" << text);
    for (const auto& j : work->jobs) {
      if (j.run.count() <= 0 || j.estimate < j.run || j.demand[0] < 1 || j.demand[0] > 64 ||
          j.submitted.time_since_epoch().count() < 0)
        FAIL("an impossible job of:\n" << text);
    }
  }
}

}  // namespace

TEST_CASE("swf_reader: 20,000 mutations of a log read like a slow reader does") {
  lepton::detail::pcg32 random{4};
  for (auto i = 0; i < 20'000; ++i)
    check_against_slow(mutated(std::string{valid}, random), random.below(2) == 1);
}

TEST_CASE("swf_reader: every prefix of a log reads like a slow reader does") {
  for (std::size_t n = 0; n <= valid.size(); ++n) {
    check_against_slow(valid.substr(0, n), false);
    check_against_slow(valid.substr(0, n), true);
  }
}
