// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/adam.hpp>
#include <lepton/predict/local_level.hpp>
#include <lepton/predict/lstm_gradient.hpp>
#include <lepton/predict/lstm_network.hpp>
#include <lepton/predict/lstm_options.hpp>

namespace lepton::predict {

/// How training went.
struct lstm_progress {
  std::size_t epochs = 0;
  /// Mean square (or absolute) error on the validation part of the network as it was before
  /// training, and of the best one.
  double untrained = std::numeric_limits<double>::infinity();
  double best = std::numeric_limits<double>::infinity();
  bool settled = false;   ///< ended as the validation part showed no more progress
  bool diverged = false;  ///< ended as numbers left the range of floating point
};

/// A series prepared for a network: standardised values (NaN for what is missing), and for each the
/// row of further inputs that are known beforehand; the last part is for validation.
template <class Scalar>
struct lstm_series {
  std::vector<Scalar> values{};
  std::vector<Scalar> features{};  ///< a row for each value
  std::size_t width = 0;           ///< of a row
  std::size_t training = 0;        ///< values before the validation part
};

/// Trains a network on a series.
///
/// The network's inputs at step t are value t and the features of value t + 1; its outputs are the
/// values t + 1, t + 2, ..., all values relative to the level at step t. A window starts from the
/// state that the network had there when it last ran along the whole series, once an epoch, not
/// from nothing: so it is trained as it will be used (the stored states of Kapturowski et al.,
/// "Recurrent experience replay in distributed reinforcement learning", 2019). A missing value is
/// replaced by the forecast for it.
template <class Scalar>
class lstm_training {
 public:
  lstm_training(lstm_network<Scalar>& network, const lstm_options& options,
                const lstm_series<Scalar>& series)
      : network_(network),
        options_(options),
        series_(series),
        shape_(network.shape()),
        filled_(series.values),
        levels_(series.values.size()),
        state_(shape_.state()),
        scratch_(network.scratch_size()),
        inputs_(shape_.inputs),
        outputs_(shape_.outputs) {
    LEPTON_ASSERT(series.training > options.window && series.training < series.values.size(),
                  "lstm_training: the series is shorter than a window");
  }

  /// Until the validation part shows no more progress. Leaves the best network of all epochs.
  auto run() -> lstm_progress {
    lstm_progress progress;
    lepton::detail::pcg32 random{options_.seed, 0x747261696eU};
    lstm_gradient<Scalar> gradient(shape_, options_.window, options_.horizon, options_.loss);
    adam<Scalar> optimiser(shape_.parameters());
    std::vector<Scalar> sum(shape_.parameters());
    draw_windows(random);
    progress.untrained = progress.best = pass();
    std::vector<Scalar> best(network_.parameters().begin(), network_.parameters().end());
    double rate = options_.learning_rate;
    std::size_t since = 0;  // epochs without progress
    while (progress.epochs < options_.epochs && !progress.diverged && !progress.settled) {
      ++progress.epochs;
      for (std::size_t first = 0; first < chosen_.size(); first += options_.batch)
        step(first, std::min(first + options_.batch, chosen_.size()), gradient, optimiser, rate,
             sum, random);
      draw_windows(random);
      const double error = network_.finite() ? pass() : std::numeric_limits<double>::quiet_NaN();
      progress.diverged = !std::isfinite(error);
      ++since;
      if (error < progress.best) {
        if (error < 0.999 * progress.best) since = 0;
        progress.best = error;
        std::copy(network_.parameters().begin(), network_.parameters().end(), best.begin());
      }
      if (since == options_.patience) progress.settled = true;
      if (since > 0 && since % 3 == 0) rate /= 2;
    }
    std::copy(best.begin(), best.end(), network_.parameters().begin());
    return progress;
  }

  /// Runs along the series and calls `visit(t, state)` before each step t; returns the mean
  /// error (its square, or for `lstm_loss::absolute` its size) of all forecasts of the validation
  /// part.
  template <class Visit>
  auto pass(Visit&& visit) -> double {
    const std::size_t length = series_.values.size();
    std::fill(state_.begin(), state_.end(), Scalar{0});
    if (std::isnan(series_.values[0])) filled_[0] = 0;
    detail::local_level<Scalar> level{options_.level};
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t t = 0; t + 1 < length; ++t) {
      visit(t, std::span<const Scalar>(state_));
      level.update(filled_[t]);
      levels_[t] = level.value();
      inputs_[0] = filled_[t] - levels_[t];
      std::copy_n(series_.features.data() + (t + 1) * series_.width, series_.width,
                  inputs_.data() + 1);
      network_.step(inputs_, state_, outputs_, scratch_);
      if (std::isnan(series_.values[t + 1])) filled_[t + 1] = levels_[t] + outputs_[0];
      if (t + options_.horizon < series_.training) continue;
      for (std::size_t i = 0; i < options_.horizon && t + 1 + i < length; ++i) {
        const Scalar value = series_.values[t + 1 + i];
        if (t + 1 + i < series_.training || std::isnan(value)) continue;
        const double error =
            static_cast<double>(levels_[t] + outputs_[i]) - static_cast<double>(value);
        sum += options_.loss == lstm_loss::absolute ? std::fabs(error) : error * error;
        ++count;
      }
    }
    return count == 0 ? std::numeric_limits<double>::infinity() : sum / static_cast<double>(count);
  }

  /// The series with the forecasts of the last pass in place of missing values.
  [[nodiscard]] auto filled() const noexcept -> std::span<const Scalar> { return filled_; }

 private:
  static constexpr auto none = static_cast<std::uint32_t>(-1);

  auto pass() -> double {
    return pass([this](std::size_t t, std::span<const Scalar> state) {
      if (t < slot_.size() && slot_[t] != none)
        std::copy(state.begin(), state.end(), states_.data() + slot_[t] * state.size());
    });
  }

  /// Chooses the windows of the next epoch.
  void draw_windows(lepton::detail::pcg32& random) {
    const std::size_t starts = series_.training - options_.window;
    if (order_.empty()) {
      order_.resize(starts);
      slot_.resize(starts);
      for (std::size_t i = 0; i < starts; ++i) order_[i] = static_cast<std::uint32_t>(i);
      chosen_.resize(std::min(options_.windows, starts));
      states_.resize(chosen_.size() * shape_.state());
      drawn_ = starts;
    }
    if (drawn_ + chosen_.size() > starts) {
      lepton::detail::shuffle(order_, random);
      drawn_ = 0;
    }
    std::copy_n(order_.data() + drawn_, chosen_.size(), chosen_.data());
    drawn_ += chosen_.size();
    std::fill(slot_.begin(), slot_.end(), none);
    for (std::size_t i = 0; i < chosen_.size(); ++i)
      slot_[chosen_[i]] = static_cast<std::uint32_t>(i);
  }

  /// Fills in lane `lane` with chosen window `i`; returns its number of targets.
  auto place(std::size_t i, std::size_t lane, lstm_gradient<Scalar>& to) noexcept -> std::size_t {
    const std::size_t start = chosen_[i];
    std::size_t count = 0;
    for (std::size_t s = 0; s < shape_.state(); ++s)
      to.first_state(s)[lane] = states_[i * shape_.state() + s];
    for (std::size_t t = 0; t < options_.window; ++t) {
      const std::size_t next = start + t + 1;
      to.input(t, 0)[lane] = filled_[next - 1] - levels_[next - 1];
      for (std::size_t f = 0; f < series_.width; ++f)
        to.input(t, 1 + f)[lane] = series_.features[next * series_.width + f];
      for (std::size_t h = 0; h < options_.horizon; ++h) {
        const bool counts = next + h < series_.training && !std::isnan(series_.values[next + h]);
        to.target(t, h)[lane] = counts ? series_.values[next + h] - levels_[next - 1] : 0;
        to.weight(t, h)[lane] = counts ? 1 : 0;
        count += counts ? 1 : 0;
      }
    }
    return count;
  }

  /// An empty lane.
  void leave_out(std::size_t lane, lstm_gradient<Scalar>& to) noexcept {
    for (std::size_t s = 0; s < shape_.state(); ++s) to.first_state(s)[lane] = 0;
    for (std::size_t t = 0; t < options_.window; ++t) {
      for (std::size_t i = 0; i < shape_.inputs; ++i) to.input(t, i)[lane] = 0;
      for (std::size_t h = 0; h < options_.horizon; ++h) to.weight(t, h)[lane] = 0;
    }
  }

  /// A step of the optimiser on chosen windows first to last - 1.
  void step(std::size_t first, std::size_t last, lstm_gradient<Scalar>& gradient,
            adam<Scalar>& optimiser, double rate, std::vector<Scalar>& sum,
            lepton::detail::pcg32& random) {
    constexpr std::size_t lanes = lstm_gradient<Scalar>::lanes;
    std::fill(sum.begin(), sum.end(), Scalar{0});
    std::size_t count = 0;
    for (; first < last; first += lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        if (first + lane < last)
          count += place(first + lane, lane, gradient);
        else
          leave_out(lane, gradient);
      }
      if (options_.dropout > 0) gradient.draw_dropout(options_.dropout, random);
      gradient.forward(network_);
      gradient.backward(network_, sum);
    }
    if (count == 0) return;
    for (auto& g : sum) g /= static_cast<Scalar>(count);
    clip_norm<Scalar>(sum, options_.clip);
    optimiser.begin(rate);
    network_.for_each_block([&](std::size_t at, std::size_t length, bool weights) {
      optimiser.step(network_.parameters().subspan(at, length),
                     std::span<const Scalar>(sum).subspan(at, length), at,
                     weights ? options_.weight_decay : 0);
    });
  }

  lstm_network<Scalar>& network_;
  const lstm_options& options_;
  const lstm_series<Scalar>& series_;
  lstm_shape shape_;
  std::vector<Scalar> filled_;
  std::vector<Scalar> levels_;
  std::vector<Scalar> state_;
  std::vector<Scalar> scratch_;
  std::vector<Scalar> inputs_;
  std::vector<Scalar> outputs_;
  std::vector<std::uint32_t> order_{};   ///< starts of windows, shuffled
  std::vector<std::uint32_t> slot_{};    ///< of each start: which of the chosen it is
  std::vector<std::uint32_t> chosen_{};  ///< starts of the windows of this epoch
  std::vector<Scalar> states_{};         ///< of the network at the start of each
  std::size_t drawn_ = 0;
};

}  // namespace lepton::predict
