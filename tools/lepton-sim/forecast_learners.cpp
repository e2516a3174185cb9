// SPDX-License-Identifier: Apache-2.0
#include "forecast_learners.hpp"

#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/decision_tree.hpp>
#include <lepton/predict/feature_set.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/hybrid.hpp>
#include <lepton/predict/lags.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/lstm.hpp>
#include <lepton/predict/random_forest.hpp>
#include <lepton/predict/ridge.hpp>
#include <lepton/predict/rolling_features.hpp>

namespace lepton_sim {
namespace {

namespace predict = lepton::predict;
using predict::any_predictor;

constexpr std::uint64_t longest_plain_lag = 24;

/// The last 24 values, and those around the one a season ago.
auto lags_of(std::size_t season) -> predict::lags {
  std::vector<std::uint64_t> which;
  for (std::uint64_t lag = 1; lag <= longest_plain_lag; ++lag) which.push_back(lag);
  for (std::uint64_t lag = season; season > 1 && lag <= season + 1; ++lag) {
    if (lag > longest_plain_lag) which.push_back(lag);
  }
  return predict::lags{std::move(which)};
}

auto features_of(std::size_t season) {
  return predict::feature_set{lags_of(season), predict::rolling_mean{longest_plain_lag},
                              predict::rolling_sd{longest_plain_lag}};
}
using features = decltype(features_of(1));

template <class Regressor>
auto on_features(std::size_t season, Regressor regressor) -> any_predictor {
  return any_predictor{
      predict::autoregression<Regressor, features>{features_of(season), {}, std::move(regressor)}};
}

}  // namespace

auto make_regression(std::size_t season) -> any_predictor {
  return any_predictor{
      predict::autoregression<predict::linear_regression, predict::lags>{lags_of(season)}};
}
auto make_ridge(std::size_t season) -> any_predictor {
  return on_features(season, predict::ridge{});
}
auto make_tree(std::size_t season) -> any_predictor {
  predict::decision_tree_options o;
  o.min_leaf = 20;
  return on_features(season, predict::decision_tree{o});
}
auto make_forest(std::size_t season) -> any_predictor {
  predict::random_forest_options o;
  o.min_leaf = 5;
  o.splits = predict::split_method::histogram;
  return on_features(season, predict::random_forest{o});
}
auto make_boosting(std::size_t season) -> any_predictor {
  return on_features(season, predict::gradient_boosting{});
}
auto make_lstm(std::size_t season) -> any_predictor {
  predict::lstm_options o;
  if (season > 1) o.periods = {static_cast<double>(season)};
  return any_predictor{predict::lstm{o}};
}
auto make_hybrid(std::size_t season) -> any_predictor {
  predict::hybrid_options o;
  o.season = season > 1 ? season : 0;
  return any_predictor{predict::hybrid{o}};
}

}  // namespace lepton_sim
