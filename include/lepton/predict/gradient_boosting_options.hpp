// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// What gradient boosting makes small.
enum class boosting_loss : std::uint8_t {
  squared,   ///< predicts the mean
  absolute,  ///< predicts the median
  quantile,  ///< pinball loss: predicts the quantile `loss_quantile`
  poisson,   ///< predicts the mean of counts, the logarithm of which is what trees add to
};

struct gradient_boosting_options {
  boosting_loss loss = boosting_loss::squared;
  double loss_quantile = 0.5;
  std::size_t iterations = 300;  ///< trees at most
  double learning_rate = 0.1;    ///< share of a tree's values that is added
  std::size_t max_leaves = 31;   ///< of a tree; the leaf that gains most is divided first
  std::size_t max_depth = std::numeric_limits<std::uint32_t>::max();
  /// Divide level after level rather than where most is gained.
  bool depth_wise = false;
  std::size_t min_leaf = 20;    ///< rows in a leaf
  double min_child_weight = 0;  ///< sum of second derivatives in a leaf
  double l2 = 0;                ///< penalty of squared leaf values
  double min_gain = 0;          ///< that a split must bring
  double subsample = 1;         ///< share of the rows, drawn for each tree
  double column_sample = 1;     ///< share of the features, drawn for each tree
  std::size_t bins = 255;       ///< of a feature
  /// Share of the rows, the last ones, that is held out: it tells when to stop and how large
  /// errors are. None is held out of less than 40 rows.
  double validation = 0.1;
  /// Stop after so many trees without a better loss on the rows held out; 0: never.
  std::size_t patience = 20;
  /// Quantiles that have trees of their own, for `predict_quantiles`; each strictly between 0
  /// and 1, ascending.
  std::vector<double> levels{};
  std::size_t threads = 1;  ///< that `fit` uses, at most one a level; 0: one a processor. Not saved
  std::uint64_t seed = 1;

  /// What is wrong with them, if anything.
  [[nodiscard]] auto check(std::string_view model) const -> status {
    const auto wrong = [&](const char* what) { return failure(std::string(model) + ": " + what); };
    const auto share = [](double v) { return v > 0 && v <= 1; };
    const auto amount = [](double v) { return v >= 0 && !std::isinf(v); };
    if (loss > boosting_loss::poisson) return wrong("there is no such loss");
    if (!(loss_quantile > 0 && loss_quantile < 1))
      return wrong("loss_quantile must be strictly between 0 and 1");
    if (iterations == 0) return wrong("0 trees; ask for one at least");
    if (!share(learning_rate)) return wrong("learning_rate must be above 0, and 1 at most");
    if (max_leaves < 2 || max_leaves > 65536) return wrong("max_leaves must be 2 to 65536");
    if (!amount(min_child_weight) || !amount(l2) || !amount(min_gain))
      return wrong("min_child_weight, l2 and min_gain must be 0 or more");
    if (!share(subsample) || !share(column_sample))
      return wrong("subsample and column_sample must be above 0, and 1 at most");
    if (bins < 2 || bins > 255) return wrong("bins must be 2 to 255");
    if (!(validation >= 0 && validation < 1))
      return wrong("validation must be a share, 0 or more and less than 1");
    for (std::size_t i = 0; i < levels.size(); ++i)
      if (!(levels[i] > (i == 0 ? 0 : levels[i - 1])) || !(levels[i] < 1))
        return wrong("levels must ascend, strictly between 0 and 1");
    return {};
  }

  template <class Archive>
  void persist(Archive& a) {
    a(loss, loss_quantile, iterations, learning_rate, max_leaves, max_depth, depth_wise, min_leaf,
      min_child_weight, l2, min_gain, subsample, column_sample, bins, validation, patience, levels,
      seed);
    if constexpr (Archive::reads) {
      if (!check("")) a.reject();
    }
  }
};

}  // namespace lepton::predict
