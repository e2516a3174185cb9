// SPDX-License-Identifier: Apache-2.0
// Conservative backfilling on published scenarios and logs. The scenarios of the simulators pyss
// (Parallel Systems Lab, Hebrew University; files Input_test_files/*) and WRENCH (test
// BatchServiceCONSERVATIVEBFTest) come with the end of each job. The sums of waits on the logs were
// the same from a plain planner that keeps a list of slots and puts back every job at each early
// end. Turning red is legitimate only when the definition of the policy or the reading of the logs
// changes.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <lepton/schedule/conservative_scheduler.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/queue_simulation.hpp>
#include <lepton/simulate/swf_reader.hpp>
#include <lepton/simulate/swf_rules.hpp>

#include "catch.hpp"
#include "data.hpp"
#include "sanitized.hpp"

using namespace lepton;
using namespace lepton::schedule;
using namespace lepton::simulate;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// A row of the scenarios of pyss, in their order. Times in seconds.
struct row {
  int submitted, end, estimate, processors, run;
};

auto workload_of(std::initializer_list<row> rows, int processors) -> queue_workload {
  queue_workload w;
  w.processors = processors;
  for (const auto& r : rows) {
    queue_job j;
    j.id = w.jobs.size();
    j.submitted = at(seconds{r.submitted});
    j.run = seconds{r.run};
    j.estimate = seconds{r.estimate};
    j.demand = simulate::processors(r.processors);
    w.jobs.push_back(j);
  }
  return w;
}

auto simulated(const queue_workload& w, plan_upkeep upkeep,
               queue_ties ties = queue_ties::pass_per_moment) -> std::vector<job_outcome> {
  conservative_scheduler<queue_job> s{simulate::processors(w.processors), {}, upkeep};
  queue_simulation_options options;
  options.ties = ties;
  const auto run = simulate_queue(w, s, options);
  REQUIRE(run);
  CHECK(s.waiting_count() + s.running_count() == 0);
  CHECK(s.profile().step_count() == 1);
  return run->jobs;
}

/// Promises are kept in both ways; simulators differ in that.
void check_ends(const char* name, std::initializer_list<row> rows, int processors = 100) {
  const auto w = workload_of(rows, processors);
  for (const auto upkeep : {plan_upkeep::compress_by_start, plan_upkeep::compress_by_order}) {
    for (const auto ties : {queue_ties::pass_per_moment, queue_ties::pass_per_event}) {
      CAPTURE(name, static_cast<int>(upkeep), static_cast<int>(ties));
      const auto jobs = simulated(w, upkeep, ties);
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        CAPTURE(i);
        CHECK(jobs[i].end == at(seconds{rows.begin()[i].end}));
      }
    }
  }
}

struct figures {
  std::int64_t sum_of_waits = 0;
  double mean_bounded_slowdown = 0;
  std::size_t backfilled = 0;
};

auto figures_of(const queue_workload& w, plan_upkeep upkeep) -> figures {
  figures f;
  const auto jobs = simulated(w, upkeep);
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto wait = (jobs[i].start - w.jobs[i].submitted) / seconds{1};
    const auto ran = (jobs[i].end - jobs[i].start) / seconds{1};
    f.sum_of_waits += wait;
    f.mean_bounded_slowdown +=
        std::max(1.0, static_cast<double>(wait + ran) /
                          static_cast<double>(std::max<std::int64_t>(ran, 10)));
    f.backfilled += jobs[i].backfilled ? 1U : 0U;
  }
  f.mean_bounded_slowdown /= static_cast<double>(jobs.size());
  return f;
}

auto log_of(const std::filesystem::path& path, std::int64_t machine, swf_rules rules)
    -> queue_workload {
  const auto text = read_file(path.string());
  REQUIRE(text);
  swf_log log;
  REQUIRE(read_swf(*text, path.filename().string(), log));
  auto w = queue_workload_of(log, rules, machine);
  REQUIRE(w);
  return *std::move(w);
}

}  // namespace

TEST_CASE("conservative backfilling: 32 nodes, eight jobs at once") {
  const int jobs[][2] = {{6, 10},  {27, 15}, {28, 14}, {29, 13},
                         {30, 12}, {5, 10},  {5, 10},  {30, 11}};
  const int starts[] = {0, 10, 25, 39, 52, 0, 0, 64};
  queue_workload w;
  w.processors = 32;
  for (const auto& [nodes, length] : jobs) {
    queue_job j;
    j.id = w.jobs.size();
    j.run = j.estimate = minutes{length};
    j.demand = processors(nodes);
    w.jobs.push_back(j);
  }
  for (const auto upkeep :
       {plan_upkeep::compress_by_start, plan_upkeep::compress_by_order, plan_upkeep::replan}) {
    const auto ran = simulated(w, upkeep);
    for (std::size_t i = 0; i < ran.size(); ++i) {
      CAPTURE(i);
      CHECK(ran[i].start == at(minutes{starts[i]}));
      CHECK(ran[i].backfilled == (i == 5 || i == 6));
    }
  }
}

TEST_CASE("conservative backfilling: scenarios of pyss") {
  check_ends("bf 0", {{0, 100, 100, 50, 100},
                      {1, 200, 200, 100, 100},
                      {2, 300, 100, 60, 100},
                      {20, 30, 10, 10, 10}});
  check_ends("bf 1", {{0, 600, 600, 50, 600},
                      {1, 800, 200, 100, 200},
                      {2, 900, 100, 60, 100},
                      {10, 110, 100, 10, 100}});
  check_ends("bf 2", {{0, 600, 800, 50, 600},
                      {1, 800, 200, 60, 200},
                      {2, 900, 400, 60, 100},
                      {10, 610, 700, 10, 600}});
  check_ends("bf 3", {{0, 100, 100, 15, 100},
                      {0, 100, 100, 15, 100},
                      {0, 100, 100, 15, 100},
                      {0, 100, 100, 15, 100},
                      {0, 100, 100, 15, 100},
                      {0, 100, 100, 15, 100},
                      {5, 200, 100, 60, 100},
                      {6, 16, 11, 1, 10},
                      {6, 16, 12, 1, 10},
                      {6, 300, 1000, 99, 100},
                      {7, 301, 1, 100, 1},
                      {8, 10, 20, 1, 2},
                      {8, 10, 21, 1, 2}});
  check_ends("bf 4", {{0, 100, 100, 50, 100},
                      {1, 200, 1000, 95, 100},
                      {2, 300, 1000, 95, 100},
                      {5, 15, 11, 1, 10},
                      {6, 17, 12, 1, 11},
                      {6, 18, 12, 1, 12},
                      {6, 16, 12, 2, 10},
                      {6, 400, 1000, 95, 100},
                      {7, 500, 100, 100, 100},
                      {8, 10, 20, 1, 2},
                      {8, 10, 21, 1, 2},
                      {10, 1500, 1200, 6, 1000}});
  check_ends("bf 5",
             {{0, 600, 600, 50, 600}, {10, 800, 400, 100, 200}, {20, 1800, 1000, 10, 1000}});
  check_ends("bf 6", {{0, 600, 700, 50, 600}, {10, 800, 400, 100, 200}, {20, 810, 10, 60, 10}});
  check_ends("bf 7", {{100, 200, 600, 50, 100}, {101, 214, 600, 60, 10}, {104, 204, 100, 50, 100}});
  check_ends("bf 8", {{100, 200, 600, 60, 100},
                      {101, 210, 600, 60, 10},
                      {102, 220, 700, 60, 10},
                      {103, 230, 600, 60, 10},
                      {104, 240, 900, 60, 10}});
  check_ends("cons bf 0", {{0, 100, 100, 70, 100},
                           {1, 200, 100, 80, 100},
                           {2, 300, 100, 90, 100},
                           {50, 550, 250, 20, 250}});
  check_ends("cons bf 1", {{0, 600, 800, 50, 600},
                           {1, 800, 400, 100, 200},
                           {2, 102, 200, 10, 100},
                           {99, 109, 10, 10, 10},
                           {100, 132, 31, 40, 30}});
  check_ends("basic 20", {{0, 1000, 2000, 10, 1000},
                          {0, 1000, 2000, 10, 1000},
                          {10, 1000, 3000, 10, 990},
                          {10, 1000, 3000, 10, 990},
                          {20, 1000, 1980, 10, 980},
                          {20, 1000, 1980, 10, 980},
                          {30, 1001, 2, 100, 1}});
  check_ends("basic 24", {{0, 100, 100, 100, 100},
                          {1, 200, 50000, 50, 100},
                          {2, 200, 30000, 50, 100},
                          {3, 400, 200, 50, 200},
                          {4, 300, 100, 50, 100},
                          {5, 400, 100, 50, 100}});
}

TEST_CASE("conservative backfilling: four hosts, four jobs of WRENCH") {
  // It says when something ends, not what. The fourth passes the third at 60 s, when the others end
  // long before their time.
  check_ends("WRENCH",
             {{0, 60, 600, 2, 60}, {0, 60, 120, 2, 60}, {0, 180, 120, 4, 60}, {0, 120, 300, 2, 60}},
             4);
}

TEST_CASE("conservative backfilling: the logs of KTH-SP2 and NASA-iPSC") {
  LEPTON_SKIP_SANITIZED();
  LEPTON_DATA_OR_SKIP(kth_file, "swf/KTH-SP2-1996-2.1-cln.swf.gz");
  LEPTON_DATA_OR_SKIP(nasa_file, "swf/NASA-iPSC-1993-3.1-cln.swf.gz");
  const auto kth = log_of(kth_file, 100, swf_rules::r1);
  const auto check = [&](plan_upkeep upkeep, std::int64_t sum, double slowdown,
                         std::size_t passed) {
    const auto f = figures_of(kth, upkeep);
    CHECK(f.sum_of_waits == sum);
    CHECK(f.mean_bounded_slowdown == lepton_test::approx(slowdown).epsilon(1e-8));
    CHECK(f.backfilled == passed);
  };
  check(plan_upkeep::compress_by_start, 204'978'933, 87.722836, 17'340);
  check(plan_upkeep::compress_by_order, 207'947'342, 88.260490, 16'925);
  check(plan_upkeep::replan, 227'568'947, 102.104154, 16'275);
  // So little waits there that EASY, too, waits for 73,468 s.
  const auto nasa = log_of(nasa_file, 128, swf_rules::r2);
  CHECK(figures_of(nasa, plan_upkeep::compress_by_start).sum_of_waits == 73'468);
}
