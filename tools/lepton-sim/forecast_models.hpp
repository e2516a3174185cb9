// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <lepton/predict/any_predictor.hpp>

namespace lepton_sim {

struct fitted_series;

/// A model that can be asked for by name.
struct forecast_model {
  std::string_view name;
  std::string_view about;
  /// The model for a series with that many values in a season (1: none).
  auto(*make)(std::size_t season) -> lepton::predict::any_predictor;
  /// Adds what the fitted model tells of itself: coefficients, variance, description.
  void (*describe)(lepton::predict::any_predictor& model, fitted_series& into);
  bool common = true;     ///< part of "all"
  bool seasonal = false;  ///< it needs a season
};

/// All models, simple ones first.
[[nodiscard]] auto forecast_models() -> std::span<const forecast_model>;
/// The model of that name, or nullptr.
[[nodiscard]] auto find_forecast_model(std::string_view name) -> const forecast_model*;

/// Why there is no such model, and which there are.
[[nodiscard]] auto unknown_model_text(std::string_view name) -> std::string;
/// The names, in words.
[[nodiscard]] auto forecast_models_text() -> std::string;
[[nodiscard]] auto common_forecast_models_text() -> std::string;

}  // namespace lepton_sim
