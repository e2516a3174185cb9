// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lepton::simulate {

/// One field of a CSV record.
struct csv_field {
  std::string text;        ///< without its quotes, or without the blanks around unquoted text
  std::size_t offset = 0;  ///< where it begins in its line, in bytes from 0
};

/// Splits a text in lines and these in comma-separated fields, and knows where everything stands.
///
/// Lines end with LF, CR LF or CR; a byte order mark at the beginning and blank lines are passed
/// over. A field may be quoted ("a, b"; "" is a quote inside), but ends on its line, so that one
/// stray quote spoils one record and not the rest of the file.
///
/// The text must outlive the reader. Reading it all takes O(its length).
class csv_reader {
 public:
  explicit csv_reader(std::string_view text) noexcept : rest_(text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (rest_.substr(0, byte_order_mark.size()) == byte_order_mark)
      rest_.remove_prefix(byte_order_mark.size());
  }

  /// Reads the next record; false at the end of the text.
  auto next() -> bool {
    do {
      if (rest_.empty()) return false;
      take_line();
    } while (current_.find_first_not_of(" \t") == std::string_view::npos);
    split();
    return true;
  }

  /// The fields of the record; up to the faulty one when there is a fault.
  [[nodiscard]] auto fields() const noexcept -> std::span<const csv_field> {
    return {fields_.data(), count_};
  }
  /// What is wrong with the record's quotes; nullptr when nothing is. The last field is the faulty
  /// one.
  [[nodiscard]] auto fault() const noexcept -> const char* { return fault_; }
  /// Line of the record, from 1; 0 before the first.
  [[nodiscard]] auto line() const noexcept -> std::size_t { return line_; }
  /// Length of that line in bytes.
  [[nodiscard]] auto line_length() const noexcept -> std::size_t { return current_.size(); }
  /// The column, from 1, of a byte of that line: characters are counted (UTF-8), not bytes.
  [[nodiscard]] auto column(std::size_t offset) const noexcept -> std::size_t {
    const auto before = current_.substr(0, offset);
    return 1 + static_cast<std::size_t>(std::count_if(before.begin(), before.end(), [](char c) {
             return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
           }));
  }

 private:
  void take_line() {
    const auto end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    current_ = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (!rest_.empty()) rest_.remove_prefix(rest_.substr(0, 2) == "\r\n" ? 2 : 1);
    ++line_;
  }

  void split() {
    count_ = 0;
    fault_ = nullptr;
    std::size_t at = 0;
    do {
      at = std::min(current_.find_first_not_of(" \t", at), current_.size());
      if (count_ == fields_.size()) fields_.emplace_back();
      auto& field = fields_[count_++];
      field.offset = at;
      field.text.clear();
      at = at < current_.size() && current_[at] == '"' ? quoted(at, field.text)
                                                       : plain(at, field.text);
    } while (fault_ == nullptr && at++ < current_.size());
  }

  /// Both read a field that begins at `at` and return where it ends: at a comma or the line's end.
  auto plain(std::size_t at, std::string& text) -> std::size_t {
    const auto end = std::min(current_.find(',', at), current_.size());
    text = current_.substr(at, end - at);
    text.erase(text.find_last_not_of(" \t") + 1);
    return end;
  }
  auto quoted(std::size_t at, std::string& text) -> std::size_t {
    for (++at;; ++at) {
      const auto quote = current_.find('"', at);
      if (quote == std::string_view::npos) {
        fault_ = "the quote that begins this field is not closed on its line";
        return current_.size();
      }
      text += current_.substr(at, quote - at);
      at = quote + 1;
      if (at == current_.size() || current_[at] != '"') break;
      text += '"';
    }
    at = std::min(current_.find_first_not_of(" \t", at), current_.size());
    if (at < current_.size() && current_[at] != ',')
      fault_ = "text follows the closing quote of this field";
    return at;
  }

  std::string_view rest_;
  std::string_view current_{};
  std::size_t line_ = 0;
  std::size_t count_ = 0;
  std::vector<csv_field> fields_;
  const char* fault_ = nullptr;
};

}  // namespace lepton::simulate
