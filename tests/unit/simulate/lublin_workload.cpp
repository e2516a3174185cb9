// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/lublin_workload.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>

#include <lepton/simulate/gamma_number.hpp>
#include <lepton/simulate/queue_load.hpp>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

auto near(double value, double expected, double slack) -> bool {
  return std::abs(value - expected) <= slack;
}

auto generated(std::size_t jobs, std::int64_t processors, std::uint64_t seed = 0)
    -> queue_workload {
  auto made = lublin_workload({jobs, processors, seed});
  REQUIRE(made.has_value());
  return *std::move(made);
}

template <class Value>
auto mean(const queue_workload& of, Value value) -> double {
  double sum = 0;
  for (const auto& job : of.jobs) sum += value(job);
  return sum / static_cast<double>(of.jobs.size());
}

auto is_power_of_two(std::int64_t n) -> bool { return n > 1 && (n & (n - 1)) == 0; }

/// A function's mean under a gamma that is cut off at `end`, by adding up.
template <class Function>
auto mean_under_gamma(double shape, double scale, double end, Function f) -> double {
  constexpr int steps = 200'000;
  double sum = 0;
  double mass = 0;
  for (int k = 0; k < steps; ++k) {
    const double x = end * (k + 0.5) / steps;
    const double density = std::exp((shape - 1) * std::log(x) - x / scale);
    mass += density;
    sum += density * f(x);
  }
  return sum / mass;
}

}  // namespace

TEST_CASE("gamma_number: mean and variance are shape and scale's") {
  for (const double shape : {0.3, 1.0, 4.2, 312.0}) {
    CAPTURE(shape);
    lepton::detail::pcg32 random{7};
    constexpr int count = 200'000;
    const double scale = 0.5;
    double sum = 0;
    double squares = 0;
    double least = 1;
    for (int i = 0; i < count; ++i) {
      const double x = gamma_number(random, shape, scale);
      least = std::min(least, x);
      sum += x;
      squares += x * x;
    }
    const double average = sum / count;
    const double variance = squares / count - average * average;
    CHECK(least >= 0);
    CHECK(near(average, shape * scale, 5 * scale * std::sqrt(shape / count)));
    CHECK(near(variance / (shape * scale * scale), 1, 0.05));
  }
}

TEST_CASE("lublin_workload: sizes are the published mixture") {
  const auto w = generated(100'000, 128);
  CHECK(w.processors == 128);
  CHECK(near(mean(w, [](const auto& j) { return j.demand[0] == 1; }), 0.244, 0.01));
  // Of the jobs that are neither serial nor a power of two by intention, some are by chance.
  CHECK(near(mean(w, [](const auto& j) { return is_power_of_two(j.demand[0]); }), 0.62, 0.02));
  const auto at_most = [&](std::int64_t size) {
    return mean(w, [&](const auto& j) { return j.demand[0] > 1 && j.demand[0] <= size; });
  };
  // 2^4.5 = 22.6 parts the two uniforms.
  CHECK(near(at_most(22) / 0.756, 0.86, 0.02));
  CHECK(std::all_of(w.jobs.begin(), w.jobs.end(),
                    [](const auto& j) { return j.demand[0] >= 1 && j.demand[0] <= 128; }));
}

TEST_CASE("lublin_workload: machines of any size get jobs that fit") {
  for (const std::int64_t size : {1, 2, 3, 7, 100, 1000, 1'000'000}) {
    CAPTURE(size);
    const auto w = generated(2000, size);
    std::int64_t largest = 0;
    for (const auto& j : w.jobs) largest = std::max(largest, j.demand[0]);
    CHECK(largest <= size);
    CHECK(largest * 2 > std::min<std::int64_t>(size, 1000));
  }
}

TEST_CASE("lublin_workload: run times are the published mixture, longer for larger jobs") {
  const auto w = generated(200'000, 128);
  const auto log_of_runs = [&](std::int64_t size) {
    double sum = 0;
    double count = 0;
    for (const auto& j : w.jobs) {
      if (j.demand[0] != size) continue;
      sum += std::log(static_cast<double>(j.run / 1s));
      ++count;
    }
    return sum / count;
  };
  for (const std::int64_t size : {1, 2, 8, 64}) {
    CAPTURE(size);
    const double part = 0.78 - 0.0054 * static_cast<double>(size);
    const auto in_whole_seconds = [](double x) {
      return std::log(std::max(1.0, std::floor(std::exp(x))));
    };
    const double expected = part * mean_under_gamma(4.2, 0.94, 12, in_whole_seconds) +
                            (1 - part) * mean_under_gamma(312, 0.03, 12, in_whole_seconds);
    CHECK(near(log_of_runs(size), expected, 0.08));
  }
}

TEST_CASE("lublin_arrivals: the day has its peak in the early afternoon") {
  const lublin_arrivals arrivals{{}};
  const auto& w = arrivals.weights();
  CHECK(near(std::accumulate(w.begin(), w.end(), 0.0), 48, 1e-9));
  // The density's mode is half hour (8.1737 - 1) · 3.9631 = 28.4, the 28th, from 13:30 on.
  CHECK(std::max_element(w.begin(), w.end()) - w.begin() == 27);
  CHECK(std::min_element(w.begin(), w.end()) - w.begin() == 10);
  const auto density = [](double x) { return std::exp((8.1737 - 1) * std::log(x) - x / 3.9631); };
  // Over half an hour, the density is about that of its middle.
  CHECK(near(w[27] / w[19], density(28) / density(20), 0.01));
}

TEST_CASE("lublin_workload: arrivals come by the mean gap and the cycle of the day") {
  const auto w = generated(200'000, 128);
  CHECK(std::is_sorted(w.jobs.begin(), w.jobs.end(),
                       [](const auto& a, const auto& b) { return a.submitted < b.submitted; }));
  const double span = static_cast<double>((w.jobs.back().submitted - time_point{}) / 1s);
  const double gap =
      mean_under_gamma(10.2303 * 1.0225, 0.4871, 13, [](double x) { return std::exp(x); });
  CHECK(near(span / static_cast<double>(w.jobs.size()) / gap, 1, 0.05));
  const auto in_half_hour = [&](std::int64_t k) {
    return 48 *
           mean(w, [&](const auto& j) { return j.submitted.time_since_epoch() / 30min % 48 == k; });
  };
  const lublin_arrivals arrivals{{}};
  for (const std::size_t k : {0U, 10U, 20U, 27U, 40U}) {
    CAPTURE(k);
    CHECK(near(in_half_hour(static_cast<std::int64_t>(k)), arrivals.weights()[k], 0.1));
  }
}

TEST_CASE("lublin_workload: estimates hold the runs, and are round where they can") {
  const auto w = generated(20'000, 128);
  std::size_t round = 0;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    const auto& j = w.jobs[i];
    REQUIRE(j.id == i);
    REQUIRE(j.number == static_cast<std::int64_t>(i) + 1);
    REQUIRE(j.run >= 1s);
    REQUIRE(j.estimate >= j.run);
    REQUIRE((j.tenant >= 1 && j.tenant <= 64));
    round += j.estimate % 60s == 0s ? 1 : 0;
  }
  CHECK(round == w.jobs.size());  // no run is longer than two days
  const auto users = [&](tenant_id who) {
    return mean(w, [&](const auto& j) { return j.tenant == who; });
  };
  CHECK(near(users(1) / users(4), 4, 0.5));
}

TEST_CASE("lublin_workload: the same of the same seed, and not of another") {
  const auto same = [](const queue_workload& a, const queue_workload& b) {
    return std::equal(a.jobs.begin(), a.jobs.end(), b.jobs.begin(), b.jobs.end(),
                      [](const auto& x, const auto& y) {
                        return x.submitted == y.submitted && x.run == y.run &&
                               x.estimate == y.estimate && x.demand == y.demand &&
                               x.tenant == y.tenant;
                      });
  };
  const auto first = generated(1000, 128, 5);
  CHECK(same(first, generated(1000, 128, 5)));
  CHECK_FALSE(same(first, generated(1000, 128, 6)));
  auto longer = generated(2000, 128, 5);
  longer.jobs.resize(1000);
  CHECK(same(first, longer));
}

TEST_CASE("lublin_workload: what cannot be is an error") {
  CHECK_FALSE(lublin_workload({0, 128, 0}).has_value());
  CHECK_FALSE(lublin_workload({10, 0, 0}).has_value());
  CHECK_FALSE(lublin_workload({10, 128, 0, 0}).has_value());
}

TEST_CASE("queue_load: submissions are moved to give the load asked for") {
  auto w = generated(5000, 128);
  const double before = offered_load(w);
  const auto first = w.jobs.front().submitted;
  const auto factor = set_offered_load(w, 0.9);
  REQUIRE(factor.has_value());
  CHECK(near(*factor, before / 0.9, 1e-12));
  CHECK(near(offered_load(w), 0.9, 1e-6));
  CHECK(w.jobs.front().submitted == first);
  CHECK(std::all_of(w.jobs.begin(), w.jobs.end(),
                    [](const auto& j) { return j.submitted.time_since_epoch() % 1s == 0s; }));
}

TEST_CASE("queue_load: by hand, and where there is none") {
  queue_workload w;
  w.processors = 4;
  CHECK(offered_load(w) == 0);
  const auto add = [&](duration when, duration run, std::int64_t size) {
    queue_job j;
    j.submitted = at(when);
    j.run = run;
    j.demand = processors{size};
    w.jobs.push_back(j);
  };
  add(5s, 10s, 2);
  CHECK(offered_load(w) == 0);
  CHECK_FALSE(set_offered_load(w, 0.5).has_value());
  add(15s, 20s, 1);
  CHECK(offered_load(w) == 1.0);  // 20 + 20 of 4 · 10
  REQUIRE(set_offered_load(w, 0.5).has_value());
  CHECK(w.jobs[0].submitted == at(5s));
  CHECK(w.jobs[1].submitted == at(25s));
  CHECK_FALSE(set_offered_load(w, 0).has_value());
  CHECK_FALSE(set_offered_load(w, std::numeric_limits<double>::quiet_NaN()).has_value());
  CHECK_FALSE(set_offered_load(w, 1e-300).has_value());
  CHECK(w.jobs[1].submitted == at(25s));
}
