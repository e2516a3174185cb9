// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/predict/lstm.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::predict;

static_assert(refittable<lstm>);
static_assert(with_inputs<lstm>);
static_assert(with_moments<lstm>);

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> season(std::size_t n, double noise, std::uint64_t seed = 7) {
  lepton::detail::pcg32 random{seed};
  std::vector<double> x(n);
  for (std::size_t t = 0; t < n; ++t)
    x[t] = 50 + 10 * std::sin(6.283185307179586 * static_cast<double>(t) / 12) +
           noise * detail::normal_number(random);
  return x;
}

lstm_options quick() {
  lstm_options o;
  o.hidden = 8;
  o.horizon = 1;
  o.window = 16;
  o.windows = 200;
  o.epochs = 8;
  o.learning_rate = 0.02;
  o.interval_steps = 12;
  return o;
}

std::vector<double> quantiles_of(lstm& m, std::size_t horizon, std::span<const double> q) {
  std::vector<double> out(horizon * q.size());
  m.forecast(horizon, q, out);
  return out;
}

constexpr std::array<double, 5> levels{0.02, 0.1, 0.5, 0.9, 0.98};

void check_sane(lstm& m, std::size_t horizon) {
  const auto out = quantiles_of(m, horizon, levels);
  for (std::size_t i = 0; i < out.size(); ++i) {
    INFO("step " << i / levels.size());
    REQUIRE(std::isfinite(out[i]));
    if (i % levels.size() > 0) REQUIRE(out[i] >= out[i - 1]);
  }
  REQUIRE(std::isfinite(m.peak_quantile(horizon, 0.9)));
}

std::string message(lstm_options o) {
  lstm m{std::move(o)};
  const auto result = m.fit(season(200, 1));
  return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("lstm: learns a season, forecasts with intervals around it") {
  const auto x = season(700, 1);
  lstm m{quick()};
  const auto report = m.fit(x);
  REQUIRE(report);
  CHECK(report->fallback.empty());
  CHECK(report->parameters == m.network().shape().parameters());
  CHECK(report->observations == 700);
  REQUIRE(m.trained());
  // The noise alone makes 1/51.
  CHECK(m.validation_error() < 0.05);
  check_sane(m, 60);
  const auto truth = season(724, 0);
  const auto out = quantiles_of(m, 24, levels);
  std::vector<double> mean(24);
  std::vector<double> error(24);
  m.moments(mean, error);
  for (std::size_t h = 0; h < 24; ++h) {
    CHECK(out[5 * h + 1] < truth[700 + h] + 1);
    CHECK(out[5 * h + 3] > truth[700 + h] - 1);
    CHECK(mean[h] == Approx(truth[700 + h]).margin(4));
    CHECK(error[h] > 0.8);
    CHECK(error[h] < 5);
  }
}

TEST_CASE("lstm: eighty percent intervals hold about that of what comes") {
  const auto x = season(1500, 2);
  lstm m{quick()};
  REQUIRE(m.fit(std::span{x}.first(800)));
  const std::array<double, 2> q{0.1, 0.9};
  std::size_t within = 0;
  std::size_t count = 0;
  for (std::size_t t = 800; t + 12 <= x.size(); ++t) {
    const auto out = quantiles_of(m, 12, q);
    for (std::size_t h = 0; h < 12; ++h, ++count)
      within += x[t + h] >= out[2 * h] && x[t + h] <= out[2 * h + 1] ? 1 : 0;
    m.update(x[t]);
  }
  CHECK(static_cast<double>(within) / static_cast<double>(count) == Approx(0.8).margin(0.06));
}

TEST_CASE("lstm: the quantile of the peak is that of simulated paths") {
  lstm m{quick()};
  REQUIRE(m.fit(season(600, 3)));
  // A single step's peak is the step itself.
  const std::array<double, 1> q{0.9};
  CHECK(m.peak_quantile(1, 0.9) == Approx(quantiles_of(m, 1, q)[0]).margin(0.7));
  const auto out = quantiles_of(m, 24, q);
  const double peak = m.peak_quantile(24, 0.9);
  CHECK(peak > *std::max_element(out.begin(), out.end()) - 0.3);
  CHECK(peak < *std::max_element(out.begin(), out.end()) + 9);
  CHECK(m.peak_quantile(24, 0.5) < peak);
  CHECK(m.peak_quantile(24, 0.9) == peak);
  CHECK(std::isnan(m.peak_quantile(0, 0.9)));
}

TEST_CASE("lstm: the peak knows that errors of successive steps are alike") {
  // A random walk keeps its errors, so its peak is below that of as many errors on their own:
  // twice the chance of the end (reflection), with a tenth above 1.64 roots of the time, against
  // almost as far for the largest of 16 independent ones of all variances up to it.
  lepton::detail::pcg32 random{5};
  std::vector<double> x{0};
  for (int t = 0; t < 1500; ++t) x.push_back(x.back() + detail::normal_number(random));
  auto o = quick();
  o.epochs = 2;
  o.interval_steps = 16;
  lstm m{o};
  REQUIRE(m.fit(x));
  std::vector<double> mean(16);
  std::vector<double> error(16);
  m.moments(mean, error);
  const double median = m.peak_quantile(16, 0.5) - mean[0];
  // 0.67 roots of the time for a walk (less, as it is seen in steps); 1.1 for independent errors.
  CHECK(median / error[15] < 0.85);
  CHECK(median / error[15] > 0.1);
}

TEST_CASE("lstm: heads, losses, layers, dropout and seasons all learn") {
  const auto x = season(500, 1);
  for (const auto loss : {lstm_loss::squared, lstm_loss::absolute, lstm_loss::gaussian}) {
    for (const std::size_t horizon : {1U, 6U}) {
      auto o = quick();
      o.loss = loss;
      o.horizon = horizon;
      o.layers = 2;
      o.hidden = 6;
      o.dropout = 0.1;
      o.weight_decay = 0.01;
      o.periods = {12, 30.5};
      o.harmonics = 2;
      lstm m{o};
      REQUIRE(m.fit(x));
      REQUIRE(m.trained());
      CHECK(m.validation_error() < 0.35);
      check_sane(m, 20);
      const auto longer = quantiles_of(m, 20, levels);
      for (const std::size_t h : {1U, 5U, 6U, 9U}) {
        const auto shorter = quantiles_of(m, h, levels);
        REQUIRE(std::equal(shorter.begin(), shorter.end(), longer.begin()));
      }
      const auto bytes = save(m);
      lstm back;
      REQUIRE(load(back, bytes));
      CHECK(save(back) == bytes);
      back.update(3);
      m.update(3);
      CHECK(quantiles_of(back, 20, levels) == quantiles_of(m, 20, levels));
    }
  }
}

TEST_CASE("lstm: the same numbers from the same seed, others from another") {
  const auto x = season(300, 1);
  auto o = quick();
  o.epochs = 2;
  lstm a{o};
  lstm b{o};
  REQUIRE(a.fit(x));
  REQUIRE(b.fit(x));
  CHECK(save(a) == save(b));
  o.seed = 2;
  lstm c{o};
  REQUIRE(c.fit(x));
  CHECK(quantiles_of(c, 3, levels) != quantiles_of(a, 3, levels));
  // What was fitted before is forgotten.
  REQUIRE(c.fit(season(200, 2)));
  REQUIRE(c.fit(x));
  lstm d{o};
  REQUIRE(d.fit(x));
  CHECK(save(c) == save(d));
}

TEST_CASE("lstm: updates stand where a fit stands") {
  auto x = season(300, 1);
  auto o = quick();
  o.epochs = 2;
  lstm m{o};
  REQUIRE(m.fit(std::span{x}.first(280)));
  // Forecasting changes nothing.
  lstm quiet = m;
  for (std::size_t t = 280; t < 300; ++t) {
    check_sane(m, 5);
    m.update(x[t]);
    quiet.update(x[t]);
  }
  CHECK(save(m) == save(quiet));
  CHECK(state_bytes(m) == save(m).size());
  // The shorter horizon is the start of the longer.
  const auto longer = quantiles_of(m, 30, levels);
  const auto shorter = quantiles_of(m, 7, levels);
  CHECK(std::equal(shorter.begin(), shorter.end(), longer.begin()));
  quantiles_of(m, 0, levels);
}

TEST_CASE("lstm: gaps are bridged by forecasts, under wider intervals") {
  auto x = season(700, 1);
  for (std::size_t t = 0; t < 700; ++t)
    if (t % 7 == 3 || (t > 200 && t < 230) || t == 0) x[t] = none;
  lstm m{quick()};
  const auto report = m.fit(x);
  REQUIRE(report);
  REQUIRE(m.trained());
  CHECK(report->observations < 700);
  CHECK(m.validation_error() < 0.08);
  std::vector<double> mean(1);
  std::vector<double> error(1);
  m.moments(mean, error);
  const double before = error[0];
  for (int i = 0; i < 5; ++i) m.update(i % 2 == 0 ? none : infinity);
  m.moments(mean, error);
  CHECK(error[0] >= before);
  CHECK(mean[0] == Approx(50 + 10 * std::sin(6.283185307179586 * 705 / 12)).margin(5));
  for (int i = 0; i < 3000; ++i) m.update(none);
  check_sane(m, 10);
}

TEST_CASE("lstm: forecasts of later steps are those after so many missing numbers") {
  auto o = quick();
  o.periods = {12};
  o.level = 9;
  lstm m{o};
  REQUIRE(m.fit(season(300, 2)));
  std::vector<double> mean(20);
  std::vector<double> error(20);
  m.moments(mean, error);
  for (std::size_t h = 0; h < 20; ++h) {
    std::vector<double> next(1);
    std::vector<double> off(1);
    m.moments(next, off);
    CHECK(next[0] == Approx(mean[h]).epsilon(1e-5));
    CHECK(off[0] == Approx(error[h]).epsilon(1e-5));
    m.update(none);
  }
}

TEST_CASE("lstm: intervals widen as the series gets rougher") {
  lstm m{quick()};
  REQUIRE(m.fit(season(500, 1)));
  const auto rough = season(700, 6, 9);
  const std::array<double, 2> q{0.1, 0.9};
  const auto before = quantiles_of(m, 1, q);
  for (std::size_t t = 500; t < 700; ++t) m.update(rough[t]);
  const auto after = quantiles_of(m, 1, q);
  CHECK(after[1] - after[0] > 2.5 * (before[1] - before[0]));
}

TEST_CASE("lstm: inputs that are known beforehand") {
  // A load that comes when a plan says so.
  lepton::detail::pcg32 random{3};
  std::vector<double> x;
  std::vector<double> plan;
  for (int t = 0; t < 600; ++t) {
    const double planned = random.below(4) == 0 ? 1 : 0;
    plan.push_back(planned);
    plan.push_back(7);  // says nothing
    x.push_back(20 + 15 * planned + detail::normal_number(random));
  }
  lstm m{quick()};
  REQUIRE(m.fit(x, matrix_view{plan, 2}));
  REQUIRE(m.trained());
  CHECK(m.validation_error() < 0.1);
  const std::array<double, 1> median{0.5};
  const std::array<double, 8> rows{0, 7, 1, 7, 0, 7, 1, 7};
  std::array<double, 4> out{};
  m.forecast(matrix_view{rows, 2}, median, out);
  CHECK(out[0] == Approx(20).margin(4));
  CHECK(out[1] == Approx(35).margin(4));
  CHECK(out[3] - out[2] > 10);
  // The row of an update is the news that its number had.
  lstm told = m;
  lstm untold = m;
  told.update(none, std::array<double, 2>{1, 7});
  untold.update(none, std::array<double, 2>{0, 7});
  CHECK(save(told) != save(untold));
  m.update(35, std::array<double, 2>{1, 7});
  m.update(20);
  m.update(20, std::array<double, 2>{none, infinity});
  check_sane(m, 4);

  CHECK(!m.fit(x, matrix_view{std::span{plan}.first(10), 2}));
  plan[31] = none;
  const auto missing = m.fit(x, matrix_view{plan, 2});
  REQUIRE(!missing);
  CHECK(missing.error().message.find("row 15") != std::string::npos);
}

TEST_CASE("lstm: a refit starts from the weights there are") {
  const auto x = season(700, 1);
  auto o = quick();
  o.epochs = 1;
  lstm m{o};
  REQUIRE(m.fit(std::span{x}.first(600)));
  const double first = m.validation_error();
  for (int i = 0; i < 4; ++i) REQUIRE(m.refit(std::span{x}.first(600)));
  CHECK(m.validation_error() < first);
  lstm fresh{o};
  REQUIRE(fresh.refit(x));
  CHECK(fresh.trained());
  REQUIRE(fresh.refit(std::vector<double>(300, 2.0)));
  CHECK(!fresh.trained());
}

TEST_CASE("lstm: a level never seen in training is followed") {
  auto x = season(600, 1);
  auto o = quick();
  o.level = 12;
  lstm m{o};
  REQUIRE(m.fit(x));
  for (std::size_t t = 0; t < 100; ++t)
    m.update(400 + 10 * std::sin(6.283185307179586 * static_cast<double>(t) / 12));
  std::vector<double> mean(6);
  std::vector<double> error(6);
  m.moments(mean, error);
  for (const double y : mean) CHECK(y == Approx(400).margin(25));
}

TEST_CASE("lstm: too little history falls back to the last value") {
  lstm m{quick()};
  CHECK(!m.ready());
  CHECK(std::isnan(m.peak_quantile(3, 0.9)));
  m.update(3);
  CHECK(quantiles_of(m, 1, std::array<double, 1>{0.5})[0] == 3);
  for (const auto& x : {std::vector<double>{5}, season(15, 1), season(32, 1),
                        std::vector<double>(300, 4.0), std::vector<double>(300, 1e300)}) {
    const auto report = m.fit(x);
    REQUIRE(report);
    CHECK(report->fallback == last_value::model_name);
    CHECK(!m.trained());
    CHECK(std::isnan(m.validation_error()));
    CHECK(quantiles_of(m, 2, std::array<double, 1>{0.5})[1] == x.back());
    const auto bytes = save(m);
    lstm back;
    REQUIRE(load(back, bytes));
    CHECK(back.report().fallback == last_value::model_name);
    CHECK(save(back) == bytes);
  }
  // Long, but hardly anything there.
  std::vector<double> sparse(300, none);
  for (std::size_t t = 0; t < 300; t += 40) sparse[t] = static_cast<double>(t);
  REQUIRE(m.fit(sparse));
  CHECK(!m.trained());
  // Nothing there to see how good it is.
  auto unseen = season(300, 1);
  for (std::size_t t = 230; t < 300; ++t) unseen[t] = none;
  REQUIRE(m.fit(unseen));
  CHECK(!m.trained());
  CHECK(m.ready());
}

TEST_CASE("lstm: what cannot be fitted is an error, and leaves the model alone") {
  lstm m{quick()};
  REQUIRE(m.fit(season(200, 1)));
  const auto before = save(m);
  CHECK(!m.fit({}));
  CHECK(!m.fit(std::vector<double>(100, none)));
  auto x = season(200, 1);
  x[17] = -infinity;
  const auto infinite = m.fit(x);
  REQUIRE(!infinite);
  CHECK(infinite.error().message.find("value 17") != std::string::npos);
  CHECK(save(m) == before);

  const auto names = [](const char* what, auto change) {
    auto o = quick();
    change(o);
    INFO(what);
    CHECK(message(o).find(what) != std::string::npos);
  };
  names("hidden", [](auto& o) { o.hidden = 0; });
  names("layers", [](auto& o) { o.layers = 0; });
  names("window", [](auto& o) { o.window = 0; });
  names("horizon", [](auto& o) { o.horizon = 0; });
  names("interval_steps", [](auto& o) { o.interval_steps = 0; });
  names("harmonics", [](auto& o) { o.harmonics = 0; });
  names("period", [](auto& o) { o.periods = {none}; });
  names("loss", [](auto& o) { o.loss = static_cast<lstm_loss>(9); });
  names("learning_rate", [](auto& o) { o.learning_rate = none; });
  names("weight_decay", [](auto& o) { o.weight_decay = -1; });
  names("clip", [](auto& o) { o.clip = -1; });
  names("dropout", [](auto& o) { o.dropout = 1; });
  names("batch", [](auto& o) { o.batch = 0; });
  names("epochs", [](auto& o) { o.epochs = 0; });
  names("validation", [](auto& o) { o.validation = 1; });
  names("level", [](auto& o) { o.level = static_cast<std::size_t>(-1); });
}

TEST_CASE("lstm: a learning rate that diverges leaves the best weights and says so") {
  for (const double rate : {1e3, 1e30, 1e300}) {
    for (const auto loss : {lstm_loss::squared, lstm_loss::gaussian}) {
      auto o = quick();
      o.learning_rate = rate;
      o.loss = loss;
      o.clip = 0;
      lstm m{o};
      const auto report = m.fit(season(300, 1));
      REQUIRE(report);
      CHECK(!report->converged);
      REQUIRE(m.network().finite());
      check_sane(m, 100);
    }
  }
}

TEST_CASE("lstm: numbers beyond all measure do no harm") {
  lstm m{quick()};
  REQUIRE(m.fit(season(300, 1)));
  for (const double x : {1e300, -1e300, 1e-300, infinity, none, 50.0}) {
    m.update(x);
    check_sane(m, 200);
  }
}

TEST_CASE("lstm: a damaged state is never read") {
  auto o = quick();
  o.hidden = 2;
  o.epochs = 1;
  lstm m{o};
  REQUIRE(m.fit(season(200, 1)));
  const auto bytes = save(m);
  lstm other{o};
  for (std::size_t i = 0; i < bytes.size(); i += 41) {
    auto damaged = bytes;
    damaged[i] ^= std::byte{0x11};
    REQUIRE(!load(other, damaged));
    REQUIRE(!load(other, std::span{bytes}.first(i)));
  }
  // Past the checksum, straight to what is read: whatever comes of it can be used.
  std::size_t taken = 0;
  for (std::size_t i = 0; i < bytes.size() - 20; i += 3) {
    for (const auto flip : {std::byte{0x01}, std::byte{0x80}, std::byte{0xff}}) {
      auto body = std::vector<std::byte>(bytes.begin() + 12, bytes.end() - 8);
      body[std::min(i, body.size() - 1)] ^= flip;
      state_reader r{body};
      lstm read;
      r(read);
      if (!r.at_end()) continue;
      ++taken;
      const auto out = quantiles_of(read, 3, levels);
      read.update(4);
    }
  }
  CHECK(taken > 0);
  CHECK(save(m) == bytes);
}

TEST_CASE("lstm: Adam takes its first steps by the learning rate") {
  // By hand: the first step is the rate, whatever the size of the gradient.
  adam<double> optimiser{2};
  std::vector<double> p{1, 2};
  const std::vector<double> g{0.5, -8};
  optimiser.begin(0.1);
  optimiser.step(p, g, 0, 0);
  CHECK(p[0] == Approx(0.9).epsilon(1e-7));
  CHECK(p[1] == Approx(2.1).epsilon(1e-7));
  // With the same gradient again both means are unbiased, and so is the step.
  optimiser.begin(0.1);
  optimiser.step(p, g, 0, 0.5);
  CHECK(p[0] == Approx(0.9 * 0.95 - 0.1).epsilon(1e-7));
  std::vector<double> v{3, 4};
  CHECK(clip_norm<double>(v, 1) == 5);
  CHECK(v[0] == Approx(0.6));
  CHECK(clip_norm<double>(v, 0) == Approx(1));
}

TEST_CASE("lstm: a running mean and deviation") {
  standardiser s;
  CHECK(s.scale() == 1);
  for (const double x : {1e9 + 4, 1e9 + 7, none, 1e9 + 13, 1e9 + 16}) s.update(x);
  CHECK(s.count() == 4);
  CHECK(s.mean() == 1e9 + 10);
  CHECK(s.deviation() == Approx(std::sqrt(22.5)).epsilon(1e-12));
  CHECK(s.invert(s.apply(42)) == Approx(42));
  standardiser constant;
  for (int i = 0; i < 9; ++i) constant.update(0.1);
  CHECK(!constant.varies());
}
