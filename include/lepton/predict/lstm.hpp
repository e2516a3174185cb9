// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/predict/concept.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/lstm_fit.hpp>
#include <lepton/predict/lstm_options.hpp>
#include <lepton/predict/lstm_stream.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/peak.hpp>
#include <lepton/predict/residual_quantiles.hpp>

namespace lepton::predict {

/// Long short-term memory: a recurrent neural network that reads the series number by number.
///
/// Inputs are the last number, standardised, the sines and cosines of the seasons named in the
/// options, and whatever else is known of the number to come (`with_inputs`). Training is Adam on
/// windows of the first part of the series, by truncated back-propagation; it ends when forecasts
/// of the last part get no better, and the best network stays. Intervals are the quantiles of the
/// network's own errors on that last part, step by step ahead, around its forecast, wider or
/// narrower as its latest errors are larger or smaller. A missing number is replaced by the
/// forecast for it; intervals widen as long as the gap lasts.
///
/// With too little history, or a constant series, `last_value` stands in. `fit` costs about 1 µs a
/// step of a window with 32 units, `update` and each step of a forecast one run of the network
/// (0.45 µs with 32 units); memory is a few numbers a parameter.
class lstm {
 public:
  static constexpr std::string_view model_name = "lstm";

  lstm() = default;
  explicit lstm(lstm_options options) : options_(std::move(options)) {}

  /// Errors: options out of range, an infinite number, nothing but missing numbers; inputs that
  /// are not a row for each number, or not finite.
  [[nodiscard]] auto fit(std::span<const double> values) -> fit_result {
    return fit(values, matrix_view{});
  }
  [[nodiscard]] auto fit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return learn(values, inputs, nullptr);
  }
  /// `fit`, but training starts from the weights that there are. Scales stay as they were.
  [[nodiscard]] auto refit(std::span<const double> values) -> fit_result {
    return refit(values, matrix_view{});
  }
  [[nodiscard]] auto refit(std::span<const double> values, matrix_view inputs) -> fit_result {
    return learn(values, inputs, trained_ ? &stream_ : nullptr);
  }

  void update(double value) noexcept { update(value, std::span<const double>{}); }
  /// `row` holds as many inputs as each row in `fit`; those that are missing count as their mean.
  void update(double value, std::span<const double> row) noexcept {
    plain_.update(value);
    if (trained_) stream_.advance(value, row);
  }

  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == horizon * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (!trained_) return plain_.forecast(horizon, quantiles, out);
    write(horizon, matrix_view{}, quantiles, out);
  }
  /// A row of inputs for each step.
  void forecast(matrix_view inputs, std::span<const double> quantiles,
                std::span<double> out) noexcept {
    LEPTON_ASSERT(out.size() == inputs.rows() * quantiles.size(),
                  "forecast: out must hold horizon times quantiles numbers");
    if (!trained_) return plain_.forecast(inputs.rows(), quantiles, out);
    write(inputs.rows(), inputs, quantiles, out);
  }

  void moments(std::span<double> mean, std::span<double> error) noexcept {
    LEPTON_ASSERT(mean.size() == error.size(), "moments: mean and error differ in length");
    if (!trained_) return plain_.moments(mean, error);
    stream_.walk(mean.size(), {}, [&](std::size_t h, double m, double unit, double) {
      mean[h] = m;
      error[h] = unit * errors_.deviation(h + stream_.gap());
    });
  }

  /// By 512 simulated paths: errors of the network at successive steps, as far off and as alike as
  /// those on the last part of the history were (a Gaussian copula of the first order).
  /// O(horizon · (parameters + 512)).
  [[nodiscard]] auto peak_quantile(std::size_t horizon, double q) noexcept -> double;

  [[nodiscard]] auto ready() const noexcept -> bool { return plain_.ready(); }
  /// Whether there is a network; else `last_value` stands in.
  [[nodiscard]] auto trained() const noexcept -> bool { return trained_; }
  [[nodiscard]] auto options() const noexcept -> const lstm_options& { return options_; }
  [[nodiscard]] auto report() const noexcept -> const fit_report& { return report_; }
  /// Mean square error of forecasts of the validation part, in units of the training part's
  /// variance; NaN without a network.
  [[nodiscard]] auto validation_error() const noexcept -> double { return validation_error_; }
  [[nodiscard]] auto network() const noexcept -> const lstm_network<float>& {
    return stream_.network();
  }

  template <class Archive>
  void persist(Archive& a) {
    options_.persist(a);
    a(plain_, trained_, validation_error_);
    if (trained_) {
      stream_.persist(a, options_);
      a(errors_);
      if constexpr (Archive::reads) {
        if (!errors_.ready() || !plain_.ready()) a.reject();
      }
    }
    a(report_.converged, report_.parameters, report_.observations, report_.iterations);
    bool fallback = !report_.fallback.empty();
    a(fallback);
    report_.fallback = fallback ? last_value::model_name : std::string_view{};
  }

 private:
  auto learn(std::span<const double> values, matrix_view inputs, const detail::lstm_stream* start)
      -> fit_result;

  void write(std::size_t horizon, matrix_view inputs, std::span<const double> quantiles,
             std::span<double> out) noexcept {
    const std::size_t count = quantiles.size();
    if (out.empty()) return;
    // The last row, which is written last, keeps the normal quantiles until then.
    double* const z = out.data() + (horizon - 1) * count;
    for (std::size_t i = 0; i < count; ++i) z[i] = normal_quantile(quantiles[i]);
    stream_.walk(horizon, inputs, [&](std::size_t h, double mean, double unit, double usual) {
      const std::size_t at = h + stream_.gap();
      const double shift = errors_.quantile(at, 0);
      for (std::size_t i = 0; i < count; ++i)
        out[h * count + i] = mean + usual * shift + unit * (errors_.quantile(at, z[i]) - shift);
    });
  }

  lstm_options options_{};
  last_value plain_{};
  bool trained_ = false;
  double validation_error_ = std::numeric_limits<double>::quiet_NaN();
  fit_report report_{};
  detail::lstm_stream stream_{};
  residual_quantiles errors_{};
};

inline auto lstm::learn(std::span<const double> values, matrix_view inputs,
                        const detail::lstm_stream* start) -> fit_result {
  if (const auto fine = check(options_); !fine) return unexpected{fine.error()};
  const auto wrong = [](std::string what) { return failure("lstm: " + std::move(what)); };
  std::size_t observed = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isinf(values[i]))
      return wrong("value " + std::to_string(i) +
                   " of the series is infinite; leave it out or mark it missing (NaN)");
    if (!std::isnan(values[i])) ++observed;
  }
  if (observed == 0) return wrong("the series has no value that is not missing");
  if (inputs.columns() > 0 && inputs.rows() != values.size())
    return wrong("there are " + std::to_string(inputs.rows()) + " rows of inputs for " +
                 std::to_string(values.size()) + " values");
  if (inputs.columns() > 4096) return wrong("there are more than 4096 inputs");
  for (std::size_t i = 0; i < inputs.values().size(); ++i)
    if (!std::isfinite(inputs.values()[i]))
      return wrong("an input of row " + std::to_string(i / inputs.columns()) +
                   " is missing or infinite");

  lstm fitted{options_};
  for (const double value : values) fitted.plain_.update(value);
  if (start != nullptr && start->row_width() != inputs.columns()) start = nullptr;
  detail::lstm_fit result;
  fitted.trained_ = result.run(values, inputs, options_, start);
  if (fitted.trained_) {
    fitted.stream_ = std::move(result.stream);
    fitted.errors_ = std::move(result.errors);
    fitted.validation_error_ = result.progress.best;
    fitted.report_.converged =
        result.progress.settled && result.progress.best < result.progress.untrained;
    fitted.report_.parameters = fitted.network().shape().parameters();
    fitted.report_.iterations = result.progress.epochs;
  } else {
    fitted.report_.parameters = 1;
    fitted.report_.fallback = last_value::model_name;
  }
  fitted.report_.observations = observed;
  *this = std::move(fitted);
  return report_;
}

inline auto lstm::peak_quantile(std::size_t horizon, double q) noexcept -> double {
  if (!trained_ || horizon == 0) return plain_.peak_quantile(horizon, q);
  std::array<double, peak_paths> peaks;
  std::array<double, peak_paths> places{};
  peaks.fill(-std::numeric_limits<double>::infinity());
  stream_.walk(horizon, {}, [&](std::size_t h, double mean, double unit, double usual) {
    lepton::detail::pcg32 random{0x6c73746dU, h};
    const std::size_t at = h + stream_.gap();
    const double kept = h == 0 ? 0 : errors_.correlation(at);
    const double shift = errors_.quantile(at, 0);
    const double fresh = std::sqrt(1 - kept * kept);
    for (std::size_t i = 0; i < peak_paths; ++i) {
      // The second of two paths is the mirror image of the first.
      places[i] =
          i % 2 == 0 ? kept * places[i] + fresh * detail::normal_number(random) : -places[i - 1];
      peaks[i] = std::max(peaks[i],
                          mean + usual * shift + unit * (errors_.quantile(at, places[i]) - shift));
    }
  });
  std::sort(peaks.begin(), peaks.end());
  const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(peak_paths - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, peak_paths - 1);
  return peaks[low] + (place - static_cast<double>(low)) * (peaks[high] - peaks[low]);
}

}  // namespace lepton::predict
