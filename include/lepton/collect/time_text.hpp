// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <lepton/model/time.hpp>

namespace lepton::collect {

namespace time_detail {

/// Reads exactly `digits` digits off the text.
[[nodiscard]] constexpr auto take_digits(std::string_view& text, std::size_t digits) noexcept
    -> std::optional<int> {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}
[[nodiscard]] constexpr auto take(std::string_view& text, std::string_view any_of) noexcept
    -> bool {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Nanoseconds of ".25" or ",25"; what is finer is cut off.
[[nodiscard]] constexpr auto take_fraction(std::string_view& text) noexcept
    -> std::optional<std::int64_t> {
  if (!take(text, ".,")) return 0;
  std::int64_t value = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    if (digits++ < 9) value = value * 10 + (text.front() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (auto i = digits; i < 9; ++i) value *= 10;
  return value;
}

/// Minutes east of Greenwich of "Z", "+02:00", "+0200", "+02"; no zone means 0.
[[nodiscard]] constexpr auto take_zone(std::string_view& text) noexcept -> std::optional<int> {
  if (take(text, "Zz") || text.empty()) return 0;
  const auto west = text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_digits(text, 2);
  static_cast<void>(take(text, ":"));
  const auto minutes = text.empty() ? std::optional{0} : take_digits(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (west ? -1 : 1) * (*hours * 60 + *minutes);
}

/// 2^63 ns reach from 1677-09-21 to 2262-04-11; whole years are left to be safe.
inline constexpr int first_year = 1678;
inline constexpr int last_year = 2261;

}  // namespace time_detail

/// Reads a date and time of ISO 8601, as since 1970-01-01 UTC: "2014-02-14", "2014-02-14 14:30",
/// "2014-02-14T14:30:00.25Z", "2014-02-14 14:30:00+02:00". Without a zone it is UTC. Years from
/// 1678 to 2261; a leap second counts as the next one.
[[nodiscard]] constexpr auto read_time(std::string_view text) noexcept
    -> std::optional<time_point> {
  const auto year = time_detail::take_digits(text, 4);
  if (!year || !time_detail::take(text, "-")) return std::nullopt;
  const auto month = time_detail::take_digits(text, 2);
  if (!month || !time_detail::take(text, "-")) return std::nullopt;
  const auto day = time_detail::take_digits(text, 2);
  if (!day || *year < time_detail::first_year || *year > time_detail::last_year)
    return std::nullopt;
  const auto date = std::chrono::year{*year} / std::chrono::month{static_cast<unsigned>(*month)} /
                    std::chrono::day{static_cast<unsigned>(*day)};
  if (!date.ok()) return std::nullopt;
  duration since = std::chrono::sys_days{date}.time_since_epoch();
  if (text.empty()) return at(since);
  if (!time_detail::take(text, "Tt ")) return std::nullopt;
  const auto hour = time_detail::take_digits(text, 2);
  if (!hour || *hour > 23 || !time_detail::take(text, ":")) return std::nullopt;
  const auto minute = time_detail::take_digits(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  since += std::chrono::hours{*hour} + std::chrono::minutes{*minute};
  if (time_detail::take(text, ":")) {
    const auto second = time_detail::take_digits(text, 2);
    const auto fraction = time_detail::take_fraction(text);
    if (!second || *second > 60 || !fraction) return std::nullopt;
    since += std::chrono::seconds{*second} + duration{*fraction};
  }
  const auto zone = time_detail::take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  return at(since - std::chrono::minutes{*zone});
}

/// "2014-02-14 14:30:00", with as many digits of a fraction as it takes; in UTC.
[[nodiscard]] inline auto write_time(time_point t) -> std::string {
  constexpr std::int64_t second = 1000000000;
  constexpr auto day = 86400 * second;
  const auto since = t.time_since_epoch().count();
  const auto rest = since % day + (since % day < 0 ? day : 0);
  const auto days = since / day - (since % day < 0 ? 1 : 0);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
  std::string text;
  const auto put = [&](std::int64_t value, std::size_t digits) {
    const auto written = std::to_string(value);
    text.append(digits > written.size() ? digits - written.size() : 0, '0');
    text += written;
  };
  put(static_cast<int>(date.year()), 4);
  text += '-';
  put(static_cast<unsigned>(date.month()), 2);
  text += '-';
  put(static_cast<unsigned>(date.day()), 2);
  for (const auto& [unit, mark] : {std::pair{3600, ' '}, {60, ':'}, {1, ':'}}) {
    text += mark;
    put(rest / second / unit % (unit == 3600 ? 24 : 60), 2);
  }
  if (const auto fraction = rest % second; fraction != 0) {
    text += '.';
    put(fraction, 9);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

/// Reads a number of seconds with a fraction, to the nanosecond: "1392388200", "0.5", "-3",
/// "1.3923882e9" (this to the precision of a double). Whole numbers that as seconds would lie after
/// the year 5138 are milliseconds, microseconds or nanoseconds: what brings them before. Nothing if
/// it is no number or reaches beyond the time line.
[[nodiscard]] inline auto read_seconds(std::string_view text) noexcept
    -> std::optional<time_point> {
  constexpr std::int64_t most = 9223372035;  // 2^63 ns, less a second
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto* const end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto read = std::from_chars(text.data(), end, whole);
  if (read.ec == std::errc{} && read.ptr == end) {
    std::int64_t unit = 1000000000;
    // From the year 5138 on, and 1000 and a million times that.
    for (const auto far : {100000000000, 100000000000000, 100000000000000000})
      if (whole >= far || whole <= -far) unit /= 1000;
    if (unit == 1000000000 && (whole > most || whole < -most)) return std::nullopt;
    if (whole > INT64_MAX / unit || whole < INT64_MIN / unit) return std::nullopt;
    return at(duration{whole * unit});
  }
  auto fraction = std::string_view{read.ptr, static_cast<std::size_t>(end - read.ptr)};
  if (read.ec == std::errc{} && fraction.front() == '.') {
    fraction.remove_prefix(fraction.size() == 1 ? 1 : 0);  // "12."
    const auto finer = time_detail::take_fraction(fraction);
    if (finer && fraction.empty()) {
      if (whole > most || whole < -most) return std::nullopt;
      const auto negative = text.front() == '-';
      return at(std::chrono::seconds{whole} + duration{negative ? -*finer : *finer});
    }
  }
  double seconds = 0;
  const auto number = std::from_chars(text.data(), end, seconds);
  if (number.ec != std::errc{} || number.ptr != end || !(seconds < 9.2e9 && seconds > -9.2e9))
    return std::nullopt;
  return at(duration{static_cast<std::int64_t>(seconds * 1e9)});
}

/// Seconds with as many digits of a fraction as it takes.
[[nodiscard]] inline auto write_seconds(time_point t) -> std::string {
  const auto since = t.time_since_epoch().count();
  const auto magnitude =
      since < 0 ? 0U - static_cast<std::uint64_t>(since) : static_cast<std::uint64_t>(since);
  constexpr std::uint64_t second = 1000000000;
  std::string text = (since < 0 ? "-" : "") + std::to_string(magnitude / second);
  if (const auto fraction = magnitude % second; fraction != 0) {
    const auto written = std::to_string(fraction);
    text += '.' + std::string(9 - written.size(), '0') + written;
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text;
}

}  // namespace lepton::collect
