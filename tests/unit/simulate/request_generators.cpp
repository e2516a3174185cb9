// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <lepton/simulate/arrivals.hpp>
#include <lepton/simulate/completion_heap.hpp>
#include <lepton/simulate/latency_summary.hpp>
#include <lepton/simulate/service_times.hpp>
#include <lepton/simulate/zipf_keys.hpp>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::simulate;

namespace {

template <class Process>
auto drawn(Process process, std::size_t count, std::uint64_t seed) -> std::vector<request> {
  std::vector<request> requests(count);
  lepton::detail::pcg32 random{seed};
  process.fill(requests, random);
  return requests;
}

struct moments {
  double mean = 0;
  double variation = 0;  // deviation over mean
};
auto moments_of(const std::vector<double>& values) -> moments {
  double sum = 0;
  for (const double x : values) sum += x;
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return {mean, std::sqrt(squares / static_cast<double>(values.size())) / mean};
}

auto gaps_of(const std::vector<request>& requests) -> std::vector<double> {
  std::vector<double> gaps;
  auto last = time_point{};
  for (const auto& r : requests) {
    gaps.push_back(static_cast<double>((r.arrival - last).count()));
    last = r.arrival;
  }
  return gaps;
}
auto works_of(const std::vector<request>& requests) -> std::vector<double> {
  std::vector<double> works;
  for (const auto& r : requests) works.push_back(static_cast<double>(r.work.count()));
  return works;
}

/// Variance over mean of the arrivals in windows of a length: 1 for Poisson.
auto dispersion(const std::vector<request>& requests, double window) -> double {
  std::vector<double> counts;
  for (const auto& r : requests) {
    const auto at = static_cast<std::size_t>(
        static_cast<double>(r.arrival.time_since_epoch().count()) / window);
    if (at >= counts.size()) counts.resize(at + 1);
    ++counts[at];
  }
  counts.pop_back();
  const auto m = moments_of(counts);
  return m.variation * m.variation * m.mean;
}

}  // namespace

TEST_CASE("arrivals: Poisson gaps have the mean asked for and no memory") {
  const auto requests = drawn(poisson_arrivals{50'000}, 400'000, 1);
  const auto m = moments_of(gaps_of(requests));
  CHECK(m.mean == Approx(50'000).epsilon(0.01));
  CHECK(m.variation == Approx(1).epsilon(0.01));
  CHECK(dispersion(requests, 5e6) == Approx(1).epsilon(0.1));
}

TEST_CASE("arrivals: bursts keep the mean rate and are bursts") {
  const burst_options options{10, 0.2, std::chrono::milliseconds{100}};
  const auto requests = drawn(burst_arrivals{50'000, options}, 400'000, 1);
  CHECK(moments_of(gaps_of(requests)).mean == Approx(50'000).epsilon(0.05));
  CHECK(dispersion(requests, 5e7) > 50);
  CHECK(std::is_sorted(requests.begin(), requests.end(),
                       [](const auto& a, const auto& b) { return a.arrival < b.arrival; }));
  // A ratio of 1 is no burst.
  const auto plain =
      drawn(burst_arrivals{50'000, {1, 0.2, std::chrono::milliseconds{100}}}, 400'000, 1);
  CHECK(dispersion(plain, 5e6) == Approx(1).epsilon(0.1));
}

TEST_CASE("service_times: means and variations") {
  const auto of = [](auto process) { return moments_of(works_of(drawn(process, 500'000, 2))); };
  const auto memoryless = of(exponential_service{1e7});
  CHECK(memoryless.mean == Approx(1e7).epsilon(0.01));
  CHECK(memoryless.variation == Approx(1).epsilon(0.01));
  const auto fixed = of(fixed_service{1e7});
  CHECK(fixed.mean == Approx(1e7));
  CHECK(fixed.variation == Approx(0).margin(1e-9));
  const auto skewed = of(log_normal_service{1e7, 2});
  CHECK(skewed.mean == Approx(1e7).epsilon(0.02));
  CHECK(skewed.variation == Approx(2).epsilon(0.1));
  const auto heavy = of(pareto_service{1e7, 4});
  CHECK(heavy.mean == Approx(1e7).epsilon(0.01));
  CHECK(heavy.variation == Approx(1 / std::sqrt(8.0)).epsilon(0.05));
}

TEST_CASE("service_times: the median of the log-normal, the tail of Pareto") {
  auto skewed = works_of(drawn(log_normal_service{1e7, 2}, 100'001, 3));
  std::nth_element(skewed.begin(), skewed.begin() + 50'000, skewed.end());
  CHECK(skewed[50'000] == Approx(1e7 / std::sqrt(5.0)).epsilon(0.02));
  const auto heavy = works_of(drawn(pareto_service{1e7, 1.5}, 1'000'000, 3));
  const double least = 1e7 / 3;
  const auto above =
      std::count_if(heavy.begin(), heavy.end(), [&](double x) { return x > 10 * least; });
  CHECK(static_cast<double>(above) / 1e6 == Approx(std::pow(10, -1.5)).epsilon(0.02));
  CHECK(*std::min_element(heavy.begin(), heavy.end()) >= std::floor(least));
}

TEST_CASE("zipf_keys: keys come in proportion to their rank's power") {
  for (const double exponent : {0.0, 0.5, 1.0, 2.0}) {
    const zipf_keys keys{50, exponent};
    lepton::detail::pcg32 random{4};
    std::array<double, 50> counts{};
    constexpr int draws = 500'000;
    for (int i = 0; i < draws; ++i) ++counts.at(keys.draw(random));
    double sum = 0;
    for (int k = 1; k <= 50; ++k) sum += std::pow(k, -exponent);
    for (std::size_t k = 0; k < 50; ++k) {
      const double expected = draws * std::pow(static_cast<double>(k) + 1, -exponent) / sum;
      CHECK(std::abs(counts.at(k) - expected) < 5 * std::sqrt(expected) + 1);
    }
  }
  const zipf_keys one{1, 1.0};
  lepton::detail::pcg32 random{4};
  CHECK(one.draw(random) == 0);
}

TEST_CASE("completion_heap: gives what a sorted list gives") {
  lepton::detail::pcg32 random{9};
  completion_heap heap;
  std::vector<completion> all;
  std::uint32_t order = 0;
  const auto fresh = [&](std::uint32_t after) {
    return completion{at(duration{after + random.below(50)}), order++, random.below(10)};
  };
  const auto first = [&] { return std::min_element(all.begin(), all.end()); };
  for (int step = 0; step < 20'000; ++step) {
    const auto what = random.below(10);
    if (what < 4 || all.empty()) {
      all.push_back(fresh(static_cast<std::uint32_t>(step)));
      heap.push(all.back());
    } else {
      REQUIRE(heap.top().order == first()->order);
      if (what < 7) {
        all.erase(first());
        heap.pop();
      } else if (what < 9) {
        const auto next = fresh(static_cast<std::uint32_t>(step));
        *first() = next;
        heap.replace_top(next);
      } else if (step % 50 == 0) {
        const auto gone = [](const completion& c) { return c.ticket == 3; };
        heap.remove_if(gone);
        all.erase(std::remove_if(all.begin(), all.end(), gone), all.end());
      }
    }
    REQUIRE(heap.size() == all.size());
  }
}

TEST_CASE("latency_summary: nearest ranks, exactly") {
  for (const std::size_t n : {1U, 2U, 10U, 99U, 100U, 101U, 1000U, 9999U, 10'000U}) {
    std::vector<std::int64_t> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<std::int64_t>(i + 1) * 1'000'000;
    lepton::detail::pcg32 random{n};
    lepton::detail::shuffle(values, random);
    const auto s = summarise_latencies(values);
    const auto rank = [&](std::size_t parts) {
      return static_cast<double>((n * parts + 999) / 1000);
    };
    CHECK(s.p50 == rank(500));
    CHECK(s.p95 == rank(950));
    CHECK(s.p99 == rank(990));
    CHECK(s.p999 == rank(999));
    CHECK(s.max == static_cast<double>(n));
    CHECK(s.mean == Approx(static_cast<double>(n + 1) / 2));
  }
  CHECK(summarise_latencies({}).max == 0);
}
