// SPDX-License-Identifier: Apache-2.0
// Each fast thing of collect/ beside a slow one that is obviously right, on random streams.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <lepton/collect/csv_read.hpp>
#include <lepton/collect/csv_write.hpp>
#include <lepton/collect/decaying_histogram.hpp>
#include <lepton/collect/gaps.hpp>
#include <lepton/collect/hampel.hpp>
#include <lepton/collect/quantile_sketch.hpp>
#include <lepton/collect/series.hpp>
#include <lepton/detail/rng.hpp>

#include "catch.hpp"

#ifndef LEPTON_PROPERTY_DECISIONS
#define LEPTON_PROPERTY_DECISIONS 100000
#endif

namespace {

using namespace lepton::collect;
using lepton::at;
using lepton::duration;
using lepton::detail::pcg32;

double uniform(pcg32& random) { return random() / 4294967296.0; }

// The same number, or both missing.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(std::span<const double> a, std::span<const double> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return same(x, y); });
}

double median_of(std::vector<double> x) {
  if (x.empty()) return missing;
  std::sort(x.begin(), x.end());
  const auto low = x[(x.size() - 1) / 2];
  return low + (x[x.size() / 2] - low) / 2;
}

// Few different numbers, many, smooth or wild, with some missing.
double number(pcg32& random, unsigned kind) {
  if (random.below(12) == 0) return missing;
  switch (kind) {
    case 0:
      return random.below(3);
    case 1:
      return random.below(100) / 8.0 - 5;
    case 2:
      return uniform(random);
    default:
      return std::exp(30 * uniform(random) - 15) * (random.below(2) == 0 ? -1 : 1);
  }
}

// All samples kept, and each interval worked out from them.
struct naive_series {
  std::size_t capacity;
  std::int64_t interval;
  aggregation how;
  bool amend;
  std::map<std::int64_t, std::vector<sample>> intervals{};
  std::set<lepton::time_point> stamps{};
  std::int64_t open = 0;
  series_counts counts{};

  void add(sample s) {
    const auto t = s.time.time_since_epoch().count();
    const auto index = t < 0 ? -1 : t / interval;
    const auto over = index < open;
    if (!over) open = index;
    if (!std::isfinite(s.value)) {
      ++counts.non_finite;
    } else if (stamps.count(s.time) != 0) {
      ++counts.duplicate;
    } else if (over &&
               (!amend || index < 0 || open - index > static_cast<std::int64_t>(capacity))) {
      ++counts.late;
    } else {
      ++counts.accepted;
      counts.amended += over ? 1 : 0;
      stamps.insert(s.time);
      intervals[index].push_back(s);
    }
  }
  [[nodiscard]] double value(std::int64_t index) const {
    const auto found = intervals.find(index);
    if (found == intervals.end()) return missing;
    const auto& all = found->second;
    double sum = 0;
    auto least = all[0];
    auto most = all[0];
    auto last = all[0];
    for (const auto& s : all) {
      sum += s.value;
      if (s.value < least.value) least = s;
      if (s.value > most.value) most = s;
      if (s.time > last.time) last = s;
    }
    switch (how) {
      case aggregation::mean:
        return sum / static_cast<double>(all.size());
      case aggregation::last:
        return last.value;
      case aggregation::max:
        return most.value;
      case aggregation::min:
        return least.value;
      case aggregation::sum:
        return sum;
    }
    return missing;
  }
};

// The number of that rank, from 0.
double exact(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

TEST_CASE("collect: a ring of samples is the naive one") {
  pcg32 random{1};
  for (int decisions = 0; decisions < LEPTON_PROPERTY_DECISIONS;) {
    const auto capacity = std::size_t{1} + random.below(8);
    const auto interval = 1 + static_cast<std::int64_t>(random.below(10));
    series_options options;
    options.combine = static_cast<aggregation>(random.below(5));
    options.amend_late = random.below(2) == 0;
    series fast{capacity, duration{interval}, at(duration{0}), options};
    naive_series slow{capacity, interval, options.combine, options.amend_late};
    std::int64_t now = 0;
    for (int i = 0; i < 60; ++i, ++decisions) {
      const auto jump = random.below(20) == 0 ? random.below(200) : random.below(6);
      now += jump;
      const auto back = random.below(3) == 0 ? static_cast<std::int64_t>(random.below(60)) : 0;
      const sample s{at(duration{now - back}), number(random, 1)};
      const auto total = fast.total();
      const auto over = fast.add(s);
      slow.add(s);
      auto good = fast.total() == total + over && fast.counts() == slow.counts &&
                  fast.total() == static_cast<std::uint64_t>(slow.open) &&
                  fast.size() == std::min<std::uint64_t>(capacity, fast.total());
      for (std::size_t k = 0; k <= fast.size(); ++k) {
        const auto value = k < fast.size() ? fast.values()[k] : fast.open_value();
        const auto index = slow.open - static_cast<std::int64_t>(fast.size() - k);
        const auto expected = slow.value(index);
        good = good && fast.time_of(k) == at(duration{index * interval}) &&
               (same(value, expected) || std::abs(value - expected) < 1e-12);
      }
      REQUIRE(good);
    }
  }
}

TEST_CASE("collect: median and deviation of a window are the naive ones") {
  pcg32 random{2};
  for (int decisions = 0; decisions < LEPTON_PROPERTY_DECISIONS / 2;) {
    const auto kind = random.below(4);
    hampel_options options;
    options.window = 1 + random.below(random.below(10) == 0 ? 60 : 9);
    options.delay = random.below(static_cast<std::uint32_t>(options.window));
    options.threshold = 1 + random.below(3);
    options.least_known = random.below(5);
    hampel fast{options};
    std::vector<double> all;
    for (int i = 0; i < 150; ++i, ++decisions) {
      all.push_back(number(random, kind));
      const auto verdict = fast.update(all.back());
      if (all.size() <= options.delay) {
        REQUIRE(std::isnan(verdict.value));
        continue;
      }
      const auto x = all[all.size() - 1 - options.delay];
      const auto from = all.size() > options.window ? all.size() - options.window : 0;
      std::vector<double> window;
      for (auto k = from; k < all.size(); ++k)
        if (!std::isnan(all[k])) window.push_back(all[k]);
      const auto median = median_of(window);
      std::vector<double> distances;
      double mean = 0;
      for (const auto w : window) distances.push_back(std::abs(w - median));
      for (const auto d : distances) mean += d / static_cast<double>(distances.size());
      auto scale = 1.4826022185056018 * median_of(distances);
      if (scale == 0) scale = 1.2533141373155003 * mean;
      if (std::isnan(x) || window.size() < std::max<std::size_t>(options.least_known, 1)) {
        REQUIRE(!verdict.outlier);
        REQUIRE(same(verdict.value, x));
        continue;
      }
      REQUIRE(verdict.median == median);
      const auto beyond = std::abs(x - median) - options.threshold * scale;
      if (std::abs(beyond) > 1e-12 * scale) REQUIRE(verdict.outlier == (beyond > 0));
      REQUIRE(verdict.value == (verdict.outlier ? median : x));
      if (x != median) REQUIRE(verdict.scale == lepton_test::approx(scale));
    }
  }
}

TEST_CASE("collect: gaps are filled as the definitions say") {
  pcg32 random{3};
  for (int round = 0; round < LEPTON_PROPERTY_DECISIONS / 50; ++round) {
    const auto n = random.below(25);
    std::vector<double> x(n);
    for (auto& value : x) value = random.below(2) == 0 ? missing : random.below(20);
    gap_options options;
    options.season = 1 + random.below(6);
    options.limit = 1 + random.below(5);
    const auto at_index = [&](std::int64_t i) {
      return i < 0 || i >= static_cast<std::int64_t>(n) ? missing : x[static_cast<std::size_t>(i)];
    };
    for (int how = 0; how < 5; ++how) {
      options.how = static_cast<gap_filling>(how);
      auto fast = x;
      const auto filled = fill_gaps(fast, options);
      std::size_t expected_filled = 0;
      auto good = true;
      for (std::int64_t i = 0; i < static_cast<std::int64_t>(n); ++i) {
        auto expected = at_index(i);
        if (std::isnan(expected)) {
          auto first = i;
          auto last = i;
          while (first > 0 && std::isnan(at_index(first - 1))) --first;
          while (last + 1 < static_cast<std::int64_t>(n) && std::isnan(at_index(last + 1))) ++last;
          const auto fits = last - first + 1 <= static_cast<std::int64_t>(options.limit);
          const auto season = static_cast<std::int64_t>(options.season);
          auto before = missing;
          auto after = missing;
          for (auto k = i - season; k >= 0 && std::isnan(before); k -= season) before = at_index(k);
          for (auto k = i + season; k < static_cast<std::int64_t>(n) && std::isnan(after);
               k += season)
            after = at_index(k);
          const auto part =
              static_cast<double>(i - first + 1) / static_cast<double>(last - first + 2);
          if (options.how == gap_filling::hold &&
              i - first < static_cast<std::int64_t>(options.limit))
            expected = at_index(first - 1);
          if (options.how == gap_filling::linear && fits)
            expected = at_index(first - 1) + part * (at_index(last + 1) - at_index(first - 1));
          if (options.how == gap_filling::season_before && fits)
            expected = std::isnan(before) ? after : before;
          if (options.how == gap_filling::season_mean && fits)
            expected = std::isnan(before)  ? after
                       : std::isnan(after) ? before
                                           : (before + after) / 2;
          expected_filled += std::isnan(expected) ? 0 : 1;
        }
        const auto value = fast[static_cast<std::size_t>(i)];
        good = good && (same(value, expected) || std::abs(value - expected) < 1e-12);
      }
      REQUIRE(good);
      REQUIRE(filled == expected_filled);
    }
    options.how = gap_filling::season_adjusted;  // nothing known changes
    auto adjusted = x;
    fill_gaps(adjusted, options);
    for (std::size_t i = 0; i < n; ++i)
      if (!std::isnan(x[i])) REQUIRE(adjusted[i] == x[i]);
  }
}

TEST_CASE("collect: a sketch's quantiles are within its error, and merging is exact") {
  pcg32 random{4};
  for (int round = 0; round < LEPTON_PROPERTY_DECISIONS / 400; ++round) {
    sketch_options options;
    options.relative_error = std::array{0.001, 0.01, 0.05, 0.3}[random.below(4)];
    options.buckets = std::array<std::size_t, 4>{16, 40, 300, 2048}[random.below(4)];
    const auto kind = random.below(5);
    const auto n = 1 + random.below(400);
    const auto parts = 1 + random.below(4);
    std::vector<quantile_sketch> sketches(parts, quantile_sketch{options});
    quantile_sketch whole{options};
    std::vector<double> all;
    for (std::uint32_t i = 0; i < n; ++i) {
      // Kind 4: any double, of any size.
      const auto x = kind == 4 ? std::bit_cast<double>((std::uint64_t{random()} << 32) | random())
                               : number(random, kind);
      const auto times = 1 + random.below(3) / 2;
      whole.add(x, times);
      sketches[random.below(parts)].add(x, times);
      if (std::isfinite(x)) all.insert(all.end(), times, x);
    }
    std::sort(all.begin(), all.end());
    REQUIRE(whole.count() == all.size());
    if (options.buckets == 2048 && kind != 4 && options.relative_error >= 0.05)
      REQUIRE(whole.relative_error() <= options.relative_error);
    for (int i = 0; i <= 20 && !all.empty(); ++i) {
      const auto q = i / 20.0;
      const auto truth = exact(all, q);
      const auto guess = whole.quantile(q);
      CAPTURE(q, truth, guess, whole.relative_error(), options.buckets, kind);
      REQUIRE(
          std::abs(guess - truth) <=
          std::max(whole.relative_error() * std::abs(truth) * (1 + 1e-9), options.least_magnitude));
      const auto share = whole.share_up_to(truth);
      const auto up_to = std::upper_bound(all.begin(), all.end(), truth) - all.begin();
      REQUIRE(share >= static_cast<double>(up_to) / static_cast<double>(all.size()) - 1e-12);
    }
    auto forward = sketches[0];
    for (std::size_t p = 1; p < parts; ++p) forward.merge(sketches[p]);
    auto backward = sketches[parts - 1];
    for (std::size_t p = parts - 1; p-- > 0;) backward.merge(sketches[p]);
    REQUIRE(forward == whole);
    REQUIRE(backward == whole);
    forward.merge(forward);
    backward.merge(whole);
    REQUIRE(forward == backward);
  }
}

TEST_CASE("collect: a decaying histogram is the one worked out from all samples") {
  pcg32 random{5};
  for (int round = 0; round < LEPTON_PROPERTY_DECISIONS / 1000; ++round) {
    const auto half_life = 1 + static_cast<std::int64_t>(random.below(100000));
    const histogram_buckets buckets{50, 0.1, random.below(2) == 0 ? 1 : 1.1, 1e-12};
    decaying_histogram h{buckets, duration{half_life}};
    decaying_histogram other{buckets, duration{half_life}};
    std::vector<sample> samples;
    std::int64_t now = random.below(1000000);
    for (int i = 0; i < 100; ++i) {
      now += static_cast<std::int64_t>(random.below(static_cast<std::uint32_t>(3 * half_life)));
      const sample s{at(duration{now - static_cast<std::int64_t>(random.below(1000))}),
                     uniform(random) * 60 - 1};
      (random.below(3) == 0 ? other : h).add(s.value, s.time, 2);
      samples.push_back(s);
      const sample undone{at(duration{now}), uniform(random) * 50};
      if (i % 7 == 0) {
        h.add(undone.value, undone.time);
        h.subtract(undone.value, undone.time);
      }
    }
    h.merge(other);
    std::vector<double> weights(buckets.count());
    double total = 0;
    for (const auto& s : samples) {
      std::size_t bucket = 0;
      while (bucket + 1 < buckets.count() && s.value >= buckets.start(bucket + 1)) ++bucket;
      REQUIRE(buckets.find(s.value) == bucket);
      const auto age = static_cast<double>((h.reference() - s.time).count());
      const auto weight = 2 * std::exp2(-age / static_cast<double>(half_life));
      weights[bucket] += weight;
      total += weight;
    }
    for (std::size_t b = 0; b < weights.size(); ++b)
      REQUIRE(h.weights()[b] == lepton_test::approx(weights[b]).epsilon(1e-9).margin(1e-9 * total));
    double sum = 0;
    for (std::size_t b = 0; b < weights.size(); ++b) {
      const auto middle = (sum + weights[b] / 2) / total;
      sum += weights[b];
      if (weights[b] < 1e-6 * total) continue;
      REQUIRE(h.percentile(middle) == buckets.start(std::min(b + 1, buckets.count() - 1)));
    }
  }
}

TEST_CASE("collect: any doubles and times survive a table") {
  pcg32 random{6};
  for (int round = 0; round < LEPTON_PROPERTY_DECISIONS / 5000; ++round) {
    std::vector<double> values;
    std::vector<lepton::time_point> times;
    for (int i = 0; i < 100; ++i) {
      const auto x = std::bit_cast<double>((std::uint64_t{random()} << 32) | random());
      values.push_back(std::isfinite(x) ? x : missing);
      const auto t = static_cast<std::int64_t>((std::uint64_t{random()} << 32) | random());
      times.push_back(
          at(duration{t / (i % 3 == 0 ? 1 : 1000000000) * (i % 3 == 0 ? 1 : 1000000000)}));
    }
    csv_write_options options;
    options.time = time_format::iso;
    const auto sane = [](lepton::time_point t) { return read_time(write_time(t)).has_value(); };
    for (auto& t : times)
      if (!sane(t)) t = at(duration{0});
    const auto back = read_series_text(series_csv(values, times, options), "f.csv");
    REQUIRE(back);
    REQUIRE(back->times == times);
    REQUIRE(same(back->values, values));
  }
}

TEST_CASE("collect: what is read may be any text") {
  pcg32 random{7};
  constexpr std::string_view pieces[] = {
      "1",  "2.5", ",", "\n", "\"", "NA",       "time",  "2014-02-14", " ", ";",
      "\t", "\r",  "#", "-",  "e",  "\xC3\xA4", "14:30", "x",          "0", "inf"};
  for (int round = 0; round < LEPTON_PROPERTY_DECISIONS / 4; ++round) {
    std::string text;
    const auto length = random.below(20);
    for (std::uint32_t i = 0; i < length; ++i) text += pieces[random.below(std::size(pieces))];
    const auto result = read_series_text(text, "f");
    if (result) {
      REQUIRE(!result->values.empty());
      REQUIRE((result->times.empty() || result->times.size() == result->values.size()));
      for (const auto x : result->values) REQUIRE(!std::isinf(x));
    } else {
      REQUIRE(!result.error().message.empty());
    }
  }
}
