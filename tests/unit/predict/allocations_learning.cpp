// SPDX-License-Identifier: Apache-2.0
// No learning predictor allocates in use, and no regressor in predict; see allocations.cpp.
#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/decision_tree.hpp>
#include <lepton/predict/direct_regression.hpp>
#include <lepton/predict/gradient_boosting.hpp>
#include <lepton/predict/lasso.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/lstm.hpp>
#include <lepton/predict/random_forest.hpp>
#include <lepton/predict/recursive_least_squares.hpp>
#include <lepton/predict/ridge.hpp>

#include "allocations.hpp"

using namespace lepton::predict;
using allocation_tests::never_allocates;
using allocation_tests::never_allocates_by_row;

TEST_CASE("allocations: none in learning predictors after fit") {
  never_allocates(autoregression<>{lags{1, 2, 12}});
  never_allocates(direct_regression{});
  lstm_options small;
  small.hidden = 4;
  small.window = 12;
  small.epochs = 1;
  never_allocates(lstm{small});
}

TEST_CASE("allocations: none in regressors after fit") {
  never_allocates_by_row(linear_regression{});
  never_allocates_by_row(ridge{});
  never_allocates_by_row(lasso{});
  never_allocates_by_row(recursive_least_squares{});
  never_allocates_by_row(decision_tree{});
  never_allocates_by_row(random_forest{});
  never_allocates_by_row(gradient_boosting{});
}
