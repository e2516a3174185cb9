// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/predict/lstm_cell.hpp>
#include <lepton/predict/lstm_network.hpp>
#include <lepton/predict/lstm_options.hpp>
#include <lepton/predict/normal.hpp>

namespace lepton::predict {

/// Loss of an LSTM on up to `lanes` windows side by side, and its gradient by truncated
/// back-propagation through time (Werbos 1990): gradients reach back to the start of the window,
/// whose first state is taken as given.
///
/// The caller fills in the inputs, first states, targets and their weights (0: leave out), then
/// calls `forward`, and `backward` for the gradient. All memory is allocated at construction.
template <class Scalar>
class lstm_gradient {
 public:
  static constexpr std::size_t lanes = detail::strip<Scalar>;

  /// `targets` a step; the network has that many outputs, or twice as many (mean and logarithm of
  /// the deviation) for `lstm_loss::gaussian`.
  lstm_gradient(const lstm_shape& shape, std::size_t steps, std::size_t targets, lstm_loss loss)
      : shape_(shape),
        steps_(steps),
        targets_(targets),
        loss_(loss),
        head_in_(steps * shape.head_rows() * lanes),
        outputs_(steps * shape.outputs * lanes),
        slopes_(steps * shape.outputs * lanes),
        target_(steps * targets * lanes),
        weight_(steps * targets * lanes),
        errors_(steps * shape.hidden * lanes),
        packed_(steps * 4 * lanes),
        masks_((shape.layers - 1) * steps * shape.hidden * lanes, Scalar{1}) {
    LEPTON_ASSERT(shape.outputs == targets * (loss == lstm_loss::gaussian ? 2 : 1),
                  "lstm_gradient: the outputs do not fit the targets");
    for (std::size_t l = 0; l < shape.layers; ++l)
      cells_.emplace_back(shape.layer_inputs(l), shape.hidden, steps);
    for (std::size_t t = 0; t < steps; ++t)
      std::fill_n(head_in_.data() + ((t + 1) * shape.head_rows() - 1) * lanes, lanes, Scalar{1});
  }

  /// Input i at step t of all windows.
  [[nodiscard]] auto input(std::size_t t, std::size_t i) noexcept -> Scalar* {
    return cells_[0].input(t) + i * lanes;
  }
  /// Number `at` of the first state, numbered as in `lstm_network::step`.
  [[nodiscard]] auto first_state(std::size_t at) noexcept -> Scalar* {
    auto& cell = cells_[at / (2 * shape_.hidden)];
    const std::size_t within = at % (2 * shape_.hidden);
    return within < shape_.hidden ? cell.first_units() + within * lanes
                                  : cell.first_cells() + (within - shape_.hidden) * lanes;
  }
  [[nodiscard]] auto target(std::size_t t, std::size_t i) noexcept -> Scalar* {
    return target_.data() + (t * targets_ + i) * lanes;
  }
  /// What the loss of a target counts.
  [[nodiscard]] auto weight(std::size_t t, std::size_t i) noexcept -> Scalar* {
    return weight_.data() + (t * targets_ + i) * lanes;
  }
  /// What `forward` put out.
  [[nodiscard]] auto output(std::size_t t, std::size_t i) const noexcept -> const Scalar* {
    return outputs_.data() + (t * shape_.outputs + i) * lanes;
  }

  /// Draws which units between layers are left out (the others count for more, so that the sum is
  /// the same on average). Without a call, none.
  void draw_dropout(double share, lepton::detail::pcg32& random) noexcept {
    const auto kept = static_cast<Scalar>(1 / (1 - share));
    const auto bound = static_cast<std::uint32_t>(share * 0x1p32);
    for (auto& m : masks_) m = random() < bound ? Scalar{0} : kept;
  }

  /// The loss: weighted sum over targets of the squared or absolute error, or of the negative
  /// logarithm of the normal likelihood (without its constant).
  auto forward(const lstm_network<Scalar>& network) noexcept -> double {
    const std::size_t width = shape_.hidden * lanes;
    const std::size_t row = shape_.head_rows() * lanes;
    for (std::size_t l = 0; l < shape_.layers; ++l) {
      cells_[l].forward(network.layer(l));
      for (std::size_t t = 0; t < steps_; ++t) {
        const Scalar* const units = cells_[l].units(t);
        if (l + 1 == shape_.layers) {
          std::copy(units, units + width, head_in_.data() + t * row);
        } else {
          const Scalar* const mask = masks_.data() + (l * steps_ + t) * width;
          Scalar* const to = cells_[l + 1].input(t);
          for (std::size_t i = 0; i < width; ++i) to[i] = units[i] * mask[i];
        }
      }
    }
    for (std::size_t t = 0; t < steps_; ++t) {
      Scalar* const in = head_in_.data() + t * row;
      std::copy(input(t, 0), input(t, 0) + shape_.inputs * lanes, in + width);
      for (std::size_t o = 0; o < shape_.outputs; ++o)
        detail::strip_outputs<1>(network.head() + o, shape_.head_rows(), shape_.outputs, in)
            .put(outputs_.data() + (t * shape_.outputs + o) * lanes);
    }
    double loss = 0;
    for (std::size_t t = 0; t < steps_; ++t)
      for (std::size_t i = 0; i < targets_; ++i) loss += losses(t, i);
    return loss;
  }

  /// Adds the gradient of the loss that `forward` returned.
  void backward(const lstm_network<Scalar>& network, std::span<Scalar> gradient) noexcept {
    LEPTON_ASSERT(gradient.size() == shape_.parameters(),
                  "lstm_gradient: the gradient has one number a parameter");
    const std::size_t width = shape_.hidden * lanes;
    detail::strip_gradient<Scalar>({head_in_.data(), shape_.head_rows() * lanes},
                                   shape_.head_rows(), {slopes_.data(), shape_.outputs * lanes},
                                   shape_.outputs, steps_, packed_.data(),
                                   gradient.data() + shape_.head_offset());
    for (std::size_t t = 0; t < steps_; ++t)
      detail::strip_inputs(network.head(), shape_.hidden, shape_.outputs,
                           slopes_.data() + t * shape_.outputs * lanes, errors_.data() + t * width);
    for (std::size_t l = shape_.layers; l-- > 0;) {
      cells_[l].backward(network.layer(l), errors_.data(), l > 0, packed_.data(),
                         gradient.data() + shape_.layer_offset(l));
      if (l == 0) break;
      const Scalar* const mask = masks_.data() + (l - 1) * steps_ * width;
      for (std::size_t i = 0; i < steps_ * width; ++i) errors_[i] *= mask[i];
    }
  }

 private:
  /// Loss of a target, all windows, and its slopes.
  [[nodiscard]] auto losses(std::size_t t, std::size_t i) noexcept -> double {
    const std::size_t at = (t * shape_.outputs + i) * lanes;
    const Scalar* const mean = outputs_.data() + at;
    Scalar* const slope = slopes_.data() + at;
    const Scalar* const y = target(t, i);
    const Scalar* const w = weight(t, i);
    double sum = 0;
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const Scalar error = w[lane] == 0 ? 0 : mean[lane] - y[lane];
      if (loss_ == lstm_loss::squared) {
        sum += static_cast<double>(w[lane] * error * error);
        slope[lane] = 2 * w[lane] * error;
      } else if (loss_ == lstm_loss::absolute) {
        sum += static_cast<double>(w[lane] * std::fabs(error));
        slope[lane] = error > 0 ? w[lane] : error < 0 ? -w[lane] : 0;
      } else {
        const Scalar spread = mean[lane + targets_ * lanes];
        const Scalar logarithm = detail::bounded_logarithm(spread);
        const Scalar precision = std::exp(-2 * logarithm);
        const Scalar half_square = error * error * precision / 2;
        sum += static_cast<double>(w[lane] * (half_square + logarithm));
        slope[lane] = w[lane] * error * precision;
        slope[lane + targets_ * lanes] = logarithm == spread ? w[lane] * (1 - 2 * half_square) : 0;
      }
    }
    return sum;
  }

  lstm_shape shape_;
  std::size_t steps_;
  std::size_t targets_;
  lstm_loss loss_;
  std::vector<detail::lstm_cell<Scalar>> cells_{};
  std::vector<Scalar> head_in_;  ///< a step: units of the last layer, inputs, 1
  std::vector<Scalar> outputs_;
  std::vector<Scalar> slopes_;  ///< of the loss in each output
  std::vector<Scalar> target_;
  std::vector<Scalar> weight_;
  std::vector<Scalar> errors_;  ///< of a layer's units
  std::vector<Scalar> packed_;
  std::vector<Scalar> masks_;
};

}  // namespace lepton::predict
