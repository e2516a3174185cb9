// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lepton::simulate {

/// A decimal number as it is written: `digits` / 10^`places`.
struct plain_number {
  std::int64_t digits = 0;
  int places = 0;

  [[nodiscard]] constexpr auto value() const noexcept -> double {
    double divisor = 1;
    for (int i = 0; i < places; ++i) divisor *= 10;
    return static_cast<double>(digits) / divisor;
  }
  /// In units of 10^-9, so seconds become nanoseconds; what is finer is cut off.
  [[nodiscard]] constexpr auto billionths() const noexcept -> std::int64_t {
    auto result = digits;
    for (int i = places; i < 9; ++i) result *= 10;
    for (int i = 9; i < places; ++i) result /= 10;
    return result;
  }

  /// Reads "12", "0.5", ".5" or "12.": digits with at most one point, no sign, no exponent, up to
  /// nine digits before the point and nine after it; further ones after it are cut off.
  [[nodiscard]] static constexpr auto read(std::string_view text) noexcept
      -> std::optional<plain_number> {
    plain_number n;
    bool point = false;
    int whole = 0;
    int seen = 0;
    for (const char c : text) {
      if (c == '.' && !point) {
        point = true;
        continue;
      }
      if (c < '0' || c > '9') return std::nullopt;
      ++seen;
      if (point && n.places == 9) continue;
      if (!point && n.digits != 0 && ++whole > 8) return std::nullopt;
      n.digits = n.digits * 10 + (c - '0');
      n.places += point ? 1 : 0;
    }
    return seen == 0 ? std::nullopt : std::optional{n};
  }
};

}  // namespace lepton::simulate
