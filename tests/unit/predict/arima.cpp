// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/predict/arima.hpp>
#include <lepton/predict/bfgs.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(refittable<arima>);
static_assert(with_moments<arima>);
static_assert(with_inputs<arima>);
static_assert(!regressor<arima>);

const double missing = std::numeric_limits<double>::quiet_NaN();
const double infinite = std::numeric_limits<double>::infinity();

auto orders(std::size_t p, std::size_t d, std::size_t q) -> arima_options {
  arima_options o;
  o.p = p;
  o.d = d;
  o.q = q;
  return o;
}

auto noise(std::size_t n, std::uint64_t seed) -> std::vector<double> {
  lepton::detail::pcg32 random{seed};
  std::vector<double> out(n);
  for (auto& x : out) x = lepton::predict::detail::normal_number(random);
  return out;
}

auto autoregressive(std::size_t n, double phi, double mean) -> std::vector<double> {
  auto e = noise(n, 5);
  double last = 0;
  for (auto& x : e) x = (last = phi * last + x) + mean;
  return e;
}

auto message(const fit_result& r) -> std::string { return r ? "" : r.error().message; }
auto contains(const std::string& text, const char* part) -> bool {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("arima: names and options") {
  auto o = orders(2, 0, 1);
  o.P = 1;
  o.Q = 1;
  o.season = 4;
  o.drift = true;
  arima m{o};
  const auto y = autoregressive(80, 0.5, 10);
  std::vector<double> x;
  for (std::size_t i = 0; i < y.size(); ++i) x.push_back(std::sin(static_cast<double>(i * i)));
  REQUIRE(m.fit(y, matrix_view{x, 1}));
  std::string names;
  for (const auto& [name, value] : m.coefficients()) names += name + ' ';
  CHECK(names == "ar1 ar2 ma1 sar1 sma1 mean drift xreg1 ");
  CHECK(m.standard_errors().size() == 8);
  CHECK(m.report().parameters == 9);
  CHECK(m.report().observations == 80);
  CHECK(m.options() == o);
  CHECK(m.residuals().size() == 80);
  CHECK(m.smallest_ar_root() > 1);
  CHECK(m.smallest_ma_root() > 0.999);

  o.d = 1;
  o.D = 1;
  CHECK(contains(message(arima{o}.fit(y)), "drift"));
  o = orders(1, 0, 0);
  o.P = 1;
  CHECK(contains(message(arima{o}.fit(y)), "season"));
  o.season = 0;
  CHECK(contains(message(arima{o}.fit(y)), "season"));
  CHECK(contains(message(arima{orders(99, 0, 0)}.fit(y)), "order"));
}

TEST_CASE("arima: an autoregression and its standard errors") {
  arima m{orders(1, 0, 0)};
  REQUIRE(m.fit(autoregressive(2000, 0.7, 50)));
  const auto c = m.coefficients();
  CHECK(c[0].second == Approx(0.7).margin(0.05));
  CHECK(c[1].second == Approx(50).margin(0.3));
  // Large samples: sqrt((1 - phi²) / n) and sigma / (1 - phi) / sqrt(n).
  CHECK(m.standard_errors()[0] == Approx(std::sqrt((1 - 0.49) / 2000)).epsilon(0.1));
  CHECK(m.standard_errors()[1] == Approx(1 / 0.3 / std::sqrt(2000)).epsilon(0.15));
  std::array<double, 200> mean{};
  std::array<double, 200> error{};
  m.moments(mean, error);
  CHECK(mean[199] == Approx(c[1].second));
  const double phi = c[0].second;
  CHECK(error[199] == Approx(std::sqrt(m.sigma2() / (1 - phi * phi))));
  CHECK(error[1] == Approx(std::sqrt(m.sigma2() * (1 + phi * phi))));
  double squares = 0;
  for (const double r : m.residuals()) squares += r * r;
  CHECK(squares / 2000 == Approx(m.sigma2()));
}

TEST_CASE("arima: bad input is refused and leaves the model alone") {
  arima m{orders(1, 0, 0)};
  const auto y = autoregressive(60, 0.5, 3);
  REQUIRE(m.fit(y));
  const auto before = save(m);
  auto bad = y;
  bad[7] = infinite;
  CHECK(contains(message(m.fit(bad)), "value 7"));
  CHECK(!m.fit(std::vector<double>(20, missing)));
  CHECK(!m.fit({}));
  std::vector<double> x(120);
  for (std::size_t i = 0; i < 60; ++i) {
    x[2 * i] = std::cos(static_cast<double>(i));
    x[2 * i + 1] = 4 - 2 * x[2 * i];
  }
  CHECK(contains(message(m.fit(y, matrix_view{x, 2})), "input column 1"));
  CHECK(contains(message(m.fit(y, matrix_view{std::span{x}.first(60), 2})), "rows"));
  x[31] = missing;
  CHECK(contains(message(m.fit(y, matrix_view{x, 2})), "row 15"));
  std::vector<double> constant(60, 2.0);
  CHECK(contains(message(m.fit(y, matrix_view{constant, 1})), "input column 0"));
  arima differenced{orders(0, 1, 1)};
  CHECK(contains(message(differenced.fit(y, matrix_view{constant, 1})), "differenced"));
  CHECK(save(m) == before);
}

TEST_CASE("arima: too little history is left to the last value") {
  for (const auto& values :
       {std::vector<double>{4}, std::vector<double>{4, 5, 4}, std::vector<double>(50, 4.0),
        std::vector<double>{missing, 4, missing}}) {
    for (const auto& o : {orders(2, 0, 1), orders(1, 1, 1), orders(0, 2, 2)}) {
      arima m{o};
      const auto r = m.fit(values);
      REQUIRE(r);
      CHECK(r.value().fallback == "last value");
      CHECK(!m.fitted());
      CHECK(m.ready());
      CHECK(m.coefficients().empty());
      m.update(7);
      std::array<double, 1> mean{};
      std::array<double, 1> error{};
      m.moments(mean, error);
      CHECK(mean[0] == 7);
      arima back;
      REQUIRE(load(back, save(m)));
      CHECK(back.report().fallback == "last value");
    }
  }
  arima fresh;
  CHECK(!fresh.ready());
  CHECK(std::isnan(fresh.peak_quantile(3, 0.9)));
  fresh.forecast(0, {}, {});
  fresh.update(3);
  CHECK(fresh.ready());
}

TEST_CASE("arima: drift and inputs go on into the future") {
  const auto e = noise(150, 3);
  std::vector<double> y;
  std::vector<double> x;
  double walk = 0;
  for (std::size_t i = 0; i < 150; ++i) {
    walk += 0.1 * e[i];
    x.push_back(i % 7 < 2 ? 1 : 0);
    y.push_back(100 + 2 * static_cast<double>(i) + 5 * x[i] + walk);
  }
  auto o = orders(0, 1, 0);
  o.drift = true;
  arima m{o};
  REQUIRE(m.fit(std::span{y}.first(100), matrix_view{std::span{x}.first(100), 1}));
  CHECK(m.coefficients()[0].second == Approx(2).margin(0.05));
  CHECK(m.coefficients()[1].second == Approx(5).margin(0.1));
  for (std::size_t i = 100; i < 150; ++i) m.update(y[i], std::span{x}.subspan(i, 1));
  const std::array<double, 2> future{0, 1};
  const std::array<double, 1> half{0.5};
  std::array<double, 2> out{};
  m.forecast(matrix_view{future, 1}, half, out);
  const double level = y[149] - 5 * x[149];
  CHECK(out[0] == Approx(level + 2).margin(0.2));
  CHECK(out[1] == Approx(level + 4 + 5).margin(0.3));
}

TEST_CASE("arima: updates are as good as a fit to the end") {
  auto y = autoregressive(300, 0.8, 5);
  y[140] = y[250] = y[251] = y[299] = missing;
  for (const auto& o : {orders(2, 0, 1), orders(1, 1, 1)}) {
    arima whole{o};
    REQUIRE(whole.fit(y));
    arima m{o};
    REQUIRE(m.fit(std::span{y}.first(200)));
    for (std::size_t i = 200; i < 300; ++i) m.update(y[i]);
    std::array<double, 5> a{};
    std::array<double, 5> b{};
    std::array<double, 5> error{};
    m.moments(a, error);
    whole.moments(b, error);
    for (std::size_t h = 0; h < 5; ++h) CHECK(a[h] == Approx(b[h]).margin(0.25));
    const auto warm = m.refit(y);
    REQUIRE(warm);
    CHECK(warm.value().loglik == Approx(whole.report().loglik).margin(1e-8));
    CHECK(warm.value().iterations <= whole.report().iterations);
  }
}

TEST_CASE("arima: an overdifferenced series has a moving average on the unit circle") {
  const auto y = noise(200, 11);
  arima m{orders(0, 1, 1)};
  REQUIRE(m.fit(y));
  CHECK(m.coefficients()[0].second < -0.9);
  CHECK(m.coefficients()[0].second >= -1 - 1e-9);
  arima two{orders(1, 2, 2)};
  REQUIRE(two.fit(y));
  CHECK(std::isfinite(two.report().loglik));
  CHECK(two.smallest_ma_root() > 1 - 1e-6);
  std::array<double, 3> mean{};
  std::array<double, 3> error{};
  two.moments(mean, error);
  CHECK(std::isfinite(mean[2]));
  CHECK(error[2] < 1.5);
}

TEST_CASE("arima: a long season forgets gaps but for the largest ones") {
  auto o = orders(1, 0, 0);
  o.D = o.Q = 1;
  o.season = 40;
  auto y = noise(400, 13);
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = 0.3 * y[i] + std::sin(0.157079632679 * static_cast<double>(i));
  y[200] = missing;
  arima m{o};
  REQUIRE(m.fit(y));
  REQUIRE(m.fitted());
  for (std::size_t i = 400; i < 600; ++i)
    m.update(i % 3 == 0 ? missing : std::sin(0.157079632679 * static_cast<double>(i)));
  std::array<double, 40> mean{};
  std::array<double, 40> error{};
  m.moments(mean, error);
  for (std::size_t h = 0; h < 40; ++h) {
    CHECK(mean[h] == Approx(std::sin(0.157079632679 * static_cast<double>(600 + h))).margin(0.5));
    CHECK((error[h] > 0.1 && error[h] < 1.5));
  }
}

TEST_CASE("arima: conditional least squares come close") {
  const auto y = autoregressive(400, 0.6, 1);
  auto o = orders(1, 0, 1);
  arima exact{o};
  REQUIRE(exact.fit(y));
  o.method = arima_method::css;
  arima rough{o};
  REQUIRE(rough.fit(y));
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(rough.coefficients()[i].second == Approx(exact.coefficients()[i].second).margin(0.02));
  o.method = arima_method::css_ml;
  o.transform = false;
  arima plain{o};
  REQUIRE(plain.fit(y));
  CHECK(plain.report().loglik == Approx(exact.report().loglik).margin(1e-8));
}

TEST_CASE("arima: quantiles and the peak") {
  arima m{orders(1, 0, 0)};
  REQUIRE(m.fit(autoregressive(500, 0.9, 0)));
  m.update(missing);
  const std::array<double, 3> q{0.1, 0.5, 0.9};
  std::array<double, 30> out{};
  m.forecast(10, q, out);
  for (std::size_t h = 0; h < 10; ++h)
    CHECK((out[3 * h] < out[3 * h + 1] && out[3 * h + 1] < out[3 * h + 2]));
  CHECK(m.peak_quantile(1, 0.9) == Approx(out[2]).margin(0.3));
  CHECK(m.peak_quantile(10, 0.9) > out[29]);
  CHECK(m.peak_quantile(10, 0.9) == m.peak_quantile(10, 0.9));
  CHECK(m.peak_quantile(10, 0.9) > m.peak_quantile(10, 0.5));
  CHECK(std::isnan(m.peak_quantile(0, 0.9)));
}

TEST_CASE("arima: a saved state comes back, a damaged one never") {
  auto o = orders(1, 1, 1);
  o.D = o.Q = 1;
  o.season = 4;
  arima m{o};
  auto y = autoregressive(90, 0.4, 0);
  REQUIRE(m.fit(y));
  m.update(missing);
  m.update(0.5);
  const auto bytes = save(m);
  m.update(missing);
  CHECK(state_bytes(m) == bytes.size());
  arima back;
  REQUIRE(load(back, bytes));
  CHECK(save(back) == bytes);
  back.update(missing);
  std::array<double, 9> a{};
  std::array<double, 9> b{};
  std::array<double, 9> error{};
  m.moments(a, error);
  back.moments(b, error);
  CHECK(a == b);
  CHECK(back.peak_quantile(5, 0.9) == m.peak_quantile(5, 0.9));
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x20};
    CHECK(!load(back, damaged));
  }
}

TEST_CASE("arima: numbers near the end of the doubles leave forecasts finite") {
  for (const auto& o : {orders(0, 0, 0), orders(2, 0, 1), orders(1, 1, 1), orders(0, 2, 2)}) {
    arima m{o};
    REQUIRE(m.fit(autoregressive(90, 0.4, 0)));
    REQUIRE(m.fitted());
    for (const double x : {1e300, -1e300, 1.7e308, -1.7e308, 3.0, missing, 1e308}) {
      m.update(x);
      std::array<double, 9> mean{};
      std::array<double, 9> error{};
      m.moments(mean, error);
      for (const double y : mean) CHECK(std::isfinite(y));
      for (const double e : error) CHECK(std::isfinite(e));
      CHECK(std::isfinite(m.peak_quantile(5, 0.9)));
    }
  }
}

TEST_CASE("arima: polynomials and their roots") {
  namespace inside = lepton::predict::detail;
  // (1 - 0.5 z)(1 - 1.25 z)(1 + 0.8 z)
  std::vector<double> a{-0.95, -0.775, 0.5};
  CHECK(inside::smallest_root(a) == Approx(0.8));
  CHECK(inside::mirror_roots(a));
  // (1 - 0.5 z)(1 - 0.8 z)(1 + 0.8 z)
  CHECK(a[0] == Approx(-0.5));
  CHECK(a[1] == Approx(-0.64));
  CHECK(a[2] == Approx(0.32));
  CHECK(!inside::mirror_roots(a));
  std::vector<double> phi{0.4, -0.3, 0.2, 0.1};
  const auto copy = phi;
  REQUIRE(inside::to_partial(std::span<double>{phi}));
  std::vector<double> again(4);
  inside::from_partial(phi, again);
  for (std::size_t i = 0; i < 4; ++i) CHECK(again[i] == Approx(copy[i]));
  std::vector<double> explosive{0.9, 0.2};
  CHECK(!inside::to_partial(std::span<double>{explosive}));
}

TEST_CASE("arima: bfgs finds the bottom of a curved valley and respects a wall") {
  const auto valley = [](std::span<const double> x, std::span<double> g) {
    const double a = x[1] - x[0] * x[0];
    if (!g.empty()) {
      g[0] = -400 * x[0] * a - 2 * (1 - x[0]);
      g[1] = 200 * a;
    }
    return 100 * a * a + (1 - x[0]) * (1 - x[0]);
  };
  std::array<double, 2> x{-1.2, 1};
  const auto r = bfgs{}.minimise(valley, x);
  CHECK(r.converged);
  CHECK(x[0] == Approx(1).margin(1e-4));
  CHECK(x[1] == Approx(1).margin(1e-4));
  const auto wall = [](std::span<const double> at, std::span<double> g) {
    if (at[0] <= 0) return infinite;
    if (!g.empty()) g[0] = 1 - 1 / at[0];
    return at[0] - std::log(at[0]);
  };
  std::array<double, 1> y{30};
  CHECK(bfgs{}.minimise(wall, y).converged);
  CHECK(y[0] == Approx(1).margin(1e-4));
  std::array<double, 1> outside{-1};
  CHECK(!bfgs{}.minimise(wall, outside).converged);
}
