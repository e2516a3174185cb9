// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <lepton/predict/ets_admissible.hpp>
#include <lepton/predict/ets_likelihood.hpp>
#include <lepton/predict/ets_options.hpp>
#include <lepton/predict/ets_start.hpp>
#include <lepton/predict/ets_variables.hpp>
#include <lepton/predict/lbfgs.hpp>
#include <lepton/predict/nelder_mead.hpp>

namespace lepton::predict::detail {

/// What the search found.
struct ets_solution {
  ets_parameters parameters;
  std::vector<double> start;                               ///< states before the first value
  double value = std::numeric_limits<double>::infinity();  ///< -loglik / observations
  std::size_t iterations = 0;
  bool converged = false;
};

/// Maximum likelihood over smoothing parameters and initial states.
///
/// Both are optimised together by limited-memory BFGS with exact gradients, from several starts, as
/// the likelihood has local optima; states are measured in units that give all variables a like
/// curvature. Where the optimum lies on the edge of the admissible parameters, Nelder and Mead's
/// search continues on the smoothing parameters, with the best states for each.
class ets_search {
 public:
  ets_search(const ets_options& options, std::vector<double> values)
      : o_(options),
        variables_(options),
        model_(options, std::move(values)),
        checked_(options.region == ets_region::admissible) {}

  [[nodiscard]] auto model() noexcept -> ets_likelihood& { return model_; }

  /// From the parameters given (a warm start) or, if there are none, from several starts.
  [[nodiscard]] auto best(const ets_parameters* warm = nullptr) -> ets_solution {
    auto found = search(warm);
    if (o_.region == ets_region::both && !checked_ && !std::isinf(found.value) &&
        !admissible(o_, found.parameters)) {
      checked_ = true;
      const auto before = found.iterations;
      found = search(nullptr);
      found.iterations += before;
    }
    normalise(found);
    return found;
  }

 private:
  [[nodiscard]] auto search(const ets_parameters* warm) -> ets_solution {
    const auto state = ets_start(o_, model_.values());
    ets_solution best;
    // Shares of the parameters' ranges: slow, middling and fast smoothing first. Long series
    // determine their parameters well.
    constexpr std::array<std::array<double, 4>, 6> shares{{{0.1, 0.1, 0.1, 0.8},
                                                           {0.5, 0.1, 0.3, 0.5},
                                                           {0.9, 0.02, 0.5, 0.95},
                                                           {0.02, 0.02, 0.02, 0.9},
                                                           {0.3, 0.6, 0.05, 0.7},
                                                           {0.8, 0.8, 0.8, 0.2}}};
    const std::size_t starts = warm != nullptr || variables_.count() == 0 ? 1
                               : model_.observed() > 1000                 ? 3
                                                                          : shares.size();
    for (std::size_t i = 0; i < starts; ++i) {
      ets_solution s;
      s.parameters = warm != nullptr ? variables_.inside(*warm) : variables_.at_shares(shares[i]);
      if (checked_) {  // a slope that hardly changes is admissible with almost any season
        for (int tries = 0; tries < 6 && !admissible(o_, s.parameters); ++tries) {
          auto share = shares[i];
          share[1] *= std::pow(0.1, tries);
          share[2] *= tries < 3 ? 1 : 0.1;
          s.parameters = variables_.at_shares(share);
        }
      }
      s.start = state;
      climb(s, 60, 1e-4);
      if (std::isinf(s.value)) {
        s.start = flat_start();
        climb(s, 60, 1e-4);
      }
      if (std::isinf(s.value) && warm == nullptr) {  // hardly any smoothing: nothing falls below 0
        s.parameters = variables_.at_shares({1e-3, 1e-3, 1e-3, 0.5});
        climb(s, 60, 1e-4);
      }
      best.iterations += s.iterations;
      if (s.value < best.value) {
        s.iterations = best.iterations;
        best = std::move(s);
      }
    }
    if (std::isinf(best.value)) return best;
    edge_ = false;
    finish(best);
    // At the edge of a range the gradient vanishes whether or not it is a minimum: once more from
    // a little inside.
    const auto off = variables_.inside(best.parameters);
    if (off.alpha != best.parameters.alpha || off.beta != best.parameters.beta ||
        off.gamma != best.parameters.gamma || off.phi != best.parameters.phi) {
      ets_solution again;
      again.parameters = off;
      again.start = best.start;
      climb(again, 60, 1e-5);
      best.iterations += again.iterations;
      if (again.value < best.value - 1e-9) {
        again.iterations = best.iterations;
        best = std::move(again);
        finish(best);
      }
    }
    if (checked_ && edge_ && variables_.count() > 0) along_edge(best);
    return best;
  }

  /// Fresh units at the optimum, until nothing is gained.
  void finish(ets_solution& best) {
    for (int round = 0; round < 4 && best.iterations < o_.iterations; ++round) {
      const double before = best.value;
      climb(best, o_.iterations - best.iterations, 2e-8);
      if (best.converged && before - best.value < 1e-12) break;
    }
  }
  [[nodiscard]] auto flat_start() const -> std::vector<double> {
    std::vector<double> state(ets_states(o_), season_multiplies(o_) ? 1.0 : 0.0);
    double mean = 0;
    double count = 0;
    for (const double y : model_.values()) {
      if (std::isnan(y)) continue;
      count += 1;
      mean += (y - mean) / count;
    }
    state[0] = mean;
    if (has_trend(o_)) state[1] = trend_multiplies(o_) ? 1 : 0;
    return state;
  }

  void climb(ets_solution& s, std::size_t iterations, double tolerance);
  void along_edge(ets_solution& s);
  [[nodiscard]] auto units(const ets_solution& s) -> std::vector<double>;

  /// Seasons sum to 0 (or have the mean 1), which changes no forecast.
  void normalise(ets_solution& s) const {
    if (!season_slides(o_) || std::isinf(s.value)) return;
    const std::size_t first = has_trend(o_) ? 2 : 1;
    double mean = 0;
    for (std::size_t i = first; i < s.start.size(); ++i)
      mean += s.start[i] / static_cast<double>(o_.period);
    for (std::size_t i = first; i < s.start.size(); ++i) {
      if (season_multiplies(o_)) {
        s.start[i] /= mean;
      } else {
        s.start[i] -= mean;
      }
    }
    if (season_multiplies(o_)) {
      s.start[0] *= mean;
      if (has_trend(o_) && !trend_multiplies(o_)) s.start[1] *= mean;
    } else {
      s.start[0] += mean;
    }
  }

  ets_options o_;
  ets_variables variables_;
  ets_likelihood model_;
  bool checked_;       // only admissible parameters are taken
  bool edge_ = false;  // the search met others
  std::vector<double> state_, by_state_;
};

/// The length of a change of each variable (angles, then states) that changes the errors by as
/// much as they are themselves: one over the root of the Gauss-Newton curvature.
inline auto ets_search::units(const ets_solution& s) -> std::vector<double> {
  const std::size_t n = variables_.count() + s.start.size();
  std::vector<double> unit(n, 1.0);
  ets_run sums;
  auto state = s.start;
  if (!model_.run(s.parameters, state, sums) || !(sums.squares > 0)) return unit;
  const std::vector<double> errors(model_.errors().begin(), model_.errors().end());
  const double deviation = std::sqrt(sums.squares / static_cast<double>(sums.observations));
  const std::size_t first = has_trend(o_) ? 2 : 1;
  const double level =
      o_.error == ets_error::multiplicative ? std::fabs(s.start[0]) * deviation : deviation;
  for (std::size_t i = 0; i < std::min(first + 1, s.start.size()); ++i) {
    double step = 1e-3 * level;
    if (i == 1 && trend_multiplies(o_)) step = 1e-3 * deviation;
    if (i == first && season_multiplies(o_)) step /= std::fabs(s.start[0]);
    if (!(step > 0)) continue;
    state = s.start;
    state[i] += step;
    ets_run moved;
    if (!model_.run(s.parameters, state, moved)) continue;
    double change = 0;
    for (std::size_t t = 0; t < errors.size(); ++t)
      change += (model_.errors()[t] - errors[t]) * (model_.errors()[t] - errors[t]);
    if (!(change > 0) || !std::isfinite(change)) continue;
    const double found = step * std::sqrt(sums.squares / change);
    if (i < first) {
      unit[variables_.count() + i] = found;
    } else {
      // Other seasons meet the series later, and otherwise alike.
      for (std::size_t k = first; k < s.start.size(); ++k) unit[variables_.count() + k] = found;
    }
  }
  return unit;
}

inline void ets_search::climb(ets_solution& s, std::size_t iterations, double tolerance) {
  const auto unit = units(s);
  const std::size_t count = variables_.count();
  std::vector<double> x(unit.size(), 0.0);
  variables_.variables(s.parameters, x);
  const auto base = s.start;
  state_.resize(base.size());
  by_state_.resize(base.size());
  const auto f = [&](std::span<const double> at, std::span<double> gradient) {
    const auto p = variables_.parameters(at);
    if (checked_ && !admissible(o_, p)) {
      edge_ = true;
      return ets_likelihood::infinite;
    }
    for (std::size_t i = 0; i < base.size(); ++i)
      state_[i] = base[i] + unit[count + i] * at[count + i];
    std::array<double, 4> by{};
    const double value = model_.gradient(p, state_, by, by_state_);
    if (std::isinf(value)) return value;
    variables_.gradient(at, by, gradient);
    for (std::size_t i = 0; i < base.size(); ++i)
      gradient[count + i] = by_state_[i] * unit[count + i];
    return value;
  };
  lbfgs_options options;
  options.gradient = tolerance;
  options.iterations = iterations;
  options.memory = 40;
  options.decrease = tolerance > 1e-6 ? 1e-9 : 1e-13;
  const auto found = lbfgs(f, x, options);
  s.iterations += found.iterations;
  s.converged = found.converged;
  if (!(found.value <= s.value)) return;
  s.value = found.value;
  s.parameters = variables_.parameters(x);
  for (std::size_t i = 0; i < base.size(); ++i)
    s.start[i] = base[i] + unit[count + i] * x[count + i];
}

inline void ets_search::along_edge(ets_solution& s) {
  std::array<double, 4> x{};
  variables_.variables(s.parameters, x);
  ets_solution best = s;
  std::size_t iterations = 0;
  const auto f = [&](std::span<const double> at) {
    const auto p = variables_.parameters(at);
    if (!admissible(o_, p)) return ets_likelihood::infinite;
    auto fixed = o_;
    fixed.alpha = p.alpha;
    fixed.beta = p.beta;
    fixed.gamma = p.gamma;
    fixed.phi = p.phi;
    ets_search inner{fixed, model_.values()};
    inner.checked_ = false;  // this was
    ets_solution trial;
    trial.parameters = p;
    trial.start = best.start;
    inner.climb(trial, 60, 1e-8);
    iterations += trial.iterations;
    if (trial.value < best.value) best = trial;
    return trial.value;
  };
  nelder_mead_options options;
  options.step = 0.02;
  options.tolerance = 1e-10;
  options.calls = 600;
  const auto found = nelder_mead(f, std::span(x).first(variables_.count()), options);
  best.iterations = s.iterations + iterations;
  best.converged = found.converged;
  s = std::move(best);
}

}  // namespace lepton::predict::detail
