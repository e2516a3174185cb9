// SPDX-License-Identifier: Apache-2.0
#include "text_table.hpp"

#include <algorithm>
#include <cmath>
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

auto three_digits(double number) -> std::string {
  const double unit =
      std::pow(10.0, std::max(0.0, std::floor(std::log10(std::max(number, 1.0))) - 2));
  return grouped(std::round(number / unit) * unit);
}

auto latency_text(double milliseconds) -> std::string {
  const auto places = milliseconds < 10 ? 3 : milliseconds < 100 ? 2 : milliseconds < 1000 ? 1 : 0;
  return places == 0 ? grouped(milliseconds) : fmt::format("{:.{}f}", milliseconds, places);
}

auto memory_text(std::int64_t mib) -> std::string {
  constexpr double gib = 1024;
  const auto size = static_cast<double>(mib);
  return size < 10 * gib * gib ? fmt::format("{:.4g} GiB", size / gib)
                               : fmt::format("{:.4g} TiB", size / gib / gib);
}

}  // namespace lepton_sim
