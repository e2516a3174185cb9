// SPDX-License-Identifier: Apache-2.0
#include "text_table.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include <fmt/format.h>

namespace lepton_sim {

auto format_table(const text_table& rows) -> std::string {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == 0) {
        fmt::format_to(std::back_inserter(text), "{:<{}}", row[c], widths[c]);
      } else {
        fmt::format_to(std::back_inserter(text), "  {:>{}}", row[c], widths[c]);
      }
    }
    text += '\n';
  }
  return text;
}

auto grouped(double number) -> std::string {
  auto digits = fmt::format("{:.0f}", number);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (auto at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

auto memory_text(std::int64_t mib) -> std::string {
  constexpr double gib = 1024;
  const auto size = static_cast<double>(mib);
  return size < 10 * gib * gib ? fmt::format("{:.4g} GiB", size / gib)
                               : fmt::format("{:.4g} TiB", size / gib / gib);
}

}  // namespace lepton_sim
