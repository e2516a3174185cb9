// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>

#include "forecast_options.hpp"

namespace lepton_sim {

/// A series read from a file, on the scale that was asked for.
struct forecast_series {
  std::string name{};  ///< of the file
  std::string column{};
  std::string scale{};  ///< "log", "log10" or nothing
  std::vector<double> values{};
  std::size_t missing = 0;
};

[[nodiscard]] auto load_series(const forecast_series_options& options)
    -> lepton::expected<forecast_series>;

/// "AirPassengers.txt, column x, natural logarithm: 144 values, 3 of them missing".
[[nodiscard]] auto series_text(const forecast_series& series) -> std::string;

}  // namespace lepton_sim
