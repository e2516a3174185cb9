// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/activation.hpp>
#include <lepton/predict/pack.hpp>
#include <lepton/predict/strip_products.hpp>

namespace lepton::predict::detail {

/// One layer of an LSTM over a window, for a strip of windows side by side, and the way back.
///
/// With i, f, o logistic and g the hyperbolic tangent of weighted sums of the layer's inputs, its
/// units a step ago and 1: c' = f c + i g, h = o tanh(c'). All that the way back needs is kept:
/// `strip` times 10 hidden + inputs numbers a step.
template <class Scalar>
class lstm_cell {
 public:
  static constexpr std::size_t lanes = strip<Scalar>;

  lstm_cell(std::size_t inputs, std::size_t hidden, std::size_t steps)
      : inputs_(inputs),
        hidden_(hidden),
        steps_(steps),
        rows_(inputs + hidden + 1),
        in_((steps + 1) * rows_ * lanes),
        gates_(steps * 4 * hidden * lanes),
        cells_((steps + 1) * hidden * lanes),
        squashed_(steps * hidden * lanes),
        carried_(hidden * lanes),
        back_(rows_ * lanes) {
    for (std::size_t t = 0; t <= steps; ++t)
      std::fill_n(in_.data() + ((t + 1) * rows_ - 1) * lanes, lanes, Scalar{1});
  }

  /// Strips to be filled in before `forward`: the layer's inputs at a step, and units and cells
  /// before the first step.
  [[nodiscard]] auto input(std::size_t t) noexcept -> Scalar* {
    return in_.data() + t * rows_ * lanes;
  }
  [[nodiscard]] auto first_units() noexcept -> Scalar* { return units_before(0); }
  [[nodiscard]] auto first_cells() noexcept -> Scalar* { return cells_.data(); }
  /// The units after step t.
  [[nodiscard]] auto units(std::size_t t) noexcept -> Scalar* { return units_before(t + 1); }

  void forward(const Scalar* weights) noexcept {
    for (std::size_t t = 0; t < steps_; ++t) {
      for (std::size_t j = 0; j < hidden_; ++j) {
        const auto sum = strip_outputs<4>(weights + 4 * j, rows_, 4 * hidden_, input(t));
        activate(t, j, 0, sum.a0, sum.a1, sum.a2, sum.a3);
        activate(t, j, pack_size<Scalar>, sum.b0, sum.b1, sum.b2, sum.b3);
      }
    }
  }

  /// Adds to the gradient of the weights. `errors` holds, step by step, how the loss changes with
  /// each unit by way of what lies behind the layer; if `pass_on`, it holds the same for the
  /// layer's inputs (as many numbers a step) afterwards.
  void backward(const Scalar* weights, Scalar* errors, bool pass_on, Scalar* packed,
                Scalar* gradient) noexcept {
    std::fill(carried_.begin(), carried_.end(), Scalar{0});
    std::fill(back_.begin(), back_.end(), Scalar{0});
    const std::size_t width = hidden_ * lanes;
    const std::size_t skipped = pass_on ? 0 : inputs_;
    const Scalar* const from_units = back_.data() + inputs_ * lanes;
    for (std::size_t t = steps_; t-- > 0;) {
      for (std::size_t at = 0; at < width; at += pack_size<Scalar>) {
        const auto error = load(errors + t * width + at) + load(from_units + at);
        derive(t, at, error);
      }
      strip_inputs(weights + skipped * 4 * hidden_, rows_ - 1 - skipped, 4 * hidden_,
                   gates_.data() + t * 4 * width, back_.data() + skipped * lanes);
      if (pass_on) std::copy(back_.data(), back_.data() + inputs_ * lanes, errors + t * width);
    }
    strip_gradient<Scalar>({in_.data(), rows_ * lanes}, rows_, {gates_.data(), 4 * width},
                           4 * hidden_, steps_, packed, gradient);
  }

 private:
  [[nodiscard]] auto units_before(std::size_t t) noexcept -> Scalar* {
    return in_.data() + (t * rows_ + inputs_) * lanes;
  }

  /// Gates, cell and unit j of one half of the strip from the weighted sums.
  LEPTON_ALWAYS_INLINE void activate(std::size_t t, std::size_t j, std::size_t half, pack<Scalar> i,
                                     pack<Scalar> f, pack<Scalar> g, pack<Scalar> o) noexcept {
    const auto mid = spread(Scalar{0.5});
    i = logistic_of(i, mid);
    f = logistic_of(f, mid);
    g = tanh_of(g);
    o = logistic_of(o, mid);
    Scalar* const gates = gates_.data() + (t * hidden_ + j) * 4 * lanes + half;
    store(gates, i);
    store(gates + lanes, f);
    store(gates + 2 * lanes, g);
    store(gates + 3 * lanes, o);
    const std::size_t at = j * lanes + half;
    Scalar* const cells = cells_.data() + t * hidden_ * lanes + at;
    const auto c = f * load(cells) + i * g;
    const auto squashed = tanh_of(c);
    store(cells + hidden_ * lanes, c);
    store(squashed_.data() + t * hidden_ * lanes + at, squashed);
    store(units(t) + at, o * squashed);
  }

  /// Errors of the four sums, in place of the gates, from that of the unit; and of the cell a step
  /// before.
  LEPTON_ALWAYS_INLINE void derive(std::size_t t, std::size_t at, pack<Scalar> error) noexcept {
    const auto one = spread(Scalar{1});
    Scalar* const gates = gates_.data() + (t * hidden_ + at / lanes) * 4 * lanes + at % lanes;
    const auto i = load(gates);
    const auto f = load(gates + lanes);
    const auto g = load(gates + 2 * lanes);
    const auto o = load(gates + 3 * lanes);
    const auto squashed = load(squashed_.data() + t * hidden_ * lanes + at);
    const auto before = load(cells_.data() + t * hidden_ * lanes + at);
    const auto cell = load(carried_.data() + at) + error * o * (one - squashed * squashed);
    store(gates, cell * g * i * (one - i));
    store(gates + lanes, cell * before * f * (one - f));
    store(gates + 2 * lanes, cell * i * (one - g * g));
    store(gates + 3 * lanes, error * squashed * o * (one - o));
    store(carried_.data() + at, cell * f);
  }

  std::size_t inputs_;
  std::size_t hidden_;
  std::size_t steps_;
  std::size_t rows_;
  std::vector<Scalar> in_;        ///< a step: inputs, units before, 1
  std::vector<Scalar> gates_;     ///< a step: i, f, g, o of each unit; then their errors
  std::vector<Scalar> cells_;     ///< before each step
  std::vector<Scalar> squashed_;  ///< hyperbolic tangents of the cells after each step
  std::vector<Scalar> carried_;   ///< error of the cells
  std::vector<Scalar> back_;      ///< errors of inputs and units
};

}  // namespace lepton::predict::detail
