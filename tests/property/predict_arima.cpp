// SPDX-License-Identifier: Apache-2.0
// The recursions of arima beside dense linear algebra that follows the definitions: the covariance
// matrix from psi weights, Cholesky's method, and missing (or future) values as parameters under
// a flat prior.
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/arima.hpp>
#include <lepton/predict/normal.hpp>

#include "catch.hpp"
#include "sanitized.hpp"

namespace {

using namespace lepton::predict;
using row = std::vector<double>;
using matrix = std::vector<row>;

const double missing = std::numeric_limits<double>::quiet_NaN();

struct source {
  lepton::detail::pcg32 random;
  auto below(std::uint32_t n) -> std::size_t { return random.below(n); }
  auto uniform(double low, double high) -> double {
    return low + (high - low) * static_cast<double>(random()) * 0x1p-32;
  }
  auto normal() -> double { return lepton::predict::detail::normal_number(random); }
};

// Lower triangle of A = L L'.
auto cholesky(matrix a) -> matrix {
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (std::size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  return a;
}
auto solve_lower(const matrix& l, row b) -> row {
  for (std::size_t i = 0; i < b.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l[i][k] * b[k];
    b[i] /= l[i][i];
  }
  return b;
}
auto solve_upper(const matrix& l, row b) -> row {  // L' x = b
  for (std::size_t i = b.size(); i-- > 0;) {
    for (std::size_t k = i + 1; k < b.size(); ++k) b[i] -= l[k][i] * b[k];
    b[i] /= l[i][i];
  }
  return b;
}
auto inner(const row& a, const row& b) -> double {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct process {
  row phi;  // of the stationary part, phi[0] at lag 1
  row theta;
  row delta;  // differences
};

auto covariance(const process& m, std::size_t n) -> matrix {
  row psi{1};
  for (std::size_t j = 1; j < 1500; ++j) {
    double x = j <= m.theta.size() ? m.theta[j - 1] : 0;
    for (std::size_t i = 0; i < std::min(j, m.phi.size()); ++i) x += m.phi[i] * psi[j - 1 - i];
    psi.push_back(x);
  }
  row gamma(n);
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t j = 0; j + k < psi.size(); ++j) gamma[k] += psi[j] * psi[j + k];
  matrix out(n, row(n));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) out[i][j] = gamma[i > j ? i - j : j - i];
  return out;
}

struct dense_result {
  double loglik = 0;   // at the best variance, given the regressors
  row missing;         // estimates of what is NaN
  matrix uncertainty;  // their covariance, for shocks of variance 1
};

// y with NaN for what is unknown; regressors get coefficients of their own, without a prior.
auto dense(const process& m, row y, const matrix& regressors) -> dense_result {
  const std::size_t lost = m.delta.size();
  const auto difference = [&](const row& x) {
    row w;
    for (std::size_t t = lost; t < x.size(); ++t) {
      double v = x[t];
      for (std::size_t k = 0; k < lost; ++k) v -= m.delta[k] * x[t - 1 - k];
      w.push_back(v);
    }
    return w;
  };
  std::vector<row> columns;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!std::isnan(y[i])) continue;
    y[i] = 0;
    row impulse(y.size());
    impulse[i] = -1;
    columns.push_back(difference(impulse));
    ++unknown;
  }
  for (const auto& x : regressors) columns.push_back(difference(x));
  const row w = difference(y);
  const auto l = cholesky(covariance(m, w.size()));
  double log_determinant = 0;
  for (std::size_t i = 0; i < w.size(); ++i) log_determinant += 2 * std::log(l[i][i]);
  for (auto& c : columns) c = solve_lower(l, c);
  row u = solve_lower(l, w);
  dense_result out;
  double squares = inner(u, u);
  if (!columns.empty()) {
    matrix a(columns.size(), row(columns.size()));
    row b;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      for (std::size_t j = 0; j < columns.size(); ++j) a[i][j] = inner(columns[i], columns[j]);
      b.push_back(inner(columns[i], u));
    }
    const auto r = cholesky(a);
    const auto beta = solve_upper(r, solve_lower(r, b));
    squares -= inner(beta, b);
    for (std::size_t i = 0; i < unknown; ++i) {
      // A missing value that no value after differencing depends on.
      if (!(r[i][i] * r[i][i] > 1e-9 * a[i][i])) log_determinant = missing;
      log_determinant += 2 * std::log(r[i][i]);
    }
    out.missing.assign(beta.begin(), beta.begin() + static_cast<std::ptrdiff_t>(unknown));
    for (std::size_t i = 0; i < unknown; ++i) {
      row unit(columns.size());
      unit[i] = 1;
      out.uncertainty.push_back(solve_upper(r, solve_lower(r, unit)));
    }
  }
  const auto n = static_cast<double>(w.size() - unknown);
  out.loglik =
      -0.5 * (n * (std::log(2 * 3.14159265358979323846 * squares / n) + 1) + log_determinant);
  return out;
}

auto random_options(source& s) -> arima_options {
  arima_options o;
  o.p = s.below(4);
  o.q = s.below(4);
  o.d = s.below(5) == 0 ? 2 : s.below(2);
  if (s.below(2) == 0) {
    o.season = 2 + s.below(4);
    o.P = s.below(2);
    o.Q = s.below(3);
    o.D = s.below(2);
  }
  o.mean = s.below(2) == 0;
  o.drift = o.d + o.D <= 1 && s.below(4) == 0;
  return o;
}

auto random_coefficients(source& s, const arima_options& o, double ar, double ma) -> row {
  row c(o.arma());
  std::size_t at = 0;
  for (const auto& [terms, most] :
       {std::pair{o.p, ar}, std::pair{o.q, ma}, std::pair{o.P, ar}, std::pair{o.Q, ma}}) {
    row partial;
    for (std::size_t i = 0; i < terms; ++i) partial.push_back(s.uniform(-most, most));
    lepton::predict::detail::from_partial(partial, std::span{c}.subspan(at, terms));
    at += terms;
  }
  return c;
}

auto process_of(const arima_options& o, std::span<const double> coefficients) -> process {
  lepton::predict::detail::arma_form f;
  f.set(o, coefficients);
  return {f.phi, f.theta, lepton::predict::detail::differencing_terms(o)};
}

auto random_series(source& s, const process& m, std::size_t n) -> row {
  row e;
  row y;
  for (std::size_t t = 0; t < n; ++t) {
    e.push_back(s.normal());
    double x = e[t];
    for (std::size_t i = 0; i < std::min(t, m.phi.size()); ++i) x += m.phi[i] * y[t - 1 - i];
    for (std::size_t i = 0; i < std::min(t, m.theta.size()); ++i) x += m.theta[i] * e[t - 1 - i];
    y.push_back(x);
  }
  row sums(n);
  for (std::size_t t = 0; t < n; ++t) {
    sums[t] = y[t];
    for (std::size_t k = 0; k < std::min(t, m.delta.size()); ++k)
      sums[t] += m.delta[k] * sums[t - 1 - k];
  }
  return sums;
}

auto regressors_of(const arima_options& o, std::size_t n) -> matrix {
  matrix x;
  if (o.has_mean()) x.push_back(row(n, 1.0));
  if (o.drift) {
    x.emplace_back();
    for (std::size_t i = 0; i < n; ++i) x.back().push_back(static_cast<double>(i + 1));
  }
  return x;
}

}  // namespace

TEST_CASE("arima: the likelihood by recursions is that of dense matrices") {
  source s{lepton::detail::pcg32{17}};
  std::size_t filtered = 0;
  std::size_t filled = 0;
  std::size_t outside = 0;
  double worst = 0;
  for (int i = 0; i < LEPTON_PROPERTY_DECISIONS / 50; ++i) {
    auto o = random_options(s);
    // Moving averages beyond the unit circle too.
    const auto c = random_coefficients(s, o, 0.85, s.below(3) == 0 ? 1.6 : 0.95);
    const auto m = process_of(o, c);
    row minus_phi;
    for (const double x : m.phi) minus_phi.push_back(-x);
    // Psi weights of the twin are cut off; processes closer to the unit circle are left out.
    if (lepton::predict::detail::smallest_root(minus_phi) < 1.025) continue;
    const std::size_t n = o.lost() + 6 + s.below(20);
    auto y = random_series(s, m, n);
    const double gaps = s.below(3) == 0 ? 0 : s.uniform(0, 0.5);
    for (std::size_t t = 1; t + 1 < n; ++t)
      if (s.uniform(0, 1) < gaps) y[t] = missing;
    lepton::predict::detail::arima_data data;
    const auto ready = data.set(o, y, {});
    REQUIRE(ready);
    if (!ready.value() || data.observations() < data.regressors + 3) continue;
    const auto slow = dense(m, y, regressors_of(o, n));
    if (!std::isfinite(slow.loglik)) continue;  // a missing value that nothing depends on
    lepton::predict::detail::arima_profile fast{data};
    lepton::predict::detail::arma_form f;
    f.set(o, c);
    REQUIRE(fast.evaluate(f));
    const double off = std::fabs(fast.loglik() - slow.loglik);
    worst = std::max(worst, off);
    if (off > 1e-6 * (1 + std::fabs(slow.loglik))) {
      INFO(o.p << o.d << o.q << ' ' << o.P << o.D << o.Q << ' ' << o.season << " n " << n);
      CHECK(fast.loglik() == Approx(slow.loglik).epsilon(1e-6));
    }
    filtered += data.filter;
    filled += !data.filter && data.impulses > 0;
    outside +=
        lepton::predict::detail::smallest_root(std::span<const double>{c}.subspan(o.p, o.q)) < 1;
  }
  CHECK(worst < 1e-6);
  CHECK(filtered > 10);
  CHECK(filled > 10);
  CHECK(outside > 10);
}

TEST_CASE("arima: forecasts after updates are those of dense matrices") {
  source s{lepton::detail::pcg32{23}};
  std::size_t checked = 0;
  for (int i = 0; i < LEPTON_PROPERTY_DECISIONS / 1200; ++i) {
    auto o = random_options(s);
    o.p = std::min<std::size_t>(o.p, 2);
    o.q = std::min<std::size_t>(o.q, 1);
    o.Q = std::min<std::size_t>(o.Q, 1);
    const auto truth = process_of(o, random_coefficients(s, o, 0.8, 0.8));
    const std::size_t n = o.lost() + 28 + s.below(10);
    const std::size_t more = s.below(12);
    constexpr std::size_t horizon = 6;
    auto y = random_series(s, truth, n + more);
    for (auto& x : y) x = 10 + 3 * x;
    const double gaps = s.below(3) == 0 ? 0 : s.uniform(0, 0.4);
    for (auto& x : y)
      if (s.uniform(0, 1) < gaps) x = missing;
    arima m{o};
    const auto fitted = m.fit(std::span{y}.first(n));
    if (!fitted || !m.fitted()) continue;
    for (std::size_t t = n; t < n + more; ++t) m.update(y[t]);
    std::array<double, horizon> mean{};
    std::array<double, horizon> error{};
    m.moments(mean, error);

    const auto named = m.coefficients();
    row c;
    for (std::size_t k = 0; k < o.arma(); ++k) c.push_back(named[k].second);
    if (m.smallest_ar_root() < 1.03) continue;
    row z;
    std::size_t at = o.arma();
    const double level = o.has_mean() ? named[at++].second : 0;
    const double drift = o.drift ? named[at].second : 0;
    const auto trend = [&](std::size_t t) { return level + drift * static_cast<double>(t + 1); };
    for (std::size_t t = 0; t < y.size(); ++t) z.push_back(y[t] - trend(t));
    z.resize(z.size() + horizon, missing);
    const auto slow = dense(process_of(o, c), z, {});
    if (!std::isfinite(slow.loglik)) continue;
    ++checked;
    INFO(o.p << o.d << o.q << ' ' << o.P << o.D << o.Q << ' ' << o.season << " n " << n << '+'
             << more);
    for (std::size_t h = 0; h < horizon; ++h) {
      const std::size_t k = slow.missing.size() - horizon + h;
      const double scale = std::sqrt(m.sigma2() * slow.uncertainty[k][k]);
      CHECK(mean[h] == Approx(slow.missing[k] + trend(y.size() + h)).margin(2e-5 * scale));
      CHECK(error[h] == Approx(scale).epsilon(1e-5));
    }
  }
  CHECK(checked > LEPTON_PROPERTY_DECISIONS / 12000);
}

TEST_CASE("arima: no step from the optimum raises the dense likelihood") {
  source s{lepton::detail::pcg32{29}};
  std::size_t checked = 0;
  for (int i = 0; i < LEPTON_PROPERTY_DECISIONS / 3000; ++i) {
    auto o = random_options(s);
    o.d = std::min<std::size_t>(o.d, 1);
    o.drift = false;
    const auto truth = process_of(o, random_coefficients(s, o, 0.7, 0.7));
    auto y = random_series(s, truth, o.lost() + 40);
    if (s.below(2) == 0) y[7] = y[20] = y[21] = missing;
    arima m{o};
    const auto fitted = m.fit(y);
    if (!fitted || !m.fitted() || m.smallest_ar_root() < 1.03) continue;
    row c;
    for (std::size_t k = 0; k < o.arma(); ++k) c.push_back(m.coefficients()[k].second);
    const auto x = regressors_of(o, y.size());
    const double top = dense(process_of(o, c), y, x).loglik;
    ++checked;
    CHECK(m.report().loglik == Approx(top).margin(1e-6));
    for (int step = 0; step < 4; ++step) {
      auto moved = c;
      for (auto& value : moved) value += s.uniform(-1, 1) * 1e-3;
      const double there = dense(process_of(o, moved), y, x).loglik;
      if (std::isfinite(there)) CHECK(there < top + 1e-8);
    }
  }
  CHECK(checked > LEPTON_PROPERTY_DECISIONS / 12000);
}
