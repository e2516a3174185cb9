// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lepton_sim {

/// Rows of cells; the first row is the heading.
using text_table = std::vector<std::vector<std::string>>;

/// The table with aligned columns: the first to the left, numbers to the right.
auto format_table(const text_table& rows) -> std::string;

/// 1234567 as "1,234,567", rounded to a whole number.
auto grouped(double number) -> std::string;

/// The same rounded to three digits, all that measured speeds deserve: "1,230,000".
auto three_digits(double number) -> std::string;

/// A time in milliseconds with four digits: "0.123", "12.35", "1,234".
auto latency_text(double milliseconds) -> std::string;

/// An amount of memory in GiB, or in TiB from ten of those on: "256 GiB".
auto memory_text(std::int64_t mib) -> std::string;

}  // namespace lepton_sim
