// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lepton/config.hpp>

namespace lepton::predict {

/// Adam: steps along the mean gradient, each parameter's divided by the root of its mean square
/// (Kingma and Ba, "Adam: a method for stochastic optimization", 2015); with weight decay apart
/// from the gradient (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019).
///
///     adam<float> optimiser{parameters.size()};
///     optimiser.begin(0.01);  // once a step, with the rate of that step
///     optimiser.step(parameters, gradient, 0, 1e-4);
///
/// O(1) a parameter, two numbers of memory each.
template <class Scalar>
class adam {
 public:
  explicit adam(std::size_t parameters) : mean_(parameters), square_(parameters) {}

  /// A new step at this learning rate.
  void begin(double rate) noexcept {
    rate_ = rate;
    first_ *= beta1;
    second_ *= beta2;
  }

  /// Moves parameters[i], which has place `first` + i in the optimiser's memory; `decay` is the
  /// share of a parameter that it loses a step, over the learning rate.
  void step(std::span<Scalar> parameters, std::span<const Scalar> gradient, std::size_t first,
            double decay) noexcept {
    LEPTON_ASSERT(
        parameters.size() == gradient.size() && first + parameters.size() <= mean_.size(),
        "adam: parameters and gradient differ in length, or are more than it has room for");
    const auto keep = static_cast<Scalar>(1 - rate_ * decay);
    const auto rate = static_cast<Scalar>(rate_ * std::sqrt(1 - second_) / (1 - first_));
    const auto floor = static_cast<Scalar>(1e-8 * std::sqrt(1 - second_));
    constexpr auto b1 = static_cast<Scalar>(beta1);
    constexpr auto b2 = static_cast<Scalar>(beta2);
    Scalar* const m = mean_.data() + first;
    Scalar* const v = square_.data() + first;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      const Scalar g = gradient[i];
      m[i] = b1 * m[i] + (1 - b1) * g;
      v[i] = b2 * v[i] + (1 - b2) * g * g;
      parameters[i] = keep * parameters[i] - rate * m[i] / (std::sqrt(v[i]) + floor);
    }
  }

 private:
  static constexpr double beta1 = 0.9;
  static constexpr double beta2 = 0.999;

  std::vector<Scalar> mean_;
  std::vector<Scalar> square_;
  double rate_ = 0;
  double first_ = 1;   ///< beta1 to the power of the steps
  double second_ = 1;  ///< beta2 to the power of the steps
};

/// Shortens the gradient to `longest` if its Euclidean norm is more than that (Pascanu, Mikolov and
/// Bengio, "On the difficulty of training recurrent neural networks", 2013); returns the norm it
/// had. 0 lets it be as it is.
template <class Scalar>
auto clip_norm(std::span<Scalar> gradient, double longest) noexcept -> double {
  double squares = 0;
  for (const Scalar g : gradient) squares += static_cast<double>(g) * static_cast<double>(g);
  const double norm = std::sqrt(squares);
  if (longest > 0 && norm > longest) {
    const auto factor = static_cast<Scalar>(longest / norm);
    for (Scalar& g : gradient) g *= factor;
  }
  return norm;
}

}  // namespace lepton::predict
