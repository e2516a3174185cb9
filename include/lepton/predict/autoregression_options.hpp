// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace lepton::predict {

struct autoregression_options {
  /// Steps ahead for which the errors are learned; forecasts may go further.
  std::uint64_t horizon = 24;
  /// Regressors: the first forecasts 1 step ahead, the second 2, and so on; each step further than
  /// the last is forecast by the last one from forecasts. 1: wholly recursive; `horizon`: direct.
  std::uint64_t direct = 1;
  /// The value that many steps before the one to forecast is subtracted from it and from all
  /// features that move with the level, so that a shift of the level does no harm: 1 for the value
  /// just seen, a season's length for that of a season ago, 0 for nothing. With several regressors
  /// 1 means the last value known.
  std::uint64_t difference = 1;
  /// Parts of the history that are held out in turn to learn the errors of forecasts; 1: only the
  /// last quarter.
  std::uint64_t folds = 4;
  /// Forecasts made, at most, to learn the errors.
  std::uint64_t origins = 1000;
  /// Values over which the intervals follow the size of the recent errors (a mean with exponential
  /// weights); 0: they stay as learned.
  std::uint64_t adapt = 100;
};

}  // namespace lepton::predict
