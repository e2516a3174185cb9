// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace lepton::predict {

/// When a search by `bfgs` ends, and how it went.
struct bfgs_options {
  std::size_t iterations = 200;  ///< at most
  double tolerance = 1e-11;      ///< ends when the next step promises a smaller decrease
};
struct bfgs_result {
  bool converged = false;
  double value = std::numeric_limits<double>::infinity();
  std::size_t iterations = 0;
};

/// Minimises a smooth function of few variables: the quasi-Newton method of Broyden, Fletcher,
/// Goldfarb and Shanno, with a line search by bisection for the weak Wolfe conditions (Lewis and
/// Overton 2013), which copes with walls.
class bfgs {
 public:
  explicit bfgs(bfgs_options options = bfgs_options{}) noexcept : options_(options) {}

  /// `f(x, gradient)` gives the value at x and writes the gradient, unless that span is empty;
  /// infinite or NaN where x is not allowed. `x` is the start (allowed), and the minimum in the
  /// end. `inverse_hessian` is a first guess, row by row, or empty: the identity. O(k²) an
  /// iteration beside the evaluations; allocates room for k² + 5k numbers.
  template <class F>
  [[nodiscard]] auto minimise(F&& f, std::span<double> x,
                              std::span<const double> inverse_hessian = {}) const -> bfgs_result;

 private:
  bfgs_options options_;
};

template <class F>
auto bfgs::minimise(F&& f, std::span<double> x, std::span<const double> inverse_hessian) const
    -> bfgs_result {
  const std::size_t k = x.size();
  std::vector<double> room(k * k + 5 * k);
  double* h = room.data();
  double* g = h + k * k;
  double* step = g + k;
  double* at = step + k;
  double* slope = at + k;
  double* hy = slope + k;
  const auto dot = [k](const double* a, const double* b) {
    double sum = 0;
    for (std::size_t i = 0; i < k; ++i) sum += a[i] * b[i];
    return sum;
  };
  const auto identity = [&] {
    for (std::size_t i = 0; i < k * k; ++i) h[i] = i % (k + 1) == 0 ? 1 : 0;
  };
  identity();
  for (std::size_t i = 0; i < k * k && i < inverse_hessian.size(); ++i) h[i] = inverse_hessian[i];
  bfgs_result result;
  result.value = f(std::span<const double>{x}, std::span{g, k});
  if (!std::isfinite(result.value)) return result;
  bool fresh = inverse_hessian.empty();
  int idle = 0;
  for (; result.iterations < options_.iterations; ++result.iterations) {
    for (std::size_t i = 0; i < k; ++i) step[i] = -dot(h + i * k, g);
    double descent = dot(step, g);
    if (!(descent <= 0)) {
      identity();
      fresh = true;
      for (std::size_t i = 0; i < k; ++i) step[i] = -g[i];
      descent = dot(step, g);
    }
    if (!(-descent > 2 * options_.tolerance)) {
      result.converged = descent <= 0;
      return result;
    }
    double low = 0;
    double high = std::numeric_limits<double>::infinity();
    double t = fresh ? std::fmin(1.0, 1 / std::sqrt(dot(g, g))) : 1;
    double value = result.value;
    bool found = false;
    for (int tries = 0; tries < 50; ++tries) {
      for (std::size_t i = 0; i < k; ++i) at[i] = x[i] + t * step[i];
      value = f(std::span<const double>{at, k}, std::span<double>{});
      if (!(value <= result.value + 1e-4 * t * descent)) {
        // A point that was low enough already will do, though the slope there is steep.
        high = t;
        if (low > 0 && tries > 6) t = low;
      } else {
        value = f(std::span<const double>{at, k}, std::span{slope, k});
        if (dot(slope, step) >= 0.9 * descent || t == low) {
          found = true;
          break;
        }
        low = t;
      }
      if (t != low || !(low > 0) || !std::isfinite(high)) {
        t = std::isfinite(high) ? 0.5 * (low + high) : 2 * t;
      }
    }
    if (!found) {
      // Nothing lower along the steepest way either: as good as rounding allows.
      result.converged = fresh || -descent < 1e-7;
      if (result.converged) return result;
      identity();
      fresh = true;
      continue;
    }
    double sy = 0;
    for (std::size_t i = 0; i < k; ++i) {
      step[i] = at[i] - x[i];
      x[i] = at[i];
      hy[i] = slope[i] - g[i];
      g[i] = slope[i];
      sy += step[i] * hy[i];
    }
    // Twice in a row no more than rounding: there is nothing left to find.
    idle = result.value - value <= 1e-14 * std::fabs(value) ? idle + 1 : 0;
    result.value = value;
    if (idle == 2) {
      result.converged = true;
      return result;
    }
    if (!(sy > 0)) continue;
    if (fresh) {
      const double scale = sy / dot(hy, hy);
      for (std::size_t i = 0; i < k; ++i) h[i * k + i] = scale;
      fresh = false;
    }
    for (std::size_t i = 0; i < k; ++i) slope[i] = dot(h + i * k, hy);  // H y
    const double yhy = dot(slope, hy);
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j)
        h[i * k + j] += (1 + yhy / sy) * step[i] * step[j] / sy -
                        (slope[i] * step[j] + step[i] * slope[j]) / sy;
  }
  return result;
}

}  // namespace lepton::predict
