// SPDX-License-Identifier: Apache-2.0
// Exponential smoothing beside slow twins: the recursions as the textbook writes them, gradients by
// differences, stability by following a shock, intervals by simulation, optima by another search.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/ets.hpp>
#include <lepton/predict/nelder_mead.hpp>
#include <lepton/predict/seasonal_indices.hpp>

#include "catch.hpp"
#include "sanitized.hpp"

#ifndef LEPTON_PROPERTY_DECISIONS
#define LEPTON_PROPERTY_DECISIONS 100000
#endif

namespace {

using namespace lepton::predict;
using lepton::detail::pcg32;

constexpr std::size_t decisions = LEPTON_PROPERTY_DECISIONS;

double uniform(pcg32& random, double low, double high) {
  return low + (high - low) * detail::open_uniform(random);
}

ets_options form(std::size_t number, std::size_t period) {
  ets_options o;
  o.error = static_cast<ets_error>(number % 2);
  o.trend = static_cast<ets_trend>(number / 2 % 5);
  o.season = static_cast<ets_season>(number / 10 % 3);
  o.period = period;
  return o;
}

ets_parameters parameters(pcg32& random, const ets_options& o) {
  ets_parameters p;
  p.alpha = uniform(random, 0.05, 0.9);
  if (detail::has_trend(o)) p.beta = uniform(random, 0.0, 0.1) * p.alpha;
  if (detail::has_season(o)) p.gamma = uniform(random, 0.0, 0.5) * (1 - p.alpha);
  if (detail::is_damped(o)) p.phi = uniform(random, 0.8, 0.98);
  return p;
}

std::vector<double> start(pcg32& random, const ets_options& o) {
  std::vector<double> state{uniform(random, 40, 60)};
  if (detail::has_trend(o))
    state.push_back(detail::trend_multiplies(o) ? uniform(random, 0.99, 1.01)
                                                : uniform(random, -0.3, 0.3));
  if (detail::has_season(o))
    for (std::size_t i = 0; i < o.period; ++i)
      state.push_back(detail::season_multiplies(o) ? uniform(random, 0.8, 1.2)
                                                   : uniform(random, -8, 8));
  return state;
}

/// One step of the model as Hyndman et al. (2008) print it (tables 2.2 and 2.3), each kind by
/// itself. `season` is a queue: the first number is that of the value to come.
struct textbook {
  ets_options o;
  ets_parameters p;
  double l, b;
  std::vector<double> season;

  textbook(const ets_options& form, const ets_parameters& given, const std::vector<double>& state)
      : o(form), p(given), l(state[0]), b(detail::has_trend(form) ? state[1] : 0) {
    for (std::size_t i = detail::has_trend(form) ? 2 : 1; i < state.size(); ++i)
      season.push_back(state[i]);
  }
  [[nodiscard]] double trend() const {
    if (!detail::has_trend(o)) return l;
    return detail::trend_multiplies(o) ? l * std::pow(b, p.phi) : l + p.phi * b;
  }
  [[nodiscard]] double forecast() const {
    if (season.empty()) return trend();
    return detail::season_multiplies(o) ? trend() * season[0] : trend() + season[0];
  }
  void step(double e) {  // the error: relative if it multiplies
    const double q = trend();
    const double f = forecast();
    const double s = season.empty() ? 0 : season[0];
    const double fade = detail::trend_multiplies(o) ? std::pow(b, p.phi) : p.phi * b;
    const bool relative = o.error == ets_error::multiplicative;
    const bool factor = detail::season_multiplies(o);
    double next = s;
    double l_next = 0;
    double b_next = 0;
    if (!relative && !factor) {
      l_next = q + p.alpha * e;
      b_next = detail::trend_multiplies(o) ? fade + p.beta * e / l : fade + p.beta * e;
      next = s + p.gamma * e;
    } else if (!relative) {
      l_next = q + p.alpha * e / s;
      b_next = detail::trend_multiplies(o) ? fade + p.beta * e / (s * l) : fade + p.beta * e / s;
      next = s + p.gamma * e / q;
    } else if (factor || season.empty()) {
      l_next = q * (1 + p.alpha * e);
      b_next = detail::trend_multiplies(o) ? fade * (1 + p.beta * e) : fade + p.beta * q * e;
      next = s * (1 + p.gamma * e);
    } else {
      l_next = q + p.alpha * f * e;
      b_next = detail::trend_multiplies(o) ? fade + p.beta * f * e / l : fade + p.beta * f * e;
      next = s + p.gamma * f * e;
    }
    l = l_next;
    if (detail::has_trend(o)) b = b_next;
    if (!season.empty()) {
      season.erase(season.begin());
      season.push_back(next);
    }
  }
  double value(double e) const {
    return o.error == ets_error::multiplicative ? forecast() * (1 + e) : forecast() + e;
  }
};

detail::ets_state state_of(const textbook& t, double variance) {
  detail::ets_state s;
  s.error = t.o.error;
  s.trend = t.o.trend;
  s.season = t.o.season;
  s.p = t.p;
  s.level = t.l;
  s.slope = t.b;
  s.variance = variance;
  s.period = t.season.size();
  return s;
}

}  // namespace

TEST_CASE("ets: likelihood, gradient and update are those of the textbook's equations") {
  pcg32 random{11};
  std::size_t compared = 0;
  for (std::size_t number = 0; number < decisions / 200; ++number) {
    const auto o = form(number, 2 + number % 4);
    const auto p = parameters(random, o);
    const auto state = start(random, o);
    const double noise = o.error == ets_error::multiplicative ? 0.03 : 1.5;
    textbook model(o, p, state);
    std::vector<double> y;
    double squares = 0;
    double logs = 0;
    double n = 0;
    const std::size_t length = 5 + number % 40;
    for (std::size_t t = 0; t < length; ++t) {
      const bool gap = random.below(8) == 0;
      const double e = gap ? 0 : noise * detail::normal_number(random);
      y.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : model.value(e));
      if (!gap) {
        squares += e * e;
        n += 1;
        if (o.error == ets_error::multiplicative) logs += std::log(model.forecast());
      }
      model.step(e);
    }
    if (n < 2 || !(model.l > 1)) continue;
    detail::ets_likelihood fast(o, y);
    auto end = state;
    detail::ets_run sums;
    if (!fast.run(p, end, sums)) continue;  // fell below 0
    ++compared;
    const double expected = 0.5 * std::log(squares) + logs / n;
    bool good = std::fabs(detail::ets_likelihood::value(sums) - expected) < 1e-9;
    good = good && std::fabs(end[0] - model.l) < 1e-8 * std::fabs(model.l);
    // The same by single updates.
    std::vector<double> ring(state.begin() + (detail::has_trend(o) ? 2 : 1), state.end());
    auto s = state_of(textbook(o, p, state), 1);
    for (const double v : y) {
      if (std::isnan(v)) {
        s.skip();
      } else {
        (void)s.move(v, nullptr, ring.data());
      }
    }
    good = good && std::fabs(s.level - model.l) < 1e-8 * std::fabs(model.l) &&
           std::fabs(s.slope - model.b) < 1e-8;
    for (std::size_t i = 0; i < ring.size(); ++i)
      good = good && std::fabs(ring[(s.place + i) % ring.size()] - model.season[i]) < 1e-8;
    // The gradient beside differences, in a random direction.
    std::array<double, 4> by{};
    std::vector<double> by_state(state.size());
    end = state;
    (void)fast.gradient(p, end, by, by_state);
    std::vector<double> direction(state.size());
    for (double& d : direction) d = uniform(random, -1, 1) * 1e-2;
    if (detail::trend_multiplies(o)) direction[1] *= 1e-2;
    if (detail::season_multiplies(o))
      for (std::size_t i = detail::has_trend(o) ? 2 : 1; i < state.size(); ++i)
        direction[i] *= 1e-2;
    const auto along = [&](double h) {
      auto moved = p;
      moved.alpha += 1e-3 * h;
      moved.beta += detail::has_trend(o) ? 1e-4 * h : 0;
      moved.gamma += detail::has_season(o) ? 1e-3 * h : 0;
      moved.phi += detail::is_damped(o) ? 1e-3 * h : 0;
      auto x = state;
      for (std::size_t i = 0; i < x.size(); ++i) x[i] += h * direction[i];
      detail::ets_run r;
      (void)fast.run(moved, x, r);
      return detail::ets_likelihood::value(r);
    };
    double slope = 1e-3 * by[0] + (detail::has_trend(o) ? 1e-4 * by[1] : 0) +
                   (detail::has_season(o) ? 1e-3 * by[2] : 0) +
                   (detail::is_damped(o) ? 1e-3 * by[3] : 0);
    for (std::size_t i = 0; i < state.size(); ++i) slope += by_state[i] * direction[i];
    const double h = 1e-2;
    const double measured =
        (8 * (along(h) - along(-h)) - (along(2 * h) - along(-2 * h))) / (12 * h);
    good = good && std::fabs(measured - slope) < 1e-8 + 1e-4 * std::fabs(slope);
    if (!good) {
      CAPTURE(number, ets_name(o), expected, measured, slope);
      REQUIRE(good);
    }
  }
  CHECK(compared > decisions / 400);
}

TEST_CASE("ets: parameters are admissible exactly where a shock fades") {
  pcg32 random{12};
  std::size_t inside = 0;
  std::size_t outside = 0;
  for (std::size_t number = 0; number < decisions / 200; ++number) {
    ets_options o;
    o.trend = static_cast<ets_trend>(number % 3);
    o.season = static_cast<ets_season>(number / 3 % 2);
    o.period = 2 + number % 5;
    ets_parameters p;
    p.alpha = uniform(random, -0.2, 2.2);
    if (detail::has_trend(o)) p.beta = uniform(random, -0.2, 2);
    if (detail::has_season(o)) p.gamma = uniform(random, -0.2, 1.5);
    if (detail::is_damped(o)) p.phi = uniform(random, 0.1, 1);
    // The response of the errors of an all-zero series to a disturbed start.
    textbook model(o, p, std::vector<double>(detail::ets_states(o), 0.0));
    model.l = 1;
    if (detail::has_trend(o)) model.b = 0.3;
    for (double& s : model.season) s = uniform(random, -1, 1);
    std::array<double, 2> energy{};
    double scale = 0;
    bool grew = false;
    for (std::size_t t = 0; t < 1200 && !grew; ++t) {
      const double e = -model.forecast();
      if (t >= 400) energy[t < 800 ? 0 : 1] += e * e;
      scale = std::max(scale, std::fabs(e));
      grew = scale > 1e60;
      model.step(e);
    }
    const bool fades = !grew && energy[1] < 1e-3 * energy[0] + 1e-30;
    const bool grows = grew || energy[1] > 1e3 * energy[0];
    if (!fades && !grows) continue;  // too close to the edge for this to tell
    (fades ? inside : outside) += 1;
    if (admissible(o, p) != fades) {
      CAPTURE(ets_name(o), o.period, p.alpha, p.beta, p.gamma, p.phi, energy[0], energy[1]);
      REQUIRE(admissible(o, p) == fades);
    }
  }
  CHECK(inside > decisions / 5000);
  CHECK(outside > decisions / 5000);
}

TEST_CASE("ets: moments and peaks are those of simulated futures") {
  LEPTON_SKIP_SANITIZED();
  pcg32 random{13};
  constexpr std::size_t paths = 6000;
  for (std::size_t number = 0; number < 30; ++number) {
    const auto o = form(number, 4);
    auto p = parameters(random, o);
    const auto state = start(random, o);
    const textbook now(o, p, state);
    const double deviation = o.error == ets_error::multiplicative ? 0.08 : 3;
    const std::size_t gap = number % 3 == 0 ? 2 : 0;
    constexpr std::size_t horizon = 10;
    std::array<double, horizon> sums{};
    std::array<double, horizon> squares{};
    for (std::size_t k = 0; k < paths; ++k) {
      textbook path = now;
      for (std::size_t h = 0; h < gap + horizon; ++h) {
        const double e = deviation * detail::normal_number(random);
        if (h >= gap) {
          sums[h - gap] += path.value(e);
          squares[h - gap] += path.value(e) * path.value(e);
        }
        path.step(e);
      }
    }
    const auto s = state_of(now, deviation * deviation);
    std::vector<double> spare(4);
    std::vector<double> room(horizon);
    const detail::ets_moments moments{s, now.season.data(), spare.data(), gap};
    moments.each(horizon, room.data(), 1, [&](std::size_t h, double mean, double error) {
      const double m = sums[h] / paths;
      const double v = squares[h] / paths - m * m;
      CAPTURE(ets_name(o), h, gap);
      CHECK(mean == Approx(m).margin(0.06 * std::sqrt(v)));
      // The paths of a trend that multiplies are few and skewed.
      CHECK(error == Approx(std::sqrt(v)).epsilon(detail::trend_multiplies(o) ? 0.15 : 0.08));
    });
  }
}

TEST_CASE("ets: no other search finds a better fit") {
  pcg32 random{14};
  const std::size_t series = std::max<std::size_t>(10, decisions / 2500);
  for (std::size_t number = 0; number < series; ++number) {
    auto o = form(number, 3);
    if (detail::trend_multiplies(o)) o.trend = ets_trend::additive;
    const auto p = parameters(random, o);
    textbook model(o, p, start(random, o));
    std::vector<double> y;
    for (std::size_t t = 0; t < 40; ++t) {
      const double e =
          (o.error == ets_error::multiplicative ? 0.04 : 2) * detail::normal_number(random);
      y.push_back(model.value(e));
      model.step(e);
    }
    bool positive = true;
    for (const double v : y) positive = positive && v > 0;
    if (!positive) continue;
    ets m{o};
    const auto report = m.fit(y);
    REQUIRE(report);
    CHECK(admissible(o, m.parameters()));
    // Nelder and Mead's on smoothing parameters (through a logistic curve) and states.
    detail::ets_likelihood likelihood(o, y);
    std::vector<double> x{0, 0, 0, 0};
    for (const double v : detail::ets_start(o, y)) x.push_back(v);
    const auto logistic = [](double v) { return 1 / (1 + std::exp(-v)); };
    nelder_mead_options options;
    options.step = 0.5;
    options.calls = 1500;
    const auto found = nelder_mead(
        [&](std::span<const double> at) {
          ets_parameters q;
          q.alpha = 1e-4 + 0.9998 * logistic(at[0]);
          if (detail::has_trend(o)) q.beta = 1e-4 + (q.alpha - 1e-4) * logistic(at[1]);
          if (detail::has_season(o)) q.gamma = 1e-4 + (1 - q.alpha - 1e-4) * logistic(at[2]);
          if (detail::is_damped(o)) q.phi = 0.8 + 0.18 * logistic(at[3]);
          if (!admissible(o, q)) return detail::ets_likelihood::infinite;
          std::vector<double> state(at.begin() + 4, at.end());
          detail::ets_run sums;
          if (!likelihood.run(q, state, sums)) return detail::ets_likelihood::infinite;
          return detail::ets_likelihood::value(sums);
        },
        x, options);
    CAPTURE(number, ets_name(o));
    CHECK(report->loglik >= -40 * found.value - 1e-3);
  }
}

TEST_CASE("ets: seasonal indices are those of the definition") {
  pcg32 random{15};
  for (std::size_t number = 0; number < decisions / 1000; ++number) {
    const std::size_t m = 2 + number % 6;
    const bool factors = number % 2 == 0;
    std::vector<double> y;
    for (std::size_t t = 0; t < 2 * m + number % 17; ++t) y.push_back(uniform(random, 5, 9));
    const auto index = seasonal_indices(y, m, factors);
    std::vector<double> sum(m, 0.0);
    std::vector<double> count(m, 0.0);
    for (std::size_t t = m / 2; t + m / 2 < y.size(); ++t) {
      double trend = 0;
      for (std::size_t i = t - m / 2; i <= t + m / 2; ++i) {
        const bool end = i == t - m / 2 || i == t + m / 2;
        trend += y[i] * (m % 2 == 0 && end ? 0.5 : 1) / static_cast<double>(m);
      }
      sum[t % m] += factors ? y[t] / trend : y[t] - trend;
      count[t % m] += 1;
    }
    double mean = 0;
    for (std::size_t i = 0; i < m; ++i) {
      sum[i] /= count[i];
      mean += sum[i] / static_cast<double>(m);
    }
    for (std::size_t i = 0; i < m; ++i)
      CHECK(index[i] == Approx(factors ? sum[i] / mean : sum[i] - mean).margin(1e-10));
  }
}
