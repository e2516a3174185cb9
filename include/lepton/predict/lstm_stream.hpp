// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/error_scale.hpp>
#include <lepton/predict/fourier.hpp>
#include <lepton/predict/local_level.hpp>
#include <lepton/predict/lstm_network.hpp>
#include <lepton/predict/lstm_options.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/standardiser.hpp>

namespace lepton::predict::detail {

/// A network at work on a series: scales, seasons, and the state between two numbers.
///
/// The network reads a number only together with what is known of the next one, so the last number
/// waits until then; a missing number is replaced by the forecast for it.
class lstm_stream {
 public:
  lstm_stream() = default;
  lstm_stream(const lstm_options& options, standardiser scale, std::vector<standardiser> inputs)
      : scale_(scale),
        input_scales_(std::move(inputs)),
        network_(lstm_shape{1 + seasons_width(options) + input_scales_.size(), options.hidden,
                            options.layers,
                            options.horizon * (options.loss == lstm_loss::gaussian ? 2U : 1U)}),
        state_(network_.shape().state()),
        level_(options.level) {
    network_.initialise(options.seed, options.horizon);
    prepare(options);
  }

  [[nodiscard]] auto network() noexcept -> lstm_network<float>& { return network_; }
  [[nodiscard]] auto network() const noexcept -> const lstm_network<float>& { return network_; }
  [[nodiscard]] auto scale() const noexcept -> const standardiser& { return scale_; }
  /// Numbers of a row of inputs.
  [[nodiscard]] auto row_width() const noexcept -> std::size_t { return input_scales_.size(); }
  /// Numbers since the last that was not missing.
  [[nodiscard]] auto gap() const noexcept -> std::size_t { return static_cast<std::size_t>(gap_); }

  /// The value on the network's scale; NaN for NaN. More than a million deviations are a million.
  [[nodiscard]] auto standardised(double value) const noexcept -> float {
    return static_cast<float>(std::isnan(value) ? value
                                                : std::clamp(scale_.apply(value), -1e6, 1e6));
  }

  /// What the network reads beside the last number: seasons and inputs of the number `time`. An
  /// input that is missing counts as its mean.
  void features(std::uint64_t time, std::span<const double> row, float* out) noexcept {
    for (const auto& season : seasons_) {
      season.write({}, time, waves_);
      for (std::size_t i = 0; i < season.width(); ++i) *out++ = static_cast<float>(waves_[i]);
    }
    for (std::size_t i = 0; i < input_scales_.size(); ++i) {
      const double x = i < row.size() ? input_scales_[i].apply(row[i]) : 0;
      *out++ = std::isfinite(x) ? static_cast<float>(std::clamp(x, -1e6, 1e6)) : 0.0F;
    }
  }

  /// To before the first number; weights and scales stay.
  void rewind(std::size_t memory) noexcept {
    std::fill(state_.begin(), state_.end(), 0.0F);
    time_ = gap_ = 0;
    waiting_ = low_ = high_ = 0;
    level_ = local_level<float>{memory};
    off_ = {};
  }

  /// Takes the next number. O(parameters), no allocation.
  void advance(double value, std::span<const double> row) noexcept {
    const bool there = std::isfinite(value);
    if (time_ > 0) {
      step(state_, waiting_, level_, time_, row);
      waiting_ = level_.value() + outputs_[0];
      if (there) {
        const double off = std::fabs(static_cast<double>(standardised(value) - waiting_));
        off_.update(static_cast<float>(std::min(off / own_deviation(0), 1e6)));
      }
    }
    if (there) {
      waiting_ = standardised(value);
      low_ = std::min(low_, waiting_);
      high_ = std::max(high_, waiting_);
    } else {
      waiting_ = within(waiting_);
    }
    level_.update(waiting_);
    gap_ = there ? 0 : gap_ + 1;
    ++time_;
  }

  /// Calls `visit(h, mean, unit, usual)` for each of the next `horizon` numbers, in order: the
  /// units in which errors are to be counted, as they are at present and as they are mostly.
  template <class Visit>
  void walk(std::size_t horizon, matrix_view rows, Visit&& visit) noexcept {
    if (horizon == 0) return;
    std::copy(state_.begin(), state_.end(), ahead_.begin());
    float last = waiting_;
    auto level = level_;
    const auto row = [&](std::size_t h) {
      return h < rows.rows() ? rows.row(h) : std::span<const double>{};
    };
    const auto report = [&](std::size_t h, std::size_t i) {
      const double unit = scale_.scale() * own_deviation(i);
      visit(h, scale_.invert(static_cast<double>(within(level.value() + outputs_[i]))),
            unit * off_.now(), unit * off_.usual());
    };
    for (std::size_t h = 0;; ++h) {
      if (h > 0) level.update(last);
      step(ahead_, last, level, time_ + h, row(h));
      last = within(level.value() + outputs_[0]);
      if (h > 0)
        report(h + means_ - 1, means_ - 1);
      else
        for (std::size_t i = 0; i < std::min(means_, horizon); ++i) report(i, i);
      if (h + means_ >= horizon) return;
    }
  }

  template <class Archive>
  void persist(Archive& a, const lstm_options& options) {
    a(scale_, input_scales_, network_, state_, time_, gap_, level_, off_, waiting_, low_, high_);
    if constexpr (Archive::reads) {
      const auto& shape = network_.shape();
      const std::size_t outputs = options.horizon * (options.loss == lstm_loss::gaussian ? 2U : 1U);
      const auto finite = [](float x) { return std::isfinite(x); };
      if (shape.inputs != 1 + seasons_width(options) + input_scales_.size() ||
          shape.hidden != options.hidden || shape.layers != options.layers ||
          shape.outputs != outputs || network_.parameters().empty() ||
          state_.size() != shape.state() || !std::all_of(state_.begin(), state_.end(), finite) ||
          !finite(waiting_) || !finite(low_) || !finite(high_) || !(low_ <= high_)) {
        a.reject();
      } else {
        prepare(options);
      }
    }
  }

 private:
  [[nodiscard]] static auto seasons_width(const lstm_options& o) noexcept -> std::size_t {
    return 2 * o.harmonics * o.periods.size();
  }

  /// Room that is not part of the state.
  void prepare(const lstm_options& options) {
    const auto& shape = network_.shape();
    means_ = options.horizon;
    seasons_.clear();
    for (const double period : options.periods)
      seasons_.emplace_back(period, static_cast<std::uint32_t>(options.harmonics));
    waves_.resize(2 * options.harmonics);
    inputs_.resize(shape.inputs);
    outputs_.resize(shape.outputs);
    ahead_.resize(shape.state());
    scratch_.resize(network_.scratch_size());
  }

  /// Forecasts may leave the range of the numbers seen by its width, not more: fed back to the
  /// network they could grow beyond all bounds.
  [[nodiscard]] auto within(float x) const noexcept -> float {
    const float width = high_ - low_ + 1;
    return std::clamp(x, low_ - width, high_ + width);
  }

  /// What the network thinks its deviation is; 1 if it does not.
  [[nodiscard]] auto own_deviation(std::size_t i) const noexcept -> double {
    if (outputs_.size() == means_) return 1;
    return std::exp(static_cast<double>(bounded_logarithm(outputs_[means_ + i])));
  }

  void step(std::span<float> state, float last, const local_level<float>& level, std::uint64_t time,
            std::span<const double> row) noexcept {
    inputs_[0] = last - level.value();
    features(time, row, inputs_.data() + 1);
    network_.step(inputs_, state, outputs_, scratch_);
  }

  standardiser scale_{};
  std::vector<standardiser> input_scales_{};
  lstm_network<float> network_{};
  std::vector<float> state_{};
  std::uint64_t time_ = 0;  ///< numbers taken
  std::uint64_t gap_ = 0;
  local_level<float> level_{};
  error_scale off_{};  ///< of forecasts one step ahead, standardised
  float waiting_ = 0;  ///< the last number, standardised
  float low_ = 0;      ///< range of the numbers taken
  float high_ = 0;

  std::size_t means_ = 1;
  std::vector<fourier> seasons_{};
  std::vector<double> waves_{};
  std::vector<float> inputs_{};
  std::vector<float> outputs_{};
  std::vector<float> ahead_{};
  std::vector<float> scratch_{};
};

}  // namespace lepton::predict::detail
