// SPDX-License-Identifier: Apache-2.0
// tests/property/batch_scheduler.cpp compares the scheduler with a model that keeps plain lists.
#include <lepton/schedule/batch_scheduler.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/simulate/queue_simulation.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using lepton::at;
using lepton::duration;
using lepton::time_point;
namespace schedule = lepton::schedule;
namespace simulate = lepton::simulate;
using schedule::batch_start;
using starts = std::vector<batch_start>;

namespace {

struct job {
  lepton::task_id id = 0;
  lepton::resources<1> demand{};
  duration estimate{};
  std::int64_t priority = 0;
};
struct by_priority {
  template <class Task>
  auto before(const lepton::order::queued<Task>& a, const lepton::order::queued<Task>& b) const
      -> bool {
    return a.what.priority > b.what.priority;
  }
};
struct longest_wait_last {
  template <class Task>
  auto rank(const lepton::order::queued<Task>& q, time_point now) const -> duration {
    return now - q.submitted;
  }
};
/// Always guesses the same, and doubles it.
struct same_guess {
  template <class Task>
  auto predict(const Task&, time_point) const -> duration {
    return guess;
  }
  template <class Task>
  void observe(const Task&, duration ran, time_point) {
    observed.push_back(ran);
  }
  template <class Task>
  auto correct(const Task&, duration, duration expired) const -> duration {
    return 2 * expired;
  }
  duration guess = 2s;
  std::vector<duration> observed{};
};

using no_backfill = schedule::no_backfill;
template <class Order = schedule::submission_order, class Backfill = schedule::easy<>,
          class Runtime = schedule::requested_time>
using scheduler = schedule::batch_scheduler<job, Order, Backfill, Runtime>;
const lepton::resources<1> ten{10};

auto some(lepton::task_id id, std::int64_t demand, duration estimate, std::int64_t priority = 0)
    -> job {
  return {id, lepton::resources<1>{demand}, estimate, priority};
}
template <class Scheduler>
void submit(Scheduler& s, std::vector<job> jobs, time_point now = {}) {
  for (const auto& j : jobs) REQUIRE(s.submit(j, now));
}
template <class Scheduler>
auto refusal(Scheduler& s, const job& j) -> std::string {
  const auto done = s.submit(j, time_point{});
  return done ? "" : done.error().message;
}

struct near_miss_predictor {
  auto predict(const job&, time_point) -> duration;
  void observe(const job&, duration, time_point);
};

}  // namespace

static_assert(schedule::runtime_predictor<schedule::requested_time, job>);
static_assert(schedule::runtime_predictor<same_guess, job>);
static_assert(!schedule::runtime_predictor<near_miss_predictor, job>, "it lacks correct()");
static_assert(simulate::queue_scheduler<schedule::batch_scheduler<simulate::queue_job>>);
static_assert(!simulate::queue_scheduler<scheduler<>>, "it queues other tasks");

TEST_CASE("without backfilling what comes later waits for the head") {
  scheduler<schedule::submission_order, no_backfill> s{ten};
  submit(s, {some(1, 6, 100s), some(2, 6, 10s), some(3, 1, 1s)});
  CHECK(s.run(at(0s)) == starts{{1, false}});
  CHECK(s.waiting_count() == 2);
  CHECK(s.running_count() == 1);
  CHECK(s.free() == lepton::resources<1>{4});
  CHECK(s.run(at(50s)).empty());
  REQUIRE(s.finish(1, at(60s)));
  CHECK(s.run(at(60s)) == starts{{2, false}, {3, false}});
  CHECK(s.wakes_at() == time_point::max());
}

TEST_CASE("easy starts what ends by the shadow time or fits the extra") {
  scheduler<> s{ten};
  // At 0 s 1 and 2 run; the head 3 is expected at 100 s, when 1 ends; 2 of 10 are left then.
  submit(s, {some(1, 4, 100s), some(2, 2, 500s), some(3, 6, 50s)});
  submit(s, {some(4, 1, 101s), some(5, 2, 101s), some(6, 3, 101s), some(7, 3, 100s)});
  // 4 takes half of the extra, 5 needs more than the rest, 6 even more; 7 ends just in time.
  CHECK(s.run(at(0s)) == starts{{1, false}, {2, false}, {4, true}, {7, true}});
  CHECK(s.free() == lepton::resources<1>{0});
  REQUIRE(s.finish(7, at(30s)));
  CHECK(s.run(at(30s)).empty());
  // What is submitted later is held against the same reservation.
  submit(s, {some(8, 1, 70s), some(9, 1, 71s), some(10, 1, 71s)}, at(30s));
  CHECK(s.run(at(30s)) == starts{{8, true}, {9, true}});
  REQUIRE(s.finish(1, at(90s)));
  REQUIRE(s.finish(8, at(90s)));
  CHECK(s.run(at(90s)) == starts{{3, false}});
  REQUIRE(s.finish(2, at(500s)));
  CHECK(s.run(at(500s)) == starts{{5, false}});
}

TEST_CASE("sjbf takes the shortest candidate first, equals in the order of the queue") {
  const auto jobs = {some(1, 8, 100s), some(2, 8, 10s), some(3, 1, 50s),
                     some(4, 1, 40s),  some(5, 1, 40s), some(6, 1, 90s)};
  scheduler<> plain{ten};
  submit(plain, jobs);
  CHECK(plain.run(at(0s)) == starts{{1, false}, {3, true}, {4, true}});
  scheduler<schedule::submission_order, schedule::sjbf> shortest{ten};
  submit(shortest, jobs);
  CHECK(shortest.run(at(0s)) == starts{{1, false}, {4, true}, {5, true}});
}

TEST_CASE("the queue and the candidates can be in any order") {
  scheduler<by_priority> s{ten};
  submit(s, {some(1, 10, 10s, 1), some(2, 10, 10s, 3), some(3, 10, 10s, 3)});
  CHECK(s.run(at(0s)) == starts{{2, false}});
  // A new head, and so a new reservation, though nothing ended.
  REQUIRE(s.cancel(2, at(1s)));
  submit(s, {some(4, 5, 100s, 9)}, at(1s));
  CHECK(s.run(at(1s)) == starts{{4, false}});
  submit(s, {some(5, 5, 20s, 0), some(6, 7, 20s, 8)}, at(2s));
  CHECK(s.run(at(2s)) == starts{{5, true}});

  scheduler<schedule::submission_order, schedule::easy<by_priority>> c{ten};
  submit(c, {some(1, 8, 100s), some(2, 8, 10s), some(3, 2, 50s, 1), some(4, 2, 50s, 2)});
  CHECK(c.run(at(0s)) == starts{{1, false}, {4, true}});

  scheduler<longest_wait_last> t{ten};
  submit(t, {some(1, 10, 10s)}, at(0s));
  submit(t, {some(2, 10, 10s)}, at(1s));
  CHECK(t.run(at(1s)) == starts{{2, false}});
}

TEST_CASE("a prediction that was too short is corrected in a pass, and says when to wake") {
  scheduler<schedule::submission_order, schedule::easy<>, same_guess> s{ten};
  submit(s, {some(1, 6, 100s), some(2, 8, 100s), some(3, 6, 100s), some(4, 4, 100s)});
  // All are thought to run 2 s, so 4 ends by the shadow time.
  CHECK(s.run(at(0s)) == starts{{1, false}, {4, true}});
  CHECK(s.wakes_at() == at(2s));
  REQUIRE(s.finish(4, at(1s)));
  CHECK(s.predictor().observed == std::vector<duration>{1s});
  submit(s, {some(5, 4, 100s)}, at(1s));
  CHECK(s.run(at(1s)).empty());               // it would end at 3 s, the head starts at 2 s
  CHECK(s.run(at(2s)) == starts{{5, true}});  // at 4 s now
  CHECK(s.wakes_at() == at(4s));
  REQUIRE(s.cancel(1, at(3s)));
  REQUIRE(s.cancel(5, at(3s)));
  CHECK(s.predictor().observed.size() == 1);  // what is stopped is no example
  CHECK(s.run(at(3s)) == starts{{2, false}});
  CHECK(s.wakes_at() == time_point::max());  // one waits: it needs room, not time
}

TEST_CASE("a batch scheduler refuses what can never be, and says why") {
  scheduler<> s{ten};
  CHECK(refusal(s, some(1, 11, 1s)) ==
        "submit: task 1 asks for 11 cpu; the machine has 10, and demands are not negative");
  CHECK(refusal(s, some(1, -1, 1s)) ==
        "submit: task 1 asks for -1 cpu; the machine has 10, and demands are not negative");
  CHECK(refusal(s, some(1, 0, 1s)) ==
        "submit: task 1 asks for nothing; give it a demand of at least one unit");
  CHECK(refusal(s, some(1, 1, 0s)) ==
        "submit: task 1 has an estimate of 0 ns; an estimate is positive");
  CHECK(refusal(s, some(1, 1, 1s)).empty());
  CHECK(refusal(s, some(1, 1, 1s)) == "submit: a task with id 1 is waiting or running already");
  CHECK(s.finish(1, at(0s)).error().message == "finish: no task with id 1 is running");
  CHECK(s.cancel(2, at(0s)).error().message == "cancel: no task with id 2 is waiting or running");
  CHECK(s.waiting_count() == 1);
  REQUIRE(s.cancel(1, at(0s)));
  CHECK(s.waiting_count() == 0);
  CHECK(s.run(at(0s)).empty());
  CHECK(
      refusal(s, some(1, 10, duration::max())).empty());  // no estimate: it ends at the end of time
  CHECK(s.run(at(5s)) == starts{{1, false}});
}

TEST_CASE("tasks without an end in sight leave room for all others") {
  scheduler<> s{ten};
  submit(s, {some(1, 6, duration::max()), some(2, 6, 1s), some(3, 4, duration::max())}, at(-5s));
  CHECK(s.run(at(-5s)) == starts{{1, false}, {3, true}});
}

namespace {

auto logged(std::vector<simulate::queue_job> jobs) -> simulate::queue_workload {
  simulate::queue_workload w;
  w.processors = 10;
  w.jobs = std::move(jobs);
  for (std::size_t i = 0; i < w.jobs.size(); ++i) w.jobs[i].id = i;
  return w;
}
auto record(duration submitted, std::int64_t size, duration run, duration estimate)
    -> simulate::queue_job {
  simulate::queue_job j;
  j.submitted = at(submitted);
  j.demand = simulate::processors{size};
  j.run = run;
  j.estimate = estimate;
  return j;
}
auto simulated(const simulate::queue_workload& w, const simulate::queue_simulation_options& o = {})
    -> lepton::expected<simulate::queue_run> {
  schedule::batch_scheduler<simulate::queue_job> s{simulate::processors{w.processors}};
  return simulate::simulate_queue(w, s, o);
}

}  // namespace

TEST_CASE("a simulated queue tells starts, ends, fates and moments") {
  const auto w = logged({record(0s, 6, 30s, 20s), record(0s, 11, 1s, 1s), record(1s, 6, 5s, 5s),
                         record(1s, 4, 0s, 9s), record(50s, 1, 1s, 0s), record(60s, 1, 1s, 2s)});
  simulate::queue_simulation_options o;
  o.keep_moments = true;
  o.until = at(59s);
  const auto run = simulated(w, o);
  REQUIRE(run);
  using simulate::job_fate;
  const auto& jobs = run->jobs;
  CHECK(jobs[0].fate == job_fate::killed);
  CHECK(jobs[0].end == at(20s));
  CHECK(jobs[1].fate == job_fate::rejected);
  CHECK(jobs[2].fate == job_fate::completed);
  CHECK(jobs[2].start == at(20s));
  CHECK_FALSE(jobs[2].backfilled);
  CHECK(jobs[3].start == at(1s));
  CHECK(jobs[3].end == at(1s));
  CHECK(jobs[3].backfilled);
  CHECK(jobs[4].fate == job_fate::rejected);
  CHECK(jobs[5].fate == job_fate::waiting);
  std::vector<std::pair<time_point, std::int64_t>> busy;
  for (const auto& m : run->moments) busy.emplace_back(m.when, m.busy);
  CHECK(busy == std::vector<std::pair<time_point, std::int64_t>>{
                    {at(0s), 6}, {at(1s), 6}, {at(20s), 6}, {at(25s), 0}, {at(50s), 0}});
  CHECK(run->moments[1].waiting == 1);
}

TEST_CASE("a simulated queue takes what is estimated to end now as free under m0") {
  // At 10 s job 2 arrives while 0 ends with its estimate, and 1 a second before it.
  const auto w = logged({record(0s, 5, 10s, 10s), record(0s, 5, 10s, 11s), record(1s, 6, 9s, 9s),
                         record(10s, 5, 1s, 1s)});
  simulate::queue_simulation_options o;
  o.ties = simulate::queue_ties::pass_per_event;
  const auto each = simulated(w, o);
  REQUIRE(each);
  CHECK(each->jobs[3].start == at(10s));
  CHECK(each->jobs[3].backfilled);  // by the end of 1 at 11 s, and before the end of 1 is seen
  CHECK(each->jobs[2].start == at(11s));
  const auto once = simulated(w);
  REQUIRE(once);
  CHECK(once->jobs[2].start == at(10s));
  CHECK(once->jobs[3].start == at(19s));
}

TEST_CASE("a workload that cannot be simulated is refused") {
  const auto message = [](const simulate::queue_workload& w) {
    const auto run = simulated(w);
    return run ? "" : run.error().message;
  };
  CHECK(simulated(logged({}))->jobs.empty());
  CHECK(message(logged({record(5s, 1, 1s, 1s), record(4s, 1, 1s, 1s)})) ==
        "simulate_queue: job 1 of the workload (number 0, id 1) is submitted before the one ahead "
        "of it; sort the jobs by submission");
  CHECK(message(logged({record(5s, 1, -1s, 1s)})) ==
        "simulate_queue: job 0 of the workload (number 0, id 0) runs for a negative time");
  // One after the other they take longer than there is time.
  const duration century = std::chrono::hours{24 * 36525};
  CHECK(message(logged({record(0s, 6, century, century), record(0s, 6, century, century),
                        record(0s, 6, century, century)}))
            .find("more than 292 years") != std::string::npos);
  auto w = logged({record(5s, 1, 1s, 1s)});
  w.jobs[0].id = 3;
  CHECK(message(w) ==
        "simulate_queue: job 0 of the workload (number 0, id 3) must have its position in the "
        "workload as its id");
  w.jobs[0].id = 0;
  schedule::batch_scheduler<simulate::queue_job> used{simulate::processors{10}};
  auto stranger = record(0s, 1, 1s, 1s);
  stranger.id = 7;
  REQUIRE(used.submit(stranger, at(0s)));
  const auto run = simulate::simulate_queue(w, used);
  REQUIRE_FALSE(run);
  CHECK(run.error().message ==
        "simulate_queue: the scheduler starts task 7, which does not wait; it must be empty when a "
        "simulation begins");
}
