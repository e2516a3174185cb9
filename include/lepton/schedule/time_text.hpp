// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <lepton/model/time.hpp>

namespace lepton::schedule::detail {

/// "90 s", "-1.25 s": exact, for messages.
[[nodiscard]] inline auto text_of(duration length) -> std::string {
  const auto ns = length.count();
  const auto size = ns < 0 ? 0 - static_cast<std::uint64_t>(ns) : static_cast<std::uint64_t>(ns);
  auto text = (ns < 0 ? "-" : "") + std::to_string(size / 1'000'000'000);
  if (const auto rest = size % 1'000'000'000; rest != 0) {
    auto digits = std::to_string(1'000'000'000 + rest);
    digits[0] = '.';
    digits.erase(digits.find_last_not_of('0') + 1);
    text += digits;
  }
  return text + " s";
}
/// A moment, as the time since the caller's epoch.
[[nodiscard]] inline auto text_of(time_point when) -> std::string {
  return when == time_point::max() ? "never" : text_of(when.time_since_epoch());
}

}  // namespace lepton::schedule::detail
