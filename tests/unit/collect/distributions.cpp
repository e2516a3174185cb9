// SPDX-License-Identifier: Apache-2.0
// The decaying histogram beside the figures in the tests of Kubernetes' Vertical Pod Autoscaler
// (kubernetes/autoscaler, vertical-pod-autoscaler/pkg/recommender/util/*_test.go): these change
// only if the autoscaler's histogram does. And the quantile sketch.
#include <chrono>
#include <cmath>
#include <limits>
#include <vector>

#include <lepton/collect/decaying_histogram.hpp>
#include <lepton/collect/quantile_sketch.hpp>
#include <lepton/predict/state.hpp>

#include "catch.hpp"

namespace {

using namespace lepton::collect;
using namespace std::chrono_literals;
using lepton::at;

static_assert(lepton::predict::persistent<decaying_histogram>);
static_assert(lepton::predict::persistent<quantile_sketch>);

// The autoscaler's tests have buckets of width 1 up to 10.
decaying_histogram of_ten(lepton::duration half_life = 1h) {
  return {histogram_buckets{10, 1, 1, 1e-15}, half_life};
}
const auto start = at(1234567890s);

void check_percentiles(const decaying_histogram& h,
                       std::initializer_list<std::pair<double, double>> expected) {
  for (const auto& [p, value] : expected) {
    CAPTURE(p);
    CHECK(h.percentile(p) == lepton_test::approx(value).epsilon(1e-15));
  }
}

}  // namespace

TEST_CASE("collect: histogram buckets of the autoscaler's tests") {
  const histogram_buckets linear{5, 0.3, 1, 0.001};
  CHECK(linear.count() == 18);
  CHECK(linear.start(17) == lepton_test::approx(5.1));
  CHECK(linear.find(-1) == 0);
  CHECK(linear.find(0) == 0);
  CHECK(linear.find(1.3) == 4);
  CHECK(linear.find(100) == 17);
  const histogram_buckets growing{500, 40, 1.5, 0.001};
  CHECK(growing.count() == 6);
  const std::vector<double> starts{0, 40, 100, 190, 325, 527.5};
  for (std::size_t b = 0; b < 6; ++b) {
    CHECK(growing.start(b) == starts[b]);
    CHECK(growing.find(starts[b]) == b);
    if (b > 0) CHECK(growing.find(std::nextafter(starts[b], 0)) == b - 1);
  }
  CHECK(growing.find(-1) == 0);
  CHECK(growing.find(39.99) == 0);
  CHECK(growing.find(900) == 5);
  CHECK(growing.find(std::numeric_limits<double>::infinity()) == 5);
  for (const auto& buckets : {histogram_buckets::cpu(), histogram_buckets::memory()}) {
    for (std::size_t b = 1; b < buckets.count(); ++b) {
      CHECK(buckets.find(buckets.start(b)) == b);
      CHECK(buckets.find(std::nextafter(buckets.start(b), 0)) == b - 1);
    }
  }
  // ceil(log_1.05(1000 · 0.05 / 0.01 + 1)) + 1
  CHECK(histogram_buckets::cpu().count() == 176);
  CHECK(histogram_buckets::memory().count() == 176);
  CHECK(histogram_buckets::cpu().start(2) == lepton_test::approx(0.0205));
}

TEST_CASE("collect: percentiles without decay") {
  auto h = of_ten();
  for (const double p : {-0.5, 0.0, 0.5, 1.0, 1.5}) CHECK(h.percentile(p) == 0);
  CHECK(h.empty());
  for (int i = 1; i <= 4; ++i) h.add(i, start, i);
  check_percentiles(h, {{-1, 2},
                        {0, 2},
                        {0.1, 2},
                        {0.2, 3},
                        {0.3, 3},
                        {0.4, 4},
                        {0.5, 4},
                        {0.6, 4},
                        {0.7, 5},
                        {0.8, 5},
                        {0.9, 5},
                        {1, 5},
                        {2, 5}});
  h.add(std::nan(""), start, 100);
  CHECK(h.total_weight() == lepton_test::approx(10 * std::exp2(-0.475)));
  check_percentiles(h, {{1, 5}});
  h.add(1e9, start, 100);  // the last bucket has no end
  check_percentiles(h, {{1, 10}});
}

TEST_CASE("collect: percentiles of decaying samples") {
  auto h = of_ten();
  for (int i = 1; i <= 4; ++i) h.add(i, start + (i - 1) * 1h, i);
  check_percentiles(
      h, {{0, 2}, {0.02, 2}, {0.03, 3}, {0.1, 3}, {0.11, 4}, {0.34, 4}, {0.35, 5}, {1, 5}});
  auto simple = of_ten();
  simple.add(2, start, 1000);
  simple.add(1, start + 20h, 1);
  check_percentiles(simple, {{0.999, 2}, {1, 3}});
  auto long_term = of_ten();
  long_term.add(2, start, 1);
  CHECK(long_term.reference() == at(342936h));  // to the nearest half-life
  long_term.add(1, start + 101h, 1);
  check_percentiles(long_term, {{1, 2}});
  // A half-life as long as the time line: nothing decays, and the reference is on the line.
  decaying_histogram forever{histogram_buckets::cpu(), lepton::duration::max()};
  for (const auto when : {lepton::time_point::max() - 5ns, lepton::time_point::min()})
    forever.add(1, when);
  CHECK(forever.reference() == lepton::time_point::max());
  CHECK(forever.percentile(1) > 1);
  // A sample that comes late counts for what it did then.
  auto late = of_ten();
  for (int i = 4; i >= 1; --i) late.add(i, start + (i - 1) * 1h, i);
  for (const double p : {0.0, 0.02, 0.03, 0.1, 0.11, 0.34, 0.35, 1.0})
    CHECK(late.percentile(p) == h.percentile(p));
}

TEST_CASE("collect: samples taken away") {
  histogram_buckets tenths{1, 0.1, 1, 1e-15};
  decaying_histogram h{tenths, 1h};
  const auto zero = at(0s);  // where no weight is changed
  h.add(0.15, zero, 2.5e-15);
  CHECK(!h.empty());
  h.subtract(0.15, zero, 1e-15);
  CHECK(!h.empty());
  h.subtract(0.15, zero, 1e-15);
  CHECK(h.empty());
  CHECK(h.percentile(0.5) == 0);
  h.add(9.9, zero, 3e-15);
  h.add(0.1, zero, 0.3e-15);
  CHECK(!h.empty());
  CHECK(h.percentile(0) == lepton_test::approx(1));
  auto other = of_ten();
  other.add(1, start, 3);
  other.add(5, start + 2h, 1);
  other.subtract(5, start + 2h, 1);
  check_percentiles(other, {{0, 2}, {1, 2}});
  other.subtract(1, start, 5);
  CHECK(other.empty());
}

TEST_CASE("collect: decaying histograms merged") {
  auto a = of_ten();
  a.add(1, start, 1);
  a.add(2, start + 1h, 1);
  auto b = of_ten();
  b.add(2, start + 2h, 1);
  b.add(3, start + 150h, 1);  // another reference time
  auto both = of_ten();
  both.add(2, start + 2h, 1);
  both.add(3, start + 150h, 1);
  both.add(2, start + 1h, 1);
  both.add(1, start, 1);
  auto ab = a;
  ab.merge(b);
  auto ba = b;
  ba.merge(a);
  ba.merge(of_ten());
  for (const auto& h : {ab, ba}) {
    CHECK(h.reference() == both.reference());
    CHECK(h.total_weight() == lepton_test::approx(both.total_weight()));
    for (std::size_t i = 0; i < h.weights().size(); ++i)
      CHECK(h.weights()[i] == lepton_test::approx(both.weights()[i]).epsilon(1e-12));
    for (const double p : {0.0, 0.5, 1.0}) CHECK(h.percentile(p) == both.percentile(p));
  }
  auto none = of_ten();
  none.merge(a);
  CHECK(none.percentile(1) == 3);
}

TEST_CASE("collect: checkpoints of a histogram") {
  auto h = of_ten();
  CHECK(h.checkpoint().weights.empty());
  h.add(1, at(0s), 1);
  h.add(2, at(0s), 10000);
  h.add(3, at(0s), 50);
  h.add(4, at(0s), 0.4);  // rounds to nothing
  const auto saved = h.checkpoint();
  CHECK(saved.total_weight == lepton_test::approx(10051.4));
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> expected{{1, 1}, {2, 10000}, {3, 50}};
  CHECK(saved.weights == expected);
  auto copy = of_ten();
  copy.add(9, at(0s));
  REQUIRE(copy.restore(saved));
  check_percentiles(copy, {{0, 2}, {0.5, 3}, {1, 4}});
  CHECK(copy.checkpoint().weights == saved.weights);
  CHECK(copy.reference() == h.reference());

  histogram_checkpoint given;
  given.total_weight = 6;
  given.weights = {{0, 1}, {1, 2}};
  REQUIRE(copy.restore(given));
  CHECK(copy.weights()[0] == 2);
  CHECK(copy.weights()[1] == 4);
  const auto before = copy.checkpoint();
  given.weights = {{99, 1}};
  const auto wrong = copy.restore(given);
  REQUIRE(!wrong);
  CHECK(wrong.error().message.find("bucket 99") != std::string::npos);
  given.weights.clear();
  given.total_weight = -1;
  CHECK(!copy.restore(given));
  given.total_weight = std::nan("");
  CHECK(!copy.restore(given));
  CHECK(copy.checkpoint() == before);
  REQUIRE(copy.restore({}));
  CHECK(copy.empty());
}

TEST_CASE("collect: the autoscaler's defaults") {
  decaying_histogram cpu;
  CHECK(cpu.half_life() == 24h);
  CHECK(request_weight(0.01) == 0.1);
  CHECK(request_weight(2) == 2);
  // A day at a quarter of a core, then an hour at two: the peak is not in the median.
  for (int i = 0; i < 288; ++i) cpu.add(0.25, start + i * 5min, request_weight(1));
  for (int i = 288; i < 300; ++i) cpu.add(2, start + i * 5min, request_weight(1));
  CHECK(cpu.percentile(0.5) == lepton_test::approx(0.25).epsilon(0.1));
  CHECK(cpu.percentile(0.98) == lepton_test::approx(2.0).epsilon(0.06));
  CHECK(cpu.percentile(0.5) > 0.25);
  CHECK(decaying_histogram::memory().buckets().start(1) == 1e7);
}

TEST_CASE("collect: a histogram and a sketch saved to the last bit") {
  decaying_histogram h{histogram_buckets{100, 0.1, 1.2, 0.001}, 2h};
  quantile_sketch s;
  for (int i = 0; i < 500; ++i) {
    h.add(std::fmod(i * 7.3, 90), start + i * 1min, 1 + i % 3);
    s.add(std::fmod(i * 7.3, 90) - 30);
  }
  decaying_histogram h2;
  REQUIRE(lepton::predict::load(h2, lepton::predict::save(h)));
  CHECK(lepton::predict::save(h2) == lepton::predict::save(h));
  CHECK(h2.percentile(0.9) == h.percentile(0.9));
  quantile_sketch s2;
  REQUIRE(lepton::predict::load(s2, lepton::predict::save(s)));
  CHECK(s2 == s);
  CHECK(s2.quantile(0.3) == s.quantile(0.3));
  s2.add(4);
  CHECK(!(s2 == s));
}

TEST_CASE("collect: a sketch of few numbers") {
  quantile_sketch s;
  CHECK(std::isnan(s.quantile(0.5)));
  CHECK(std::isnan(s.share_up_to(0.5)));
  for (const double x : {-5.0, 0.0, 1e-12, 3.0, 700.0}) s.add(x);
  s.add(std::nan(""));
  s.add(std::numeric_limits<double>::infinity(), 2);
  s.add(1, 0);
  CHECK(s.count() == 5);
  CHECK(s.ignored() == 3);
  CHECK(s.min() == -5);
  CHECK(s.max() == 700);
  CHECK(s.quantile(-3) == -5);
  CHECK(s.quantile(0.25) == 0);
  CHECK(s.quantile(0.5) == 0);
  CHECK(s.quantile(0.75) == lepton_test::approx(3).epsilon(0.01));
  CHECK(s.quantile(0.9999) == lepton_test::approx(3).epsilon(0.01));
  CHECK(s.quantile(1) == 700);
  CHECK(s.share_up_to(-6) == 0);
  CHECK(s.share_up_to(-5) == 0.2);
  CHECK(s.share_up_to(0) == 0.6);
  CHECK(s.share_up_to(100) == 0.8);
  CHECK(s.share_up_to(700) == 1);
  CHECK(s.relative_error() <= 0.01);
  CHECK(s.relative_error() > 0.0099);
  quantile_sketch once;
  once.add(42, 1000000);
  CHECK(once.quantile(0.5) == 42);  // never beyond smallest and largest
}

TEST_CASE("collect: a sketch with too few buckets says how coarse it is") {
  sketch_options options;
  options.buckets = 16;
  quantile_sketch s{options};
  for (const double x : {1e-300, 1e300, -1e-9, -1e300, 5.0, 1e-9}) s.add(x);
  CHECK(s.count() == 6);
  CHECK(s.relative_error() > 0.5);
  CHECK(s.relative_error() <= 1);
  CHECK(s.min() == -1e300);
  for (const double q : {0.1, 0.3, 0.5, 0.7, 0.9}) CHECK(std::isfinite(s.quantile(q)));
}
