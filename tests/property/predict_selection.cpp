// SPDX-License-Identifier: Apache-2.0
// Statistics, scores and searches of orders beside slow and plain twins, on random input.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/arima_order_search.hpp>
#include <lepton/predict/autocorrelation.hpp>
#include <lepton/predict/box_cox.hpp>
#include <lepton/predict/chi_squared.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/loess.hpp>
#include <lepton/predict/rolling_origin.hpp>
#include <lepton/predict/small_least_squares.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;
namespace internal = lepton::predict::detail;
using random_numbers = lepton::detail::pcg32;
using table = std::vector<std::vector<double>>;

auto up_to(random_numbers& r, std::size_t low, std::size_t high) -> std::size_t {
  return low + r.below(static_cast<std::uint32_t>(high - low + 1));
}

auto numbers(random_numbers& r, std::size_t n) -> std::vector<double> {
  std::vector<double> y(n);
  for (auto& x : y) x = internal::normal_number(r);
  return y;
}

// Gauss elimination with pivots; a is square.
auto solved(table a, std::vector<double> b) -> std::vector<double> {
  const std::size_t n = b.size();
  for (std::size_t j = 0; j < n; ++j) {
    std::size_t pivot = j;
    for (std::size_t i = j; i < n; ++i)
      if (std::fabs(a[i][j]) > std::fabs(a[pivot][j])) pivot = i;
    std::swap(a[j], a[pivot]);
    std::swap(b[j], b[pivot]);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == j) continue;
      const double f = a[i][j] / a[j][j];
      for (std::size_t k = j; k < n; ++k) a[i][k] -= f * a[j][k];
      b[i] -= f * b[j];
    }
  }
  for (std::size_t j = 0; j < n; ++j) b[j] /= a[j][j];
  return b;
}

auto dot(const std::vector<double>& a, const std::vector<double>& b) -> double {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

constexpr std::size_t rounds = LEPTON_PROPERTY_DECISIONS / 100;

// The walk of Hyndman and Khandakar written down once more, over a map.
struct plain_walk {
  std::array<std::uint8_t, 4> most;
  bool constants;
  std::map<std::array<int, 5>, double>* values;

  auto value(const std::array<int, 5>& at) const -> double {
    for (std::size_t i = 0; i < 4; ++i)
      if (at[i] < 0 || at[i] > most[i]) return std::numeric_limits<double>::infinity();
    return (*values)[at];
  }
  auto clipped(std::array<int, 5> at) const -> std::array<int, 5> {
    for (std::size_t i = 0; i < 4; ++i) at[i] = std::min<int>(at[i], most[i]);
    return at;
  }
  auto end() const -> double {
    const int c = constants ? 1 : 0;
    std::array<int, 5> at = clipped({2, 2, 1, 1, c});
    for (const auto& start : {clipped({0, 0, 0, 0, c}), clipped({1, 0, 1, 0, c}),
                              clipped({0, 1, 0, 1, c}), clipped({0, 0, 0, 0, 0})})
      if (value(start) < value(at)) at = start;
    for (;;) {
      std::vector<std::array<int, 5>> next;
      for (const std::size_t first : {2U, 0U}) {
        const auto add = [&](int a, int b) {
          next.push_back(at);
          next.back()[first] += a;
          next.back()[first + 1] += b;
        };
        add(-1, 0);
        add(0, -1);
        add(1, 0);
        add(0, 1);
        add(-1, -1);
        add(-1, 1);
        add(1, -1);
        add(1, 1);
      }
      if (constants) {
        next.push_back(at);
        next.back()[4] = 1 - at[4];
      }
      const auto better = std::find_if(next.begin(), next.end(),
                                       [&](const auto& n) { return value(n) < value(at); });
      if (better == next.end()) return value(at);
      at = *better;
    }
  }
};

}  // namespace

TEST_CASE("selection: least squares of a few columns is that of the normal equations") {
  random_numbers r{11};
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t k = up_to(r, 1, 6);
    const std::size_t n = up_to(r, k + 1, 40);
    table x;
    for (std::size_t j = 0; j < k; ++j) x.push_back(numbers(r, n));
    const auto y = numbers(r, n);
    const auto fit = internal::solve_least_squares(x, y);
    REQUIRE(fit.full_rank);
    for (std::size_t j = 0; j < k; ++j) REQUIRE(dot(x[j], fit.residuals) == Approx(0).margin(1e-9));
    REQUIRE(fit.squares == Approx(dot(fit.residuals, fit.residuals)).epsilon(1e-9));
    table normal(k, std::vector<double>(k));
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j) normal[i][j] = dot(x[i], x[j]);
    const std::size_t at = up_to(r, 0, k - 1);
    std::vector<double> unit(k);
    unit[at] = 1;
    const double variance = solved(normal, unit)[at] * fit.squares / static_cast<double>(n - k);
    REQUIRE(fit.errors[at] == Approx(std::sqrt(variance)).epsilon(1e-5));
    x.push_back(x[0]);  // collinear
    for (auto& v : x.back()) v *= -3;
    REQUIRE(!internal::solve_least_squares(x, y).full_rank);
  }
}

TEST_CASE("selection: partial autocorrelations solve the Yule-Walker equations") {
  random_numbers r{12};
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t n = up_to(r, 12, 60);
    auto y = numbers(r, n);
    for (std::size_t i = 1; i < n; ++i) y[i] += 0.6 * y[i - 1];
    const auto rho = autocorrelation(y, 6);
    const auto partial = partial_autocorrelation(y, 6);
    const std::size_t k = up_to(r, 1, 6);
    table a(k, std::vector<double>(k));
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = 0; j < k; ++j) a[i][j] = rho[i > j ? i - j : j - i];
    REQUIRE(
        partial[k - 1] ==
        Approx(
            solved(a, {rho.begin() + 1, rho.begin() + 1 + static_cast<std::ptrdiff_t>(k)}).back())
            .margin(1e-9));
  }
}

TEST_CASE("selection: local regression is weighted least squares") {
  random_numbers r{13};
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t n = up_to(r, 2, 30);
    const auto y = numbers(r, n);
    internal::loess s;
    s.window = 2 * up_to(r, 1, 20) + 1;
    s.line = r.below(2) == 0;
    std::vector<double> w;
    if (r.below(2) == 0)
      for (std::size_t i = 0; i < n; ++i) w.push_back(0.01 + internal::open_uniform(r));
    std::vector<double> out(n);
    s.smooth(y, w, out);
    const std::size_t at = up_to(r, 0, n - 1);
    // The window's nearest points, as many as there are.
    const std::size_t width = std::min(s.window, n);
    std::size_t left = at > s.window / 2 ? at - s.window / 2 : 0;
    left = std::min(left, n - width);
    double reach = std::max(static_cast<double>(at - left),
                            static_cast<double>(left + width - 1) - static_cast<double>(at));
    if (s.window > n) reach += static_cast<double>((s.window - n) / 2);
    table x(s.line ? 2 : 1);
    std::vector<double> target;
    for (std::size_t j = left; j < left + width; ++j) {
      const double u = std::fabs(static_cast<double>(j) - static_cast<double>(at)) / reach;
      if (u > 0.999) continue;
      double weight = u <= 0.001 ? 1 : std::pow(1 - u * u * u, 3);
      if (!w.empty()) weight *= w[j];
      const double root = std::sqrt(weight);
      target.push_back(root * y[j]);
      x[0].push_back(root);
      if (s.line) x[1].push_back(root * (static_cast<double>(j) - static_cast<double>(at)));
    }
    if (target.size() <= x.size()) continue;
    REQUIRE(out[at] ==
            Approx(internal::solve_least_squares(x, target).coefficients[0]).margin(1e-8));
  }
}

TEST_CASE("selection: tails of chi-squared of even freedom are Poisson sums") {
  random_numbers r{14};
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::size_t half = up_to(r, 1, 40);
    const double x = 150 * internal::open_uniform(r);
    double term = std::exp(-x / 2);
    double sum = 0;
    for (std::size_t k = 0; k < half; ++k) {
      sum += term;
      term *= x / 2 / static_cast<double>(k + 1);
    }
    REQUIRE(chi_squared_tail(x, 2 * static_cast<double>(half)) == Approx(sum).epsilon(1e-9));
  }
}

TEST_CASE("selection: Box-Cox keeps order and comes back") {
  random_numbers r{15};
  for (std::size_t round = 0; round < 10 * rounds; ++round) {
    const box_cox b{4 * internal::open_uniform(r) - 2};
    const double x = std::exp(3 * internal::normal_number(r));
    const double y = x * 1.01;
    REQUIRE(b(x) < b(y));
    // Far out, the transform of a negative lambda runs out of digits.
    const double slack = 1e-9 + 1e-14 * std::exp(std::fabs(b.lambda() * std::log(x)));
    REQUIRE(b.inverse(b(x)) == Approx(x).epsilon(slack));
  }
}

TEST_CASE("evaluation: rolling origins are fits to every beginning of the series") {
  random_numbers r{16};
  for (std::size_t round = 0; round < rounds / 4; ++round) {
    auto y = numbers(r, up_to(r, 20, 60));
    for (auto& x : y)
      if (r.below(10) == 0) x = std::numeric_limits<double>::quiet_NaN();
    y[0] = 1;
    rolling_options o;
    o.first = up_to(r, 5, 15);
    o.step = up_to(r, 1, 5);
    o.horizon = up_to(r, 1, 5);
    o.refit_every = r.below(3);
    const auto rolled = rolling_origin(last_value{}, y, o);
    REQUIRE(rolled);
    double sum = 0;
    double count = 0;
    std::size_t origins = 0;
    for (std::size_t at = o.first; at + o.horizon <= y.size(); at += o.step, ++origins) {
      std::size_t last = at - 1;
      while (std::isnan(y[last])) --last;
      for (std::size_t h = 0; h < o.horizon; ++h) {
        if (std::isnan(y[at + h])) continue;
        sum += std::fabs(y[at + h] - y[last]);
        ++count;
      }
    }
    REQUIRE(rolled->origins.size() == origins);
    if (count > 0) REQUIRE(rolled->summary.mae == Approx(sum / count));
    last_value m;
    REQUIRE(m.fit(std::span{y}.first(rolled->origins.back())));
    std::vector<double> out(o.horizon * rolled->quantiles.size());
    m.forecast(o.horizon, rolled->quantiles, out);
    for (std::size_t h = 0; h < o.horizon; ++h)
      for (std::size_t i = 0; i < rolled->quantiles.size(); ++i)
        REQUIRE(rolled->at(origins - 1, h, i) ==
                Approx(out[h * rolled->quantiles.size() + i]).margin(1e-9));
  }
}

TEST_CASE("selection: the walk is the published one and what follows never ends worse") {
  random_numbers r{17};
  std::size_t better = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    internal::order_bounds bounds;
    for (auto& m : bounds.most) m = static_cast<std::uint8_t>(r.below(4));
    bounds.constant = r.below(2) == 0;
    // A rough landscape: a bowl with noise; some models cannot be fitted.
    std::array<double, 5> bottom{};
    for (auto& b : bottom) b = 3 * internal::open_uniform(r);
    std::map<std::array<int, 5>, double> values;
    double least = std::numeric_limits<double>::infinity();
    for (int p = 0; p <= bounds.most[0]; ++p)
      for (int q = 0; q <= bounds.most[1]; ++q)
        for (int P = 0; P <= bounds.most[2]; ++P)
          for (int Q = 0; Q <= bounds.most[3]; ++Q)
            for (int c = 0; c <= (bounds.constant ? 1 : 0); ++c) {
              const std::array<int, 5> at{p, q, P, Q, c};
              double v = 2 * internal::normal_number(r);
              for (std::size_t i = 0; i < 5; ++i) v += (at[i] - bottom[i]) * (at[i] - bottom[i]);
              if (r.below(10) == 0) v = std::numeric_limits<double>::infinity();
              values[at] = v;
              least = std::min(least, v);
            }
    const auto look_up = [&](std::span<arima_candidate> batch, const arima_candidate*) {
      for (auto& c : batch)
        c.criterion = values[{c.orders[0], c.orders[1], c.orders[2], c.orders[3], c.constant}];
    };
    bounds.fits = 1000;
    internal::order_search walked{bounds, look_up};
    walked.walk(false, 1.01);
    const double end = plain_walk{bounds.most, bounds.constant, &values}.end();
    const double found = walked.tried()[walked.best()].criterion;
    REQUIRE(found == end);
    walked.spread(3, 20);
    const double spread = walked.tried()[walked.best()].criterion;
    REQUIRE(spread <= end);
    REQUIRE(spread >= least);
    if (spread < end) ++better;
    internal::order_search all{bounds, look_up};
    all.exhaust(100);
    REQUIRE(all.tried().size() == values.size());
    REQUIRE(all.tried()[all.best()].criterion == least);
  }
  CHECK(better > rounds / 20);
}
