// SPDX-License-Identifier: Apache-2.0
// Errors of forecasts worked out by hand, rolling origins, searches of orders, and what bad input
// gives. The statistical tests' figures are in the golden tests.
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/predict/arima_order_search.hpp>
#include <lepton/predict/auto_arima.hpp>
#include <lepton/predict/box_cox.hpp>
#include <lepton/predict/differencing.hpp>
#include <lepton/predict/last_value.hpp>
#include <lepton/predict/ljung_box.hpp>
#include <lepton/predict/metrics.hpp>
#include <lepton/predict/rolling_origin.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

const double missing = std::numeric_limits<double>::quiet_NaN();
const double infinite = std::numeric_limits<double>::infinity();

auto noise(std::size_t n, std::uint64_t seed = 1) -> std::vector<double> {
  lepton::detail::pcg32 random{seed};
  std::vector<double> y(n);
  for (auto& x : y) x = lepton::predict::detail::normal_number(random);
  return y;
}

// Forecasts the number of values taken so far, always with the same quantiles around it.
struct counter {
  static constexpr std::string_view model_name = "counter";
  double taken = 0;
  std::size_t fits = 0;
  std::size_t refits = 0;
  std::size_t longest = 0;
  auto fit(std::span<const double> values) -> fit_result {
    ++fits;
    taken = static_cast<double>(values.size());
    if (values.size() > 30) return lepton::failure("counter: too many");
    fit_report r;
    if (values.size() > 20) r.fallback = "other";
    return r;
  }
  auto refit(std::span<const double> values) -> fit_result { return fit(values); }
  void update(double) noexcept { ++taken; }
  void forecast(std::size_t horizon, std::span<const double> q, std::span<double> out) noexcept {
    for (std::size_t h = 0; h < horizon; ++h)
      for (std::size_t i = 0; i < q.size(); ++i) out[h * q.size() + i] = taken + q[i] - 0.5;
  }
  auto peak_quantile(std::size_t, double) noexcept -> double { return taken; }
  [[nodiscard]] auto ready() const noexcept -> bool { return true; }
  template <class Archive>
  void persist(Archive& a) {
    a(taken);
  }
};
static_assert(refittable<counter>);
static_assert(refittable<auto_arima>);
static_assert(with_moments<auto_arima>);
static_assert(with_inputs<auto_arima>);

// Autoregressive, of order 1.
auto wandering(std::size_t n, double phi, std::uint64_t seed = 3) -> std::vector<double> {
  auto y = noise(n, seed);
  for (std::size_t i = 1; i < n; ++i) y[i] += phi * y[i - 1];
  return y;
}

}  // namespace

TEST_CASE("evaluation: errors of point forecasts") {
  const std::vector<double> actual{1, missing, 4, 0, -2};
  const std::vector<double> forecast{2, 7, 1, 0, missing};
  const auto mae = mean_absolute_error(actual, forecast);
  CHECK(mae.value == Approx(4.0 / 3));
  CHECK(mae.used == 3);
  CHECK(mae.missing == 2);
  CHECK(root_mean_squared_error(actual, forecast).value == Approx(std::sqrt(10.0 / 3)));
  CHECK(symmetric_mean_absolute_percentage_error(actual, forecast).value ==
        Approx((200.0 / 3 + 120) / 3));
  const auto mape = mean_absolute_percentage_error(actual, forecast);
  CHECK(mape.value == Approx((100.0 + 75) / 2));
  CHECK(mape.missing == 3);
  CHECK(naive_error(std::vector<double>{1, 3, missing, 4, 9}) == Approx(3.5));
  CHECK(naive_error(std::vector<double>{1, 3, 2, 7}, 2) == Approx(2.5));
  CHECK(std::isnan(naive_error(std::vector<double>{1, 3}, 2)));
  CHECK(std::isnan(naive_error(std::vector<double>{1, 3}, 0)));
  CHECK(mean_absolute_scaled_error(actual, forecast, 2).value == Approx(2.0 / 3));
  CHECK(std::isnan(mean_absolute_scaled_error(actual, forecast, 0).value));
  CHECK(std::isnan(mean_absolute_error({}, {}).value));
}

TEST_CASE("evaluation: scores of quantiles and intervals") {
  CHECK(pinball(5, 3, 0.9) == Approx(1.8));
  CHECK(pinball(3, 5, 0.9) == Approx(0.2));
  CHECK(winkler(0, 1, 2, 0.8) == Approx(11));
  CHECK(winkler(2.5, 1, 2, 0.8) == Approx(6));
  const std::vector<double> actual{0, 1, 2, missing, 3};
  const std::vector<double> lower{0, 2, 1, 0, missing};
  const std::vector<double> upper{1, 3, 2, 1, 4};
  const auto c = interval_coverage(actual, lower, upper);
  CHECK(c.value == Approx(2.0 / 3));
  CHECK(c.missing == 2);
  CHECK(mean_interval_score(actual, lower, upper, 0.5).value == Approx((1 + 5 + 1) / 3.0));
  CHECK(mean_pinball_loss(actual, upper, 0.25).value == Approx(0.75 * 3 / 4 + 0.75 * 1 / 4));

  CHECK(crps_quantiles(4, std::array{0.5}, std::array{1.0}) == Approx(3));
  CHECK(std::isnan(crps_quantiles(4, {}, {})));
  // Many quantiles of a normal forecast come close to the closed form, which is the integral of
  // the squared distance of the distribution functions.
  std::vector<double> levels;
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) {
    levels.push_back((i + 0.5) / 1000);
    values.push_back(2 + 3 * normal_quantile(levels.back()));
  }
  double integral = 0;
  for (double x = -40; x < 40; x += 0.001) {
    const double d = normal_cdf((x + 0.0005 - 2) / 3) - (x + 0.0005 > 4 ? 1 : 0);
    integral += 0.001 * d * d;
  }
  CHECK(crps_normal(4, 2, 3) == Approx(integral).epsilon(1e-4));
  CHECK(crps_quantiles(4, levels, values) == Approx(integral).epsilon(1e-4));
  CHECK(crps_normal(4, 2, 0) == 2);
}

TEST_CASE("evaluation: rolling origins, windows and fits") {
  std::vector<double> y(20);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<double>(i);
  rolling_options o;
  o.first = 8;
  o.step = 4;
  o.horizon = 3;
  o.quantiles = {0.5};
  const auto r = rolling_origin(counter{}, y, o);
  REQUIRE(r);
  CHECK(r->origins == std::vector<std::size_t>{8, 12, 16});
  CHECK(r->quantiles == std::vector<double>{(1 - 0.8) / 2, 0.5, (1 + 0.8) / 2});
  CHECK(r->fits == 1);
  // The counter says `origin`, what comes is origin, origin + 1, origin + 2.
  CHECK(r->summary.mae == Approx(1));
  CHECK(r->summary.rmse == Approx(std::sqrt(5.0 / 3)));
  CHECK(r->summary.bias == Approx(1));
  CHECK(r->summary.coverage == Approx(1.0 / 3));
  CHECK(r->summary.width == Approx(0.8));
  CHECK(r->summary.used == 9);
  CHECK(r->scale == 1);
  CHECK(r->summary.mase == r->summary.mae);
  for (std::size_t h = 0; h < 3; ++h)
    CHECK(r->by_step[h].mae == Approx(static_cast<double>(h)).margin(1e-12));
  CHECK(r->by_origin[1].mae == Approx(1));
  CHECK(r->at(2, 1, r->median) == 16);
  CHECK(r->at(2, 1, r->upper) == Approx(16.4));

  o.partial = true;
  o.step = 5;
  y[13] = missing;
  const auto partial = rolling_origin(counter{}, y, o);
  REQUIRE(partial);
  CHECK(partial->origins == std::vector<std::size_t>{8, 13, 18});
  CHECK(partial->summary.used == 3 + 2 + 2);
  CHECK(partial->summary.missing == 1);

  o.partial = false;
  o.refit_every = 2;
  o.window = 0;
  o.step = 2;
  o.first = 17 - 12;
  const auto again = rolling_origin(counter{}, y, o);
  REQUIRE(again);
  CHECK(again->origins.size() == 7);
  CHECK(again->fits == 4);
  o.window = 3;
  o.refit_every = 1;
  const auto sliding = rolling_origin(counter{}, y, o);
  REQUIRE(sliding);
  CHECK(sliding->at(4, 0, 1) == 3);
  CHECK(sliding->fallbacks == 0);
}

TEST_CASE("evaluation: what cannot be evaluated is an error") {
  const auto y = noise(40);
  rolling_options o;
  CHECK(rolling_origin(last_value{}, y, {}).has_value() == false);  // 10 values are left, not 12
  o.horizon = 4;
  CHECK(rolling_origin(last_value{}, y, o));
  CHECK(!rolling_origin(last_value{}, {}, o));
  const auto fails = [&](rolling_options bad) { return !rolling_origin(last_value{}, y, bad); };
  auto bad = o;
  bad.step = 0;
  CHECK(fails(bad));
  bad = o;
  bad.horizon = 0;
  CHECK(fails(bad));
  bad = o;
  bad.quantiles = {0.5, 1};
  CHECK(fails(bad));
  bad = o;
  bad.interval = 1;
  CHECK(fails(bad));
  bad = o;
  bad.first = 37;
  CHECK(fails(bad));
  bad.partial = true;
  CHECK(!fails(bad));
  bad.first = 40;
  CHECK(fails(bad));
  bad = o;
  bad.train = missing;
  CHECK(fails(bad));
  // The error of a fit is that of the evaluation.
  o.first = 31;
  const auto r = rolling_origin(counter{}, y, o);
  REQUIRE(!r);
  CHECK(r.error().message == "counter: too many");
  o.first = 25;
  CHECK(rolling_origin(counter{}, y, o)->fallbacks == 1);
}

TEST_CASE("selection: statistical tests turn bad input down") {
  const std::vector<double> constant(50, 3.0);
  std::vector<double> line(50);
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<double>(i);
  const std::vector<double> none(50, missing);
  auto bad = noise(50);
  bad[7] = infinite;
  const auto good = noise(50);
  for (const auto& y : {constant, none, bad, std::vector<double>{}, std::vector<double>{1, 2}}) {
    CHECK(!kpss(y));
    CHECK(!augmented_dickey_fuller(y));
    CHECK(!phillips_perron(y));
    CHECK(!ocsb(y, 4));
    CHECK(!ljung_box(y, 5));
    CHECK(!guerrero_lambda(y, 4));
    CHECK(!likelihood_lambda(y, 4));
    CHECK(nsdiffs(y, 4) == 0);
  }
  for (const auto& y : {constant, none, std::vector<double>{}, std::vector<double>{1, 2}})
    CHECK(ndiffs(y) == 0);
  CHECK(!kpss(line, deterministic::trend));
  CHECK(!augmented_dickey_fuller(line));
  CHECK(!phillips_perron(line));
  CHECK(!augmented_dickey_fuller(good, deterministic::trend, 60));
  CHECK(!augmented_dickey_fuller(good, deterministic::trend, 24));
  CHECK(kpss(good, deterministic::level, 60));
  CHECK(!ocsb(good, 1));
  CHECK(!ocsb(good, 23));
  CHECK(!ljung_box(good, 2, 2));
  CHECK(!ljung_box(good, 50));
  CHECK(!guerrero_lambda(good));  // not positive
  CHECK(!stl(good, 1));
  CHECK(!stl(good, 25));
  CHECK(!stl(none, 5));
  CHECK(!stl(bad, 5));
  CHECK(ndiffs(line) == 1);  // then it is constant
  CHECK(nsdiffs(good, 25) == 0);
  CHECK(differenced(line, 60).empty());
  CHECK(differenced(line, 2, 2) == std::vector<double>(46, 0.0));
  CHECK(autocorrelation(constant, 3) == std::vector<double>{1, 0, 0, 0});
  CHECK(autocorrelation({}, 1) == std::vector<double>{1, 0});
  CHECK(partial_autocorrelation(std::vector<double>{1, 2}, 4).size() == 4);
}

TEST_CASE("selection: a decomposition adds up and passes over gaps") {
  auto y = noise(120, 5);
  for (std::size_t i = 0; i < y.size(); ++i)
    y[i] = 0.1 * y[i] + 0.05 * static_cast<double>(i) + (i % 6 == 0 ? 4 : 0);
  const auto whole = stl(y, 6);
  REQUIRE(whole);
  for (std::size_t i = 0; i < y.size(); ++i)
    CHECK(whole->trend[i] + whole->seasonal[i] + whole->remainder[i] == Approx(y[i]));
  CHECK(seasonal_strength(*whole) > 0.98);
  CHECK(trend_strength(*whole) > 0.98);
  CHECK(nsdiffs(y, 6) == 1);
  auto gaps = y;
  for (std::size_t i = 0; i < gaps.size(); i += 7) gaps[i] = missing;
  gaps[119] = missing;
  const auto around = stl(gaps, 6);
  REQUIRE(around);
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    CHECK(std::isnan(around->remainder[i]) == std::isnan(gaps[i]));
    CHECK(around->trend[i] + around->seasonal[i] == Approx(y[i]).margin(0.6));
  }
  CHECK(seasonal_strength(*around) > 0.98);
  // An outlier moves a robust decomposition less.
  auto spike = y;
  spike[60] += 30;
  stl_options robust;
  robust.inner = 1;
  robust.outer = 15;
  const auto plain = stl(spike, 6);
  const auto firm = stl(spike, 6, robust);
  CHECK(std::fabs(firm->trend[60] - whole->trend[60]) < 0.1);
  CHECK(std::fabs(plain->trend[60] - whole->trend[60]) > 0.3);
  CHECK(seasonal_strength(decomposition{}) == 0);
}

TEST_CASE("selection: Box-Cox and back") {
  for (const double lambda : {-1.0, -0.3, 0.0, 1e-9, 0.5, 1.0, 2.0}) {
    const box_cox b{lambda};
    for (const double x : {1e-3, 0.7, 1.0, 12.0, 4e5})
      CHECK(b.inverse(b(x)) == Approx(x).epsilon(1e-7));
    if (lambda > 0) CHECK(b.inverse(b(-3)) == Approx(-3).epsilon(1e-6));
    if (lambda <= 0) CHECK(std::isnan(b(0)));
    CHECK(std::isnan(b(missing)));
    CHECK(std::isnan(b.inverse(missing)));
  }
  CHECK(box_cox{1e-12}(5) == Approx(std::log(5.0)));
  CHECK(std::isnan(box_cox{-1}.inverse(1.5)));
  CHECK(box_cox{0}.inverse_mean(1, 0.5) == Approx(std::exp(1.25)));
  CHECK(box_cox{0.5}.inverse_mean(4, 1) == Approx(9 + 0.25));  // (1 + y/2)^2
  CHECK(box_cox{1}.inverse_mean(4, 1) == 5);
  // A series whose size goes with its level wants logarithms, one that does not wants none.
  auto y = noise(400, 9);
  auto z = y;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double level = 1 + 0.02 * static_cast<double>(i);
    z[i] = 40 + level + y[i];
    y[i] = level * std::exp(0.1 * y[i]);
  }
  y[11] = missing;
  CHECK(*guerrero_lambda(y, 8) == Approx(0).margin(0.15));
  CHECK(*guerrero_lambda(z, 8) == Approx(1).margin(0.9));
}

TEST_CASE("selection: searches of orders find the best of a bowl, and of a bowl with traps") {
  using lepton::predict::detail::order_bounds;
  using lepton::predict::detail::order_search;
  std::size_t calls = 0;
  const auto bowl = [&](std::span<arima_candidate> batch, const arima_candidate*) {
    for (auto& c : batch) {
      ++calls;
      const double p = c.orders[0];
      const double q = c.orders[1];
      const double P = c.orders[2];
      const double Q = c.orders[3];
      c.criterion =
          (p - 4) * (p - 4) + (q - 1) * (q - 1) + P + (Q - 1) * (Q - 1) + (c.constant ? 1 : 0);
    }
  };
  {
    order_search s{order_bounds{}, bowl};
    s.walk(false, 1.01);
    const auto after_walk = s.tried().size();
    CHECK(s.tried()[s.best()].orders == std::array<std::uint8_t, 4>{4, 1, 0, 1});
    CHECK(!s.tried()[s.best()].constant);
    s.spread(3, 20);
    CHECK(s.tried().size() > after_walk);
    CHECK(calls >= s.tried().size());  // some twice: quickly and thoroughly
    CHECK(calls < 2 * s.tried().size());
    for (std::size_t i = 0; i < s.tried().size(); ++i)
      for (std::size_t j = 0; j < i; ++j) CHECK(!s.tried()[i].same_as(s.tried()[j]));
  }
  {
    order_search s{order_bounds{}, bowl};
    s.exhaust(5);
    CHECK(s.tried()[s.best()].criterion == 1);  // p + q + P + Q is 6 at the bottom
    for (const auto& c : s.tried()) CHECK(c.sum() <= 5);
  }
  {
    order_bounds few;
    few.fits = 7;
    few.constant = false;
    few.most = {5, 5, 0, 0};
    order_search s{few, bowl};
    s.walk(false, 1.01);
    s.spread(3, 20);
    CHECK(s.tried().size() == 7);
    for (const auto& c : s.tried()) CHECK(!c.constant);
  }
  // No model can be fitted; a criterion that is NaN is none.
  order_search hopeless{order_bounds{},
                        [](std::span<arima_candidate> batch, const arima_candidate*) {
                          for (auto& c : batch) c.criterion = missing;
                        }};
  hopeless.walk(false, 1.01);
  hopeless.spread(3, 20);
  CHECK(hopeless.tried()[hopeless.best()].criterion == infinite);
}

TEST_CASE("selection: auto_arima finds what a series is made of") {
  auto y = wandering(200, 0.7);
  for (auto& x : y) x += 20;
  y[50] = missing;
  auto_arima m;
  const auto report = m.fit(y);
  REQUIRE(report);
  CHECK(report->fallback.empty());
  const auto o = m.model().options();
  CHECK(o.d == 0);
  CHECK(o.p + o.q >= 1);
  CHECK(o.has_mean());
  CHECK(m.criterion() == Approx(aicc(*report)));
  // Not worse than the model that made it.
  arima_options first;
  first.p = 1;
  arima truth{first};
  const auto true_report = truth.fit(y);
  REQUIRE(true_report);
  CHECK(m.criterion() <= aicc(*true_report) + 1e-6);

  // The same for any number of threads, and after saving.
  auto_arima_options parallel;
  parallel.threads = 3;
  const auto one = select_arima(y, {});
  const auto three = select_arima(y, parallel);
  REQUIRE(one);
  REQUIRE(three);
  REQUIRE(one->tried.size() == three->tried.size());
  for (std::size_t i = 0; i < one->tried.size(); ++i) {
    CHECK(one->tried[i].same_as(three->tried[i]));
    CHECK(one->tried[i].criterion == three->tried[i].criterion);
  }
  const auto bytes = save(m);
  auto_arima back;
  REQUIRE(load(back, bytes));
  CHECK(save(back) == bytes);
  m.update(22);
  back.update(22);
  std::array<double, 3> a{};
  std::array<double, 3> b{};
  const std::array<double, 1> half{0.5};
  m.forecast(3, half, a);
  back.forecast(3, half, b);
  CHECK(a == b);
  CHECK(m.peak_quantile(3, 0.9) == back.peak_quantile(3, 0.9));

  REQUIRE(m.refit(y));
  CHECK(m.criterion() <= one->criterion + 1e-6);
  auto_arima_options quick;
  quick.approximation = true;
  const auto near = select_arima(y, quick);
  REQUIRE(near);
  CHECK(near->criterion <= one->criterion + 4);
  CHECK(near->tried.size() == 5);
  auto_arima_options bic;
  bic.criterion = information_criterion::bic;
  bic.search = order_search_mode::exhaustive;
  bic.max_order = 2;
  const auto sparse = select_arima(y, bic);
  REQUIRE(sparse);
  CHECK(sparse->tried.size() == 12);
  CHECK(sparse->orders.arma() == 1);
}

TEST_CASE("selection: auto_arima with inputs") {
  auto y = wandering(150, 0.5, 8);
  std::vector<double> input(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    input[i] = i % 10 < 4 ? 1 : 0;
    y[i] += 30 * input[i];
  }
  auto_arima m;
  const auto report = m.fit(y, matrix_view{input, 1});
  REQUIRE(report);
  CHECK(m.model().options().d == 0);
  std::array<double, 2> out{};
  const std::array<double, 1> half{0.5};
  const std::array<double, 2> next{1, 0};
  m.update(0, std::array<double, 1>{0.0});
  m.forecast(matrix_view{next, 1}, half, out);
  CHECK(out[0] - out[1] == Approx(30).margin(2));
  CHECK(!m.fit(y, matrix_view{next, 1}));
  input[3] = missing;
  CHECK(!m.fit(y, matrix_view{input, 1}));
}

TEST_CASE("selection: auto_arima on bad input") {
  const auto y = wandering(60, 0.5);
  auto_arima m;
  REQUIRE(m.fit(y));
  const auto before = save(m);
  auto bad = y;
  bad[5] = infinite;
  const auto r = m.fit(bad);
  REQUIRE(!r);
  CHECK(r.error().message.find("value 5") != std::string::npos);
  CHECK(!m.fit({}));
  CHECK(!m.fit(std::vector<double>(9, missing)));
  CHECK(save(m) == before);
  const auto refused = [&](auto change) {
    auto_arima_options o;
    change(o);
    return !auto_arima{o}.fit(y);
  };
  CHECK(refused([](auto& o) { o.season = 0; }));
  CHECK(refused([](auto& o) { o.max_p = 99; }));
  CHECK(refused([](auto& o) { o.D = 1; }));
  CHECK(refused([](auto& o) { o.least_root = missing; }));
  CHECK(refused([](auto& o) { o.handicap = -1; }));
  CHECK(refused([](auto& o) { o.search = static_cast<order_search_mode>(7); }));

  // Little history, or nothing to learn: a simpler model, and a forecast.
  std::vector<double> line(30);
  for (std::size_t i = 0; i < line.size(); ++i) line[i] = 2 * static_cast<double>(i);
  std::array<double, 4> mean{};
  std::array<double, 4> error{};
  for (const auto& values :
       {std::vector<double>{4}, std::vector<double>{4, missing, 6},
        std::vector<double>{1, 5, 2, 6, 3}, std::vector<double>(40, 3.0), line}) {
    auto_arima_options seasonal;
    seasonal.season = 4;
    for (const auto& o : {auto_arima_options{}, seasonal}) {
      auto_arima short_one{o};
      const auto report = short_one.fit(values);
      REQUIRE(report);
      short_one.moments(mean, error);
      for (std::size_t h = 0; h < 4; ++h) CHECK(std::isfinite(mean[h] + error[h]));
      CHECK(std::isfinite(short_one.peak_quantile(4, 0.9)));
    }
  }
  auto_arima never;
  CHECK(!never.ready());
  never.update(3);
  CHECK(never.ready());
}
