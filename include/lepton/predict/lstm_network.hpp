// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/config.hpp>
#include <lepton/predict/activation.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/pack.hpp>

namespace lepton::predict {

/// Sizes of a network, and where its parameters are: a matrix a layer, then one of the head.
///
/// A layer's matrix has a row for each of its inputs, its own units of the step before, and the
/// constant 1; and four columns for each unit: input gate, forget gate, cell and output gate. The
/// head's has a row for each unit of the last layer, each input of the network (so that what is
/// linear need not pass through the cells), and the constant 1; and a column for each output.
struct lstm_shape {
  std::size_t inputs = 1;
  std::size_t hidden = 1;
  std::size_t layers = 1;
  std::size_t outputs = 1;

  [[nodiscard]] auto layer_inputs(std::size_t layer) const noexcept -> std::size_t {
    return layer == 0 ? inputs : hidden;
  }
  [[nodiscard]] auto layer_rows(std::size_t layer) const noexcept -> std::size_t {
    return layer_inputs(layer) + hidden + 1;
  }
  [[nodiscard]] auto head_rows() const noexcept -> std::size_t { return hidden + inputs + 1; }
  [[nodiscard]] auto gates() const noexcept -> std::size_t { return 4 * hidden; }
  [[nodiscard]] auto layer_offset(std::size_t layer) const noexcept -> std::size_t {
    return layer == 0 ? 0 : (layer_rows(0) + (layer - 1) * layer_rows(1)) * gates();
  }
  [[nodiscard]] auto head_offset() const noexcept -> std::size_t { return layer_offset(layers); }
  [[nodiscard]] auto parameters() const noexcept -> std::size_t {
    return head_offset() + head_rows() * outputs;
  }
  /// Numbers of a state: the units of each layer, and their cells.
  [[nodiscard]] auto state() const noexcept -> std::size_t { return 2 * layers * hidden; }
};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers,
/// Schmidhuber and Cummins 2000): the parameters, and the network on one series, step by step.
template <class Scalar>
class lstm_network {
 public:
  lstm_network() = default;
  explicit lstm_network(lstm_shape shape) : shape_(shape), parameters_(shape.parameters()) {}

  /// Weights uniform between -1/sqrt(hidden) and 1/sqrt(hidden); forget gates open (bias 1); the
  /// head returns the network's first input, as long as nothing better is learnt, in its first
  /// `means` outputs.
  void initialise(std::uint64_t seed, std::size_t means) noexcept {
    lepton::detail::pcg32 random{seed, 0x6c73746dU};
    const double range = 1 / std::sqrt(static_cast<double>(shape_.hidden));
    for (auto& p : parameters_)
      p = static_cast<Scalar>(range * (2 * detail::open_uniform(random) - 1));
    for (std::size_t l = 0; l < shape_.layers; ++l) {
      Scalar* const bias = layer(l) + (shape_.layer_rows(l) - 1) * shape_.gates();
      for (std::size_t m = 0; m < shape_.gates(); ++m) bias[m] = m % 4 == 1 ? 1 : 0;
    }
    Scalar* const direct = head() + shape_.hidden * shape_.outputs;
    std::fill(direct, direct + (shape_.inputs + 1) * shape_.outputs, Scalar{0});
    std::fill(direct, direct + means, Scalar{1});
  }

  [[nodiscard]] auto shape() const noexcept -> const lstm_shape& { return shape_; }
  [[nodiscard]] auto parameters() noexcept -> std::span<Scalar> { return parameters_; }
  [[nodiscard]] auto parameters() const noexcept -> std::span<const Scalar> { return parameters_; }
  [[nodiscard]] auto layer(std::size_t l) noexcept -> Scalar* {
    return parameters_.data() + shape_.layer_offset(l);
  }
  [[nodiscard]] auto layer(std::size_t l) const noexcept -> const Scalar* {
    return parameters_.data() + shape_.layer_offset(l);
  }
  [[nodiscard]] auto head() noexcept -> Scalar* {
    return parameters_.data() + shape_.head_offset();
  }
  [[nodiscard]] auto head() const noexcept -> const Scalar* {
    return parameters_.data() + shape_.head_offset();
  }
  [[nodiscard]] auto finite() const noexcept -> bool {
    return std::all_of(parameters_.begin(), parameters_.end(),
                       [](Scalar p) { return std::isfinite(p); });
  }

  /// Calls `visit(first, count, weights)` for each run of parameters; `weights` tells whether they
  /// are weights (which decay) or biases and the head's direct inputs.
  template <class Visit>
  void for_each_block(Visit&& visit) const {
    for (std::size_t l = 0; l < shape_.layers; ++l) {
      const std::size_t weights = (shape_.layer_rows(l) - 1) * shape_.gates();
      visit(shape_.layer_offset(l), weights, true);
      visit(shape_.layer_offset(l) + weights, shape_.gates(), false);
    }
    const std::size_t weights = shape_.hidden * shape_.outputs;
    visit(shape_.head_offset(), weights, true);
    visit(shape_.head_offset() + weights, (shape_.inputs + 1) * shape_.outputs, false);
  }

  /// Numbers of room that `step` needs.
  [[nodiscard]] auto scratch_size() const noexcept -> std::size_t {
    return shape_.layer_rows(0) + shape_.layer_rows(1) + 6 * shape_.hidden +
           4 * detail::pack_size<Scalar>;
  }

  /// One step: reads the inputs, moves the state (`state()` numbers, layer by layer units and then
  /// cells) and writes the outputs. O(parameters); no allocation.
  void step(std::span<const Scalar> inputs, std::span<Scalar> state, std::span<Scalar> outputs,
            std::span<Scalar> scratch) const noexcept;

  template <class Archive>
  void persist(Archive& a) {
    a(shape_.inputs, shape_.hidden, shape_.layers, shape_.outputs, parameters_);
    if constexpr (Archive::reads) {
      const auto within = [](std::size_t n) { return n >= 1 && n <= 16384; };
      if (parameters_.empty()) {
        shape_ = {};
      } else if (!within(shape_.inputs) || !within(shape_.hidden) || !within(shape_.layers) ||
                 !within(shape_.outputs) || parameters_.size() != shape_.parameters() ||
                 !finite()) {
        a.reject();
      }
    }
  }

 private:
  lstm_shape shape_{};
  std::vector<Scalar> parameters_{};
};

namespace detail {

/// Bounds of the logarithm of a deviation that a network puts out.
template <class Scalar>
[[nodiscard]] auto bounded_logarithm(Scalar x) noexcept -> Scalar {
  return x > 8 ? Scalar{8} : x < -8 ? Scalar{-8} : x;
}

/// out[m] = sum of in[k] w[k][m] over k.
template <class Scalar>
void row_product(const Scalar* w, std::size_t rows, std::size_t columns, const Scalar* in,
                 Scalar* out) noexcept {
  constexpr std::size_t size = pack_size<Scalar>;
  std::size_t m = 0;
  for (; m + 8 * size <= columns; m += 8 * size) {
    pack<Scalar> s0{}, s1{}, s2{}, s3{}, s4{}, s5{}, s6{}, s7{};
    const Scalar* from = w + m;
    for (std::size_t k = 0; k < rows; ++k, from += columns) {
      const auto x = spread(in[k]);
      s0 = s0 + x * load(from);
      s1 = s1 + x * load(from + size);
      s2 = s2 + x * load(from + 2 * size);
      s3 = s3 + x * load(from + 3 * size);
      s4 = s4 + x * load(from + 4 * size);
      s5 = s5 + x * load(from + 5 * size);
      s6 = s6 + x * load(from + 6 * size);
      s7 = s7 + x * load(from + 7 * size);
    }
    store(out + m, s0);
    store(out + m + size, s1);
    store(out + m + 2 * size, s2);
    store(out + m + 3 * size, s3);
    store(out + m + 4 * size, s4);
    store(out + m + 5 * size, s5);
    store(out + m + 6 * size, s6);
    store(out + m + 7 * size, s7);
  }
  for (; m + size <= columns; m += size) {
    pack<Scalar> sum{};
    for (std::size_t k = 0; k < rows; ++k) sum = sum + spread(in[k]) * load(w + k * columns + m);
    store(out + m, sum);
  }
  for (; m < columns; ++m) {
    Scalar sum = 0;
    for (std::size_t k = 0; k < rows; ++k) sum += in[k] * w[k * columns + m];
    out[m] = sum;
  }
}

}  // namespace detail

template <class Scalar>
void lstm_network<Scalar>::step(std::span<const Scalar> inputs, std::span<Scalar> state,
                                std::span<Scalar> outputs,
                                std::span<Scalar> scratch) const noexcept {
  LEPTON_ASSERT(inputs.size() == shape_.inputs && state.size() == shape_.state() &&
                    outputs.size() == shape_.outputs && scratch.size() >= scratch_size(),
                "lstm_network: a span has the wrong length");
  constexpr std::size_t size = detail::pack_size<Scalar>;
  constexpr Scalar half = 0.5;
  // Logistic functions by way of the hyperbolic tangent; the third of four columns is a tangent.
  constexpr Scalar slopes[12] = {half, half, 1, half, half, half, 1, half, half, half, 1, half};
  constexpr Scalar shifts[12] = {half, half, 0, half, half, half, 0, half, half, half, 0, half};
  const std::size_t units = shape_.hidden;
  Scalar* const z = scratch.data();
  Scalar* const squashed = z + 4 * units + size;
  Scalar* const in = squashed + units + size;
  std::copy(inputs.begin(), inputs.end(), in);
  for (std::size_t l = 0; l < shape_.layers; ++l) {
    Scalar* const h = state.data() + 2 * l * units;
    Scalar* const c = h + units;
    Scalar* const own = in + shape_.layer_inputs(l);
    std::copy(h, h + units, own);
    own[units] = 1;
    detail::row_product(layer(l), shape_.layer_rows(l), 4 * units, in, z);
    for (std::size_t m = 0; m < 4 * units; m += size) {
      const auto slope = detail::load(slopes + m % 4);
      const auto shift = detail::load(shifts + m % 4);
      detail::store(z + m, slope * detail::tanh_of(slope * detail::load(z + m)) + shift);
    }
    for (std::size_t j = 0; j < units; ++j) {
      c[j] = z[4 * j + 1] * c[j] + z[4 * j] * z[4 * j + 2];
      squashed[j] = c[j];
    }
    for (std::size_t j = 0; j < units; j += size)
      detail::store(squashed + j, detail::tanh_of(detail::load(squashed + j)));
    for (std::size_t j = 0; j < units; ++j) in[j] = h[j] = z[4 * j + 3] * squashed[j];
  }
  std::copy(inputs.begin(), inputs.end(), in + units);
  in[units + inputs.size()] = 1;
  detail::row_product(head(), shape_.head_rows(), shape_.outputs, in, outputs.data());
}

}  // namespace lepton::predict
