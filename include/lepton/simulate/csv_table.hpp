// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/model/resources.hpp>
#include <lepton/simulate/csv_reader.hpp>

namespace lepton::simulate {

/// A column that a reader looks for, by the name in the header.
struct csv_column {
  std::string_view name;
  bool required = true;
};

/// The text in quotes for a message: control characters replaced, and cut when it is long.
[[nodiscard]] inline auto shown(std::string_view text) -> std::string {
  constexpr std::size_t longest = 40;
  std::string out = "'";
  for (const char c : text.substr(0, longest))
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return out + (text.size() > longest ? "...'" : "'");
}

/// A CSV text with a header line: finds columns by name, in any order, and ignores others.
///
/// Columns are numbered by their position in the span given to `open`. Reading a record stops
/// nothing: the first thing wrong with it is kept in `problem()`, and what cannot be read counts
/// as empty or 0 meanwhile, so that a reader tests once, at the end of a record.
class csv_table {
 public:
  /// Reads the header. `text`, `file` and `columns` must outlive the table. Fails when the text is
  /// empty, or a required column is missing, or a column that is looked for occurs twice.
  static auto open(std::string_view text, std::string_view file,
                   std::span<const csv_column> columns) -> expected<csv_table> {
    csv_table table{text, file, columns};
    if (!table.reader_.next()) {
      return unexpected{error{"the file is empty; it must begin with a line of column names",
                              std::string{file}, 1, 1}};
    }
    table.find_columns();
    if (table.problem_) return unexpected{*std::move(table.problem_)};
    return table;
  }

  /// Moves on to the next record, forgetting the last one and its problem; false at the end.
  auto next() -> bool {
    problem_.reset();
    if (!reader_.next()) return false;
    const auto fields = reader_.fields();
    if (reader_.fault() != nullptr) {
      reject_at(fields.back().offset, std::string{reader_.fault()} + "; mend the quotes");
    } else if (fields.size() != width_) {
      reject_at(fields.size() > width_ ? fields[width_].offset : reader_.line_length(),
                "the record has " + std::to_string(fields.size()) +
                    " fields where the header has " + std::to_string(width_) +
                    "; mend the commas of this line");
    }
    return true;
  }

  /// The first thing wrong with the record so far.
  [[nodiscard]] auto problem() const noexcept -> const std::optional<error>& { return problem_; }
  /// Line of the record, from 1.
  [[nodiscard]] auto line() const noexcept -> std::size_t { return reader_.line(); }
  [[nodiscard]] auto file() const noexcept -> std::string_view { return file_; }

  /// The record's text in a column; empty when an optional column is absent.
  [[nodiscard]] auto text(std::size_t column) const noexcept -> std::string_view {
    const auto* field = find(column);
    return field == nullptr ? std::string_view{} : std::string_view{field->text};
  }

  /// The whole number, 0 to `highest`, in a column.
  auto whole(std::size_t column, amount highest) -> amount {
    const auto digits = text(column);
    amount value = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    const auto complete = !digits.empty() && end == digits.data() + digits.size();
    if (complete && fault == std::errc{} && value >= 0 && value <= highest) return value;
    reject_number(column, digits, highest, complete);
    return 0;
  }
  /// The same, or nothing when the field is empty or its column absent.
  auto optional_whole(std::size_t column, amount highest) -> std::optional<amount> {
    if (text(column).empty()) return std::nullopt;
    return whole(column, highest);
  }

  /// Notes what is wrong with the record's field in `column`, unless something was noted before.
  LEPTON_COLD void reject(std::size_t column, std::string message) {
    const auto* field = find(column);
    reject_at(field == nullptr ? 0 : field->offset, std::move(message));
  }

 private:
  static constexpr auto absent = std::numeric_limits<std::size_t>::max();

  csv_table(std::string_view text, std::string_view file, std::span<const csv_column> columns)
      : reader_(text), file_(file), columns_(columns), positions_(columns.size(), absent) {}

  void find_columns() {
    const auto header = reader_.fields();
    width_ = header.size();
    if (reader_.fault() != nullptr)
      reject_at(header.back().offset, std::string{reader_.fault()} + "; mend the quotes");
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      for (std::size_t i = 0; i < width_; ++i) {
        if (header[i].text != columns_[c].name) continue;
        if (positions_[c] != absent)
          reject_at(header[i].offset,
                    "the column " + shown(columns_[c].name) + " occurs twice; rename one");
        positions_[c] = i;
      }
      if (positions_[c] == absent && columns_[c].required)
        reject_at(reader_.line_length(), missing(c));
    }
  }
  [[nodiscard]] LEPTON_COLD auto missing(std::size_t c) const -> std::string {
    auto message = "the column " + shown(columns_[c].name) + " is missing; the header must name";
    for (const auto& column : columns_) {
      if (column.required) message += " " + std::string{column.name} + ",";
    }
    message.back() = ' ';
    return message + "in any order";
  }

  [[nodiscard]] auto find(std::size_t column) const noexcept -> const csv_field* {
    const auto fields = reader_.fields();
    return positions_[column] < fields.size() ? &fields[positions_[column]] : nullptr;
  }
  LEPTON_COLD void reject_number(std::size_t column, std::string_view digits, amount highest,
                                 bool complete) {
    const char* what = !complete          ? " is not a whole number: "
                       : digits[0] == '-' ? " is negative: "
                                          : " is too large: ";
    reject(column, std::string{columns_[column].name} +
                       (digits.empty() ? std::string{" is empty"} : what + shown(digits)) +
                       "; give a whole number from 0 to " + std::to_string(highest));
  }
  LEPTON_COLD void reject_at(std::size_t offset, std::string message) {
    if (!problem_)
      problem_.emplace(std::move(message), std::string{file_}, reader_.line(),
                       reader_.column(offset));
  }

  csv_reader reader_;
  std::string_view file_;
  std::span<const csv_column> columns_;
  std::vector<std::size_t> positions_;  ///< for each column its place in the header
  std::size_t width_ = 0;
  std::optional<error> problem_{};
};

}  // namespace lepton::simulate
