// SPDX-License-Identifier: Apache-2.0
// The exponential smoothing family and the simple models beside it: what they promise whatever the
// numbers are.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/auto_ets.hpp>
#include <lepton/predict/concept.hpp>
#include <lepton/predict/drift.hpp>
#include <lepton/predict/exponential_smoothing.hpp>
#include <lepton/predict/lbfgs.hpp>
#include <lepton/predict/mean_value.hpp>
#include <lepton/predict/nelder_mead.hpp>
#include <lepton/predict/normal.hpp>
#include <lepton/predict/seasonal_naive.hpp>
#include <lepton/predict/theta.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(refittable<ets> && with_moments<ets>);
static_assert(refittable<auto_ets> && with_moments<auto_ets>);
static_assert(trainable<theta> && with_moments<theta>);
static_assert(trainable<seasonal_naive> && with_moments<seasonal_naive>);
static_assert(trainable<drift> && with_moments<drift>);
static_assert(trainable<mean_value> && with_moments<mean_value>);
static_assert(!with_inputs<ets>);
static_assert(!regressor<theta>);

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite = std::numeric_limits<double>::infinity();

/// A level, a season of four and noise.
std::vector<double> quarters(std::size_t n) {
  lepton::detail::pcg32 random{7};
  constexpr std::array<double, 4> season{3, -1, -4, 2};
  std::vector<double> y;
  for (std::size_t t = 0; t < n; ++t)
    y.push_back(50 + 0.1 * static_cast<double>(t) + season[t % 4] + detail::normal_number(random));
  return y;
}

ets model(ets_error e, ets_trend t, ets_season s, std::size_t period = 4) {
  ets_options o;
  o.error = e;
  o.trend = t;
  o.season = s;
  o.period = period;
  return ets{o};
}

template <class F>
void each_model(F&& f) {
  f(mean_value{});
  f(drift{});
  f(seasonal_naive{4});
  for (const auto e : {ets_error::additive, ets_error::multiplicative})
    for (const auto t : {ets_trend::none, ets_trend::additive, ets_trend::damped,
                         ets_trend::multiplicative, ets_trend::multiplicative_damped})
      for (const auto s : {ets_season::none, ets_season::additive, ets_season::multiplicative})
        f(model(e, t, s));
  f(auto_ets{4});
  theta_options o;
  o.period = 4;
  f(theta{o});
  o.optimised = true;
  f(theta{o});
}

/// No forecast is NaN or infinite, quantiles do not cross, the peak is above the steps.
template <class M>
void check_forecasts(M& m) {
  const std::array<double, 5> q{0.05, 0.25, 0.5, 0.75, 0.95};
  std::array<double, 5 * 11> out{};
  m.forecast(11, q, out);
  std::array<double, 11> mean{};
  std::array<double, 11> error{};
  m.moments(mean, error);
  bool good = true;
  for (std::size_t h = 0; h < 11; ++h) {
    good = good && std::isfinite(mean[h]) && error[h] >= 0 && std::isfinite(error[h]);
    for (std::size_t i = 0; i < 5; ++i) {
      good = good && std::isfinite(out[h * 5 + i]);
      if (i > 0) good = good && out[h * 5 + i] >= out[h * 5 + i - 1];
    }
    // One quantile alone is the same as among others.
    if (h == 10) {
      std::array<double, 11> one{};
      m.forecast(11, std::span{q}.subspan(3, 1), one);
      for (std::size_t k = 0; k < 11; ++k)
        good = good && std::fabs(one[k] - out[k * 5 + 3]) <= 1e-9 * std::fabs(one[k]);
    }
  }
  CHECK(good);
  CHECK(std::isfinite(m.peak_quantile(3, 0.9)));
  CHECK(std::isnan(m.peak_quantile(0, 0.9)));
  m.forecast(0, q, {});
}

template <class M>
double mean_of(M& m, std::size_t h = 0) {
  std::vector<double> mean(h + 1);
  std::vector<double> error(h + 1);
  m.moments(mean, error);
  return mean[h];
}

}  // namespace

TEST_CASE("ets: every model forecasts finite numbers from good, bad and missing values") {
  const auto y = quarters(60);
  each_model([&](auto m) {
    CHECK(!m.ready());
    CHECK(std::isnan(m.peak_quantile(3, 0.5)));
    m.update(missing);
    CHECK(!m.ready());
    m.update(5);
    CHECK(m.ready());
    check_forecasts(m);
    const auto report = m.fit(y);
    REQUIRE(report);
    CHECK(report->fallback.empty());
    CHECK(report->observations == 60);
    check_forecasts(m);
    CHECK(mean_of(m) == Approx(53).margin(10));
    const double calm = m.peak_quantile(5, 0.9);
    CHECK(calm == m.peak_quantile(5, 0.9));
    CHECK(calm > m.peak_quantile(5, 0.2));
    for (const double x : {55.0, missing, 52.0, infinite, 0.0, -3.0, 51.0, missing}) {
      m.update(x);
      check_forecasts(m);
    }
    for (int i = 0; i < 2100; ++i) m.update(i < 1500 ? missing : 50.0);
    check_forecasts(m);
    m.update(1e308);
    m.update(-1e308);
    m.update(1e-300);
    CHECK(m.ready());
  });
}

TEST_CASE("ets: a saved state comes back to the last byte and goes on alike") {
  const auto y = quarters(40);
  each_model([&](auto m) {
    auto back = decltype(m){};
    REQUIRE(load(back, save(m)));
    CHECK(save(back) == save(m));
    REQUIRE(m.fit(y));
    m.update(50);
    m.update(missing);
    const auto bytes = save(m);
    CHECK(bytes.size() == state_bytes(m));
    REQUIRE(load(back, bytes));
    CHECK(save(back) == bytes);
    back.update(51);
    m.update(51);
    CHECK(mean_of(back, 6) == mean_of(m, 6));
    CHECK(back.peak_quantile(6, 0.8) == m.peak_quantile(6, 0.8));
    CHECK(save(back) == save(m));
    CHECK(save(m).size() == bytes.size());
  });
}

TEST_CASE("ets: states with numbers that cannot be are rejected") {
  // Whatever eight bytes are overwritten, with the checksum mended: refused, or it forecasts
  // without harm.
  auto m = model(ets_error::multiplicative, ets_trend::damped, ets_season::multiplicative);
  REQUIRE(m.fit(quarters(40)));
  const auto bytes = save(m);
  std::size_t refused = 0;
  for (std::size_t at = 12; at + 16 <= bytes.size(); at += 4) {
    for (const unsigned fill : {0x00U, 0x7fU, 0xffU}) {
      auto damaged = bytes;
      for (std::size_t i = 0; i < 8; ++i) damaged[at + i] = static_cast<std::byte>(fill);
      std::uint64_t hash = 0xcbf29ce484222325U;
      for (std::size_t i = 0; i + 8 < damaged.size(); ++i)
        hash = (hash ^ std::to_integer<std::uint8_t>(damaged[i])) * 0x100000001b3U;
      for (std::size_t i = 0; i < 8; ++i)
        damaged[damaged.size() - 8 + i] = static_cast<std::byte>((hash >> (8 * i)) & 0xffU);
      ets back;
      if (!load(back, damaged)) {
        ++refused;
        continue;
      }
      std::array<double, 6> mean{};
      std::array<double, 6> error{};
      back.moments(mean, error);
      back.update(3);
    }
  }
  CHECK(refused > 50);
}

TEST_CASE("ets: bad series and options are errors, and leave the model alone") {
  each_model([&](auto m) {
    m.update(7);
    const auto before = save(m);
    CHECK(!m.fit(std::vector<double>{missing, missing}));
    CHECK(!m.fit({}));
    const auto result = m.fit(std::vector<double>{1, 2, infinite, 4});
    REQUIRE(!result);
    CHECK(result.error().message.find("value 2") != std::string::npos);
    CHECK(save(m) == before);
  });
  auto m = model(ets_error::multiplicative, ets_trend::none, ets_season::none);
  const auto result = m.fit(std::vector<double>{1, 2, 0, 4, 5, 6, 7, 8});
  REQUIRE(!result);
  CHECK(result.error().message.find("value 2 of the series is not above 0") != std::string::npos);
  CHECK(!model(ets_error::additive, ets_trend::none, ets_season::additive, 1).fit(quarters(9)));
  ets_options o;
  o.alpha = 7;
  CHECK(!ets{o}.fit(quarters(9)));
  auto_ets_options none;
  none.period = 0;
  CHECK(!auto_ets{none}.fit(quarters(9)));
  theta_options zero;
  zero.period = 0;
  CHECK(!theta{zero}.fit(quarters(9)));
}

TEST_CASE("ets: too little history or a constant series falls back, and says to what") {
  each_model([&](auto m) {
    const auto constant = m.fit(std::vector<double>(30, 4.0));
    REQUIRE(constant);
    check_forecasts(m);
    CHECK(mean_of(m) == Approx(4));
    const auto single = m.fit(std::vector<double>{missing, 3, missing});
    REQUIRE(single);
    check_forecasts(m);
    CHECK(mean_of(m) == Approx(3));
    for (const std::size_t n : {1U, 2U, 3U, 5U, 7U, 8U, 11U, 19U}) {
      REQUIRE(m.fit(quarters(n)));
      check_forecasts(m);
    }
  });
  auto m = model(ets_error::additive, ets_trend::additive, ets_season::additive);
  CHECK(m.fit(quarters(3))->fallback == "last value");
  CHECK(m.fit(quarters(5))->fallback == "ets without season and trend");
  CHECK(m.fit(quarters(8))->fallback == "ets without season");
  CHECK(m.form().season == ets_season::none);
  CHECK(m.options().season == ets_season::additive);
  CHECK(m.fit(quarters(30))->fallback.empty());
  auto h = holt();
  CHECK(h.fit(quarters(5))->fallback == "ets without trend");
}

TEST_CASE("ets: series without noise are continued") {
  std::vector<double> y;
  for (int t = 0; t < 48; ++t) y.push_back(10 + 0.5 * t + (t % 4 == 1 ? 6 : -2));
  auto m = holt_winters(4);
  REQUIRE(m.fit(y));
  for (std::size_t h = 0; h < 8; ++h)
    CHECK(mean_of(m, h) ==
          Approx(10 + 0.5 * (48.0 + static_cast<double>(h)) + ((48 + h) % 4 == 1 ? 6 : -2))
              .epsilon(1e-6));
  auto line = holt();
  std::vector<double> growth;
  for (int t = 0; t < 20; ++t) growth.push_back(3 * t);
  REQUIRE(line.fit(growth));
  CHECK(mean_of(line, 4) == Approx(72).epsilon(1e-6));
}

TEST_CASE("ets: scale and shift of the series do not matter") {
  const auto y = quarters(80);
  for (const double scale : {1e-9, 1.0, 1e12}) {
    std::vector<double> z;
    for (const double x : y) z.push_back(scale * x);
    auto a = holt_winters(4, ets_season::multiplicative);
    auto b = holt_winters(4, ets_season::multiplicative);
    const auto ra = a.fit(y);
    const auto rb = b.fit(z);
    CHECK(rb->loglik == Approx(ra->loglik - 80 * std::log(scale)).epsilon(1e-9));
    CHECK(mean_of(b, 5) == Approx(scale * mean_of(a, 5)).epsilon(1e-6));
  }
}

TEST_CASE("ets: known parameters are kept and not counted") {
  ets_options o;
  o.trend = ets_trend::additive;
  auto free = ets{o}.fit(quarters(50));
  o.alpha = 0.4;
  o.beta = 0.1;
  ets m{o};
  const auto fixed = m.fit(quarters(50));
  CHECK(m.parameters().alpha == 0.4);
  CHECK(m.parameters().beta == 0.1);
  CHECK(fixed->parameters + 2 == free->parameters);
  CHECK(fixed->loglik < free->loglik);
}

TEST_CASE("ets: refit from the parameters found ends where fit does") {
  auto y = quarters(90);
  auto m = holt_winters(4);
  REQUIRE(m.fit(std::span{y}.first(80)));
  const auto warm = m.refit(y);
  const auto cold = holt_winters(4).fit(y);
  CHECK(warm->loglik == Approx(cold->loglik).epsilon(1e-9));
  CHECK(warm->iterations < cold->iterations);
}

TEST_CASE("ets: updates are the recursion, and a gap widens the forecast") {
  ets_options o;
  o.alpha = 0.5;
  ets m{o};
  REQUIRE(m.fit(quarters(50)));
  const double level = m.level();
  m.update(level + 2);
  CHECK(m.level() == Approx(level + 1));
  std::array<double, 6> mean{};
  std::array<double, 6> error{};
  m.moments(mean, error);
  m.update(missing);
  m.update(missing);
  std::array<double, 4> later{};
  std::array<double, 4> wider{};
  m.moments(later, wider);
  for (std::size_t h = 0; h < 4; ++h) {
    CHECK(later[h] == Approx(mean[h + 2]));
    CHECK(wider[h] == Approx(error[h + 2]));
  }
}

TEST_CASE("ets: the automatic choice has the smallest AICc and leaves out what is forbidden") {
  const auto y = quarters(60);
  auto_ets m{4};
  std::size_t tried = 0;
  double least = infinite;
  const auto report = m.fit(y, [&](const ets_options& o, const fit_report& r) {
    ++tried;
    least = std::min(least, aicc(r));
    CHECK(!(o.error == ets_error::additive && o.season == ets_season::multiplicative));
  });
  REQUIRE(report);
  CHECK(tried == 15);
  CHECK(aicc(*report) == least);
  CHECK(m.chosen().form().season != ets_season::none);
  std::vector<double> zero = y;
  zero[10] = 0;
  tried = 0;
  REQUIRE(m.fit(zero, [&](const ets_options& o, const fit_report&) {
    ++tried;
    CHECK(o.error == ets_error::additive);
  }));
  CHECK(tried == 6);
  REQUIRE(m.refit(zero));
}

TEST_CASE("ets: seasonal naive keeps what it saw at each place") {
  seasonal_naive m{3};
  CHECK(m.period() == 3);
  for (const double x : {1.0, 5.0}) m.update(x);
  CHECK(mean_of(m, 0) == 5);  // not seen yet: the last value
  CHECK(mean_of(m, 1) == 1);
  for (const double x : {9.0, 2.0, missing, 8.0}) m.update(x);
  std::array<double, 6> mean{};
  std::array<double, 6> error{};
  m.moments(mean, error);
  CHECK(mean == std::array<double, 6>{2, 5, 8, 2, 5, 8});
  CHECK(m.step() == 1);
  CHECK(error[0] == Approx(1));
  CHECK(error[1] == Approx(std::sqrt(2.0)));
  CHECK(error[4] == Approx(std::sqrt(3.0)));
}

TEST_CASE("ets: seasonal naive passes over changes that cannot be squared") {
  seasonal_naive m{2};
  for (const double x : {1.0, 2.0, 2.0, 4.0, 1e300, -1e300, 1.7e308, 3.0, 4.0, 5.0}) m.update(x);
  std::array<double, 4> mean{};
  std::array<double, 4> error{};
  m.moments(mean, error);
  CHECK(mean == std::array<double, 4>{4, 5, 4, 5});
  for (const double e : error) CHECK(std::isfinite(e));
  CHECK(m.step() == Approx(std::sqrt(3.0)));
  drift d;
  for (const double x : {1.7e308, 1.0, -1.7e308, 3.0, 5.0, 7.0}) {
    d.update(x);
    d.moments(mean, error);
    for (std::size_t h = 0; h < 4; ++h) {
      CHECK(std::isfinite(mean[h]));
      CHECK(std::isfinite(error[h]));
    }
  }
  CHECK(d.slope() == Approx(2));
}

TEST_CASE("ets: drift and mean with the uncertainty of their estimates") {
  drift d;
  for (const double x : {1.0, 2.0, missing, 7.0}) d.update(x);
  // Changes 1 over 1 and 5 over 2: slope 2, squares 1 + 2 · 0.25.
  CHECK(d.slope() == Approx(2));
  CHECK(d.step() == Approx(std::sqrt(1.5)));
  std::array<double, 2> mean{};
  std::array<double, 2> error{};
  d.moments(mean, error);
  CHECK(mean[1] == Approx(11));
  CHECK(error[1] == Approx(std::sqrt(1.5 * 2 * (1 + 2.0 / 3))));
  // A peak at one step is the quantile of one step.
  CHECK(d.peak_quantile(1, 0.9) == Approx(mean[0] + normal_quantile(0.9) * error[0]).epsilon(0.02));
  mean_value c;
  for (const double x : {1.0, missing, 2.0, 6.0}) c.update(x);
  c.moments(mean, error);
  CHECK(mean[0] == Approx(3));
  CHECK(error[1] == Approx(std::sqrt(7 * (1 + 1.0 / 3))));
}

TEST_CASE("ets: theta takes a season out and puts it back") {
  theta_options o;
  o.period = 4;
  theta m{o};
  const auto y = quarters(80);
  REQUIRE(m.fit(y));
  CHECK(m.seasonal());
  CHECK(m.drift() == Approx(0.05).epsilon(0.2));
  CHECK(mean_of(m, 0) - mean_of(m, 2) == Approx(7).epsilon(0.2));
  m.update(58 + 3);
  CHECK(mean_of(m, 3) - mean_of(m, 1) == Approx(7).epsilon(0.2));
  o.optimised = true;
  theta best{o};
  REQUIRE(best.fit(y));
  CHECK(best.sigma2() < m.sigma2());
}

TEST_CASE("ets: the searches find the minimum of a curved valley") {
  const auto valley = [](std::span<const double> x) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < x.size(); ++i) {
      const double bend = x[i + 1] - x[i] * x[i];
      sum += 100 * bend * bend + (1 - x[i]) * (1 - x[i]);
    }
    return sum;
  };
  std::vector<double> x{-1.2, 1};
  const auto simplex = nelder_mead(valley, x);
  CHECK(simplex.converged);
  CHECK(x[0] == Approx(1).epsilon(1e-4));
  std::vector<double> many(60, -1.2);
  const auto steep = lbfgs(
      [&](std::span<const double> at, std::span<double> gradient) {
        std::fill(gradient.begin(), gradient.end(), 0.0);
        for (std::size_t i = 0; i + 1 < at.size(); ++i) {
          const double bend = at[i + 1] - at[i] * at[i];
          gradient[i] += -400 * bend * at[i] - 2 * (1 - at[i]);
          gradient[i + 1] += 200 * bend;
        }
        return valley(at);
      },
      many);
  CHECK(steep.converged);
  CHECK(steep.value < 4.0);  // 0, or the local minimum near -1
  // Not defined at the start, or nowhere to go.
  const auto nowhere = [](std::span<const double>, std::span<double>) { return missing; };
  CHECK(!lbfgs(nowhere, many).converged);
  std::vector<double> none;
  CHECK(nelder_mead(valley, none).converged);
}
