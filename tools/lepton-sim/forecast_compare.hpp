// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include <lepton/model/expected.hpp>
#include <lepton/predict/rolling_origin.hpp>

#include "forecast_models.hpp"
#include "forecast_options.hpp"
#include "forecast_series.hpp"

namespace lepton_sim {

/// What one model did on the end of a series.
struct forecast_result {
  std::string model{};
  lepton::predict::rolling_result rolling{};
  double fit_seconds = 0;            ///< the longest of its fits
  double update_microseconds = 0;    ///< mean of an update
  double forecast_microseconds = 0;  ///< mean of a forecast over the whole horizon
  std::size_t state_bytes = 0;       ///< of the saved state
};

/// Lets the model forecast the end of the series.
[[nodiscard]] auto evaluate(const forecast_model& model, const forecast_series& series,
                            const forecast_compare_options& options)
    -> lepton::expected<forecast_result>;

/// The order of the models: smallest MASE first (MAE where there is no scale).
[[nodiscard]] auto forecast_ranking(std::span<const forecast_result> results)
    -> std::vector<std::size_t>;

/// The results as a table for people, with the definitions of its figures.
[[nodiscard]] auto forecast_table(std::span<const forecast_result> results,
                                  const forecast_compare_options& options) -> std::string;

/// One result as JSON: `model`, `mase`, `mae`, `rmse`, `smape`, `pinball`, `crps`, `coverage` ...
[[nodiscard]] auto forecast_json(const forecast_result& result) -> nlohmann::ordered_json;

}  // namespace lepton_sim
