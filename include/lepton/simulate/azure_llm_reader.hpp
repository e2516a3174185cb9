// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <lepton/model/expected.hpp>
#include <lepton/model/time.hpp>
#include <lepton/simulate/csv_table.hpp>
#include <lepton/simulate/plain_number.hpp>
#include <lepton/simulate/read_records.hpp>
#include <lepton/simulate/request_trace.hpp>
#include <lepton/simulate/zipf_keys.hpp>

// The logs of language model inference that Microsoft published in 2023
// (github.com/Azure/AzurePublicDataset, AzureLLMInferenceTrace).

namespace lepton::simulate {

/// How long a server works on the tokens of a request.
struct token_costs {
  duration per_context_token{250'000};       ///< reading the prompt
  duration per_generated_token{30'000'000};  ///< writing the answer
};

namespace azure_detail {

/// The number that all of these digits make; nothing if one is none.
[[nodiscard]] constexpr auto digits(std::string_view text) noexcept -> std::optional<std::int64_t> {
  const auto n = plain_number::read(text);
  return n && text.find('.') == std::string_view::npos ? std::optional{n->digits} : std::nullopt;
}

/// Days from 1970-01-01 to a date of the Gregorian calendar (Hinnant 2013).
[[nodiscard]] constexpr auto days_of(std::int64_t y, std::int64_t m, std::int64_t d) noexcept
    -> std::int64_t {
  y -= m <= 2 ? 1 : 0;
  const auto era = y / 400;
  const auto of_era = y - era * 400;
  const auto of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

/// "2023-11-16 18:17:03.9799600" as nanoseconds from 1970 on.
[[nodiscard]] constexpr auto time_stamp(std::string_view text) noexcept
    -> std::optional<time_point> {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' ||
      (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  const auto hour = digits(text.substr(11, 2));
  const auto minute = digits(text.substr(14, 2));
  const auto second = plain_number::read(text.substr(17));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  if (*year < 1970 || *year > 2200 || *month < 1 || *month > 12 || *day < 1 || *day > 31 ||
      *hour > 23 || *minute > 59 || second->billionths() >= 61'000'000'000) {
    return std::nullopt;
  }
  const auto minutes = (days_of(*year, *month, *day) * 24 + *hour) * 60 + *minute;
  return at(duration{minutes * 60'000'000'000 + second->billionths()});
}

}  // namespace azure_detail

/// Adds the requests of a log to `into`: columns `TIMESTAMP`, `ContextTokens` and
/// `GeneratedTokens`. Their work is made of the tokens, each has a key of its own, and the first
/// arrives at 0. Time stamps must not fall.
///
/// Fails, leaving `into` as it was, as `read_openb_nodes` does. O(n).
inline auto read_azure_llm(std::string_view text, std::string_view file, const token_costs& costs,
                           request_trace& into, const read_options& options = {})
    -> expected<read_summary> {
  static constexpr std::array columns{csv_column{"TIMESTAMP"}, csv_column{"ContextTokens"},
                                      csv_column{"GeneratedTokens"}};
  enum : std::size_t { time, context_tokens, generated_tokens };
  constexpr amount most_tokens = 10'000'000;
  auto table = csv_table::open(text, file, columns);
  if (!table) return unexpected{table.error()};
  request_trace staged;
  auto summary = read_records(*table, options, [&](csv_table& t) {
    request r;
    const auto stamp = azure_detail::time_stamp(t.text(time));
    if (!stamp) {
      t.reject(time, "TIMESTAMP is not a time: " + shown(t.text(time)) +
                         "; write it as 2023-11-16 18:17:03.979");
    }
    r.arrival = stamp.value_or(time_point{});
    r.work = costs.per_context_token * t.whole(context_tokens, most_tokens) +
             costs.per_generated_token * t.whole(generated_tokens, most_tokens);
    if (stamp) trace_detail::check_order(t, time, r.arrival, staged);
    if (t.problem()) return;
    r.hash = key_hash(staged.requests.size());
    staged.requests.push_back(r);
  });
  if (!summary) return summary;
  const auto first = staged.requests.front().arrival.time_since_epoch();
  for (auto& r : staged.requests) r.arrival -= first;
  into.requests.insert(into.requests.end(), staged.requests.begin(), staged.requests.end());
  return summary;
}

}  // namespace lepton::simulate
