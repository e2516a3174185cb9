// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <system_error>

// Validators of option values: an empty text means good.

namespace lepton_sim {

/// A plain number from one bound to another; `above` leaves out the lower one.
struct number_range {
  double low;
  double high;
  bool above = false;
  const char* words;  ///< "above 0 and up to 10"

  auto operator()(const std::string& text) const -> std::string {
    char* end = nullptr;
    const auto x = std::strtod(text.c_str(), &end);
    const auto good = !text.empty() && *end == '\0' && x <= high &&  // not for NaN
                      (above ? x > low : x >= low);
    return good ? "" : "'" + text + "' is not a number " + words;
  }
};

inline auto is_seed(const std::string& text) -> std::string {
  std::uint64_t seed = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seed);
  const auto good = fault == std::errc{} && end == text.data() + text.size();
  return good ? "" : "'" + text + "' is not a whole number from 0 to 2^64 - 1";
}

}  // namespace lepton_sim
