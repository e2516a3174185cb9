// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include <nlohmann/json.hpp>

namespace lepton::simulate {

/// The results as a JSON array, one a line; `convert(result)` is its JSON. Text that is not UTF-8
/// is mended.
template <class Result, class Convert>
[[nodiscard]] auto json_lines(std::span<const Result> results, Convert convert) -> std::string {
  std::string text = "[";
  for (const auto& result : results) {
    text += &result == results.data() ? "\n" : ",\n";
    text += convert(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
  return text + (results.empty() ? "]\n" : "\n]\n");
}

}  // namespace lepton::simulate
