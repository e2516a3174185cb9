// SPDX-License-Identifier: Apache-2.0
// The hybrid layer's parts, each on a case whose answer is known.
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <lepton/predict/clamped.hpp>
#include <lepton/predict/conformal.hpp>
#include <lepton/predict/direct_regression.hpp>
#include <lepton/predict/fusion.hpp>
#include <lepton/predict/histogram_member.hpp>
#include <lepton/predict/model_selection.hpp>
#include <lepton/predict/online_weights.hpp>
#include <lepton/predict/page_hinkley.hpp>
#include <lepton/predict/seasonal_naive.hpp>
#include <lepton/predict/stacking.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

const double missing = std::numeric_limits<double>::quiet_NaN();
const double infinite = std::numeric_limits<double>::infinity();

// A model that cannot be fitted, and one that forecasts nonsense.
struct never_fits : last_value {
  static constexpr std::string_view model_name = "never fits";
  [[nodiscard]] auto fit(std::span<const double>) -> fit_result {
    return lepton::failure("never fits: it never does");
  }
};
struct raves : last_value {
  static constexpr std::string_view model_name = "raves";
  void forecast(std::size_t, std::span<const double>, std::span<double> out) noexcept {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = i % 2 == 0 ? missing : infinite;
  }
  auto peak_quantile(std::size_t, double) noexcept -> double { return missing; }
};

static_assert(refittable<fusion<>>);
static_assert(trainable<clamped<seasonal_naive>>);
static_assert(!refittable<clamped<seasonal_naive>>);
static_assert(trainable<histogram_member>);
static_assert(with_moments<direct_regression>);
static_assert(refittable<model_selection<last_value, seasonal_naive>>);

// A day of 24 values, some noise.
auto daily(std::size_t n, std::uint64_t seed = 1) -> std::vector<double> {
  lepton::detail::pcg32 random{seed};
  std::vector<double> y(n);
  for (std::size_t i = 0; i < n; ++i)
    y[i] = 10 + 5 * std::sin(static_cast<double>(i % 24) * 0.2617993877991494) +
           0.5 * lepton::predict::detail::normal_number(random);
  return y;
}

template <class P>
auto forecast_of(P& p, std::size_t horizon, const std::vector<double>& q) -> std::vector<double> {
  std::vector<double> out(horizon * q.size());
  p.forecast(horizon, q, out);
  return out;
}

}  // namespace

TEST_CASE("fusion: weights follow the expert that loses least, and nothing spoils them") {
  online_weights w{3, 2};
  CHECK(w.weights(0)[1] == Approx(1.0 / 3));
  for (int i = 0; i < 50; ++i) w.update(0, std::array<double, 3>{2, 1, 3});
  CHECK(w.weights(0)[1] > 0.99);
  CHECK(w.weights(1)[1] == Approx(1.0 / 3));  // the other group has learnt nothing
  CHECK(w.mean_loss(0, 2) / w.mean_loss(0, 1) == Approx(3));
  for (int i = 0; i < 100; ++i) w.update(0, std::array<double, 3>{1, 2, missing});
  CHECK(w.weights(0)[0] > 0.5);
  CHECK(w.weights(0)[2] < 0.001);
  w.include(0, false);
  CHECK(w.weights(0)[0] == 0);
  CHECK(w.weights(0)[1] + w.weights(0)[2] == Approx(1));
  w.include(1, false);
  w.include(2, false);
  CHECK(w.weights(0)[0] == Approx(1.0 / 3));
  w.include(0, true);
  w.include(1, true);
  w.forget();
  CHECK(w.weights(0)[0] == Approx(0.5));
  w.update(0, std::array<double, 3>{missing, infinite, missing});  // tells nothing
  CHECK(w.weights(0)[0] == Approx(0.5));
}

TEST_CASE("fusion: conformal offsets move by the level and are interpolated between levels") {
  const std::array<double, 2> levels{0.1, 0.9};
  conformal c{levels, 1, {0.5, 10}};
  c.update(0, 4, 0, std::array<double, 2>{-1, 1});  // error 4, above both
  CHECK(c.scale(0) == 4);
  CHECK(c.offset(0, 0) == Approx(0.5 * 4 * 0.1));
  CHECK(c.offset(0, 1) == Approx(0.5 * 4 * 0.9));
  CHECK(c.offset_at(0, 0.5) == 0);
  CHECK(c.offset_at(0, 0.7) == Approx(0.9));
  CHECK(c.offset_at(0, 0.3) == Approx(0.1));
  CHECK(c.offset_at(0, 0.99) == Approx(1.8));
  CHECK(c.offset_at(0, 0.01) == Approx(0.2));
  const auto before = c.offset(0, 1);
  c.update(0, missing, 0, std::array<double, 2>{-1, 1});
  c.update(0, 1, infinite, std::array<double, 2>{-1, 1});
  CHECK(c.offset(0, 1) == before);
  c.update(0, 0, 0, std::array<double, 2>{-1, 1});  // between
  CHECK(c.offset(0, 1) < before);
}

TEST_CASE("fusion: drift is noticed soon, and rarely where there is none") {
  lepton::detail::pcg32 random{7};
  page_hinkley detector;
  for (int i = 0; i < 100000; ++i) detector.update(lepton::predict::detail::normal_number(random));
  CHECK(detector.alarms() <= 1);
  int delay = 0;
  while (!detector.update(4 + lepton::predict::detail::normal_number(random)) && delay < 1000)
    ++delay;
  CHECK(delay < 20);
  // One outlier is no drift, and neither is nonsense.
  detector.reset();
  for (int i = 0; i < 100; ++i) detector.update(lepton::predict::detail::normal_number(random));
  CHECK(!detector.update(1e100));
  CHECK(!detector.update(missing));
  CHECK(!detector.update(infinite));
}

TEST_CASE("fusion: the histogram's quantiles are those of the past") {
  histogram_options o;
  o.half_life = infinite;
  o.bins = 1024;
  histogram_member m{o};
  CHECK(!m.ready());
  for (int i = 0; i < 1000; ++i) m.update(i * 7 % 1000);
  const auto out = forecast_of(m, 2, {0.1, 0.5, 0.9});
  CHECK(out[0] == Approx(100).margin(3));
  CHECK(out[1] == Approx(500).margin(3));
  CHECK(out[5] == Approx(900).margin(3));
  // The largest of two is below x with the chance F(x)^2.
  CHECK(m.peak_quantile(2, 0.81) == Approx(900).margin(3));
  histogram_member constant;
  for (int i = 0; i < 5; ++i) constant.update(-3.25);
  CHECK(forecast_of(constant, 1, {0.3})[0] == -3.25);
  o.season = 24;
  o.half_life = 500;
  histogram_member by_hour{o};
  for (const double x : daily(2400)) by_hour.update(x);
  const auto day = forecast_of(by_hour, 24, {0.5});
  CHECK(day[6] == Approx(15).margin(0.3));
  CHECK(day[18] == Approx(5).margin(0.3));
}

TEST_CASE("fusion: the direct regression finds a linear recursion, and its season") {
  lepton::detail::pcg32 random{3};
  std::vector<double> y{0, 0};
  for (int i = 2; i < 3000; ++i)
    y.push_back(1.2 * y[y.size() - 1] - 0.5 * y[y.size() - 2] +
                lepton::predict::detail::normal_number(random));
  direct_regression_options o;
  o.lags = 4;
  o.horizon = 3;
  direct_regression m{o};
  const auto report = m.fit(y);
  REQUIRE(report);
  CHECK(report->fallback.empty());
  std::array<double, 7> mean{};
  std::array<double, 7> error{};
  m.moments(mean, error);
  const double a = y[y.size() - 1];
  const double b = y[y.size() - 2];
  CHECK(mean[0] == Approx(1.2 * a - 0.5 * b).margin(0.2));
  CHECK(mean[1] == Approx(0.94 * a - 0.6 * b).margin(0.3));
  CHECK(error[0] == Approx(1).margin(0.1));
  CHECK(error[1] == Approx(std::sqrt(2.44)).margin(0.15));
  CHECK(std::fabs(mean[6]) < 10);
  CHECK(m.peak_quantile(3, 0.9) > mean[0]);

  o.season = 5000;
  direct_regression longer{o};
  CHECK(longer.fit(y)->fallback == "direct regression without season");
  CHECK(m.fit(std::vector<double>{1, 2, 3})->fallback == "last value");
  CHECK(m.fit(std::vector<double>(500, 4.0))->fallback == "last value");
  CHECK(forecast_of(m, 2, {0.5})[1] == 4);
  CHECK(!m.fit(std::vector<double>{missing}));
  CHECK(!m.fit(std::vector<double>{1, infinite}));
  o.season = 24;
  o.lags = 3;
  direct_regression seasonal{o};
  REQUIRE(seasonal.fit(daily(600)));
  CHECK(forecast_of(seasonal, 24, {0.5})[6] == Approx(15).margin(0.8));
}

TEST_CASE("fusion: stacking finds the weights that made the mixture") {
  lepton::detail::pcg32 random{5};
  std::vector<double> f;
  std::vector<double> y;
  for (int i = 0; i < 200; ++i) {
    std::array<double, 3> x{};
    for (double& v : x) f.push_back(v = lepton::predict::detail::normal_number(random));
    y.push_back(0.7 * x[0] + 0.3 * x[2]);
  }
  auto w = stacking_weights({f, 3}, y);
  REQUIRE(w);
  CHECK((*w)[0] == Approx(0.7).epsilon(1e-9));
  CHECK((*w)[1] == Approx(0).margin(1e-9));
  for (std::size_t i = 0; i < 200; ++i) f[3 * i + 1] = missing;
  f[0] = infinite;
  y[5] = missing;
  w = stacking_weights({f, 3}, y);
  REQUIRE(w);
  CHECK((*w)[1] == 0);
  CHECK((*w)[2] == Approx(0.3).epsilon(1e-9));
  CHECK(!stacking_weights({f, 3}, std::vector<double>(200, missing)));
  CHECK(!stacking_weights({f, 3}, std::vector<double>(3, 1.0)));
  CHECK(!stacking_weights({}, {}));
  const auto of_models = stacked(daily(600), {}, last_value{}, seasonal_naive{24}, never_fits{});
  REQUIRE(of_models);
  CHECK((*of_models)[1] > 0.8);
  CHECK((*of_models)[2] == 0);
}

TEST_CASE("fusion: limits hold for every forecast and are saved") {
  clamped<last_value> m{10.0};
  for (const double x : {0.0, 9.0, 1.0, 9.5}) m.update(x);
  const auto out = forecast_of(m, 2, {0.01, 0.5, 0.99});
  CHECK(out[0] == 0);
  CHECK(out[1] == 9.5);
  CHECK(out[2] == 10);
  CHECK(m.peak_quantile(4, 0.99) == 10);
  clamped<last_value> back;
  REQUIRE(load(back, save(m)));
  CHECK(back.highest() == 10);
  CHECK(std::isnan(clamped<last_value>{1.0}.peak_quantile(2, 0.5)));
}

TEST_CASE("fusion: model selection takes the one that forecast best, or the only one there is") {
  model_selection<last_value, seasonal_naive> m{{}, last_value{}, seasonal_naive{24}};
  CHECK(!m.ready());
  REQUIRE(m.fit(daily(600)));
  CHECK(m.chosen() == 1);
  CHECK(m.chosen_name() == "seasonal naive");
  CHECK(m.scores()[0] > m.scores()[1]);
  CHECK(forecast_of(m, 24, {0.5})[6] == Approx(15).margin(2));
  REQUIRE(m.fit(std::vector<double>{1, 2}));  // too short to judge
  CHECK(m.chosen() == 0);
  CHECK(!m.fit(std::vector<double>{missing}));
  CHECK(m.ready());
  model_selection<never_fits, seasonal_naive> one{{}, never_fits{}, seasonal_naive{24}};
  REQUIRE(one.fit(daily(600)));
  CHECK(one.chosen() == 1);
  selection_options by_aicc;
  by_aicc.by = selection_by::aicc;  // neither has a likelihood
  model_selection<last_value, never_fits> first{by_aicc, last_value{}, never_fits{}};
  REQUIRE(first.fit(daily(100)));
  CHECK(first.chosen() == 0);
}

TEST_CASE("fusion: a member that cannot be fitted is left out and named") {
  fusion<never_fits, seasonal_naive> m{{}, {}, never_fits{}, seasonal_naive{24}};
  const auto report = m.fit(daily(600));
  REQUIRE(report);
  CHECK(report->fallback.empty());
  REQUIRE(m.left_out().size() == 1);
  CHECK(m.left_out()[0].first == "never fits");
  CHECK(m.left_out()[0].second == "never fits: it never does");
  CHECK(m.weights(0)[2] == 0);
  CHECK(m.weights(11)[3] > 0.8);  // the seasonal one

  fusion<never_fits> none;
  const auto all_failed = none.fit(daily(600));
  REQUIRE(all_failed);
  CHECK(all_failed->fallback == "last value");
  CHECK(std::isfinite(forecast_of(none, 3, {0.9})[2]));
  CHECK(!none.fit(std::vector<double>{missing, missing}));
  CHECK(!none.fit({}));
  CHECK(!none.fit(std::vector<double>{1, infinite}));
  CHECK(none.ready());  // as it was
}

TEST_CASE("fusion: a member that raves does no harm") {
  fusion<raves> m;
  CHECK(!m.ready());
  CHECK(std::isnan(forecast_of(m, 1, {0.5})[0]));
  CHECK(std::isnan(m.peak_quantile(3, 0.5)));
  for (const double x : daily(300)) {
    m.update(x);
    const auto out = forecast_of(m, 30, {0.9, 0.5, 0.1});
    for (std::size_t i = 0; i < out.size(); i += 3) {
      REQUIRE(std::isfinite(out[i] + out[i + 1] + out[i + 2]));
      REQUIRE(out[i] >= out[i + 1]);
      REQUIRE(out[i + 1] >= out[i + 2]);
    }
  }
  CHECK(m.weights(0)[2] < 0.01);
  CHECK(m.peak_quantile(12, 0.9) >= forecast_of(m, 12, {0.9})[11]);
  CHECK(std::isnan(m.peak_quantile(0, 0.5)));
  double before = -std::numeric_limits<double>::infinity();
  for (double q = 0.01; q < 1; q += 0.01) {
    const double peak = m.peak_quantile(12, q);
    CHECK(peak >= before);
    before = peak;
  }
  m.forecast(0, {}, {});
  // Any number of steps, and any order of the levels.
  const auto far = forecast_of(m, 9000, {0.5});
  CHECK(far[8999] == far[8191]);
}

TEST_CASE("fusion: it stays within its limits") {
  fusion_options o;
  o.lowest = 0;
  o.highest = 12;
  fusion<seasonal_naive> m{o, {}, seasonal_naive{24}};
  REQUIRE(m.fit(daily(600)));
  for (const double x : forecast_of(m, 24, {0.01, 0.5, 0.99})) CHECK((x >= 0 && x <= 12));
  CHECK(m.peak_quantile(24, 0.99) == 12);
}

TEST_CASE("fusion: drift makes the weights learn anew") {
  fusion_options o;
  o.forget_on_drift = true;
  direct_regression_options d;
  d.lags = 3;
  fusion<direct_regression> m{o, {}, direct_regression{d}};
  lepton::detail::pcg32 random{9};
  std::vector<double> y(1000);
  for (double& x : y) x = lepton::predict::detail::normal_number(random);
  REQUIRE(m.fit(y));
  const auto before = m.drifts();
  CHECK(before == 0);
  CHECK(m.weights(0)[0] < 0.1);  // noise: the last value is no forecast
  double walk = 0;
  for (int i = 0; i < 200; ++i)
    m.update(walk += 30 * lepton::predict::detail::normal_number(random));
  CHECK(m.drifts() >= 1);
  CHECK(m.weights(0)[1] < 0.1);  // a walk: the histogram is none
}

TEST_CASE("fusion: a saved state comes back and goes on alike, a damaged one never") {
  direct_regression_options d;
  d.lags = 3;
  d.season = 24;
  d.horizon = 4;
  using model = fusion<direct_regression, model_selection<last_value, seasonal_naive>>;
  fusion_options o;
  o.horizon = 4;
  o.score_every = 2;
  histogram_options h;
  h.bins = 16;
  model m{o, h, direct_regression{d},
          model_selection<last_value, seasonal_naive>{{}, last_value{}, seasonal_naive{24}}};
  REQUIRE(m.fit(daily(400)));
  const auto bytes = save(m);
  model back;
  REQUIRE(load(back, bytes));
  CHECK(save(back) == bytes);
  const auto more = daily(100, 2);
  for (std::size_t i = 0; i < more.size(); ++i) {
    const double x = i % 17 == 5 ? missing : more[i];
    m.update(x);
    back.update(x);
  }
  CHECK(forecast_of(m, 9, {0.1, 0.5, 0.97}) == forecast_of(back, 9, {0.1, 0.5, 0.97}));
  CHECK(m.peak_quantile(9, 0.9) == back.peak_quantile(9, 0.9));
  const auto later = save(m);
  CHECK(save(back) == later);
  CHECK(later.size() == bytes.size());
  for (std::size_t i = 0; i < bytes.size(); i += 97) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x10};
    CHECK(!load(back, damaged));
    CHECK(!load(back, std::span{bytes}.first(i)));
  }
  CHECK(save(back) == later);
  fusion<seasonal_naive> other;
  CHECK(!load(other, bytes));
  REQUIRE(m.refit(daily(500)));
  CHECK(m.left_out().empty());
}
