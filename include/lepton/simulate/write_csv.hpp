// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include <lepton/simulate/results.hpp>
#include <lepton/simulate/timings.hpp>

namespace lepton::simulate {
namespace csv_detail {

/// The text as a CSV field, quoted where it must be.
[[nodiscard]] inline auto field(std::string_view text) -> std::string {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace csv_detail

/// The results as a table in long format, one line for each load of each experiment, in order:
/// `policy,seed,nodes,tasks,load,gpu_percent,cpu_percent,fragmentation_percent,unplaced,decisions`
/// and the timings `seconds,decisions_per_second`. What was not measured at a load is left empty.
/// Numbers are written with as many digits as it takes to read them back the same.
[[nodiscard]] inline auto to_csv_text(std::span<const placement_result> results,
                                      timings measured = timings::include) -> std::string {
  std::string text =
      "policy,seed,nodes,tasks,load,gpu_percent,cpu_percent,fragmentation_percent,unplaced,"
      "decisions";
  text += measured == timings::include ? ",seconds,decisions_per_second\n" : "\n";
  const auto out = std::back_inserter(text);
  for (const auto& r : results) {
    auto allocation = r.allocation.begin();
    auto fragmentation = r.fragmentation.begin();
    while (allocation != r.allocation.end() || fragmentation != r.fragmentation.end()) {
      constexpr auto none = std::numeric_limits<int>::max();
      const auto allocation_load = allocation == r.allocation.end() ? none : allocation->load;
      const auto fragmentation_load =
          fragmentation == r.fragmentation.end() ? none : fragmentation->load;
      const auto load = std::min(allocation_load, fragmentation_load);
      fmt::format_to(out, "{},{},{},{},{},", csv_detail::field(r.policy), r.seed, r.nodes, r.tasks,
                     load);
      if (allocation_load == load) {
        fmt::format_to(out, "{},{},", allocation->gpu_percent, allocation->cpu_percent);
        ++allocation;
      } else {
        text += ",,";
      }
      if (fragmentation_load == load) {
        fmt::format_to(out, "{}", fragmentation->percent_of_cluster);
        ++fragmentation;
      }
      fmt::format_to(out, ",{},{}", r.unplaced, r.decisions);
      if (measured == timings::include)
        fmt::format_to(out, ",{},{}", r.seconds, r.decisions_per_second());
      text += '\n';
    }
  }
  return text;
}

}  // namespace lepton::simulate
