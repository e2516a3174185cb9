// SPDX-License-Identifier: Apache-2.0
#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/ridge.hpp>

// A predictor of series is no model of a number that depends on features.
// expect: autoregression needs a regressor: fit\(matrix_view, numbers\)

int main() {
  namespace predict = lepton::predict;
#ifdef LEPTON_EXPECT_OK
  predict::autoregression<predict::ridge> model;
#else
  predict::autoregression<predict::last_value> model;
#endif
  return model.ready() ? 1 : 0;
}
