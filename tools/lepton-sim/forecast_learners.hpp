// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <lepton/predict/any_predictor.hpp>

// Predictors that learn from features, for a series with that many values in a season.

namespace lepton_sim {

[[nodiscard]] auto make_regression(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_ridge(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_tree(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_forest(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_boosting(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_lstm(std::size_t season) -> lepton::predict::any_predictor;
[[nodiscard]] auto make_hybrid(std::size_t season) -> lepton::predict::any_predictor;

}  // namespace lepton_sim
