// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>

namespace lepton::predict {

/// What an LSTM is trained for.
enum class lstm_loss : std::uint8_t {
  squared,   ///< the mean, by squared error
  absolute,  ///< the median, by absolute error: heeds rare peaks less
  gaussian,  ///< mean and deviation of each step, by the likelihood of the normal distribution
};

/// How an LSTM looks and is trained.
struct lstm_options {
  std::size_t hidden = 32;  ///< units of a layer, 1 to 4096
  std::size_t layers = 1;   ///< 1 to 16
  std::size_t window = 48;  ///< steps that gradients reach back
  /// Steps ahead that the network forecasts at once; the steps beyond come from feeding it its own
  /// forecasts, one step at a time, whose errors may add up.
  std::size_t horizon = 12;
  /// Steps over which the level is averaged that the network sees numbers relative to, and
  /// forecasts relative to: it follows a series to levels that it was not trained on. 0: the mean
  /// of the training part, always.
  std::size_t level = 24;
  /// Lengths of seasons: sine and cosine of the time in each go in as inputs.
  std::vector<double> periods{};
  std::size_t harmonics = 1;  ///< waves of each season: of its length, a half of it, ...
  lstm_loss loss = lstm_loss::squared;

  double learning_rate = 0.005;
  double weight_decay = 0;          ///< share of a weight lost a step, over the learning rate
  double clip = 1;                  ///< longest gradient; 0: any
  double dropout = 0;               ///< share of the units between layers left out while training
  std::size_t batch = 32;           ///< windows a step
  std::size_t windows = 1000;       ///< windows an epoch; all are used before one comes again
  std::size_t epochs = 40;          ///< at most
  std::size_t patience = 8;         ///< epochs without progress on the validation part that end it
  double validation = 0.2;          ///< last part of the series, which training does not see
  std::size_t interval_steps = 24;  ///< steps ahead with residuals of their own
  std::uint64_t seed = 1;

  template <class Archive>
  void persist(Archive& a);
};

/// Whether any series could be fitted with these options; if not, which of them is wrong.
[[nodiscard]] inline auto check(const lstm_options& o) -> status {
  const auto wrong = [](const char* what) { return failure(std::string("lstm: ") + what); };
  const auto within = [](double x, double low, double high) { return x >= low && x <= high; };
  if (o.hidden == 0 || o.hidden > 4096) return wrong("hidden must be from 1 to 4096 units");
  if (o.layers == 0 || o.layers > 16) return wrong("layers must be from 1 to 16");
  if (o.window == 0 || o.window > 100000) return wrong("window must be from 1 to 100000 steps");
  if (o.horizon == 0 || o.horizon > 4096) return wrong("horizon must be from 1 to 4096 steps");
  if (o.level > 1000000) return wrong("level must be from 0 to 1000000 steps");
  if (o.interval_steps == 0 || o.interval_steps > 4096)
    return wrong("interval_steps must be from 1 to 4096");
  if (o.harmonics == 0 || o.harmonics > 256) return wrong("harmonics must be from 1 to 256");
  if (o.periods.size() > 256) return wrong("there are more than 256 periods");
  for (const double period : o.periods)
    if (!within(period, 1, 1e12)) return wrong("a period must be a number of steps, at least 1");
  if (o.loss != lstm_loss::squared && o.loss != lstm_loss::absolute &&
      o.loss != lstm_loss::gaussian)
    return wrong("there is no such loss");
  if (!within(o.learning_rate, 1e-300, 1e300))
    return wrong("learning_rate must be a number greater than 0");
  if (!within(o.weight_decay, 0, 1e300)) return wrong("weight_decay must not be negative");
  if (!within(o.clip, 0, 1e300)) return wrong("clip must not be negative (0 clips nothing)");
  if (!within(o.dropout, 0, 0.99)) return wrong("dropout must be from 0 to 0.99");
  if (o.batch == 0 || o.windows == 0 || o.epochs == 0 || o.patience == 0)
    return wrong("batch, windows, epochs and patience must be at least 1");
  if (!within(o.validation, 0.01, 0.9)) return wrong("validation must be from 0.01 to 0.9");
  return {};
}

template <class Archive>
void lstm_options::persist(Archive& a) {
  a(hidden, layers, window, horizon, level, periods, harmonics, loss, learning_rate, weight_decay,
    clip, dropout, batch, windows, epochs, patience, validation, interval_steps, seed);
  if constexpr (Archive::reads) {
    if (!check(*this)) a.reject();
  }
}

}  // namespace lepton::predict
