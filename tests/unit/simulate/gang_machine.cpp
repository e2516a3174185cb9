// SPDX-License-Identifier: Apache-2.0
#include <lepton/simulate/gang_machine.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include <lepton/order/fcfs.hpp>
#include <lepton/simulate/gz_file.hpp>
#include <lepton/simulate/philly_reader.hpp>
#include <lepton/simulate/queue_simulation.hpp>

#include "catch.hpp"
#include "data.hpp"

using namespace std::chrono_literals;
namespace simulate = lepton::simulate;
using lepton::at;
using machine = simulate::gang_machine<lepton::order::fcfs>;

namespace {

auto jobs(std::initializer_list<std::int64_t> gpus) -> simulate::queue_workload {
  simulate::queue_workload w;
  for (const auto g : gpus) {
    simulate::queue_job j;
    j.id = w.jobs.size();
    j.number = static_cast<std::int64_t>(w.jobs.size()) + 1;
    j.run = j.estimate = 10s;
    j.demand = simulate::processors{g};
    w.jobs.push_back(j);
  }
  w.processors = 16;
  return w;
}

auto starts(const simulate::queue_run& run) -> std::vector<std::int64_t> {
  std::vector<std::int64_t> seconds;
  for (const auto& o : run.jobs)
    seconds.push_back(o.start.time_since_epoch() / std::chrono::seconds{1});
  return seconds;
}

}  // namespace

static_assert(simulate::queue_scheduler<machine>);

TEST_CASE("jobs take GPUs of one node, or whole nodes together") {
  machine m{2, 8, {}};
  // Five on each node: neither the six nor the gang of sixteen find room, though six GPUs are free.
  const auto w = jobs({5, 5, 6, 16, 3, 3});
  const auto run = simulate::simulate_queue(w, m, {});
  REQUIRE(run);
  CHECK(starts(*run) == std::vector<std::int64_t>{0, 0, 10, 20, 0, 0});
  CHECK(run->jobs[4].backfilled);
  CHECK_FALSE(run->jobs[3].backfilled);
  CHECK(m.free()[0] == 16);
  CHECK(m.waiting_count() == 0);
}

TEST_CASE("a machine in strict order lets nobody pass") {
  machine m{2, 8, {}, lepton::schedule::blocking::everyone};
  const auto run = simulate::simulate_queue(jobs({5, 5, 6, 16, 3, 3}), m, {});
  REQUIRE(run);
  CHECK(starts(*run) == std::vector<std::int64_t>{0, 0, 10, 20, 30, 30});
}

TEST_CASE("jobs larger than the machine are rejected") {
  machine m{2, 8, {}};
  const auto run = simulate::simulate_queue(jobs({17, 1}), m, {});
  REQUIRE(run);
  CHECK(run->jobs[0].fate == simulate::job_fate::rejected);
  CHECK(run->jobs[1].fate == simulate::job_fate::completed);
  CHECK_FALSE(m.finish(7, at(0s)));
}

TEST_CASE("jobs whose id leaves no room for the numbers of their members are refused") {
  machine m{1, 8, {}};
  simulate::queue_job j;
  j.demand = simulate::processors{1};
  j.id = lepton::task_id{1} << 44U;
  const auto refused = m.submit(j, at(0s));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("2^44") != std::string::npos);
  --j.id;
  CHECK(m.submit(j, at(0s)));
}

TEST_CASE("the jobs of Philly run as gangs on nodes of eight GPUs") {
  LEPTON_DATA_OR_SKIP(file, "philly/philly.csv.gz");
  const auto text = simulate::read_file(file.string());
  REQUIRE(text);
  simulate::philly_log log;
  REQUIRE(simulate::read_philly(*text, file.string(), 2400, log, {}));
  auto& w = log.workload;
  w.jobs.resize(std::min<std::size_t>(w.jobs.size(), 20'000));
  machine m{300, 8, {}};
  simulate::queue_simulation_options options;
  options.keep_moments = true;
  const auto run = simulate::simulate_queue(w, m, options);
  REQUIRE(run);
  CHECK(std::all_of(run->jobs.begin(), run->jobs.end(), [](const auto& o) {
    return o.fate == simulate::job_fate::completed || o.fate == simulate::job_fate::rejected;
  }));
  // Nothing is overcommitted, and the books agree with the jobs' times.
  std::vector<std::pair<lepton::time_point, std::int64_t>> changes;
  for (std::size_t i = 0; i < w.jobs.size(); ++i) {
    if (run->jobs[i].fate != simulate::job_fate::completed) continue;
    changes.emplace_back(run->jobs[i].start, w.jobs[i].demand[0]);
    changes.emplace_back(run->jobs[i].end, -w.jobs[i].demand[0]);
  }
  std::sort(changes.begin(), changes.end());
  std::int64_t busy = 0;
  for (const auto& [when, change] : changes) {
    busy += change;
    REQUIRE(busy <= 2400);
  }
  CHECK(busy == 0);
  CHECK(m.free()[0] == 2400);
}
