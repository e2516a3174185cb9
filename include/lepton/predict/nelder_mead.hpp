// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace lepton::predict {

struct nelder_mead_options {
  double step = 0.1;         ///< edge of the first simplex
  double tolerance = 1e-10;  ///< stops when the values of all corners differ by no more than this
  std::size_t calls = 2000;  ///< of the function, at most
  std::size_t restarts = 2;  ///< fresh simplices about the best point, to escape a collapsed one
};

struct nelder_mead_result {
  double value = std::numeric_limits<double>::infinity();
  std::size_t calls = 0;
  bool converged = false;
};

/// Minimises `f(std::span<const double>) -> double`, which need not be smooth and may be infinite
/// (or NaN) where it is not defined, from `x`, which becomes the best point found. Nelder and Mead,
/// Computer Journal 7 (1965), with the coefficients of Gao and Han (2012) that depend on the
/// dimension, and restarts. Allocates the simplex.
template <class F>
auto nelder_mead(F&& f, std::span<double> x, const nelder_mead_options& o = {})
    -> nelder_mead_result {
  const std::size_t n = x.size();
  nelder_mead_result result;
  const auto value = [&](std::span<const double> at) {
    ++result.calls;
    const double v = f(at);
    return std::isnan(v) ? std::numeric_limits<double>::infinity() : v;
  };
  result.value = value(x);
  if (n == 0) {
    result.converged = true;
    return result;
  }
  const auto dimension = static_cast<double>(n);
  const double expand = 1 + 2 / dimension;
  const double contract = 0.75 - 0.5 / dimension;
  const double shrink = n == 1 ? 0.5 : 1 - 1 / dimension;
  struct corner {
    std::vector<double> at;
    double value;
  };
  const auto lower = [](const corner& a, const corner& b) { return a.value < b.value; };
  std::vector<double> centre(n);
  std::vector<double> trial(n);
  std::vector<double> other(n);
  for (std::size_t round = 0; round <= o.restarts; ++round) {
    const double before = result.value;
    std::vector<corner> simplex{corner{std::vector<double>(x.begin(), x.end()), result.value}};
    for (std::size_t i = 0; i < n; ++i) {
      corner c{simplex[0].at, 0};
      c.at[i] += round % 2 == 0 ? o.step : -o.step;
      c.value = value(c.at);
      simplex.push_back(std::move(c));
    }
    result.converged = false;
    while (result.calls < o.calls) {
      std::stable_sort(simplex.begin(), simplex.end(), lower);
      corner& worst = simplex[n];
      if (worst.value - simplex[0].value <= o.tolerance) {
        result.converged = true;
        break;
      }
      for (std::size_t k = 0; k < n; ++k) {
        centre[k] = 0;
        for (std::size_t i = 0; i < n; ++i) centre[k] += simplex[i].at[k] / dimension;
      }
      const auto move = [&](std::vector<double>& to, double by) {
        for (std::size_t k = 0; k < n; ++k) to[k] = centre[k] + by * (centre[k] - worst.at[k]);
        return value(to);
      };
      const double reflected = move(trial, 1);
      double chosen = reflected;
      if (reflected < simplex[0].value) {
        const double expanded = move(other, expand);
        if (expanded < reflected) {
          trial.swap(other);
          chosen = expanded;
        }
      } else if (!(reflected < simplex[n - 1].value)) {
        const bool outside = reflected < worst.value;
        chosen = move(other, outside ? contract : -contract);
        if (chosen <= (outside ? reflected : worst.value)) {
          trial.swap(other);
        } else {
          for (std::size_t i = 1; i <= n; ++i) {
            for (std::size_t k = 0; k < n; ++k)
              simplex[i].at[k] = simplex[0].at[k] + shrink * (simplex[i].at[k] - simplex[0].at[k]);
            simplex[i].value = value(simplex[i].at);
          }
          continue;
        }
      }
      worst.at.swap(trial);
      worst.value = chosen;
    }
    const auto best = std::min_element(simplex.begin(), simplex.end(), lower);
    std::copy(best->at.begin(), best->at.end(), x.begin());
    result.value = best->value;
    if (result.calls >= o.calls || (round > 0 && before - result.value <= o.tolerance)) break;
  }
  return result;
}

}  // namespace lepton::predict
