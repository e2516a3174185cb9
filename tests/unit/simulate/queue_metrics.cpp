// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <lepton/detail/rng.hpp>
#include <lepton/simulate/queue_curves.hpp>
#include <lepton/simulate/queue_distribution.hpp>
#include <lepton/simulate/queue_figures.hpp>
#include <lepton/simulate/queue_metrics.hpp>
#include <lepton/simulate/write_queue_csv.hpp>
#include <lepton/simulate/write_queue_json.hpp>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::simulate;
using namespace std::chrono_literals;

namespace {

struct ran {
  queue_workload work{};
  queue_run run{};

  void add(duration submit, duration start, duration end, std::int64_t size, tenant_id tenant,
           job_fate fate = job_fate::completed, bool backfilled = false) {
    queue_job job;
    job.id = work.jobs.size();
    job.number = 100 + static_cast<std::int64_t>(job.id);
    job.submitted = at(submit);
    job.run = job.estimate = end - start;
    job.demand = processors{size};
    job.tenant = tenant;
    work.jobs.push_back(job);
    run.jobs.push_back({at(start), at(end), fate, backfilled});
  }
};

/// Four processors; job 100 runs alone, 101 needs the whole machine, 102 is backfilled.
auto small_run() -> ran {
  ran r;
  r.work.processors = 4;
  r.add(10s, 10s, 30s, 3, 1);
  r.add(12s, 30s, 130s, 4, 1, job_fate::killed);
  r.add(14s, 15s, 20s, 1, 2, job_fate::completed, true);
  r.add(15s, 0s, 0s, 5, 3, job_fate::rejected);
  r.add(40s, 0s, 0s, 1, 3, job_fate::waiting);
  r.run.seconds = 0.5;
  return r;
}

auto figures(const ran& r, const queue_metrics_options& options = {}) -> queue_summary {
  const auto s = summarise_queue(r.work, r.run, "p", options);
  REQUIRE(s);
  return *s;
}
auto refusal(const ran& r, const queue_metrics_options& options = {}) -> std::string {
  const auto s = summarise_queue(r.work, r.run, "p", options);
  REQUIRE_FALSE(s);
  return s.error().message;
}

auto random_run(lepton::detail::pcg32& random) -> ran {
  const auto below = [&](std::uint32_t n) { return std::int64_t{random.below(n)}; };
  ran r;
  r.work.processors = 1 + below(20);
  auto now = 0s;
  for (auto n = 1 + below(30); n != 0; --n) {
    now += std::chrono::seconds{below(5)};
    const auto wait = std::chrono::milliseconds{below(2) * below(8) * 500};
    const auto length = std::chrono::milliseconds{500 * (1 + below(60))};
    const auto kind = below(12);
    r.add(now, now + wait, now + wait + length, 1 + below(20),
          static_cast<tenant_id>(below(4)) * 5'000'000'000,
          kind == 0   ? job_fate::rejected
          : kind == 1 ? job_fate::waiting
          : kind < 5  ? job_fate::killed
                      : job_fate::completed,
          below(2) == 1);
  }
  return r;
}

auto slow_rank(std::vector<double> all, double percent) -> double {
  std::sort(all.begin(), all.end());
  for (const double x : all) {
    const auto up_to = std::upper_bound(all.begin(), all.end(), x) - all.begin();
    if (static_cast<double>(up_to) * 100 >= percent * static_cast<double>(all.size())) return x;
  }
  return 0;
}
void check_summary(const value_summary& found, const std::vector<double>& all) {
  double sum = 0;
  for (const double x : all) sum += x;
  CHECK(found.mean == Approx(all.empty() ? 0 : sum / static_cast<double>(all.size())));
  CHECK(found.p50 == slow_rank(all, 50));
  CHECK(found.p95 == slow_rank(all, 95));
  CHECK(found.p99 == slow_rank(all, 99));
  CHECK(found.max == slow_rank(all, 100));
}

auto seconds_of(duration d) -> double { return static_cast<double>(d.count()) / 1e9; }

/// Half second after half second; all times of `random_run` are multiples.
void check_over_time(const ran& r, const queue_summary& found, time_point from, time_point to) {
  double busy = 0;
  double waiting = 0;
  std::size_t most = 0;
  for (auto t = from; t < to; t += 500ms) {
    std::size_t queue = 0;
    for (std::size_t i = 0; i < r.work.jobs.size(); ++i) {
      const auto& o = r.run.jobs[i];
      if (o.fate == job_fate::rejected || r.work.jobs[i].submitted > t) continue;
      const bool ended = o.fate != job_fate::waiting;
      if (ended && o.start <= t && t < o.end) busy += static_cast<double>(r.work.jobs[i].demand[0]);
      if (!ended || o.start > t) ++queue;
    }
    waiting += static_cast<double>(queue);
    most = std::max(most, queue);
  }
  const auto steps = seconds_of(to - from) * 2;
  CHECK(found.makespan == seconds_of(to - from));
  CHECK(found.utilisation == Approx(busy / steps / static_cast<double>(r.work.processors)));
  CHECK(found.mean_queue == Approx(waiting / steps).margin(1e-12));
  CHECK(found.max_queue == most);
  CHECK(found.throughput == Approx(static_cast<double>(found.jobs) * 7200 / steps));
}

void check_against_slow(const ran& r, const queue_metrics_options& options) {
  const auto found = figures(r, options);
  const auto n = r.work.jobs.size();
  std::vector<double> waits, turnarounds, slowdowns, bounded, per_processor;
  std::map<tenant_id, std::vector<double>> tenants;
  std::size_t counted = 0;
  std::int64_t half_seconds = 0;
  auto from = time_point::max();
  auto to = time_point::min();
  for (std::size_t i = 0; i < n; ++i) {
    const auto& job = r.work.jobs[i];
    const auto& o = r.run.jobs[i];
    if (static_cast<double>(i + 1) * 100 <= options.trim.warm_up_percent * static_cast<double>(n) ||
        static_cast<double>(n - i) * 100 <=
            options.trim.cool_down_percent * static_cast<double>(n) ||
        job.submitted < options.trim.from || job.submitted >= options.trim.until)
      continue;
    ++counted;
    from = std::min(from, job.submitted);
    if (o.fate != job_fate::completed && o.fate != job_fate::killed) continue;
    to = std::max(to, o.end);
    half_seconds += (o.start - job.submitted) / 500ms;
    const auto run = seconds_of(o.end - o.start);
    const auto turnaround = seconds_of(o.end - job.submitted);
    const auto tau = seconds_of(options.tau);
    waits.push_back(seconds_of(o.start - job.submitted));
    turnarounds.push_back(turnaround);
    // In nanoseconds as the fast one does, so that percentiles are the same to the last bit.
    slowdowns.push_back(turnaround * 1e9 / (run * 1e9));
    bounded.push_back(std::max(1.0, turnaround * 1e9 / (std::max(run, tau) * 1e9)));
    per_processor.push_back(std::max(
        1.0, turnaround * 1e9 / (static_cast<double>(job.demand[0]) * (std::max(run, tau) * 1e9))));
    tenants[job.tenant].push_back(bounded.back());
  }
  CHECK(found.submitted == counted);
  CHECK(found.trimmed == n - counted);
  CHECK(found.jobs == waits.size());
  CHECK(found.sum_wait == half_seconds / 2);
  CHECK(found.sum_wait_nanoseconds == half_seconds % 2 * 500'000'000);
  check_summary(found.wait, waits);
  check_summary(found.turnaround, turnarounds);
  check_summary(found.slowdown, slowdowns);
  check_summary(found.bounded_slowdown, bounded);
  check_summary(found.per_processor_bounded_slowdown, per_processor);
  CHECK(found.completed + found.killed == found.jobs);
  CHECK(found.rejected + found.waiting + found.jobs == counted);
  CHECK(found.backfilled <= found.jobs);
  double sum = 0;
  double squares = 0;
  for (const auto& [tenant, all] : tenants) {
    double mean = 0;
    for (const double x : all) mean += x / static_cast<double>(all.size());
    sum += mean;
    squares += mean * mean;
  }
  CHECK(found.tenants == tenants.size());
  CHECK(found.jain ==
        Approx(tenants.empty() ? 1 : sum * sum / (static_cast<double>(tenants.size()) * squares)));
  if (!waits.empty()) check_over_time(r, found, from, to);

  const auto shares = bounded_slowdown_shares(r.work, r.run, std::vector{1.0, 1.5, 2.0}, options);
  for (const auto& p : shares) {
    const auto below =
        std::count_if(bounded.begin(), bounded.end(), [&](double x) { return x <= p.value; });
    CHECK(p.share ==
          (bounded.empty() ? 0 : static_cast<double>(below) / static_cast<double>(bounded.size())));
  }
}

}  // namespace

TEST_CASE("queue_metrics: three jobs by hand") {
  const auto s = figures(small_run());
  CHECK(s.policy == "p");
  CHECK(s.jobs == 3);
  CHECK(s.submitted == 5);
  CHECK(s.trimmed == 0);
  CHECK(s.completed == 2);
  CHECK(s.killed == 1);
  CHECK(s.rejected == 1);
  CHECK(s.waiting == 1);
  CHECK(s.backfilled == 1);
  CHECK(s.sum_wait == 19);  // 0, 18, 1
  CHECK(s.sum_wait_nanoseconds == 0);
  CHECK(s.wait.mean == 19.0 / 3);
  CHECK(s.wait.p50 == 1);
  CHECK(s.wait.p95 == 18);
  CHECK(s.wait.max == 18);
  CHECK(s.turnaround.mean == (20.0 + 118 + 6) / 3);
  CHECK(s.slowdown.max == 1.2);
  CHECK(s.bounded_slowdown.max == 1.18);  // the 6 s of the short job count as 1
  CHECK(s.bounded_slowdown.mean == Approx((1 + 1.18 + 1) / 3));
  CHECK(s.per_processor_bounded_slowdown.max == 1);
  CHECK(s.tau == 10);
  CHECK(s.makespan == 120);
  CHECK(s.utilisation == (3 * 20 + 4 * 100 + 5) / 480.0);
  CHECK(s.throughput == 90);
  CHECK(s.mean_queue == (18 + 1 + 90) / 120.0);
  CHECK(s.max_queue == 2);  // jobs 101 and 102, for a second
  CHECK(s.tenants == 2);
  CHECK(s.jain == Approx(2.09 * 2.09 / (2 * (1.09 * 1.09 + 1))));
  CHECK(s.seconds == 0.5);
  CHECK(s.jobs_per_second == 10);
}

TEST_CASE("queue_metrics: trimming leaves out jobs but not what they hold") {
  auto r = small_run();
  queue_metrics_options o;
  o.trim.warm_up_percent = 39;  // one of five
  const auto s = figures(r, o);
  CHECK(s.trimmed == 1);
  CHECK(s.jobs == 2);
  CHECK(s.makespan == 118);
  CHECK(s.utilisation == (3 * 18 + 4 * 100 + 5) / (4 * 118.0));
  o = {};
  o.trim.from = at(12s);
  o.trim.until = at(14s);
  CHECK(figures(r, o).jobs == 1);
  CHECK(figures(r, o).sum_wait == 18);
  o.trim.until = at(12s);
  const auto none = figures(r, o);
  CHECK(none.jobs == 0);
  CHECK(none.makespan == 0);
  CHECK(none.utilisation == 0);
  CHECK(none.jain == 1);
  CHECK(figures(ran{}).jobs == 0);
}

TEST_CASE("queue_metrics: what cannot be summed up is refused") {
  auto r = small_run();
  queue_metrics_options o;
  for (const double percent : {-1.0, 100.0, std::nan("")}) {
    o.trim.warm_up_percent = percent;
    CHECK(refusal(r, o).find("warm-up and cool-down must be") == 0);
  }
  o.trim = {50, 50};
  CHECK(refusal(r, o).find("warm-up and cool-down must be") == 0);
  o = {};
  o.tau = 0s;
  CHECK(refusal(r, o).find("the bound of slowdowns") == 0);
  r.run.jobs[1].start = at(11s);
  CHECK(refusal(r).find("job 101 starts before its submission") == 0);
  r.run.jobs.pop_back();
  CHECK(refusal(r).find("the run has outcomes of 4 jobs, the workload has 5") == 0);
}

TEST_CASE("queue_metrics: runs of no time") {
  ran r;
  r.work.processors = 1;
  r.add(5s, 5s, 5s, 1, 0);
  const auto s = figures(r);
  CHECK(s.jobs == 1);
  CHECK(s.slowdown.max == 1);
  CHECK(s.bounded_slowdown.max == 1);
  CHECK(s.makespan == 0);
  CHECK(s.throughput == 0);
  r.add(5s, 6s, 6s, 1, 0);
  CHECK(figures(r).slowdown.max == 1e9);
  CHECK(figures(r).makespan == 1);
}

TEST_CASE("queue_metrics: sums of waits stay exact beyond 64 bits of nanoseconds") {
  ran r;
  r.work.processors = 1;
  for (int i = 0; i < 30; ++i) r.add(0s, 1'000'000'000s + 500ms, 1'000'000'001s, 1, 0);
  const auto s = figures(r);
  CHECK(s.sum_wait == 30'000'000'015);
  CHECK(s.sum_wait_nanoseconds == 0);
  CHECK(s.wait.mean == 1'000'000'000.5);
}

TEST_CASE("queue_metrics: random runs like a slow twin") {
  lepton::detail::pcg32 random{3};
  for (int i = 0; i < 1'000; ++i) {
    const auto r = random_run(random);
    queue_metrics_options o;
    check_against_slow(r, o);
    o.tau = std::chrono::seconds{1 + random.below(20)};
    o.trim.warm_up_percent = random.below(50);
    o.trim.cool_down_percent = random.below(50);
    if (random.below(2) == 1) o.trim.from = at(std::chrono::seconds{random.below(20)});
    if (random.below(2) == 1) o.trim.until = at(std::chrono::seconds{random.below(60)});
    check_against_slow(r, o);
  }
}

TEST_CASE("value_summary: nearest ranks of one to a hundred") {
  std::vector<int> all;
  for (int i = 100; i > 0; --i) all.push_back(i);
  const auto s = summarise_values<int>(all);
  CHECK(s.mean == 50.5);
  CHECK(s.p50 == 50);
  CHECK(s.p95 == 95);
  CHECK(s.p99 == 99);
  CHECK(s.max == 100);
  CHECK(summarise_values<int>({}).max == 0);
}

TEST_CASE("queue_curves: busy processors and jobs waiting, step by step") {
  const auto r = small_run();
  CHECK(busy_curve(r.work, r.run) ==
        std::vector<curve_point>{
            {at(10s), 3}, {at(15s), 4}, {at(20s), 3}, {at(30s), 4}, {at(130s), 0}});
  CHECK(waiting_curve(r.work, r.run) ==
        std::vector<curve_point>{
            {at(10s), 0}, {at(12s), 1}, {at(14s), 2}, {at(15s), 1}, {at(30s), 0}, {at(40s), 1}});
  CHECK(busy_curve({}, {}).empty());
  ran same;
  same.add(0s, 0s, 5s, 2, 0);
  same.add(0s, 5s, 9s, 2, 0);
  CHECK(busy_curve(same.work, same.run) == std::vector<curve_point>{{at(0s), 2}, {at(9s), 0}});
}

TEST_CASE("queue_curves: a thinned curve keeps its ends and extremes") {
  lepton::detail::pcg32 random{8};
  for (const std::size_t most : {0U, 4U, 5U, 37U, 100U, 2'000U}) {
    std::vector<curve_point> curve;
    auto now = 0s;
    for (int i = 0; i < 1'000; ++i) {
      now += std::chrono::seconds{1 + random.below(i % 100 == 0 ? 1'000 : 5)};
      curve.push_back({at(now), std::int64_t{random.below(1'000)}});
    }
    const auto thin = thinned(curve, most);
    CHECK(thin.size() <= std::max<std::size_t>(most, 4));
    if (most >= curve.size()) CHECK(thin == curve);
    CHECK(thin.front() == curve.front());
    CHECK(thin.back() == curve.back());
    const auto less = [](const auto& a, const auto& b) { return a.value < b.value; };
    CHECK(std::max_element(thin.begin(), thin.end(), less)->value ==
          std::max_element(curve.begin(), curve.end(), less)->value);
    CHECK(std::min_element(thin.begin(), thin.end(), less)->value ==
          std::min_element(curve.begin(), curve.end(), less)->value);
    CHECK(std::is_sorted(thin.begin(), thin.end(),
                         [](const auto& a, const auto& b) { return a.when < b.when; }));
    CHECK(std::all_of(thin.begin(), thin.end(), [&](const auto& p) {
      return std::find(curve.begin(), curve.end(), p) != curve.end();
    }));
  }
}

TEST_CASE("queue_distribution: points of a logarithmic axis") {
  const auto points = logarithmic_points(150, 2);
  REQUIRE(points.size() == 6);
  CHECK(points[0] == 1);
  CHECK(points[1] == Approx(3.16227766));
  CHECK(points[5] == Approx(316.227766));
  CHECK(logarithmic_points(0).size() == 1);
  CHECK(logarithmic_points(std::numeric_limits<double>::infinity()).size() == 1'000);
}

TEST_CASE("write_queue_json: the text, byte for byte") {
  std::vector summaries{figures(small_run())};
  summaries[0].policy = "easy \"backfill\"";
  const auto text = to_json_text(summaries);
  CHECK(text.find("[\n"
                  R"({"policy":"easy \"backfill\"","jobs":3,"sum_wait":19,)"
                  R"("mean_wait":6.333333333333333,"mean_bounded_slowdown":1.0599999999999998,)"
                  R"("p95_wait":18.0,"makespan":120.0,"utilisation":0.96875,"backfilled":1,)"
                  R"("seconds":0.5,"jobs_per_second":10.0,"p50_wait":1.0,)") == 0);
  CHECK(text.substr(text.size() - 4) == "}\n]\n");
  summaries[0].sum_wait_nanoseconds = 250'000'000;
  const auto read = nlohmann::json::parse(to_json_text(summaries, timings::leave_out))[0];
  CHECK(read["sum_wait"] == 19.25);
  CHECK_FALSE(read.contains("seconds"));
  for (const auto& f : figures_of(summaries[0])) {
    INFO(f.name);
    CHECK(read[f.name] == f.value);
    CHECK_FALSE(f.definition.empty());
  }
  CHECK(read.size() == figures_of(summaries[0]).size() + 2);  // and policy and tau
  CHECK(to_json_text(std::vector<queue_summary>{}) == "[]\n");
}

TEST_CASE("queue_figures: the bound is printed as it is") {
  auto s = figures(small_run());
  const auto definition = [&] { return figures_of(s)[17].definition; };
  CHECK(figures_of(s)[17].name == "mean_bounded_slowdown");
  CHECK(definition().find("max(1, turnaround / max(run, 10 s))") != std::string::npos);
  s.tau = 0.5;
  CHECK(definition().find("max(run, 0.5 s)") != std::string::npos);
}

TEST_CASE("write_queue_csv: starts, whole seconds where they are") {
  auto r = small_run();
  CHECK(to_starts_csv(r.work, r.run) ==
        "job,submit,start,end,processors\n"
        "100,10,10,30,3\n"
        "101,12,30,130,4\n"
        "102,14,15,20,1\n"
        "103,15,,,5\n"
        "104,40,,,1\n");
  r.run.jobs[0].start = at(10s + 250ms);
  r.run.jobs[0].end = at(30s + 1ns);
  r.work.jobs[0].submitted = at(-1'500ms);
  r.work.jobs[1].submitted = at(-2s);
  const std::vector<named_run> two{{"fcfs", &r.run}, {"a,b", &r.run}};
  const auto text = to_starts_csv(r.work, two);
  CHECK(text.find("policy,job,submit,start,end,processors\n"
                  "fcfs,100,-1.5,10.25,30.000000001,3\n"
                  "fcfs,101,-2,30,130,4\n") == 0);
  CHECK(text.find("fcfs,104,40,,,1\n\"a,b\",100,-1.5,") != std::string::npos);
}
