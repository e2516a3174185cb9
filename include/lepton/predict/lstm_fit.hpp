// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/lstm_options.hpp>
#include <lepton/predict/lstm_stream.hpp>
#include <lepton/predict/lstm_training.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/residual_quantiles.hpp>
#include <lepton/predict/standardiser.hpp>

namespace lepton::predict::detail {

/// What an LSTM is fitted to a series by: scales, training, and the errors of its forecasts.
class lstm_fit {
 public:
  lstm_stream stream{};  ///< stands at the end of the series
  residual_quantiles errors{};
  lstm_progress progress{};

  /// Values for validation: the share that the options say, but no fewer than 16.
  [[nodiscard]] static auto validation_part(const lstm_options& options,
                                            std::size_t values) noexcept -> std::size_t {
    return std::max<std::size_t>(
        16, static_cast<std::size_t>(std::ceil(options.validation * static_cast<double>(values))));
  }

  /// False if there is too little to learn from. `start` is where training starts, or null.
  auto run(std::span<const double> values, matrix_view inputs, const lstm_options& options,
           const lstm_stream* start) -> bool {
    const std::size_t validation = validation_part(options, values.size());
    if (values.size() <= options.window + validation) return false;
    const std::size_t training = values.size() - validation;
    standardiser scale;
    for (const double value : values.first(training)) scale.update(value);
    if (scale.count() < 2 * residual_quantiles::fewest || !scale.varies()) return false;
    if (start != nullptr) {
      stream = *start;
      stream.rewind(options.level);
    } else {
      std::vector<standardiser> input_scales(inputs.columns());
      for (std::size_t i = 0; i < inputs.columns(); ++i)
        for (std::size_t t = 0; t < training; ++t) input_scales[i].update(inputs(t, i));
      stream = lstm_stream{options, scale, std::move(input_scales)};
    }
    const auto series = prepared(values, inputs, training);
    progress = lstm_training<float>{stream.network(), options, series}.run();
    return std::isfinite(progress.best) && replay(values, inputs, training, options);
  }

 private:
  [[nodiscard]] auto prepared(std::span<const double> values, matrix_view inputs,
                              std::size_t training) -> lstm_series<float> {
    lstm_series<float> series;
    series.training = training;
    series.width = stream.network().shape().inputs - 1;
    series.values.resize(values.size());
    series.features.resize(values.size() * series.width);
    for (std::size_t t = 0; t < values.size(); ++t) {
      series.values[t] = stream.standardised(values[t]);
      stream.features(t, row(inputs, t), series.features.data() + t * series.width);
    }
    return series;
  }

  /// Runs along the series, and learns how far off forecasts of the validation part are, from 512
  /// times at most.
  auto replay(std::span<const double> values, matrix_view inputs, std::size_t training,
              const lstm_options& options) -> bool {
    const std::size_t validation = values.size() - training;
    const std::size_t steps = std::min(options.interval_steps, validation / 2);
    const std::size_t origins = validation - steps + 1;
    const std::size_t stride = (origins + 511) / 512;
    std::vector<double> table;
    table.reserve((origins / stride + 1) * steps);
    for (std::size_t t = 0; t < values.size(); ++t) {
      if (t >= training && t + steps <= values.size() && (t - training) % stride == 0) {
        const auto rows = inputs.columns() > 0 ? inputs.slice(t, steps) : matrix_view{};
        stream.walk(steps, rows, [&](std::size_t h, double mean, double unit, double) {
          table.push_back((values[t + h] - mean) / unit);
        });
      }
      stream.advance(values[t], row(inputs, t));
    }
    return errors.learn(matrix_view{table, steps});
  }

  [[nodiscard]] static auto row(matrix_view inputs, std::size_t t) noexcept
      -> std::span<const double> {
    return inputs.columns() > 0 ? inputs.row(t) : std::span<const double>{};
  }
};

}  // namespace lepton::predict::detail
