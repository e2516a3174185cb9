// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lepton::collect {

/// One field of a line of a table.
struct csv_field {
  std::string_view text;   ///< without blanks around it, or without its quotes
  std::size_t offset = 0;  ///< where it begins in its line, in bytes from 0

  /// The text, with "" inside quotes made one quote.
  [[nodiscard]] auto unquoted() const -> std::string {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
    }
    return out;
  }
};

/// Splits a text in lines and fields without copying it. Lines end with LF, CR LF or CR; a byte
/// order mark, blank lines and lines that begin with '#' are passed over. A field may be quoted,
/// but ends on its line.
///
/// The text must outlive the lines. Reading it all takes O(its length).
class csv_lines {
 public:
  /// `separator` 0: a tab or a semicolon if the first line has one outside of quotes and no comma,
  /// else a comma.
  explicit csv_lines(std::string_view text, char separator = 0) noexcept
      : rest_(text), separator_(separator) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest_.substr(0, byte_order_mark.size()) == byte_order_mark)
      rest_.remove_prefix(byte_order_mark.size());
  }

  /// Moves on to the next line with fields; false at the end.
  auto next() -> bool {
    std::size_t first = 0;
    do {
      if (rest_.empty()) return false;
      take_line();
      first = line_.find_first_not_of(" \t");
    } while (first == std::string_view::npos || line_[first] == '#');
    if (separator_ == 0) separator_ = guess();
    split();
    return true;
  }

  [[nodiscard]] auto fields() const noexcept -> std::span<const csv_field> { return fields_; }
  /// What is wrong with the quotes of the last field; nullptr when nothing is.
  [[nodiscard]] auto fault() const noexcept -> const char* { return fault_; }
  /// Number of the line, from 1.
  [[nodiscard]] auto number() const noexcept -> std::size_t { return number_; }
  [[nodiscard]] auto length() const noexcept -> std::size_t { return line_.size(); }
  /// The column, from 1, of a byte of the line: characters are counted (UTF-8), not bytes.
  [[nodiscard]] auto column(std::size_t offset) const noexcept -> std::size_t {
    const auto before = line_.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
             return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
           }));
  }

 private:
  void take_line() noexcept {
    const auto end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    line_ = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!rest_.empty()) rest_.remove_prefix(rest_.substr(0, 2) == "\r\n" ? 2 : 1);
    ++number_;
  }
  [[nodiscard]] auto guess() const noexcept -> char {
    auto quoted = false;
    char found = ',';
    for (const auto c : line_) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == ',') return ',';
      if ((c == ';' || c == '\t') && found == ',') found = c;
    }
    return found;
  }

  void split() {
    fields_.clear();
    fault_ = nullptr;
    const auto* const blanks = separator_ == '\t' ? " " : " \t";
    std::size_t at = 0;
    do {
      at = std::min(line_.find_first_not_of(blanks, at), line_.size());
      const auto is_quoted = at < line_.size() && line_[at] == '"';
      at = is_quoted ? quoted(at, blanks) : plain(at, blanks);
    } while (fault_ == nullptr && at++ < line_.size());
  }
  auto plain(std::size_t at, const char* blanks) -> std::size_t {
    const auto end = std::min(line_.find(separator_, at), line_.size());
    const auto text = line_.substr(at, end - at);
    fields_.push_back({text.substr(0, text.find_last_not_of(blanks) + 1), at});
    return end;
  }
  auto quoted(std::size_t begin, const char* blanks) -> std::size_t {
    auto at = begin + 1;
    for (;; at += 2) {
      at = line_.find('"', at);
      if (at == std::string_view::npos) {
        fields_.push_back({line_.substr(begin + 1), begin});
        fault_ = "the quote that begins this field is not closed on its line";
        return line_.size();
      }
      if (at + 1 == line_.size() || line_[at + 1] != '"') break;
    }
    fields_.push_back({line_.substr(begin + 1, at - begin - 1), begin});
    at = std::min(line_.find_first_not_of(blanks, at + 1), line_.size());
    if (at < line_.size() && line_[at] != separator_)
      fault_ = "text follows the closing quote of this field";
    return at;
  }

  std::string_view rest_;
  std::string_view line_{};
  char separator_;
  std::size_t number_ = 0;
  std::vector<csv_field> fields_;
  const char* fault_ = nullptr;
};

}  // namespace lepton::collect
