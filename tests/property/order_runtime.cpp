// SPDX-License-Identifier: Apache-2.0
// Run-time predictors over random histories: guesses stay in their bounds; the bounded tables
// forget just what a list in the order of the touches forgets; the last runs' means beside plain
// ones; and corrections do not depend on how often one asks.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/recent_table.hpp>
#include <lepton/schedule/corrected_runtime.hpp>
#include <lepton/schedule/doubling_correction.hpp>
#include <lepton/schedule/estimate_correction.hpp>
#include <lepton/schedule/first_known_runtime.hpp>
#include <lepton/schedule/incremental_correction.hpp>
#include <lepton/schedule/recent_runs.hpp>
#include <lepton/schedule/runtime_forecast.hpp>
#include <lepton/schedule/runtime_regression.hpp>
#include <lepton/simulate/queue_job.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

namespace schedule = lepton::schedule;
using lepton::duration;
using lepton::simulate::queue_job;
using lepton_test::choices;
using lepton_test::seed_for;
using namespace std::chrono_literals;

namespace {

#if defined(LEPTON_PROPERTY_DECISIONS)
constexpr std::uint64_t volume = LEPTON_PROPERTY_DECISIONS;
#else
constexpr std::uint64_t volume = 100'000;
#endif

/// Lengths of all magnitudes.
auto some_duration(choices& c) -> duration {
  const auto bits = c.below(40);
  return duration{1 +
                  static_cast<std::int64_t>(c.below(1U << 20U)) * (std::int64_t{1} << bits) / 8};
}

auto some_job(choices& c) -> queue_job {
  queue_job j;
  j.id = c.below(50);
  j.tenant = c.below(6);
  j.application = c.below(2);
  j.demand = lepton::simulate::processors{1 + c.below(100)};
  j.estimate = c.chance(2) ? duration::max() : some_duration(c);
  return j;
}

/// A model that says anything at all.
struct wild_model {
  std::uint64_t state = 1;
  void update(double) noexcept { state = lepton::detail::mix(state); }
  void forecast(std::size_t, std::span<const double>, std::span<double> out) noexcept {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    constexpr double all[]{
        -1, 0, 1e-12, 3, 1e9, 1e300, infinity, -infinity, std::numeric_limits<double>::quiet_NaN()};
    state = lepton::detail::mix(state + 1);
    out[0] = all[state % std::size(all)];
  }
};

/// The first guess out of bounds in a random history, as a text; empty if there is none.
template <class Predictor>
auto first_breach(Predictor p, std::uint64_t seed, std::uint64_t steps) -> std::string {
  choices c{seed};
  auto now = lepton::at(0s);
  for (std::uint64_t i = 0; i < steps; ++i) {
    now += c.chance(10) ? 24h * c.below(3) : std::chrono::seconds{c.below(3600)};
    const auto job = some_job(c);
    duration guess = p.predict(job, now);
    if (guess <= 0s || guess > job.estimate)
      return "step " + std::to_string(i) + ": guess " + std::to_string(guess.count());
    for (auto asked = c.below(6); asked > 0 && guess < job.estimate; --asked) {
      const auto late = c.chance(50) ? duration{0} : some_duration(c);
      const auto ran = std::min(late > duration::max() - guess ? duration::max() : guess + late,
                                job.estimate - duration{1});
      const duration corrected = p.correct(job, ran, guess);
      if (corrected <= ran || corrected > job.estimate)
        return "step " + std::to_string(i) + ": corrected to " + std::to_string(corrected.count());
      guess = corrected;
    }
    if (c.chance(70)) p.observe(job, std::min(some_duration(c), job.estimate), now);
  }
  return {};
}

/// The plain twin of `recent_table`: a list, the latest touched first.
struct touched_list {
  std::size_t capacity;
  std::list<std::pair<std::uint64_t, int>> all{};

  auto find(std::uint64_t key) -> std::list<std::pair<std::uint64_t, int>>::iterator {
    return std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.first == key; });
  }
  auto touch(std::uint64_t key) -> int& {
    if (const auto at = find(key); at != all.end()) {
      all.splice(all.begin(), all, at);
    } else {
      if (all.size() == capacity) all.pop_back();
      all.emplace_front(key, 0);
    }
    return all.front().second;
  }
};

}  // namespace

TEST_CASE("run-time predictors keep their guesses within bounds") {
  using schedule::corrected_runtime;
  using schedule::recent_runs;
  for (std::uint64_t round = 0; round < 10; ++round) {
    const auto seed = seed_for("runtime bounds", round);
    INFO(lepton_test::how_to_repeat() << " round " << round);
    const auto steps = volume / 20;
    CHECK(first_breach(recent_runs<>{3}, seed, steps) == "");
    CHECK(first_breach(corrected_runtime{schedule::first_known_runtime{
                                             recent_runs<schedule::same_request, 1>{},
                                             recent_runs<schedule::same_tenant, 3>{}},
                                         schedule::incremental_correction{7}},
                       seed, steps) == "");
    CHECK(first_breach(
              corrected_runtime{schedule::runtime_regression{}, schedule::doubling_correction{}},
              seed, steps) == "");
    CHECK(first_breach(corrected_runtime{schedule::runtime_forecast<wild_model>{},
                                         schedule::estimate_correction{}},
                       seed, steps) == "");
    schedule::runtime_regression::options o;
    o.loss = {schedule::runtime_loss::shape::squared, schedule::runtime_loss::shape::linear, 3, 0.2,
              true};
    o.rate = 20;
    o.unit = 1ms;
    o.remembered = 2;
    CHECK(first_breach(schedule::runtime_regression{o}, seed, steps) == "");
  }
}

TEST_CASE("recent_table forgets the key touched longest ago") {
  for (std::uint64_t round = 0; round < 40; ++round) {
    choices c{seed_for("recent_table", round)};
    INFO(lepton_test::how_to_repeat() << " round " << round);
    const auto capacity = std::size_t{1} + c.below(60);
    const auto keys = 1 + c.below(150);
    lepton::detail::recent_table<int> table{capacity};
    touched_list twin{capacity};
    bool same = true;
    for (std::uint64_t i = 0; i < volume / 20 && same; ++i) {
      const auto key = std::uint64_t{c.below(keys)} << 32U;
      if (c.chance(20)) {
        const auto at = twin.find(key);
        same = table.erase(key) == (at != twin.all.end());
        if (at != twin.all.end()) twin.all.erase(at);
      } else if (c.chance(50)) {
        auto& mine = table.touch(key);
        auto& its = twin.touch(key);
        same = mine == its;
        mine = its = static_cast<int>(i);
      } else {
        const auto* mine = table.find(key);
        const auto at = twin.find(key);
        same = at == twin.all.end() ? mine == nullptr : mine != nullptr && *mine == at->second;
      }
      same = same && table.size() == twin.all.size();
    }
    CHECK(same);
  }
}

TEST_CASE("recent_runs is the mean of the last ones") {
  for (std::uint64_t round = 0; round < 20; ++round) {
    choices c{seed_for("recent_runs", round)};
    INFO(lepton_test::how_to_repeat() << " round " << round);
    schedule::recent_runs<schedule::same_tenant, 3> p;
    std::map<lepton::tenant_id, std::vector<std::int64_t>> runs;
    bool same = true;
    for (std::uint64_t i = 0; i < volume / 20 && same; ++i) {
      const auto job = some_job(c);
      auto expected = job.estimate.count();
      if (const auto& own = runs[job.tenant]; own.size() >= 3) {
        const auto* last = own.data() + (own.size() - 3);
        expected = std::min(expected, std::max<std::int64_t>((last[0] + last[1] + last[2]) / 3, 1));
      }
      same = p.predict(job, lepton::at(0s)).count() == expected;
      const auto ran = some_duration(c);
      p.observe(job, ran, lepton::at(0s));
      runs[job.tenant].push_back(ran.count());
    }
    CHECK(same);
  }
}

TEST_CASE("a correction does not depend on how often one asks") {
  for (std::uint64_t round = 0; round < volume / 5; ++round) {
    choices c{seed_for("corrections", round)};
    auto job = some_job(c);
    const duration first{1 + c.below(1'000'000'000)};
    const auto end = std::chrono::seconds{c.below(2'000'000)} + first;
    schedule::incremental_correction often;
    schedule::incremental_correction once;
    duration guess = first;
    duration doubled = first;
    while (guess <= end) guess = often.correct(job, guess, guess);
    while (doubled <= end) doubled = schedule::doubling_correction{}.correct(job, doubled, doubled);
    const bool same = once.correct(job, end, first) == guess &&
                      schedule::doubling_correction{}.correct(job, end, first) == doubled;
    if (!same) {
      CAPTURE(lepton_test::how_to_repeat(), round);
      CHECK(same);
    }
  }
  SUCCEED();
}
