// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace lepton::predict {

struct lbfgs_options {
  double gradient = 1e-7;        ///< stops when no part of the gradient is larger
  double decrease = 1e-15;       ///< stops when steps gain no more than this share of the value
  std::size_t iterations = 500;  ///< steps at most
  std::size_t memory = 30;       ///< pairs of steps that the curvature is learned from
};

struct lbfgs_result {
  double value = std::numeric_limits<double>::infinity();
  std::size_t iterations = 0;
  std::size_t calls = 0;
  bool converged = false;
};

/// Minimises a smooth function of many variables from `x`, which becomes the best point found.
/// `f(std::span<const double> x, std::span<double> gradient) -> double`; it may be infinite (or
/// NaN) outside its domain, steps then become shorter.
///
/// Limited-memory BFGS (Nocedal, Mathematics of Computation 35, 1980) with a line search for the
/// weak Wolfe conditions (cubic interpolation guarded by bisection). Memory and time of a step are
/// linear in the number of variables, so hundreds of them are no burden.
template <class F>
auto lbfgs(F&& f, std::span<double> x, const lbfgs_options& o = {}) -> lbfgs_result {
  const std::size_t n = x.size();
  const std::size_t memory = std::max<std::size_t>(1, o.memory);
  lbfgs_result result;
  const auto dot = [n](const double* a, const double* b) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
  };
  std::vector<double> gradient(n);
  std::vector<double> direction(n);
  std::vector<double> next(n);
  std::vector<double> next_gradient(n);
  std::vector<double> steps(memory * n);
  std::vector<double> changes(memory * n);
  std::vector<double> inverse(memory);
  std::vector<double> share(memory);
  std::size_t kept = 0;
  std::size_t newest = 0;
  std::size_t idle = 0;
  result.value = f(std::span<const double>(x), std::span<double>(gradient));
  ++result.calls;
  if (!std::isfinite(result.value)) return result;
  while (result.iterations < o.iterations) {
    double largest = 0;
    for (const double g : gradient) largest = std::max(largest, std::fabs(g));
    if (largest <= o.gradient) {
      result.converged = true;
      break;
    }
    // Two loops: direction = - (inverse of the curvature) · gradient.
    for (std::size_t i = 0; i < n; ++i) direction[i] = -gradient[i];
    for (std::size_t k = 0; k < kept; ++k) {
      const std::size_t i = (newest + memory - k) % memory;
      share[i] = inverse[i] * dot(&steps[i * n], direction.data());
      for (std::size_t j = 0; j < n; ++j) direction[j] -= share[i] * changes[i * n + j];
    }
    if (kept > 0) {
      const double scale = 1 / (inverse[newest] * dot(&changes[newest * n], &changes[newest * n]));
      for (double& d : direction) d *= scale;
    }
    for (std::size_t k = kept; k-- > 0;) {
      const std::size_t i = (newest + memory - k) % memory;
      const double back = inverse[i] * dot(&changes[i * n], direction.data());
      for (std::size_t j = 0; j < n; ++j) direction[j] += (share[i] - back) * steps[i * n + j];
    }
    double slope = dot(direction.data(), gradient.data());
    if (!(slope < 0)) {  // rounding has spoilt the memory
      if (kept == 0) break;
      kept = 0;
      continue;
    }
    double step = kept > 0 ? 1 : std::min(1.0, 0.5 / std::sqrt(-slope));
    double low = 0;
    double low_value = result.value;
    double low_slope = slope;
    double high = std::numeric_limits<double>::infinity();
    double value = 0;
    bool found = false;
    for (int tries = 0; tries < 40; ++tries) {
      for (std::size_t i = 0; i < n; ++i) next[i] = x[i] + step * direction[i];
      value = f(std::span<const double>(next), std::span<double>(next_gradient));
      ++result.calls;
      const double here = std::isfinite(value) ? dot(direction.data(), next_gradient.data()) : 0.0;
      if (!std::isfinite(value) || value > result.value + 1e-4 * step * slope) {
        high = step;
      } else if (here < 0.9 * slope) {
        low = step;
        low_value = value;
        low_slope = here;
        found = true;  // good enough if nothing better comes
        if (std::isinf(high)) {
          step *= 3;
          continue;
        }
      } else {
        found = true;
        break;
      }
      // The minimum of the parabola through what is known, kept well inside the bracket.
      double trial = 0.5 * (low + high);
      if (std::isfinite(value) && high == step) {
        const double width = high - low;
        const double bend = value - low_value - low_slope * width;
        if (bend > 0) trial = low - 0.5 * low_slope * width * width / bend;
        trial = std::clamp(trial, low + 0.1 * width, low + 0.9 * width);
      }
      if (!(std::fabs(trial - step) > 1e-14 * step)) break;
      step = trial;
    }
    if (found && low > 0 && !(value <= low_value)) {  // the search ended on a worse point
      for (std::size_t i = 0; i < n; ++i) next[i] = x[i] + low * direction[i];
      value = f(std::span<const double>(next), std::span<double>(next_gradient));
      ++result.calls;
    }
    if (!found || value > result.value || !std::isfinite(value)) {
      if (kept == 0) {
        // No descent along the gradient itself: at the limit of what rounding allows.
        result.converged = largest <= 1e3 * o.gradient;
        break;
      }
      kept = 0;
      continue;
    }
    ++result.iterations;
    const std::size_t place = kept == 0 ? 0 : (newest + 1) % memory;
    for (std::size_t i = 0; i < n; ++i) {
      steps[place * n + i] = next[i] - x[i];
      changes[place * n + i] = next_gradient[i] - gradient[i];
    }
    const double curvature = dot(&steps[place * n], &changes[place * n]);
    if (curvature > 1e-16 * dot(&changes[place * n], &changes[place * n])) {
      inverse[place] = 1 / curvature;
      newest = place;
      kept = std::min(kept + 1, memory);
    }
    std::copy(next.begin(), next.end(), x.begin());
    gradient.swap(next_gradient);
    const double gain = result.value - value;
    result.value = value;
    idle = gain <= o.decrease * std::max(1.0, std::fabs(value)) ? idle + 1 : 0;
    if (idle >= 3) {
      result.converged = true;
      break;
    }
  }
  return result;
}

}  // namespace lepton::predict
