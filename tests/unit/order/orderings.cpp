// SPDX-License-Identifier: Apache-2.0
// What each ordering picks and why, and what the queues of each kind promise.
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <vector>

#include <lepton/detail/logarithm.hpp>
#include <lepton/detail/wide_integer.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/ageing.hpp>
#include <lepton/order/dynamic_priority.hpp>
#include <lepton/order/earliest_deadline.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/fixed_priority.hpp>
#include <lepton/order/least_laxity.hpp>
#include <lepton/order/lifo.hpp>
#include <lepton/order/longest_first.hpp>
#include <lepton/order/multifactor.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/regression_scores.hpp>
#include <lepton/order/shortest_first.hpp>
#include <lepton/order/then_by.hpp>
#include <lepton/order/unicef.hpp>
#include <lepton/order/wfp3.hpp>

#include "catch.hpp"

namespace {

namespace order = lepton::order;
using lepton::at;
using lepton::time_point;
using lepton::detail::wide_integer;
using namespace std::chrono_literals;

using job = lepton::task<2>;
using waiting = order::queued<job>;
constexpr auto highest = std::numeric_limits<std::int64_t>::max();
constexpr auto lowest = std::numeric_limits<std::int64_t>::min();

struct backlog {
  std::deque<waiting> tasks;

  auto add(job j, time_point submitted = at(0s)) -> waiting& {
    const auto number = tasks.size();
    j.id = number;
    tasks.push_back({j, number, submitted, number});
    return tasks.back();
  }
  /// The numbers of the tasks in the order in which a queue offers them.
  template <class Order>
  auto served(const Order& o, time_point now = at(0s)) const -> std::vector<lepton::task_id> {
    order::queue_of_t<job, Order> queue{o};
    for (const auto& t : tasks) queue.push(t, t.submitted);
    queue.begin_pass(now);
    std::vector<lepton::task_id> ids;
    while (const auto* const w = queue.next()) ids.push_back(w->id);
    return ids;
  }
};
using ids = std::vector<lepton::task_id>;

auto sized(std::int64_t cpu, std::int64_t memory) -> job {
  job j;
  j.demand = {cpu, memory};
  return j;
}
auto lasting(lepton::duration estimate, time_point deadline = time_point::max()) -> job {
  job j;
  j.estimate = estimate;
  j.deadline = deadline;
  return j;
}
auto of_priority(std::int64_t priority) -> job {
  job j;
  j.priority = priority;
  return j;
}

/// Near misses of an ordering.
struct says_before_as_int {
  [[nodiscard]] auto before(const waiting&, const waiting&) const -> int { return 0; }
};
struct ranks_by_nothing {
  void rank(const waiting&, time_point) const {}
};
struct brings_a_queue {
  template <class Task>
  using queue = order::fixed_queue<Task, order::lifo>;
  [[nodiscard]] auto before(const waiting&, const waiting&) const -> bool { return false; }
};
/// Has lines, but wants to hear of starts, which may change them.
struct listening : order::ageing<> {
  using order::ageing<>::ageing;
  void started(const waiting&, time_point) {}
};

struct counts_calls {
  [[nodiscard]] auto rank(const waiting& q, time_point) const -> std::int64_t {
    return static_cast<std::int64_t>(q.what.tenant == last);
  }
  void queued(const waiting&, time_point) { ++came; }
  void started(const waiting& q, time_point) { last = q.what.tenant; }
  void ended(const waiting&, time_point) { ++went; }
  int came = 0;
  int went = 0;
  lepton::tenant_id last = 0;
};

}  // namespace

TEST_CASE("an ordering's kind decides its queue") {
  static_assert(order::fixed_ordering<order::shortest_first<>, job>);
  static_assert(order::keyed_ordering<order::least_laxity<>, job>);
  static_assert(!order::keyed_ordering<order::fcfs, job>);
  static_assert(order::timed_ordering<order::wfp3<>, job>);
  static_assert(!order::linear_ordering<order::wfp3<>, job>);
  static_assert(order::linear_ordering<order::ageing<>, job>);
  static_assert(order::linear_ordering<order::dynamic_priority<order::ageing<>>, job>);
  static_assert(order::linear_ordering<order::multifactor<>, job>);
  static_assert(!order::linear_ordering<listening, job>);
  static_assert(!order::ordering<says_before_as_int, job>);
  static_assert(!order::ordering<ranks_by_nothing, job>);

  static_assert(
      std::is_same_v<order::queue_of_t<job, order::fcfs>, order::fixed_queue<job, order::fcfs>>);
  static_assert(std::is_same_v<order::queue_of_t<job, order::ageing<>>,
                               order::linear_queue<job, order::ageing<>>>);
  static_assert(
      std::is_same_v<order::queue_of_t<job, listening>, order::timed_queue<job, listening>>);
  static_assert(
      std::is_same_v<order::queue_of_t<job, brings_a_queue>, order::fixed_queue<job, order::lifo>>);
  SUCCEED();
}

TEST_CASE("first come, last come") {
  backlog b;
  for (int i = 0; i < 3; ++i) b.add({});
  CHECK(b.served(order::fcfs{}) == ids{0, 1, 2});
  CHECK(b.served(order::lifo{}) == ids{2, 1, 0});
}

TEST_CASE("shortest and longest by estimate, equals by submission") {
  backlog b;
  for (const auto minutes : {30, 10, 20, 10}) b.add(lasting(std::chrono::minutes{minutes}));
  b.add({});  // says nothing: the longest of all
  CHECK(b.served(order::shortest_first<>{}) == ids{1, 3, 2, 0, 4});
  CHECK(b.served(order::longest_first<>{}) == ids{4, 0, 2, 1, 3});
}

TEST_CASE("smallest and largest by what is asked for") {
  backlog b;
  b.add(sized(4, 10));
  b.add(sized(1, 30));
  b.add(sized(2, 30));
  CHECK(b.served(order::smallest_first{}) == ids{1, 2, 0});
  CHECK(b.served(order::largest_first{}) == ids{0, 2, 1});
  CHECK(b.served(order::largest_first{order::by_request{1}}) == ids{1, 2, 0});
  CHECK(b.served(order::shortest_first{order::by_weighted_request<2>{{10, 1}}}) == ids{1, 0, 2});
  // Where 64 bits would run over.
  const std::array<std::int64_t, 2> huge{highest, highest};
  CHECK(b.served(order::longest_first{order::by_weighted_request<2>{huge}}) == ids{2, 1, 0});
}

TEST_CASE("the smallest area counts demand and estimate") {
  backlog b;
  for (const auto& [cpu, minutes] : {std::pair{4, 5}, {1, 19}, {2, 11}}) {
    auto j = sized(cpu, 0);
    j.estimate = std::chrono::minutes{minutes};
    b.add(j);
  }
  CHECK(b.served(order::shortest_first{order::by_area{}}) == ids{1, 0, 2});
}

TEST_CASE("shortest by a prediction is timed if the prediction is") {
  backlog b;
  for (const auto minutes : {30, 10, 20}) b.add(lasting(std::chrono::minutes{minutes}));
  const auto learns = [](const job& j, time_point now) {
    return now < at(1h) ? j.estimate : -j.estimate;
  };
  const order::shortest_first by_prediction{learns};
  static_assert(!order::fixed_ordering<std::remove_cv_t<decltype(by_prediction)>, job>);
  CHECK(b.served(by_prediction, at(0s)) == ids{1, 2, 0});
  CHECK(b.served(by_prediction, at(2h)) == ids{0, 2, 1});
  CHECK(b.served(order::longest_first{learns}, at(0s)) == ids{0, 2, 1});
}

TEST_CASE("priority classes, first come first served within") {
  backlog b;
  for (const auto priority : {0, 5, -5, 5, 0}) b.add(of_priority(priority));
  CHECK(b.served(order::fixed_priority<>{}) == ids{1, 3, 0, 4, 2});
  CHECK(b.served(order::fixed_priority{[](const job& j) { return j.priority < 0; }}) ==
        ids{2, 0, 1, 3, 4});
}

TEST_CASE("earliest deadline and least laxity") {
  backlog b;
  b.add(lasting(10min, at(100min)));
  b.add(lasting(60min, at(110min)));  // must start first
  b.add(lasting(1min));               // no deadline
  b.add(lasting(1min, at(99min)));
  b.add(lasting(lepton::duration::max(), at(60min)));  // says nothing of its length
  CHECK(b.served(order::earliest_deadline{}) == ids{4, 3, 0, 1, 2});
  CHECK(b.served(order::least_laxity<>{}) == ids{1, 4, 0, 3, 2});
  // A deadline long gone does not run over.
  b.add(lasting(lepton::duration{highest - 1}, at(lepton::duration{lowest})));
  CHECK(b.served(order::least_laxity<>{}).front() == 5);
}

TEST_CASE("ageing overtakes one class a period, until the longest wait") {
  backlog b;
  b.add(of_priority(0), at(0s));
  b.add(of_priority(3), at(10min));
  const order::ageing endless{5min};
  CHECK(b.served(endless, at(10min)) == ids{1, 0});  // 2 against 3
  CHECK(b.served(endless, at(1000h)) == ids{1, 0});  // both have grown alike since
  b.add(of_priority(2), at(10min));                  // 2, like the first one
  CHECK(b.served(endless, at(10min)) == ids{1, 0, 2});
  b.add(of_priority(1), at(14min));
  CHECK(b.served(endless, at(14min)) == ids{1, 0, 2, 3});
  const order::ageing ending{5min, 5min};
  CHECK(b.served(ending, at(14min)) == ids{1, 2, 0, 3});
  CHECK(b.served(ending, at(20min)) == ids{1, 2, 3, 0});
  CHECK(b.served(order::dynamic_priority{ending}, at(20min)) == ids{1, 2, 3, 0});
}

TEST_CASE("ageing is exact at the ends of the numbers") {
  backlog b;
  b.add(of_priority(highest), at(lepton::duration{lowest}));
  b.add(of_priority(lowest), at(lepton::duration{lowest}));
  b.add(of_priority(highest), at(lepton::duration{lowest + 1}));
  b.add(of_priority(highest), at(lepton::duration{highest}));
  const order::ageing hours{lepton::duration::max()};
  CHECK(b.served(hours, at(lepton::duration{highest - 1})) == ids{0, 2, 3, 1});
}

TEST_CASE("a dynamic priority of any function") {
  backlog b;
  for (const auto minutes : {30, 10, 20}) b.add(lasting(std::chrono::minutes{minutes}));
  const order::dynamic_priority alternating{[](const waiting& q, time_point now) {
    return now < at(1h) ? q.what.estimate.count() : -q.what.estimate.count();
  }};
  CHECK(b.served(alternating, at(0s)) == ids{0, 2, 1});
  CHECK(b.served(alternating, at(1h)) == ids{1, 2, 0});
}

TEST_CASE("WFP3 and UNICEF survive estimates of nothing, no wait and single processors") {
  backlog b;
  auto j = sized(64, 0);
  j.estimate = 1h;
  b.add(j);
  j.demand[0] = 1;
  b.add(j);
  j.estimate = 0s;
  b.add(j);
  CHECK(b.served(order::wfp3<>{}, at(0s)) == ids{0, 1, 2});
  CHECK(b.served(order::wfp3<>{}, at(1h)) == ids{2, 0, 1});
  CHECK(b.served(order::unicef<>{}, at(0s)) == ids{0, 1, 2});
  CHECK(b.served(order::unicef<>{}, at(1h)) == ids{2, 1, 0});
  for (const auto now : {at(0s), at(lepton::duration::max())}) {
    for (const auto& t : b.tasks) {
      CHECK(std::isfinite(order::wfp3<>{}.priority(t, now)));
      CHECK(std::isfinite(order::unicef<>{}.priority(t, now)));
    }
  }
  CHECK(std::isfinite(order::f1{}.key(b.tasks[2])));
  CHECK(std::isfinite(order::f4{}.key(b.tasks[2])));
}

TEST_CASE("then_by decides equals by the next ordering") {
  backlog b;
  const auto add = [&](std::int64_t priority, lepton::duration estimate) {
    auto j = lasting(estimate);
    j.priority = priority;
    b.add(j);
  };
  add(1, 20min);
  add(2, 20min);
  add(1, 10min);
  add(2, 20min);
  const order::then_by fixed{order::fixed_priority<>{}, order::shortest_first<>{}, order::lifo{}};
  static_assert(order::keyed_ordering<std::remove_cv_t<decltype(fixed)>, job>);
  CHECK(b.served(fixed) == ids{3, 1, 2, 0});
  const order::then_by unkeyed{order::fixed_priority<>{}, order::fcfs{}};
  static_assert(order::fixed_ordering<std::remove_cv_t<decltype(unkeyed)>, job> &&
                !order::keyed_ordering<std::remove_cv_t<decltype(unkeyed)>, job>);
  CHECK(b.served(unkeyed) == ids{1, 3, 0, 2});
  const order::then_by timed{order::fcfs{}, order::wfp3<>{}};
  static_assert(order::timed_ordering<std::remove_cv_t<decltype(timed)>, job> &&
                !order::fixed_ordering<std::remove_cv_t<decltype(timed)>, job>);
  for (auto& t : b.tasks) t.what.demand[0] = 1;
  CHECK(b.served(timed, at(1h)) == ids{2, 0, 1, 3});
}

TEST_CASE("then_by tells its parts what happens, and what starts changes the pass") {
  backlog b;
  for (const auto tenant : {1U, 1U, 2U}) {
    job j;
    j.tenant = tenant;
    b.add(j);
  }
  using both = order::then_by<counts_calls, order::fcfs>;
  order::queue_of_t<job, both> queue;
  for (const auto& t : b.tasks) queue.push(t, at(0s));
  queue.begin_pass(at(0s));
  CHECK(queue.next()->id == 0);
  queue.take();
  CHECK(queue.next()->id == 2);  // tenant 1 has just had its turn
  queue.take();
  CHECK(queue.next()->id == 1);
  CHECK(queue.next() == nullptr);
  queue.ended(b.tasks[0], at(1s));
  CHECK(queue.order().part<0>().came == 3);
  CHECK(queue.order().part<0>().went == 1);
  CHECK(queue.size() == 1);
}

TEST_CASE("a pass offers each task once, and what it passed over again in the next") {
  const auto check = [](auto queue) {
    backlog b;
    for (int i = 0; i < 5; ++i) queue.push(b.add(of_priority(0)), at(0s));
    queue.begin_pass(at(1s));
    CHECK(queue.next()->id == 0);
    CHECK(queue.next()->id == 1);
    queue.take();
    CHECK(queue.next()->id == 2);
    queue.begin_pass(at(2s));
    CHECK(queue.next()->id == 0);
    CHECK(queue.next()->id == 2);
    CHECK(queue.next()->id == 3);
    queue.take();
    CHECK(queue.next()->id == 4);
    CHECK(queue.next() == nullptr);
    CHECK(queue.next() == nullptr);
    CHECK(queue.size() == 3);
    queue.erase(b.tasks[0]);
    queue.push(b.tasks[1], at(3s));  // one that ran comes back to its place
    queue.begin_pass(at(3s));
    CHECK(queue.next()->id == 1);
    auto moved = std::move(queue);
    CHECK(moved.next()->id == 2);
    moved.take();
    CHECK(moved.next()->id == 4);
    CHECK(moved.size() == 2);
  };
  check(order::fixed_queue<job, order::fcfs>{});
  check(order::timed_queue<job, order::ageing<>>{order::ageing{5min}});
  check(order::linear_queue<job, order::ageing<>>{order::ageing{5min}});
}

TEST_CASE("re-keying follows a fair share that has changed") {
  std::vector<double> factors{0.5, 0.4, 0.6};
  const auto share = [&](lepton::tenant_id t) { return factors[t]; };
  order::multifactor_options o;
  o.fair_share = 1000;
  o.age = 10;
  const order::multifactor<order::demand_facts, decltype(share)> slurm{o, {}, share};
  order::queue_of_t<job, std::remove_cv_t<decltype(slurm)>> queue{slurm};
  backlog b;
  for (const auto tenant : {0U, 1U, 2U, 1U}) {
    job j;
    j.tenant = tenant;
    queue.push(b.add(j), at(0s));
  }
  const auto served = [&](time_point now) {
    ids all;
    queue.begin_pass(now);
    while (const auto* const w = queue.next()) all.push_back(w->id);
    return all;
  };
  CHECK(served(at(1h)) == ids{2, 0, 1, 3});
  factors[1] = 0.7;
  queue.rekey_tenant(1, at(1h));
  CHECK(served(at(1h)) == ids{1, 3, 2, 0});
  factors[1] = 0;
  queue.rekey(b.tasks[3], at(2h));
  queue.rekey_all(at(2h));
  CHECK(served(at(2h)) == ids{2, 0, 1, 3});
  queue.rekey_tenant(99, at(3h));  // nobody's
  CHECK(served(at(24h * 365)) == ids{2, 0, 1, 3});
}

TEST_CASE("Slurm's order within a point is the order of submission") {
  order::multifactor_options o;
  o.age = 10;
  o.max_age = 100s;
  backlog b;
  // The later one is larger by a part of a point only.
  order::multifactor_facts f;
  b.add(sized(0, 0), at(5s));
  b.add(sized(1, 0), at(5s));
  o.job_size = 1;
  o.processors = 4;
  const order::multifactor slurm{o};
  CHECK(b.served(slurm, at(50s)) == ids{0, 1});
  CHECK(b.served(slurm, at(60s)) == ids{0, 1});
  CHECK(slurm.priority(b.tasks[0], at(50s)) == slurm.priority(b.tasks[1], at(50s)));
  o.job_size = 100;
  CHECK(b.served(order::multifactor{o}, at(50s)) == ids{0, 1});  // one node of one either way
  f.nodes = 0;
  CHECK(order::multifactor{o, [f](const job&) { return f; }}.priority(b.tasks[0], at(2h)) == 10);
}

TEST_CASE("integers of 128 bits") {
  const auto p = [](std::int64_t a, std::int64_t b) { return wide_integer::product(a, b); };
  CHECK(p(3, 5) == wide_integer{15});
  CHECK(p(-3, 5) == wide_integer{-15});
  CHECK(p(-3, -5) + p(3, -5) == wide_integer{0});
  CHECK(p(highest, highest) - p(highest, highest - 1) == wide_integer{highest});
  CHECK(p(lowest, lowest) > p(highest, highest));
  CHECK(p(lowest, highest) < p(lowest, highest - 1));
  CHECK(wide_integer{-1} < wide_integer{0});
  CHECK(p(lowest, 2).to_double() == -18446744073709551616.0);
  CHECK(p(highest, 4).to_double() == 36893488147419103232.0);
  CHECK(wide_integer{-12}.to_double() == -12);
}

TEST_CASE("logarithms by sums and products") {
  for (double x = 1e-300; x < 1e300; x *= 1.7) {
    CHECK(std::abs(lepton::detail::log2(x) - std::log2(x)) <=
          4e-16 * std::abs(std::log2(x)) + 3e-16);
    CHECK(std::abs(lepton::detail::log10(x) - std::log10(x)) <=
          4e-16 * std::abs(std::log10(x)) + 3e-16);
  }
  CHECK(lepton::detail::log2(1024) == 10);
  CHECK(lepton::detail::log10(1) == 0);
}
