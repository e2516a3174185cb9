// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/model/expected.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/matrix_view.hpp>
#include <lepton/predict/rolling_origin.hpp>

namespace lepton::predict {

namespace detail {

/// Minimises w'Gw over the weights w >= 0 with the sum 1; G is symmetric and positive semidefinite,
/// row after row. Moves weight between the two members between which it helps most, by as much as
/// helps most (sequential minimal optimisation; Platt 1998, with the choice of Keerthi et al.
/// 2001), until nothing is gained. It converges linearly; each step is O(k).
inline void least_on_simplex(std::span<const double> g, std::span<double> w) noexcept {
  const std::size_t k = w.size();
  std::fill(w.begin(), w.end(), 1 / static_cast<double>(k));
  std::vector<double> slope(k, 0.0);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j < k; ++j) slope[i] += g[i * k + j] * w[j];
  for (std::size_t step = 0; step < 10000 * k; ++step) {
    std::size_t to = 0;
    std::size_t from = k;
    double size = 0;
    for (std::size_t i = 0; i < k; ++i) {
      if (slope[i] < slope[to]) to = i;
      if (w[i] > 0 && (from == k || slope[i] > slope[from])) from = i;
      size += w[i] * slope[i];
    }
    const double gain = slope[from] - slope[to];
    if (!(gain > 1e-14 * size)) break;
    const double bend = g[to * k + to] + g[from * k + from] - 2 * g[to * k + from];
    const double by = bend > 0 ? std::min(gain / bend, w[from]) : w[from];
    if (!(by > 0)) break;
    w[from] = by == w[from] ? 0 : w[from] - by;
    w[to] += by;
    for (std::size_t i = 0; i < k; ++i) slope[i] += by * (g[i * k + to] - g[i * k + from]);
  }
}

}  // namespace detail

/// Weights, none negative and with the sum 1, whose weighted mean of forecasts is nearest to what
/// came, in squares (stacking; Wolpert, Neural Networks 5, 1992; with the constraints of Breiman,
/// Machine Learning 24, 1996). Row i of `forecasts` has what each member forecast for `actual[i]`.
///
/// Rows with a number that is missing are left out. A column that is never finite gets no weight.
/// Where many weights are as good, all share (the search starts at equal weights). O(rows · k²).
/// Errors: no members, the lengths differ, no row is complete.
[[nodiscard]] inline auto stacking_weights(matrix_view forecasts, std::span<const double> actual)
    -> expected<std::vector<double>> {
  const std::size_t k = forecasts.columns();
  if (k == 0) return failure("stacking: there are no members; give at least one column");
  if (forecasts.rows() != actual.size())
    return failure("stacking: there are " + std::to_string(forecasts.rows()) +
                   " rows of forecasts but " + std::to_string(actual.size()) + " values");
  std::vector<std::size_t> of;  // columns with something in them
  for (std::size_t j = 0; j < k; ++j)
    for (std::size_t i = 0; i < actual.size(); ++i)
      if (std::isfinite(forecasts(i, j))) {
        of.push_back(j);
        break;
      }
  const std::size_t m = of.size();
  std::vector<double> errors(m);
  const auto complete = [&](std::size_t i) {
    bool good = m > 0;
    for (std::size_t j = 0; j < m; ++j) {
      errors[j] = forecasts(i, of[j]) - actual[i];
      good = good && std::isfinite(errors[j]);
    }
    return good;
  };
  // Errors are divided by the largest, so that no square overflows.
  double largest = 0;
  std::size_t rows = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!complete(i)) continue;
    ++rows;
    for (const double e : errors) largest = std::max(largest, std::fabs(e));
  }
  if (rows == 0) return failure("stacking: no row has a value and a forecast of every member");
  std::vector<double> g(m * m, 0.0);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (!complete(i)) continue;
    for (double& e : errors) e = largest > 0 ? e / largest : 0;
    for (std::size_t a = 0; a < m; ++a)
      for (std::size_t b = 0; b < m; ++b) g[a * m + b] += errors[a] * errors[b];
  }
  std::vector<double> some(m);
  detail::least_on_simplex(g, some);
  std::vector<double> weights(k, 0.0);
  for (std::size_t j = 0; j < m; ++j) weights[of[j]] = some[j];
  return weights;
}

/// Stacking weights of models by their rolling-origin forecasts (medians) of the series. A model
/// that cannot be evaluated gets no weight; if none can, the error of the last.
template <predictor... Models>
  requires(sizeof...(Models) > 0)
[[nodiscard]] auto stacked(std::span<const double> values, const rolling_options& options,
                           const Models&... models) -> expected<std::vector<double>> {
  constexpr std::size_t k = sizeof...(Models);
  std::vector<double> forecasts;
  std::vector<double> actual;
  lepton::error last;
  std::size_t column = 0;
  const auto add = [&](const auto& model) {
    const auto result = rolling_origin(model, values, options);
    if (!result) {
      last = result.error();
    } else {
      for (std::size_t o = 0, row = 0; o < result->origins.size(); ++o)
        for (std::size_t h = 0; h < result->horizon; ++h, ++row) {
          if (row == actual.size()) {
            const std::size_t at = result->origins[o] + h;
            actual.push_back(at < values.size() ? values[at]
                                                : std::numeric_limits<double>::quiet_NaN());
            forecasts.resize(forecasts.size() + k, std::numeric_limits<double>::quiet_NaN());
          }
          forecasts[row * k + column] = result->at(o, h, result->median);
        }
    }
    ++column;
  };
  (add(models), ...);
  if (actual.empty()) return unexpected{last};
  return stacking_weights({forecasts, k}, actual);
}

}  // namespace lepton::predict
