// SPDX-License-Identifier: Apache-2.0

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/schedule/availability_profile.hpp>
#include <lepton/schedule/conservative_scheduler.hpp>

#include "catch.hpp"

using namespace lepton;
using namespace lepton::schedule;
using std::chrono::seconds;

namespace {

struct node_dimensions {
  static constexpr std::array<std::string_view, 1> names{"nodes"};
};
using nodes = resources<1, node_dimensions>;

struct batch_job {
  task_id id = 0;
  nodes demand{};
  duration estimate{};
  time_point deadline = time_point::max();
};

auto sec(std::int64_t s) -> time_point { return at(seconds{s}); }
auto job_of(task_id id, int size, std::int64_t length) -> batch_job {
  return {id, nodes(size), seconds{length}};
}
auto due(batch_job j, std::int64_t deadline) -> batch_job {
  j.deadline = sec(deadline);
  return j;
}
constexpr auto never = time_point::max();

using conservative = conservative_scheduler<batch_job>;
using steps = std::vector<std::pair<std::int64_t, amount>>;

auto steps_of(const availability_profile<nodes>& p) -> steps {
  steps list;
  p.for_each_step([&](time_point begin, const nodes& free) {
    list.emplace_back(begin.time_since_epoch() / seconds{1}, free[0]);
  });
  return list;
}
auto ids(const std::vector<batch_start>& starts) -> std::vector<task_id> {
  std::vector<task_id> list;
  for (const auto& s : starts) list.push_back(s.id);
  return list;
}
using id_list = std::vector<task_id>;

auto plan_of(const conservative& s, const id_list& tasks) -> std::vector<std::int64_t> {
  std::vector<std::int64_t> list;
  for (const auto id : tasks) {
    const auto start = s.planned_start(id);
    REQUIRE(start);
    list.push_back(start->time_since_epoch() / seconds{1});
  }
  return list;
}
using times = std::vector<std::int64_t>;

auto says(const status& s, std::string_view part) -> bool {
  return !s && s.error().message.find(part) != std::string::npos;
}

struct half_of_it {
  template <class T>
  auto predict(const T& t, time_point) const -> duration {
    return t.estimate / 2;
  }
  template <class T>
  void observe(const T&, duration, time_point) const {}
  template <class T>
  auto correct(const T& t, duration, duration) const -> duration {
    return t.estimate;
  }
};

}  // namespace

TEST_CASE("availability_profile: steps are cut and merged") {
  availability_profile<nodes> p{nodes(10), sec(0)};
  CHECK(steps_of(p) == steps{{0, 10}});
  p.take(nodes(4), sec(5), sec(15));
  p.take(nodes(6), sec(10), sec(20));
  CHECK(steps_of(p) == steps{{0, 10}, {5, 6}, {10, 0}, {15, 4}, {20, 10}});
  CHECK(p.free_at(sec(14)) == nodes(0));
  CHECK(p.free_at(sec(15)) == nodes(4));
  p.give(nodes(6), sec(10), sec(20));
  CHECK(steps_of(p) == steps{{0, 10}, {5, 6}, {15, 10}});
  p.advance(sec(7));
  CHECK(steps_of(p) == steps{{7, 6}, {15, 10}});
  p.give(nodes(4), sec(0), sec(15));  // what is past is left out
  CHECK(steps_of(p) == steps{{7, 10}});
  p.take(nodes(1), sec(9), sec(9));
  CHECK(p.step_count() == 1);
}

TEST_CASE("availability_profile: earliest wants the whole length") {
  availability_profile<nodes> p{nodes(10), sec(0)};
  p.take(nodes(10), sec(10), sec(20));
  p.take(nodes(7), sec(20), sec(30));
  CHECK(p.earliest(nodes(5), seconds{10}, sec(0)) == sec(0));
  CHECK(p.earliest(nodes(5), seconds{11}, sec(0)) == sec(30));
  CHECK(p.earliest(nodes(3), seconds{11}, sec(0)) == sec(20));
  CHECK(p.earliest(nodes(3), seconds{5}, sec(7)) == sec(20));
  CHECK(p.earliest(nodes(11), seconds{1}, sec(0)) == never);
  CHECK(p.earliest(nodes(10), duration::max(), sec(4)) == sec(30));
}

TEST_CASE("availability_profile: what never ends") {
  availability_profile<nodes> p{nodes(10)};
  p.take(nodes(8), sec(10), never);
  CHECK(p.earliest(nodes(3), seconds{5}, sec(7)) == never);
  CHECK(p.earliest(nodes(2), duration::max(), sec(7)) == sec(7));
  CHECK(p.first_overdrawn(sec(0)) == never);
  p.take(nodes(3), sec(12), sec(14));
  CHECK(p.first_overdrawn(sec(0)) == sec(12));
  CHECK(p.next_overdrawn(sec(12)) == never);
}

TEST_CASE("availability_profile: a task may move within its own place") {
  availability_profile<nodes> p{nodes(10), sec(0)};
  p.take(nodes(10), sec(0), sec(5));
  p.take(nodes(6), sec(8), sec(18));  // its own
  CHECK(p.earliest(nodes(6), seconds{10}, sec(0)) == sec(18));
  CHECK(p.earlier(nodes(6), seconds{10}, sec(0), sec(8)) == sec(5));
  CHECK(p.earlier(nodes(6), seconds{10}, sec(8), sec(8)) == sec(8));
}

TEST_CASE("conservative_scheduler: nobody is delayed by a later task") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 6, 100), sec(0)));
  REQUIRE(s.submit(job_of(2, 8, 50), sec(0)));   // after 1
  REQUIRE(s.submit(job_of(3, 4, 100), sec(0)));  // beside 1
  REQUIRE(s.submit(job_of(4, 2, 300), sec(0)));  // beside 2
  REQUIRE(s.submit(job_of(5, 10, 10), sec(0)));  // after all
  CHECK(plan_of(s, {1, 2, 3, 4, 5}) == times{0, 100, 0, 100, 400});
  CHECK(s.run(sec(0)) == std::vector<batch_start>{{1, false}, {3, true}});
  CHECK(s.free() == nodes(0));
  CHECK(s.wakes_at() == sec(100));
  CHECK(s.run(sec(50)).empty());
  REQUIRE(s.finish(1, sec(100)));
  REQUIRE(s.finish(3, sec(100)));
  CHECK(ids(s.run(sec(100))) == id_list{2, 4});
  CHECK(s.waiting_count() == 1);
  CHECK(s.running_count() == 2);
}

TEST_CASE("conservative_scheduler: a task that ends early lets others start earlier") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 10, 100), sec(0)));
  s.run(sec(0));
  REQUIRE(s.submit(job_of(2, 6, 100), sec(1)));
  REQUIRE(s.submit(job_of(3, 6, 100), sec(1)));
  REQUIRE(s.submit(job_of(4, 4, 20), sec(1)));
  CHECK(plan_of(s, {2, 3, 4}) == times{100, 200, 100});
  REQUIRE(s.finish(1, sec(40)));
  CHECK(s.run(sec(40)) == std::vector<batch_start>{{2, false}, {4, true}});
  CHECK(plan_of(s, {2, 3, 4}) == times{40, 140, 40});
  REQUIRE(s.cancel(2, sec(50)));  // a running one
  CHECK(ids(s.run(sec(50))) == id_list{3});
  REQUIRE(s.submit(job_of(5, 10, 10), sec(50)));
  REQUIRE(s.submit(job_of(6, 1, 500), sec(50)));
  CHECK(plan_of(s, {5, 6}) == times{150, 160});
  REQUIRE(s.cancel(5, sec(50)));  // a waiting one
  s.run(sec(60));
  CHECK(plan_of(s, {6}) == times{60});
}

TEST_CASE("conservative_scheduler: who gets what is given back") {
  const auto at_twenty = [](plan_upkeep upkeep) {
    conservative s{nodes(10), {}, upkeep};
    REQUIRE(s.submit(job_of(1, 5, 100), sec(0)));
    REQUIRE(s.submit(job_of(2, 5, 40), sec(0)));
    REQUIRE(s.submit(job_of(3, 10, 50), sec(0)));
    REQUIRE(s.submit(job_of(4, 5, 60), sec(0)));
    s.run(sec(0));
    CHECK(plan_of(s, {3, 4}) == times{100, 40});
    REQUIRE(s.finish(1, sec(20)));
    s.run(sec(20));
    return plan_of(s, {3, 4});
  };
  CHECK(at_twenty(plan_upkeep::compress_by_start) == times{80, 20});
  CHECK(at_twenty(plan_upkeep::compress_by_order) == times{100, 20});  // 4 was in the way of 3
  CHECK(at_twenty(plan_upkeep::replan) == times{40, 90});
}

TEST_CASE("conservative_scheduler: a plan made anew may put a task off") {
  struct smallest_first {
    auto before(const order::queued<batch_job>& a, const order::queued<batch_job>& b) const
        -> bool {
      return a.what.demand[0] < b.what.demand[0];
    }
  };
  const auto later_and_small = [](plan_upkeep upkeep) {
    conservative_scheduler<batch_job, smallest_first> s{nodes(10), {}, upkeep};
    REQUIRE(s.submit(job_of(1, 10, 100), sec(0)));
    s.run(sec(0));
    REQUIRE(s.submit(job_of(2, 9, 50), sec(0)));
    s.run(sec(0));
    REQUIRE(s.submit(job_of(3, 2, 50), sec(1)));
    s.run(sec(1));
    return std::pair{s.planned_start(2).value(), s.planned_start(3).value()};
  };
  CHECK(later_and_small(plan_upkeep::compress_by_order) == std::pair{sec(100), sec(150)});
  CHECK(later_and_small(plan_upkeep::replan) == std::pair{sec(150), sec(100)});
}

TEST_CASE("conservative_scheduler: what cannot be is turned away") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 10, 100), sec(5)));
  CHECK(says(s.submit(job_of(1, 1, 1), sec(5)), "task 1 is waiting or running already"));
  CHECK(says(s.submit(job_of(2, 0, 1), sec(5)), "asks for nothing"));
  CHECK(says(s.submit(job_of(2, -3, 1), sec(5)), "negative"));
  CHECK(says(s.submit(job_of(2, 11, 1), sec(5)), "more than the whole machine"));
  CHECK(says(s.submit(job_of(2, 1, 0), sec(5)), "estimate of 0 s"));
  CHECK(says(s.submit(job_of(2, 1, -2), sec(5)), "estimate of -2 s"));
  CHECK(says(s.submit(job_of(2, 1, 1), sec(5), 7), "reservation 7, which does not exist"));
  CHECK(says(s.cancel(2, sec(5)), "no task with id 2"));
  CHECK(says(s.finish(1, sec(5)), "no task with id 1 is running"));
  CHECK(!s.planned_start(2));
  CHECK(s.waiting_count() == 1);
}

TEST_CASE("conservative_scheduler: tasks without end") {
  conservative s{nodes(10)};
  auto forever = job_of(1, 6, 0);
  forever.estimate = duration::max();
  REQUIRE(s.submit(forever, sec(0)));
  REQUIRE(s.submit(job_of(2, 5, 10), sec(0)));
  REQUIRE(s.submit(job_of(3, 4, 10), sec(0)));
  CHECK(s.planned_start(2).value() == never);
  CHECK(ids(s.run(sec(0))) == id_list{1, 3});
  REQUIRE(s.finish(3, sec(10)));
  CHECK(s.run(sec(10)).empty());
  CHECK(s.wakes_at() == never);
  REQUIRE(s.finish(1, sec(1000)));
  CHECK(ids(s.run(sec(1000))) == id_list{2});
}

TEST_CASE("conservative_scheduler: a deadline that cannot be met is refused at once") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 10, 100), sec(0)));
  s.run(sec(0));
  CHECK(s.admit(due(job_of(2, 5, 20), 120), sec(10)).value() == sec(100));
  const auto late = s.submit(due(job_of(2, 5, 20), 119), sec(10));
  CHECK(says(late, "task 2 would end at 120 s at the earliest, 1 s after its deadline, 119 s"));
  CHECK(s.waiting_count() == 0);
  REQUIRE(s.submit(due(job_of(2, 5, 20), 120), sec(10)));
  // Whatever comes later, it keeps its place.
  for (task_id id = 3; id < 40; ++id) REQUIRE(s.submit(job_of(id, 4, 15), sec(11)));
  REQUIRE(s.finish(1, sec(100)));
  const auto starts = ids(s.run(sec(100)));
  CHECK(std::find(starts.begin(), starts.end(), task_id{2}) != starts.end());
}

TEST_CASE("conservative_scheduler: advance reservations") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 6, 100), sec(0)));
  s.run(sec(0));
  CHECK(says(s.reserve({1, nodes(5), sec(50), sec(150)}, sec(0)), "it could begin at 100 s"));
  REQUIRE(s.reserve({1, nodes(5), sec(110), sec(150)}, sec(0)));
  CHECK(says(s.reserve({1, nodes(1), sec(0), sec(10)}, sec(0)), "exists already"));
  CHECK(says(s.reserve({0, nodes(1), sec(0), sec(10)}, sec(0)), "another id"));
  CHECK(says(s.reserve({2, nodes(1), sec(10), sec(10)}, sec(0)), "end after that"));
  CHECK(says(s.reserve({2, nodes(11), sec(0), sec(10)}, sec(0)), "whole machine"));
  CHECK(says(s.reserve({2, nodes(1), sec(-1), sec(10)}, sec(0)), "must begin at 0 s or later"));

  SECTION("others are planned around it, and its tasks inside") {
    REQUIRE(s.submit(job_of(2, 6, 20), sec(0)));
    REQUIRE(s.submit(job_of(3, 4, 20), sec(0)));
    REQUIRE(s.submit(job_of(4, 3, 25), sec(0), 1));
    REQUIRE(s.submit(job_of(5, 3, 15), sec(0), 1));
    CHECK(plan_of(s, {2, 3, 4, 5}) == times{150, 0, 110, 135});
    CHECK(says(s.submit(job_of(6, 3, 16), sec(0), 1), "no room in reservation 1 for 16 s"));
    CHECK(says(s.submit(job_of(6, 6, 1), sec(0), 1), "no room in reservation 1"));
    REQUIRE(s.submit(job_of(6, 2, 40), sec(0), 1));
    CHECK(ids(s.run(sec(0))) == id_list{3});
    REQUIRE(s.finish(3, sec(20)));
    REQUIRE(s.finish(1, sec(100)));
    CHECK(s.run(sec(100)).empty());
    CHECK(s.wakes_at() == sec(110));
    CHECK(ids(s.run(sec(110))) == id_list{4, 6});
    REQUIRE(s.finish(4, sec(112)));
    CHECK(ids(s.run(sec(112))) == id_list{5});
    REQUIRE(s.finish(5, sec(127)));
    REQUIRE(s.finish(6, sec(150)));
    CHECK(ids(s.run(sec(150))) == id_list{2});
    CHECK(says(s.submit(job_of(7, 1, 1), sec(150), 1), "does not exist"));
  }
  SECTION("when it is cancelled, what it kept is for all") {
    REQUIRE(s.submit(job_of(2, 6, 20), sec(0)));
    REQUIRE(s.submit(job_of(4, 3, 25), sec(0), 1));
    REQUIRE(s.submit(job_of(5, 5, 15), sec(0), 1));
    s.run(sec(0));
    REQUIRE(s.finish(1, sec(100)));
    CHECK(ids(s.run(sec(110))) == id_list{4});
    REQUIRE(s.cancel_reservation(1, sec(115)));
    CHECK(says(s.cancel_reservation(1, sec(115)), "no reservation 1"));
    // 5 was planned beside all others, 2 moves to what was given back.
    CHECK(ids(s.run(sec(115))) == id_list{5});
    CHECK(plan_of(s, {2}) == times{130});
    CHECK(s.profile().first_overdrawn(sec(115)) == never);
  }
}

TEST_CASE("conservative_scheduler: a task that outlives its estimate") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 6, 100), sec(0)));
  REQUIRE(s.submit(job_of(2, 6, 10), sec(0)));
  REQUIRE(s.submit(job_of(3, 4, 30), sec(0)));
  REQUIRE(s.submit(job_of(4, 4, 10), sec(0)));
  CHECK(ids(s.run(sec(0))) == id_list{1, 3});
  REQUIRE(s.finish(3, sec(30)));
  CHECK(ids(s.run(sec(30))) == id_list{4});
  REQUIRE(s.finish(4, sec(40)));
  // Task 2 is due, but 1 still runs: it has its turn when 1 gets a new end.
  CHECK(s.run(sec(100)).empty());
  CHECK(s.wakes_at() == sec(100) + duration{1});
  CHECK(s.run(s.wakes_at()).empty());
  CHECK(s.planned_start(2).value() == sec(200) + duration{2});
  REQUIRE(s.submit(job_of(5, 4, 200), sec(110)));
  CHECK(ids(s.run(sec(110))) == id_list{5});
  REQUIRE(s.finish(1, sec(150)));
  CHECK(ids(s.run(sec(150))) == id_list{2});
}

TEST_CASE("conservative_scheduler: a task that loses its place in a reservation") {
  conservative s{nodes(10)};
  REQUIRE(s.reserve({1, nodes(5), sec(10), sec(30)}, sec(0)));
  REQUIRE(s.submit(job_of(1, 5, 10), sec(0), 1));
  REQUIRE(s.submit(job_of(2, 5, 10), sec(0), 1));
  CHECK(ids(s.run(sec(10))) == id_list{1});
  CHECK(s.run(sec(20)).empty());  // though others could do with less
  CHECK(s.free() == nodes(5));
  CHECK(s.run(s.wakes_at()).empty());
  CHECK(s.planned_start(2).value() == never);
  CHECK(s.wakes_at() == sec(30));
  CHECK(ids(s.run(sec(30))) == id_list{2});
}

TEST_CASE("conservative_scheduler: a task that ends at its estimate in the moment's second half") {
  conservative s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 10, 100), sec(0)));
  REQUIRE(s.submit(job_of(2, 10, 100), sec(0)));
  s.run(sec(0));
  REQUIRE(s.submit(job_of(3, 10, 10), sec(100)));
  CHECK(s.run(sec(100)).empty());  // 1 still holds everything
  REQUIRE(s.finish(1, sec(100)));
  CHECK(ids(s.run(sec(100))) == id_list{2});
  CHECK(plan_of(s, {3}) == times{200});
}

TEST_CASE("conservative_scheduler: planning with predicted run times") {
  conservative_scheduler<batch_job, submission_order, half_of_it> s{nodes(10)};
  REQUIRE(s.submit(job_of(1, 10, 100), sec(0)));
  REQUIRE(s.submit(job_of(2, 10, 100), sec(0)));
  CHECK(s.planned_start(2).value() == sec(50));
  // A deadline goes by the estimate.
  CHECK(!s.submit(due(job_of(3, 10, 100), 199), sec(0)));
  CHECK(s.admit(due(job_of(3, 10, 100), 200), sec(0)).value() == sec(100));
  s.run(sec(0));
  CHECK(s.run(sec(50)).empty());  // too short: corrected
  CHECK(s.planned_start(2).value() == sec(100));
  CHECK(s.wakes_at() == sec(100));
  REQUIRE(s.finish(1, sec(60)));
  CHECK(ids(s.run(sec(60))) == id_list{2});
}
