// SPDX-License-Identifier: Apache-2.0
// Series of samples, and what cleans them.
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include <lepton/collect/counter.hpp>
#include <lepton/collect/gaps.hpp>
#include <lepton/collect/hampel.hpp>
#include <lepton/collect/regular_series.hpp>
#include <lepton/collect/series.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::collect;
using namespace std::chrono_literals;
using lepton::at;

const double infinite = std::numeric_limits<double>::infinity();

// Equal, with a missing value equal to another.
bool same(std::span<const double> a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < b.size(); ++i)
    if (std::isnan(a[i]) ? !std::isnan(b[i]) : std::abs(a[i] - b[i]) > 1e-12) return false;
  return true;
}

series_options with(aggregation how, bool amend = false) {
  series_options options;
  options.combine = how;
  options.amend_late = amend;
  return options;
}

std::vector<double> filled(std::vector<double> values, const gap_options& options,
                           std::size_t expected) {
  CHECK(fill_gaps(values, options) == expected);
  return values;
}
gap_options filling(gap_filling how, std::size_t season = 1,
                    std::size_t limit = std::numeric_limits<std::size_t>::max()) {
  gap_options options;
  options.how = how;
  options.season = season;
  options.limit = limit;
  return options;
}

}  // namespace

TEST_CASE("collect: the window of a series is its last values in one piece") {
  series s{3, 1s};
  CHECK(s.values().empty());
  for (double x = 1; x <= 7; ++x) {
    s.push(x);
    std::vector<double> expected;
    for (double y = std::max(1.0, x - 2); y <= x; ++y) expected.push_back(y);
    CHECK(same(s.values(), expected));
  }
  CHECK(s.total() == 7);
  CHECK(s.time_of(0) == at(4s));
  CHECK(s.time_of(3) == at(7s));
  CHECK(same(s.last(2), {6, 7}));
  CHECK(same(s.last(9), {5, 6, 7}));
  s.push(infinite);
  CHECK(same(s.values(), {6, 7, missing}));
}

TEST_CASE("collect: samples of one interval are aggregated") {
  const auto feed = [](aggregation how) {
    series s{4, 10s, at(100s), with(how)};
    CHECK(s.add({at(101s), 4}) == 0);
    CHECK(s.add({at(109s), 1}) == 0);
    CHECK(s.add({at(105s), 10}) == 0);
    CHECK(s.values().empty());
    CHECK(s.add({at(130s), 7}) == 3);  // nothing came from 110 s to 130 s
    return s;
  };
  CHECK(same(feed(aggregation::mean).values(), {5, missing, missing}));
  CHECK(same(feed(aggregation::last).values(), {1, missing, missing}));
  CHECK(same(feed(aggregation::max).values(), {10, missing, missing}));
  CHECK(same(feed(aggregation::min).values(), {1, missing, missing}));
  CHECK(same(feed(aggregation::sum).values(), {15, missing, missing}));
  auto s = feed(aggregation::mean);
  CHECK(s.open_value() == 7);
  CHECK(s.time_of(s.size()) == at(130s));
  CHECK(s.advance(at(139s)) == 0);
  CHECK(s.advance(at(140s)) == 1);
  CHECK(std::isnan(s.open_value()));
  CHECK(same(s.values(), {5, missing, missing, 7}));
  CHECK(s.counts().accepted == 4);
}

TEST_CASE("collect: without a start the grid goes through the epoch") {
  series s{4, 10s};
  CHECK(s.advance(at(50s)) == 0);
  s.add({at(-17s), 1});
  CHECK(s.time_of(0) == at(-20s));
  s.add({at(-10s), 2});
  s.add({at(0s), 3});
  CHECK(same(s.values(), {1, 2}));
}

TEST_CASE("collect: late samples amend their interval if asked and are counted else") {
  for (const bool amend : {false, true}) {
    series s{3, 10s, at(0s), with(aggregation::mean, amend)};
    for (int i = 0; i < 6; ++i) s.add({at(i * 10s), 10.0 * i});
    CHECK(same(s.values(), {20, 30, 40}));
    CHECK(s.add({at(35s), 34}) == 0);  // in the window
    CHECK(s.add({at(15s), 99}) == 0);  // before it
    CHECK(s.add({at(-5s), 99}) == 0);  // before the start
    CHECK(same(s.values(), {20, amend ? 32.0 : 30.0, 40}));
    CHECK(s.counts().amended == (amend ? 1 : 0));
    CHECK(s.counts().late == (amend ? 2 : 3));
    CHECK(s.counts().accepted == (amend ? 7 : 6));
  }
  // A gap is closed by what comes late; and the last sample is the one with the latest stamp.
  series s{4, 10s, at(0s), with(aggregation::last, true)};
  s.add({at(1s), 1});
  s.add({at(31s), 4});
  s.add({at(15s), 2});
  s.add({at(12s), 99});
  CHECK(same(s.values(), {1, 2, missing}));
  s.add({at(18s), 3});
  CHECK(same(s.values(), {1, 3, missing}));
}

TEST_CASE("collect: duplicates are recognised in and out of order") {
  series s{4, 10s, at(0s), with(aggregation::sum, true)};
  for (const auto t : {1s, 2s, 3s, 2s, 1s, 3s, 3s}) s.add({at(t), 1});
  s.add({at(12s), 1});
  s.add({at(2s), 1});
  s.add({at(4s), 1});
  s.add({at(4s), 1});
  CHECK(same(s.values(), {4}));
  CHECK(s.counts().duplicate == 6);
  const auto copy = s;
  s.add({at(12s), 1});
  CHECK(s.counts().duplicate == 7);
  CHECK(copy.counts().duplicate == 6);
}

TEST_CASE("collect: wrong clocks and wrong numbers") {
  series s{3, 1s, at(0s)};
  s.push(1);
  CHECK(s.add({lepton::time_point::max(), 5}) > 1000000);  // at once
  CHECK(same(s.values(), {missing, missing, missing}));
  CHECK(s.open_value() == 5);

  series_options careful;
  careful.furthest_jump = 60s;
  series c{3, 1s, at(0s), careful};
  c.add({at(0s), 1});
  CHECK(c.add({at(61s), 5}) == 0);
  CHECK(c.add({lepton::time_point::max(), 5}) == 0);
  CHECK(c.counts().far_future == 2);
  CHECK(c.add({at(1s), missing}) == 1);  // time goes on
  CHECK(c.add({at(2s), infinite}) == 1);
  CHECK(c.add({at(3s), 2}) == 1);
  CHECK(same(c.values(), {1, missing, missing}));
  CHECK(c.counts().non_finite == 2);

  series far{2, std::chrono::hours{24}};
  far.add({lepton::time_point::min(), 1});
  CHECK(far.add({lepton::time_point::max(), 2}) == 213503);
}

TEST_CASE("collect: a recording is put on a grid") {
  const std::vector<double> values{3, 1, 2, 9, 5};
  const std::vector<lepton::time_point> times{at(20s), at(0s), at(12s), at(20s), at(41s)};
  const auto regular = regular_series(values, times, 10s);
  REQUIRE(regular);
  CHECK(same(regular->values, {1, 2, 3, missing, 5}));
  CHECK(regular->time_of(3) == at(30s));
  CHECK(regular->counts.duplicate == 1);
  CHECK(!regular_series(values, times, 0s));
  CHECK(!regular_series(values, times, 1ns));
  CHECK(regular_series({}, {}, 1s)->values.empty());
}

TEST_CASE("collect: gaps are held, bridged or left alone") {
  const auto m = missing;
  const std::vector<double> x{m, 1, m, m, m, 5, m};
  CHECK(same(filled(x, {}, 0), x));
  CHECK(same(filled(x, filling(gap_filling::hold), 4), {m, 1, 1, 1, 1, 5, 5}));
  CHECK(same(filled(x, filling(gap_filling::hold, 1, 2), 3), {m, 1, 1, 1, m, 5, 5}));
  CHECK(same(filled(x, filling(gap_filling::linear), 3), {m, 1, 2, 3, 4, 5, m}));
  CHECK(same(filled(x, filling(gap_filling::linear, 1, 2), 0), x));
  for (const auto how : {gap_filling::hold, gap_filling::linear, gap_filling::season_before,
                         gap_filling::season_mean, gap_filling::season_adjusted}) {
    CHECK(filled({}, filling(how, 7), 0).empty());
    CHECK(same(filled({m, m, m}, filling(how, 2), 0), {m, m, m}));
    CHECK(same(filled({1, 2}, filling(how, 100), 0), {1, 2}));
  }
}

TEST_CASE("collect: gaps are filled from other seasons") {
  const auto m = missing;
  const std::vector<double> x{1, 10, m, 20, m, m, 5, m};  // season 2
  CHECK(same(filled(x, filling(gap_filling::season_before, 2), 4), {1, 10, 1, 20, 1, 20, 5, 20}));
  CHECK(same(filled(x, filling(gap_filling::season_mean, 2), 4), {1, 10, 3, 20, 3, 20, 5, 20}));
  CHECK(same(filled({m, m, 3, 4}, filling(gap_filling::season_before, 2), 2), {3, 4, 3, 4}));
  CHECK(same(filled({m, 1, m, m}, filling(gap_filling::season_mean, 2), 1), {m, 1, m, 1}));
  // Day and night at a level that rises: the shape of the day is kept, the level bridged.
  const auto truth = [](std::size_t i) { return (i % 4 < 2 ? 10.0 : 0) + (i < 40 ? 0 : 1); };
  std::vector<double> y(80);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = i >= 41 && i < 47 ? m : truth(i);
  CHECK(fill_gaps(y, filling(gap_filling::season_adjusted, 4)) == 6);
  for (std::size_t i = 41; i < 47; ++i) CHECK(y[i] == lepton_test::approx(truth(i)).margin(0.3));
}

TEST_CASE("collect: Hampel's filter finds a spike") {
  hampel_options options;
  options.window = 7;
  options.delay = 3;
  std::vector<double> x{1, 2, 3, 2, 1, 2, 900, 1, 2, 3, 2, missing, 1};
  CHECK(clean_outliers(x, options) == 1);
  CHECK(same(x, {1, 2, 3, 2, 1, 2, 2, 1, 2, 3, 2, missing, 1}));
  options.action = outlier_action::mark_missing;
  x = {1, 2, 3, 2, 1, 2, 3, 2, -50};
  CHECK(clean_outliers(x, options) == 1);
  CHECK(same(x, {1, 2, 3, 2, 1, 2, 3, 2, missing}));
  CHECK(clean_outliers({}, options) == 0);

  // At once. A step is taken for outliers until half of the window knows it.
  hampel now;
  for (int i = 0; i < 20; ++i) CHECK(!now.update(10 + i % 3).outlier);
  const auto verdict = now.update(100);
  CHECK(verdict.outlier);
  CHECK(verdict.median == 11);
  CHECK(verdict.value == 11);
  CHECK(std::isnan(now.update(infinite).value));
  CHECK(std::isnan(now.update(missing).value));
}

TEST_CASE("collect: Hampel's filter where most numbers are the same") {
  hampel_options options;
  options.window = 9;
  hampel filter{options};
  for (int i = 0; i < 9; ++i) CHECK(!filter.update(0).outlier);
  // The mean deviation stands in: 1/9 · 1.2533 is a scale that 1 is far beyond.
  const auto first = filter.update(1);
  CHECK(first.outlier);
  CHECK(first.scale == lepton_test::approx(1.2533141373155003 / 9));
  // Work every third time is no outlier.
  hampel idle{options};
  for (int i = 0; i < 30; ++i) {
    const auto verdict = idle.update(i % 3 == 0 ? 1 : 0);
    if (i > 9) CHECK(!verdict.outlier);
  }
  options.least_scale = 1;
  hampel coarse{options};
  for (int i = 0; i < 9; ++i) coarse.update(0);
  CHECK(!coarse.update(3).outlier);
  CHECK(coarse.update(3.5).outlier);
}

TEST_CASE("collect: a counter's rate") {
  counter c;
  CHECK(std::isnan(c.update(at(10s), 100).rate));
  CHECK(c.update(at(12s), 300).rate == 100);
  CHECK(std::isnan(c.update(at(12s), 999).rate));  // no time has passed
  CHECK(std::isnan(c.update(at(11s), 999).rate));
  CHECK(c.update(at(22s), 800).rate == 50);  // readings left out
  const auto reset = c.update(at(24s), 60);
  CHECK(reset.reset);
  CHECK(reset.rate == 30);
  c.forget();
  CHECK(std::isnan(c.update(at(25s), 70).rate));
  counter huge;
  huge.update(lepton::time_point::min(), 0);
  CHECK(huge.update(lepton::time_point::max(), UINT64_MAX).rate == lepton_test::approx(1e9));
}

TEST_CASE("collect: a counter that overflows") {
  counter_options options;
  options.bits = 32;
  counter c{options};
  c.update(at(0s), 0xffffff00U);
  auto reading = c.update(at(1s), 0x100);
  CHECK(reading.wrapped);
  CHECK(!reading.reset);
  CHECK(reading.increase == 0x200);
  // From the middle of the range back to 0 is a restart.
  c.update(at(2s), 0x80000000U);
  reading = c.update(at(3s), 5);
  CHECK(reading.reset);
  CHECK(reading.increase == 5);
  // So is an overflow that would need an impossible rate.
  options.highest_rate = 1000;
  counter slow{options};
  slow.update(at(0s), 0xfffff000U);
  CHECK(slow.update(at(1s), 0).reset);
  CHECK(std::isnan(slow.update(at(2s), 5000).rate));
  CHECK(slow.update(at(3s), 5100).rate == 100);

  options = {};
  options.bits = 64;
  options.on_reset = counter_reset::unknown;
  counter wide{options};
  wide.update(at(0s), UINT64_MAX - 9);
  CHECK(wide.update(at(2s), 10).rate == 10);
  wide.update(at(3s), 500);
  reading = wide.update(at(4s), 400);
  CHECK(reading.reset);
  CHECK(std::isnan(reading.rate));
}

TEST_CASE("collect: a series of counter readings becomes one of rates") {
  std::vector<double> x{100, 200, missing, 400, 50, -1, infinite, 350};
  CHECK(counter_rates(x, 10s) == 1);
  CHECK(same(x, {missing, 10, missing, 10, 5, missing, missing, 10}));
}
