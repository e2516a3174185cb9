// SPDX-License-Identifier: Apache-2.0
// Run-time predictors and corrections: what each guesses and why, unknown tasks, bounds, memory.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <lepton/detail/natural_log.hpp>
#include <lepton/detail/recent_table.hpp>
#include <lepton/detail/rng.hpp>
#include <lepton/schedule/corrected_runtime.hpp>
#include <lepton/schedule/doubling_correction.hpp>
#include <lepton/schedule/estimate_correction.hpp>
#include <lepton/schedule/first_known_runtime.hpp>
#include <lepton/schedule/incremental_correction.hpp>
#include <lepton/schedule/perfect_runtime.hpp>
#include <lepton/schedule/recent_runs.hpp>
#include <lepton/schedule/runtime_forecast.hpp>
#include <lepton/schedule/runtime_predictor.hpp>
#include <lepton/schedule/runtime_regression.hpp>
#include <lepton/simulate/measured_runtime.hpp>
#include <lepton/simulate/queue_job.hpp>
#include <lepton/simulate/runtime_accuracy.hpp>

#include "catch.hpp"

namespace schedule = lepton::schedule;
namespace simulate = lepton::simulate;
using lepton::duration;
using lepton::time_point;
using lepton_test::approx;
using schedule::recent_runs;
using schedule::runtime_predictor;
using simulate::queue_job;
using namespace std::chrono_literals;

namespace {

/// A model of the future: what was last seen, and its quantiles around that.
struct last_value {
  double seen = std::nan("");
  void update(double value) noexcept { seen = value; }
  void forecast(std::size_t horizon, std::span<const double> quantiles,
                std::span<double> out) const noexcept {
    for (std::size_t step = 0; step < horizon; ++step) {
      for (std::size_t q = 0; q < quantiles.size(); ++q)
        out[step * quantiles.size() + q] = seen * (0.5 + quantiles[q]);
    }
  }
};
/// A plain value, though it cannot be made from nothing.
struct needs_a_start {
  explicit needs_a_start(double start) : value(start) {}
  void update(double) noexcept {}
  void forecast(std::size_t, std::span<const double>, std::span<double> out) const noexcept {
    out[0] = value;
  }
  double value;
};
struct forgets_forecast {
  void update(double) noexcept {}
};

using incremental = schedule::corrected_runtime<recent_runs<>, schedule::incremental_correction>;

static_assert(runtime_predictor<recent_runs<>, queue_job>);
static_assert(runtime_predictor<recent_runs<schedule::same_request, 5>, queue_job>);
static_assert(runtime_predictor<incremental, queue_job>);
static_assert(
    runtime_predictor<schedule::first_known_runtime<incremental, recent_runs<>>, queue_job>);
static_assert(runtime_predictor<schedule::perfect_runtime, queue_job>);
static_assert(runtime_predictor<schedule::runtime_regression, queue_job>);
static_assert(runtime_predictor<schedule::runtime_forecast<last_value>, queue_job>);
static_assert(runtime_predictor<simulate::measured_runtime<incremental>, queue_job>);
static_assert(schedule::series_model<last_value> && schedule::series_model<needs_a_start>);
static_assert(!schedule::series_model<forgets_forecast>);

auto job(lepton::task_id id, lepton::tenant_id user, duration estimate, std::int64_t size = 1,
         std::int64_t application = -1) -> queue_job {
  queue_job j;
  j.id = id;
  j.tenant = user;
  j.estimate = estimate;
  j.demand = simulate::processors{size};
  j.application = application;
  return j;
}

constexpr time_point now = lepton::at(1000h);

}  // namespace

TEST_CASE("recent_runs: the mean of the tenant's last two, capped by the estimate") {
  recent_runs<> p;
  const auto asks = job(1, 7, 10h);
  CHECK(p.predict(asks, now) == 10h);
  p.observe(job(2, 7, 5h), 3min, now);
  CHECK(p.predict(asks, now) == 10h);  // one is not enough
  CHECK_FALSE(p.knows(asks));
  p.observe(job(3, 8, 5h), 9min, now);
  CHECK(p.predict(asks, now) == 10h);  // nor is another's
  p.observe(job(4, 7, 5h), 6min, now);
  CHECK(p.knows(asks));
  CHECK(p.predict(asks, now) == 270s);
  CHECK(p.predict(job(5, 7, 2min), now) == 2min);
  p.observe(job(6, 7, 5h), 1min, now);  // 3 min is forgotten
  CHECK(p.predict(asks, now) == 210s);
  CHECK(p.predict(job(7, 9, 10h), now) == 10h);
}

TEST_CASE("recent_runs: means are exact, and never nothing or too long") {
  recent_runs<schedule::same_tenant, 3> p;
  const auto asks = job(1, 7, duration::max());
  for (const auto ns : {1, 1, 0}) p.observe(asks, duration{ns}, now);
  CHECK(p.predict(asks, now) == duration{1});
  for (const auto ns : {5, 6, 9}) p.observe(asks, duration{ns}, now);
  CHECK(p.predict(asks, now) == duration{6});
  for (int i = 0; i < 3; ++i) p.observe(asks, duration::max(), now);
  CHECK(p.predict(asks, now) == duration::max());
  for (int i = 0; i < 3; ++i) p.observe(asks, duration{-5}, now);
  CHECK(p.predict(asks, now) == duration{1});
  CHECK(p.predict(job(2, 9, 0s), now) == duration{1});
}

TEST_CASE("recent_runs: remembers so many keys, those of which tasks ended last") {
  recent_runs<schedule::same_tenant, 1> p{2};
  p.observe(job(1, 1, 1h), 1min, now);
  p.observe(job(2, 2, 1h), 2min, now);
  p.observe(job(3, 1, 1h), 3min, now);
  CHECK(p.predict(job(9, 2, 1h), now) == 2min);  // asking does not keep it
  p.observe(job(4, 3, 1h), 4min, now);
  CHECK(p.size() == 2);
  CHECK(p.predict(job(9, 1, 1h), now) == 3min);
  CHECK(p.predict(job(9, 2, 1h), now) == 1h);
  CHECK(p.predict(job(9, 3, 1h), now) == 4min);
  const auto copy = p;  // a plain value
  p.observe(job(5, 3, 1h), 5min, now);
  CHECK(copy.predict(job(9, 3, 1h), now) == 4min);
}

TEST_CASE("runtime keys: what makes tasks alike") {
  const auto a = job(1, 7, 1h, 4, 3);
  const auto size = job(2, 7, 1h, 8, 3);
  const auto estimate = job(3, 7, 2h, 4, 3);
  const auto application = job(4, 7, 1h, 4, 5);
  const auto tenant = job(5, 8, 1h, 4, 3);
  CHECK(schedule::same_tenant{}(a) == 7);
  CHECK(schedule::same_tenant{}(a) == schedule::same_tenant{}(application));
  CHECK(schedule::same_application{}(a) == schedule::same_application{}(estimate));
  CHECK(schedule::same_application{}(a) != schedule::same_application{}(application));
  CHECK(schedule::same_application{}(a) != schedule::same_application{}(tenant));
  CHECK(schedule::same_estimate{}(a) == schedule::same_estimate{}(size));
  CHECK(schedule::same_estimate{}(a) != schedule::same_estimate{}(estimate));
  CHECK(schedule::same_estimate{}(a) != schedule::same_estimate{}(application));
  CHECK(schedule::same_request{}(a) == schedule::same_request{}(job(6, 7, 1h, 4, 3)));
  CHECK(schedule::same_request{}(a) != schedule::same_request{}(size));
  CHECK(schedule::same_request{}(a) != schedule::same_request{}(tenant));
}

TEST_CASE("first_known_runtime: from the most particular that knows to the last") {
  schedule::first_known_runtime p{recent_runs<schedule::same_request>{}, recent_runs<>{}};
  const auto small = job(1, 7, 1h, 1);
  const auto large = job(2, 7, 1h, 64);
  CHECK(p.predict(small, now) == 1h);
  p.observe(small, 10min, now);
  p.observe(large, 30min, now);
  CHECK(p.knows(small));
  CHECK(p.predict(small, now) == 20min);  // the tenant's
  p.observe(small, 10min, now);
  CHECK(p.predict(small, now) == 10min);  // its own
  CHECK(p.predict(large, now) == 20min);
  CHECK(p.correct(small, 10min, 10min) == 1h);
}

TEST_CASE("incremental_correction: longer and longer, per task, up to the estimate") {
  incremental p{recent_runs<>{}, schedule::incremental_correction{}};
  const auto t = job(1, 7, 10'000h);
  duration guess = 10s;
  std::vector<duration> increments;
  for (int i = 0; i < 13; ++i) {
    const auto next = p.correct(t, guess, guess);
    increments.push_back(next - guess);
    guess = next;
  }
  CHECK(increments == std::vector<duration>{1min, 5min, 15min, 30min, 1h, 2h, 5h, 10h, 20h, 50h,
                                            100h, 100h, 100h});
  CHECK(p.correct(job(2, 7, 10h), 10s, 10s) == 70s);  // another task begins at the beginning
  p.observe(t, guess, now);
  CHECK(p.correct(t, 10s, 10s) == 70s);  // so does the next of that id
  CHECK(p.correct(job(3, 7, 30s), 10s, 10s) == 30s);
}

TEST_CASE("corrections asked late make up for what they missed") {
  const auto t = job(1, 7, 10'000h);
  schedule::incremental_correction late;
  CHECK(late.correct(t, 10min, 10s) == 10s + 21min);
  CHECK(late.correct(t, 10s + 21min, 10s + 21min) == 10s + 51min);
  CHECK(late.correct(t, 1000h, 10s + 51min) == 10s + 51min + 188h + 900h);
  CHECK(late.correct(t, duration::max() - 1h, 1s) == duration::max());
  CHECK(schedule::doubling_correction{}.correct(t, 10s, 10s) == 20s);
  CHECK(schedule::doubling_correction{}.correct(t, 45s, 10s) == 80s);
  CHECK(schedule::doubling_correction{}.correct(t, 0s, 0s) == duration{1});
  CHECK(schedule::doubling_correction{}.correct(t, duration::max() - 1s, 1s) == duration::max());
  CHECK(schedule::estimate_correction{}.correct(t, 45s, 10s) == 10'000h);
}

TEST_CASE("corrected_runtime: between what it ran and the estimate") {
  schedule::corrected_runtime p{recent_runs<>{}, schedule::doubling_correction{}};
  CHECK(p.correct(job(1, 7, 1h), 40min, 40min) == 1h);
  CHECK(p.correct(job(1, 7, 1h), 20min, 20min) == 40min);
  CHECK(p.correct(job(1, 7, 1h), 2h, 1h) == 2h + duration{1});  // it outlived even that
  CHECK(p.predict(job(1, 7, 1h), now) == 1h);
  p.observe(job(1, 7, 1h), 1min, now);
  p.observe(job(1, 7, 1h), 1min, now);
  CHECK(p.knows(job(1, 7, 1h)));
  CHECK(p.predictor().predict(job(1, 7, 1h), now) == 1min);
}

TEST_CASE("perfect_runtime knows") {
  auto j = job(1, 7, 1h);
  j.run = 17min;
  CHECK(schedule::perfect_runtime{}.predict(j, now) == 17min);
  j.run = 2h;
  CHECK(schedule::perfect_runtime{}.predict(j, now) == 1h);
  j.run = 0s;
  CHECK(schedule::perfect_runtime{}.predict(j, now) == duration{1});
}

TEST_CASE("runtime_forecast: a model of the series of each key's run times") {
  using forecast = schedule::runtime_forecast<last_value>;
  forecast median{last_value{}, forecast::options{}};
  forecast careful{last_value{}, forecast::options{1.0, 1, 2}};
  const auto t = job(1, 7, 1h);
  for (auto* p : {&median, &careful}) {
    CHECK(p->predict(t, now) == 1h);
    p->observe(t, 100s, now);
  }
  CHECK(median.predict(t, now) == 1h);  // two are needed
  CHECK(careful.predict(t, now) == 150s);
  median.observe(t, 20s, now);
  CHECK(median.knows(t));
  CHECK(median.predict(t, now) == 20s);
  CHECK(median.predict(job(2, 7, 5s), now) == 5s);
  CHECK(median.predict(job(2, 8, 1h), now) == 1h);
  careful.observe(job(2, 8, 1h), 1s, now);
  careful.observe(job(3, 9, 1h), 1s, now);
  CHECK(careful.predict(t, now) == 1h);  // forgotten
  CHECK(median.correct(t, 30s, 20s) == 1h);
}

TEST_CASE("runtime_forecast: what a model cannot tell is the estimate") {
  using forecast = schedule::runtime_forecast<needs_a_start>;
  const auto guess = [](double seconds) {
    forecast p{needs_a_start{seconds}, forecast::options{.needed = 1}};
    const auto t = job(1, 7, 1h);
    p.observe(t, 1s, now);
    return p.predict(t, now);
  };
  CHECK(guess(2.5) == 2500ms);
  CHECK(guess(std::nan("")) == 1h);
  CHECK(guess(INFINITY) == 1h);
  CHECK(guess(1e300) == 1h);
  CHECK(guess(-INFINITY) == duration{1});
  CHECK(guess(-3) == duration{1});
}

TEST_CASE("runtime_regression learns that users ask for ten times what they need") {
  schedule::runtime_regression p;
  lepton::detail::pcg32 random{42};
  CHECK(p.predict(job(1, 7, 1h), now) == 1h);
  auto when = lepton::at(0s);
  for (lepton::task_id id = 0; id < 3000; ++id) {
    const auto t = job(id, random.below(20), std::chrono::seconds{100 + random.below(100'000)});
    when += 10min;
    p.observe(t, t.estimate / 10, when);
  }
  double worst = 1;
  for (lepton::task_id id = 0; id < 200; ++id) {
    const auto t = job(id, random.below(20), std::chrono::seconds{1000 + random.below(100'000)});
    const auto ratio = static_cast<double>(p.predict(t, when).count()) /
                       (static_cast<double>(t.estimate.count()) / 10);
    worst = std::max({worst, ratio, 1 / ratio});
  }
  CHECK(worst < 1.5);
  CHECK(p.predict(job(1, 7, 1s), when) <= 1s);
}

TEST_CASE("runtime_regression: guesses longer than time itself are the estimate") {
  schedule::runtime_regression p;
  for (lepton::task_id id = 0; id < 500; ++id)
    p.observe(job(id, 7, std::chrono::seconds{60 << (id % 20)}),
              std::chrono::seconds{60 << (id % 20)}, now);
  for (lepton::task_id id = 0; id < 50; ++id) p.observe(job(id, 7, 1s), 200h, now);
  CHECK(p.predict(job(1, 7, duration::max()), now) == duration::max());
}

TEST_CASE("runtime_loss: slopes on either side") {
  using schedule::runtime_loss;
  constexpr runtime_loss plain;
  CHECK(plain.slope(3) == 6);
  CHECK(plain.slope(-3) == -6);
  CHECK(plain.slope(0) == 0);
  runtime_loss careful;
  careful.over_shape = runtime_loss::shape::linear;
  careful.over = 2;
  careful.under = 5;
  CHECK(careful.slope(3) == 2);
  CHECK(careful.slope(-3) == -30);
  careful.under_shape = runtime_loss::shape::linear;
  CHECK(careful.slope(-3) == -5);
}

TEST_CASE("runtime_regression: what costs more when it is too short is guessed longer") {
  schedule::runtime_regression::options o;
  schedule::runtime_regression even{o};
  o.loss.under = 20;
  schedule::runtime_regression careful{o};
  lepton::detail::pcg32 random{7};
  for (lepton::task_id id = 0; id < 2000; ++id) {
    const auto run = std::chrono::seconds{10 + random.below(2) * 1000};
    for (auto* p : {&even, &careful}) p->observe(job(id, 7, 1h), run, now + id * 1h);
  }
  const auto later = now + 3000h;
  CHECK(careful.predict(job(1, 7, 1h), later) > 2 * even.predict(job(1, 7, 1h), later));
}

TEST_CASE("runtime_accuracy and who measures it") {
  simulate::runtime_accuracy none;
  CHECK(none.count() == 0);
  CHECK(none.accuracy() == 0);
  simulate::measured_runtime p{
      schedule::corrected_runtime{recent_runs<>{}, schedule::doubling_correction{}}};
  const auto t = job(1, 7, 100s);
  CHECK(p.predict(t, now) == 100s);
  p.observe(t, 50s, now);  // too long: 1/2, 50 s off
  (void)p.predict(job(2, 7, 100s), now);
  p.observe(job(2, 7, 100s), 100s, now);  // right
  CHECK(p.predict(job(3, 7, 100s), now) == 75s);
  CHECK(p.correct(job(3, 7, 100s), 75s, 75s) == 100s);
  p.observe(job(3, 7, 100s), 90s, now);  // too short: 5/6, 15 s off
  p.observe(job(4, 7, 100s), 90s, now);  // nobody asked
  CHECK(p.accuracy().count() == 3);
  CHECK(p.accuracy().accuracy() == approx((0.5 + 1 + 75.0 / 90) / 3));
  CHECK(p.accuracy().mean_absolute_error() == approx(65.0 / 3));
  CHECK(p.accuracy().under_predicted() == approx(1.0 / 3));
  CHECK(p.corrections() == 1);
}

TEST_CASE("natural_log is the logarithm") {
  CHECK(lepton::detail::natural_log(1) == 0);
  double worst = 0;
  for (double x = 1e-300; x < 1e300; x *= 1.0731) {
    const double exact = std::log(x);
    worst = std::max(
        worst, std::abs(lepton::detail::natural_log(x) - exact) / std::max(1.0, std::abs(exact)));
  }
  CHECK(worst <= 1e-13);
}

TEST_CASE("recent_table: erased places are used again") {
  lepton::detail::recent_table<int> t{3};
  CHECK(t.find(1) == nullptr);
  CHECK_FALSE(t.erase(1));
  t.touch(1) = 10;
  t.touch(2) = 20;
  CHECK(t.erase(1));
  CHECK(t.size() == 1);
  CHECK(t.touch(3) == 0);
  CHECK(t.touch(1) == 0);  // begins anew
  CHECK(*t.find(2) == 20);
  (void)t.touch(4);
  CHECK(t.find(2) == nullptr);
  CHECK(t.size() == 3);
}
