// SPDX-License-Identifier: Apache-2.0
#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/fusion.hpp>
#include <lepton/predict/linear_regression.hpp>

// A regressor forecasts no series by itself; over features of the past it does.
// expect: the members of a fusion must be predictors that can be fitted

int main() {
  namespace predict = lepton::predict;
#ifdef LEPTON_EXPECT_OK
  predict::fusion<predict::autoregression<predict::linear_regression>> both;
#else
  predict::fusion<predict::linear_regression> both;
#endif
  return both.ready() ? 1 : 0;
}
