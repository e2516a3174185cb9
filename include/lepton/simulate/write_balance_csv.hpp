// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iterator>
#include <optional>
#include <span>
#include <string>

#include <fmt/format.h>

#include <lepton/simulate/balance_result.hpp>
#include <lepton/simulate/timings.hpp>
#include <lepton/simulate/write_csv.hpp>

namespace lepton::simulate {

/// The results as a table, one line for each: the columns are those of the JSON objects without
/// `per_server`. What was not measured is left empty. Numbers are written with as many digits as it
/// takes to read them back the same.
[[nodiscard]] inline auto to_csv_text(std::span<const balance_result> results,
                                      timings measured = timings::include) -> std::string {
  std::string text =
      "policy,seed,servers,requests,mean,p50,p95,p99,p999,max,mean_wait,imbalance,jain,"
      "utilisation,completed,rejected,lost,retried,moved,moved_excess,simulated_seconds";
  text += measured == timings::include ? ",seconds,picks_per_second\n" : "\n";
  const auto out = std::back_inserter(text);
  const auto or_empty = [](const std::optional<double>& x) {
    return x ? fmt::format("{}", *x) : std::string{};
  };
  for (const auto& r : results) {
    const auto& l = r.latency;
    fmt::format_to(out, "{},{},{},{},{},{},{},{},{},{},", csv_detail::field(r.policy), r.seed,
                   r.servers, r.requests, l.mean, l.p50, l.p95, l.p99, l.p999, l.max);
    fmt::format_to(out, "{},{},{},{},{},{},{},{},{},{},{}", r.mean_wait, r.imbalance, r.jain,
                   r.utilisation, r.completed, r.rejected, r.lost, r.retried, or_empty(r.moved),
                   or_empty(r.moved_excess), r.simulated_seconds);
    if (measured == timings::include) fmt::format_to(out, ",{},{}", r.seconds, r.picks_per_second);
    text += '\n';
  }
  return text;
}

}  // namespace lepton::simulate
