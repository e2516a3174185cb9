// SPDX-License-Identifier: Apache-2.0
// Regressions, features of the past, and autoregressions of both.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <lepton/predict/autoregression.hpp>
#include <lepton/predict/calendar.hpp>
#include <lepton/predict/fourier.hpp>
#include <lepton/predict/lasso.hpp>
#include <lepton/predict/linear_regression.hpp>
#include <lepton/predict/recursive_least_squares.hpp>
#include <lepton/predict/ridge.hpp>
#include <lepton/predict/rolling_features.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(quantile_regressor<linear_regression>);
static_assert(quantile_regressor<ridge>);
static_assert(regressor<lasso>);
static_assert(quantile_regressor<recursive_least_squares>);
static_assert(online_regressor<recursive_least_squares>);
static_assert(!online_regressor<linear_regression>);
static_assert(trainable<autoregression<>>);
static_assert(with_moments<autoregression<recursive_least_squares, lags>>);
static_assert(!regressor<autoregression<>>);
static_assert(feature<lags> && feature<differences> && feature<fourier> && feature<trend>);
static_assert(feature<day_slots> && feature<weekdays> && feature<calendar>);
static_assert(feature<rolling_mean> && feature<rolling_sd> && feature<rolling_middle>);
static_assert(feature<feature_set<lags, fourier>>);
static_assert(!feature<last_value>);

const double missing = std::numeric_limits<double>::quiet_NaN();
const double infinite = std::numeric_limits<double>::infinity();

auto noise(lepton::detail::pcg32& random) -> double { return detail::normal_number(random); }

// y = 3 + 2 a - b + noise
struct sample {
  std::vector<double> x;
  std::vector<double> y;
  explicit sample(std::size_t n, double size = 0.5, std::uint64_t seed = 1) {
    lepton::detail::pcg32 random{seed};
    for (std::size_t i = 0; i < n; ++i) {
      x.push_back(noise(random));
      x.push_back(10 * noise(random));
      y.push_back(3 + 2 * x[2 * i] - x[2 * i + 1] + size * noise(random));
    }
  }
  [[nodiscard]] auto view() const -> matrix_view { return {x, 2}; }
};

auto daily(std::size_t n, double size, std::uint64_t seed = 3) -> std::vector<double> {
  lepton::detail::pcg32 random{seed};
  std::vector<double> v;
  double swing = 0;
  for (std::size_t t = 0; t < n; ++t) {
    swing = 0.7 * swing + size * noise(random);
    v.push_back(50 + 10 * std::sin(static_cast<double>(t) / 24 * 6.283185307179586) + swing);
  }
  return v;
}

template <class M>
void survives_saving(const M& m, M other) {
  const auto bytes = save(m);
  REQUIRE(load(other, bytes));
  CHECK(save(other) == bytes);
  const auto before = save(other);
  for (std::size_t i = 0; i < bytes.size(); i += 1 + bytes.size() / 97) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    CHECK(!load(other, damaged));
  }
  CHECK(save(other) == before);
}

template <class R>
void refuses_nonsense(R r) {
  const sample s(50);
  REQUIRE(r.fit(s.view(), s.y));
  const auto before = save(r);
  auto x = s.x;
  x[2 * 7 + 1] = infinite;
  const auto error = r.fit({x, 2}, s.y);
  REQUIRE(!error);
  CHECK(error.error().message.find("feature 1 of row 7") != std::string::npos);
  CHECK(error.error().message.find(R::model_name) != std::string::npos);
  auto y = s.y;
  y[9] = -infinite;
  CHECK(!r.fit(s.view(), y));
  CHECK(!r.fit(s.view(), std::span{s.y}.first(49)));
  CHECK(!r.fit({}, {}));
  CHECK(!r.fit(s.view(), std::vector<double>(50, missing)));
  CHECK(save(r) == before);
  survives_saving(r, R{});
  // A row that is missing something is as if it were not there.
  auto longer = s;
  longer.x.insert(longer.x.end(), {1, missing, 5, 5});
  longer.y.insert(longer.y.end(), {1000, missing});
  R same = r;
  const auto report = same.fit(longer.view(), longer.y);
  REQUIRE(report);
  CHECK(report->observations == 50);
  const std::array<double, 2> row{0.5, 2};
  CHECK(same.predict(row) == Approx(r.predict(row)).epsilon(1e-9));
  CHECK(std::isnan(r.predict(std::array<double, 2>{missing, 1})));
  // A constant number, a constant feature, a single row.
  R flat;
  REQUIRE(flat.fit(s.view(), std::vector<double>(50, 7.0)));
  CHECK(flat.predict(row) == Approx(7).epsilon(1e-6));
  R one;
  REQUIRE(one.fit({std::span{s.x}.first(2), 2}, std::span{s.y}.first(1)));
  CHECK(std::isfinite(one.predict(row)));
}

}  // namespace

TEST_CASE("regression: every kind refuses nonsense and leaves out rows with gaps") {
  refuses_nonsense(linear_regression{});
  refuses_nonsense(ridge{});
  refuses_nonsense(lasso{});
  refuses_nonsense(recursive_least_squares{});
  CHECK(std::isnan(linear_regression{}.predict({})));
  CHECK(std::isnan(recursive_least_squares{}.predict({})));
}

TEST_CASE("regression: intervals of prediction hold what they say") {
  const sample s(30, 0.5, 7);
  linear_regression m;
  REQUIRE(m.fit(s.view(), s.y));
  const std::array<double, 2> q{0.1, 0.9};
  std::array<double, 2> out{};
  const sample fresh(4000, 0.5, 8);
  std::size_t inside = 0;
  for (std::size_t i = 0; i < 4000; ++i) {
    m.predict_quantiles(fresh.view().row(i), q, out);
    inside += out[0] <= fresh.y[i] && fresh.y[i] <= out[1] ? 1U : 0U;
  }
  CHECK(static_cast<double>(inside) / 4000 > 0.74);
  CHECK(static_cast<double>(inside) / 4000 < 0.86);
  // The leverages of the rows add up to the number of coefficients.
  double sum = 0;
  for (std::size_t i = 0; i < 30; ++i) sum += m.leverage(s.view().row(i));
  CHECK(sum == Approx(3).epsilon(1e-10));
  CHECK(m.prediction_error(std::array<double, 2>{100, 0}) > 5 * m.sigma());
}

TEST_CASE("regression: collinear features share the least norm and say so") {
  sample s(40);
  std::vector<double> x;
  for (std::size_t i = 0; i < 40; ++i) {
    const double a = s.x[2 * i];
    x.insert(x.end(), {a, s.x[2 * i + 1], a, 2 * a, 5});  // a three times, and a constant
  }
  linear_regression plain;
  linear_regression m;
  REQUIRE(plain.fit(s.view(), s.y));
  const auto report = m.fit({x, 5}, s.y);
  REQUIRE(report);
  CHECK(report->fallback == linear_regression::minimum_norm);
  CHECK(m.rank() == 3);
  CHECK(m.columns() == 6);
  const double b = plain.coefficients()[0];
  CHECK(m.coefficients()[0] == Approx(b / 6));
  CHECK(m.coefficients()[2] == Approx(b / 6));
  CHECK(m.coefficients()[3] == Approx(b / 3));
  CHECK(m.coefficients()[4] == 0);
  CHECK(m.intercept() == Approx(plain.intercept()));
  CHECK(m.sigma() == Approx(plain.sigma()));
  const std::array<double, 5> row{1, 2, 1, 2, 5};
  CHECK(m.predict(row) == Approx(plain.predict(std::array<double, 2>{1, 2})));
  CHECK(m.leverage(row) == Approx(plain.leverage(std::array<double, 2>{1, 2})));
  // Fewer rows than coefficients: all are hit, of all that do the shortest.
  linear_regression few{{false, 0}};
  REQUIRE(few.fit({std::array<double, 3>{1, 2, 2}, 3}, std::array<double, 1>{9}));
  CHECK(few.coefficients()[0] == Approx(1));
  CHECK(few.coefficients()[1] == Approx(2));
  CHECK(std::isnan(few.sigma()));
  std::array<double, 1> out{};
  few.predict_quantiles(std::array<double, 3>{1, 2, 2}, std::array<double, 1>{0.9}, out);
  CHECK(out[0] == Approx(9));
}

TEST_CASE("regression: the lasso picks what matters") {
  lepton::detail::pcg32 random{11};
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i < 300; ++i) {
    for (int j = 0; j < 12; ++j) x.push_back(noise(random));
    y.push_back(1 + 2 * x[x.size() - 12] - 3 * x[x.size() - 8] + 0.3 * noise(random));
  }
  lasso_options o;
  o.sparser = true;
  lasso m{o};
  const auto report = m.fit({x, 12}, y);
  REQUIRE(report);
  CHECK(report->converged);
  CHECK(m.chosen() == 2);
  CHECK(m.coefficients()[0] == Approx(2).epsilon(0.1));
  CHECK(m.coefficients()[4] == Approx(-3).epsilon(0.1));
  CHECK(m.penalties().size() == 100);
  o.penalty = m.penalties()[0] * 1.0001;
  lasso none{o};
  REQUIRE(none.fit({x, 12}, y));
  CHECK(none.chosen() == 0);
  o.penalty = -1;
  CHECK(!lasso{o}.fit({x, 12}, y));
}

TEST_CASE("regression: recursive least squares follows a change and does not wind up") {
  recursive_least_squares m{{0.98, 1e-6, true}, 1};
  lepton::detail::pcg32 random{5};
  for (int t = 0; t < 3000; ++t) {
    const double x = noise(random);
    m.update(std::array<double, 1>{x}, t < 2000 ? 1 + 2 * x : -1 - x);
  }
  CHECK(m.coefficients()[0] == Approx(-1).epsilon(1e-6));
  CHECK(m.intercept() == Approx(-1).epsilon(1e-6));
  // Nothing new for long, and then noise: the coefficients hold.
  for (int t = 0; t < 100000; ++t) m.update(std::array<double, 1>{0}, -1);
  CHECK(m.coefficients()[0] == Approx(-1).epsilon(1e-6));
  CHECK(m.leverage(std::array<double, 1>{1}) < 1e7);
  m.update(std::array<double, 1>{missing}, 4);
  m.update(std::array<double, 1>{1}, infinite);
  m.update(std::array<double, 1>{1}, -2);
  CHECK(m.predict(std::array<double, 1>{3}) == Approx(-4).epsilon(1e-3));
  // The units of the features do not matter.
  sample tiny(60);
  for (double& v : tiny.x) v *= 1e-9;
  recursive_least_squares t;
  REQUIRE(t.fit(tiny.view(), tiny.y));
  CHECK(t.coefficients()[0] == Approx(2e9).epsilon(0.1));
  CHECK(!recursive_least_squares{{1.5, 1, true}}.fit({std::array<double, 1>{1}, 1},
                                                     std::array<double, 1>{1}));
}

TEST_CASE("regression: features say what they are and know the past only") {
  const std::array<double, 6> past{1, 2, 4, missing, 16, 32};
  const auto f = feature_set{lags{1, 3, 9},    differences{1, 3},  rolling_mean{4},   rolling_sd{3},
                             rolling_least{5}, rolling_largest{6}, rolling_middle{4}, trend{10}};
  REQUIRE(f.width() == 3 + 2 + 6);
  CHECK(f.reach() == 9);
  std::vector<double> out(f.width());
  f.write(past, 25, out);
  CHECK(out[0] == 32);
  CHECK(std::isnan(out[1]));
  CHECK(std::isnan(out[2]));
  CHECK(out[3] == 16);
  CHECK(out[4] == 28);
  CHECK(out[5] == Approx(52.0 / 3));
  CHECK(out[6] == Approx(std::sqrt(128.0)));
  CHECK(out[7] == 2);
  CHECK(out[8] == 32);
  CHECK(out[9] == 16);
  CHECK(out[10] == 2.5);
  CHECK(f.name(1) == "lag 3");
  CHECK(f.name(4) == "difference over 3");
  CHECK(f.name(5) == "mean of 4");
  CHECK(f.level(0));
  CHECK(!f.level(3));
  CHECK(!f.level(6));
  CHECK(f.level(9));
  CHECK(decltype(f)::model_name.substr(0, 19) == "lags, differences, ");
  f.write({}, 0, out);
  for (std::size_t i = 0; i < 10; ++i) CHECK(std::isnan(out[i]));
  survives_saving(f, {});
}

TEST_CASE("regression: time of day and week") {
  std::array<double, 7> out{};
  weekdays{288, 288}.write({}, 288 * 6 - 1, out);
  CHECK(out == std::array<double, 7>{0, 0, 0, 0, 0, 0, 1});
  weekdays{288, 288}.write({}, 288 * 6, out);
  CHECK(out[0] == 1);
  std::array<double, 4> part{};
  day_slots{288, 4, 72}.write({}, 100, part);
  CHECK(part == std::array<double, 4>{0, 0, 1, 0});
  calendar{24, 6}.write({}, 0, part);
  CHECK(part[0] == Approx(1));
  CHECK(part[2] == Approx(std::sin(6.283185307179586 / 28)));
  std::array<double, 6> waves{};
  fourier{24, 3}.write({}, 29, waves);
  for (std::size_t k = 1; k <= 3; ++k) {
    CHECK(waves[2 * k - 2] ==
          Approx(std::sin(6.283185307179586 * static_cast<double>(5 * k) / 24)));
    CHECK(waves[2 * k - 1] ==
          Approx(std::cos(6.283185307179586 * static_cast<double>(5 * k) / 24)));
  }
}

TEST_CASE("regression: an autoregression forecasts the day's swing") {
  const auto values = daily(2000, 0.5);
  const auto history = std::span{values}.first(1500);
  for (const std::uint64_t direct : {1U, 3U, 24U}) {
    for (const std::uint64_t difference : {0U, 1U, 24U}) {
      autoregression_options o;
      o.direct = direct;
      o.difference = difference;
      autoregression m{feature_set{lags{1, 2, 24}, fourier{24, 1}}, o};
      const auto report = m.fit(history);
      REQUIRE(report);
      CHECK(report->fallback.empty());
      CHECK(m.fitted());
      double squares = 0;
      std::size_t inside = 0;
      std::size_t count = 0;
      const std::array<double, 3> q{0.1, 0.5, 0.9};
      std::array<double, 72> out{};
      for (std::size_t t = 1500; t + 24 <= values.size(); ++t) {
        m.forecast(24, q, out);
        for (std::size_t h = 0; h < 24; ++h, ++count) {
          squares += std::pow(values[t + h] - out[3 * h + 1], 2);
          inside += out[3 * h] <= values[t + h] && values[t + h] <= out[3 * h + 2] ? 1U : 0U;
        }
        m.update(values[t]);
      }
      INFO(direct << " regressors, difference " << difference);
      // The swing itself has a standard deviation of 0.7.
      CHECK(std::sqrt(squares / static_cast<double>(count)) < (difference == 24 ? 0.95 : 0.8));
      CHECK(static_cast<double>(inside) / static_cast<double>(count) > 0.73);
      CHECK(static_cast<double>(inside) / static_cast<double>(count) < 0.89);
      const double step = m.peak_quantile(1, 0.9);
      const double day = m.peak_quantile(24, 0.9);
      CHECK(day > step - 1e-9);
      CHECK(day > 59.5);
      CHECK(day < 63);
    }
  }
}

TEST_CASE("regression: quantiles of an autoregression rise and widen for ever") {
  autoregression m{lags::up_to(5)};
  REQUIRE(m.fit(daily(600, 2)));
  const std::array<double, 5> q{0.001, 0.1, 0.5, 0.9, 0.999};
  std::vector<double> out(5 * 500);
  m.forecast(500, q, out);
  for (std::size_t h = 0; h < 500; ++h) {
    for (std::size_t i = 0; i < 5; ++i) CHECK(std::isfinite(out[5 * h + i]));
    for (std::size_t i = 1; i < 5; ++i) CHECK(out[5 * h + i] >= out[5 * h + i - 1]);
    if (h > 0)
      CHECK(out[5 * h + 4] - out[5 * h] >= (out[5 * h - 1] - out[5 * h - 5]) * (1 - 1e-12));
  }
  std::vector<double> mean(500);
  std::vector<double> error(500);
  m.moments(mean, error);
  for (std::size_t h = 1; h < 500; ++h) CHECK(error[h] >= error[h - 1]);
  std::vector<double> again(5 * 500);
  m.forecast(500, q, again);
  CHECK(again == out);
  m.forecast(0, q, {});
  m.forecast(3, {}, {});
  CHECK(std::isnan(m.peak_quantile(0, 0.5)));
}

TEST_CASE("regression: an autoregression lives through gaps, shifts and short histories") {
  autoregression m{lags{1, 2, 24}};
  const std::array<double, 1> half{0.5};
  std::array<double, 4> out{};
  CHECK(!m.ready());
  m.forecast(4, half, out);
  CHECK(std::isnan(out[0]));
  m.update(missing);
  m.update(4);
  CHECK(m.ready());
  m.forecast(4, half, out);
  CHECK(out[3] == 4);
  CHECK(!m.fit(std::vector<double>{1, infinite}));
  CHECK(!m.fit(std::vector<double>{missing, missing}));
  CHECK(!m.fit({}));
  m.forecast(4, half, out);
  CHECK(out[3] == 4);
  for (const auto& simple : {std::vector<double>{1, 2, 3}, std::vector<double>(500, 8.0)}) {
    const auto report = m.fit(simple);
    REQUIRE(report);
    CHECK(report->fallback == last_value::model_name);
    CHECK(!m.fitted());
    m.forecast(4, half, out);
    CHECK(out[3] == simple.back());
  }
  CHECK(!autoregression<>{lags(std::vector<std::uint64_t>{})}.fit(daily(500, 1)));

  // A third of the values missing, in bursts and singly.
  auto values = daily(1500, 0.5);
  const auto whole = values;
  for (std::size_t t = 0; t < 1400; ++t)
    if (t % 50 < 10 || t % 7 == 3) values[t] = missing;
  const auto report = m.fit(std::span{values}.first(1400));
  REQUIRE(report);
  CHECK(m.fitted());
  double squares = 0;
  for (std::size_t t = 1400; t < 1500; ++t) {
    m.forecast(1, half, std::span{out}.first(1));
    squares += std::pow(whole[t] - out[0], 2) / 100;
    m.update(t % 10 == 0 ? missing : whole[t]);
  }
  CHECK(std::sqrt(squares) < 1.5);
  const std::array<double, 2> q{0.1, 0.9};
  std::array<double, 2> before{};
  std::array<double, 2> after{};
  m.forecast(1, q, before);
  for (int i = 0; i < 6; ++i) m.update(missing);
  m.forecast(1, q, after);
  CHECK(after[1] - after[0] > before[1] - before[0]);
  // All missing for long, then a new level: forecasts stay in reach of what was seen.
  for (int i = 0; i < 1000; ++i) m.update(i % 2 == 0 ? missing : infinite);
  for (int i = 0; i < 60; ++i) m.update(500 + i % 2);
  m.forecast(1, half, std::span{out}.first(1));
  CHECK(out[0] == Approx(500).margin(20));
}

TEST_CASE("regression: an autoregression comes back from its saved state") {
  autoregression_options o;
  o.direct = 2;
  autoregression m{feature_set{lags{1, 2}, rolling_middle{8}}, o, recursive_least_squares{}};
  const auto values = daily(400, 1);
  survives_saving(m, m);
  REQUIRE(m.fit(std::span{values}.first(300)));
  const auto size = state_bytes(m);
  for (std::size_t t = 300; t < 350; ++t) m.update(values[t]);
  CHECK(state_bytes(m) == size);
  decltype(m) back;
  REQUIRE(load(back, save(m)));
  for (std::size_t t = 350; t < 400; ++t) {
    m.update(values[t]);
    back.update(values[t]);
  }
  CHECK(save(back) == save(m));
  CHECK(back.peak_quantile(30, 0.8) == m.peak_quantile(30, 0.8));
  survives_saving(m, {});
  CHECK(decltype(m)::model_name == "autoregression, recursive least squares, lags, rolling middle");

  // A lag that cannot be, in a state that is whole otherwise, is refused before room is made.
  autoregression<> plain{lags{1, 7}};
  REQUIRE(plain.fit(values));
  for (const std::uint64_t lag : {std::uint64_t{0}, std::uint64_t{1} << 40, ~std::uint64_t{0}}) {
    auto bytes = save(plain);
    std::vector<std::byte> seven(8);
    seven[0] = std::byte{7};
    const auto at = std::search(bytes.begin(), bytes.end(), seven.begin(), seven.end());
    REQUIRE(at != bytes.end());
    state_writer{std::span<std::byte>{&*at, 8}}(lag);
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (std::size_t i = 0; i + 8 < bytes.size(); ++i)
      hash = (hash ^ std::to_integer<std::uint8_t>(bytes[i])) * 0x100000001b3U;
    state_writer{std::span{bytes}.last(8)}(hash);
    const auto before = save(plain);
    CHECK(!load(plain, bytes));
    CHECK(save(plain) == before);
  }
}
