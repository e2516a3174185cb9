// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace lepton {

/// What went wrong in fallible set-up (readers, configuration, cluster changes), and where.
///
/// `file`, `line` and `column` are set where the cause stands in a text; lines and columns count
/// from 1, and 0 means "not applicable".
struct error {
  std::string message;     ///< One sentence: what is wrong and what to do about it.
  std::string file;        ///< Name of the text that holds the cause; empty when there is none.
  std::size_t line = 0;    ///< Line of the cause, from 1.
  std::size_t column = 0;  ///< Column of the cause, from 1.

  error() = default;
  explicit error(std::string what) : message(std::move(what)) {}
  error(std::string what, std::string where, std::size_t at_line, std::size_t at_column = 0)
      : message(std::move(what)), file(std::move(where)), line(at_line), column(at_column) {}

  /// "file:line:column: message", leaving out the parts that are not set.
  [[nodiscard]] auto to_string() const -> std::string {
    std::string text = file;
    if (line != 0) {
      text += text.empty() ? "line " : ":";
      text += std::to_string(line);
    }
    if (line != 0 && column != 0) {
      text += ':';
      text += std::to_string(column);
    }
    if (!text.empty()) text += ": ";
    return text + message;
  }

  friend auto operator==(const error&, const error&) -> bool = default;
};

}  // namespace lepton
