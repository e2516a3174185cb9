// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace lepton::collect {

/// Takes a text apart at blanks, as the kernel's tables need it, without allocation.
class words {
 public:
  explicit constexpr words(std::string_view text) noexcept : rest_(text) {}

  /// The next word; empty at the end.
  constexpr auto next() noexcept -> std::string_view {
    const auto begin = rest_.find_first_not_of(" \t\n");
    if (begin == std::string_view::npos) {
      rest_ = {};
      return {};
    }
    rest_.remove_prefix(begin);
    const auto word = rest_.substr(0, rest_.find_first_of(" \t\n"));
    rest_.remove_prefix(word.size());
    return word;
  }
  /// The next word as a whole number, nothing if it is none; above 2^64 - 1 it is that.
  auto next_count() noexcept -> std::optional<std::uint64_t> { return count(next()); }
  constexpr void skip(std::size_t how_many) noexcept {
    for (std::size_t i = 0; i < how_many; ++i) next();
  }

  [[nodiscard]] static auto count(std::string_view word) noexcept -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (end != word.data() + word.size() || problem == std::errc::invalid_argument)
      return std::nullopt;
    return problem == std::errc::result_out_of_range ? UINT64_MAX : value;
  }
  [[nodiscard]] static auto number(std::string_view word) noexcept -> std::optional<double> {
    double value = 0;
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (end != word.data() + word.size() || problem != std::errc{}) return std::nullopt;
    return value;
  }

 private:
  std::string_view rest_;
};

/// Takes the first line off a text; false when none is left.
constexpr auto take_line(std::string_view& text, std::string_view& line) noexcept -> bool {
  if (text.empty()) return false;
  line = text.substr(0, text.find('\n'));
  text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  return true;
}

/// The words after the first line that begins with `key` ("MemTotal:", "usage_usec"), as a whole
/// word; nothing if there is none.
[[nodiscard]] constexpr auto line_of(std::string_view text, std::string_view key) noexcept
    -> std::optional<words> {
  std::string_view line;
  while (take_line(text, line)) {
    words all{line};
    if (all.next() == key) return all;
  }
  return std::nullopt;
}

/// The first number in that line.
[[nodiscard]] inline auto count_of(std::string_view text, std::string_view key) noexcept
    -> std::optional<std::uint64_t> {
  auto found = line_of(text, key);
  return found ? found->next_count() : std::nullopt;
}

}  // namespace lepton::collect
