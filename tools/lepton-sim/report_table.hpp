// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "seed_spread.hpp"

namespace lepton_sim {

enum class better { high, low, neither };

/// A column of a comparison.
struct table_column {
  std::string group{};  ///< heading above several columns
  std::string title{};
  better best = better::high;
  std::vector<std::optional<seed_spread>> values{};  ///< of each policy
  auto(*format)(double) -> std::string = nullptr;
  bool range_shown = false;
  bool first_of_group = true;
};

/// What is compared.
struct comparison {
  std::vector<std::string> names{};  ///< of the policies
  std::string what = "Policy";       ///< what a row is
  std::vector<std::size_t> order{};  ///< of the rows
  std::vector<bool> averaged{};      ///< whether a policy has several seeds
  std::vector<table_column> columns{};
};

[[nodiscard]] auto two_decimals(double value) -> std::string;

/// The comparison as a <table>, a row for each policy, best in each column marked, under a heading.
[[nodiscard]] auto comparison_section(const comparison& of) -> std::string;

}  // namespace lepton_sim
