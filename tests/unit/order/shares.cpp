// SPDX-License-Identifier: Apache-2.0
// tests/golden and tests/property say whose turn it is; here is what queues of tenants promise
// besides.
#include <lepton/order/per_tenant.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <lepton/detail/fraction.hpp>
#include <lepton/detail/keyed_heap.hpp>
#include <lepton/detail/sum_tree.hpp>
#include <lepton/model/task.hpp>
#include <lepton/order/account_tree.hpp>
#include <lepton/order/condor_priority.hpp>
#include <lepton/order/drf.hpp>
#include <lepton/order/fair_share.hpp>
#include <lepton/order/fair_tree.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/hierarchical_drf.hpp>
#include <lepton/order/kueue_share.hpp>
#include <lepton/order/lottery.hpp>
#include <lepton/order/share.hpp>
#include <lepton/order/stride.hpp>
#include <lepton/order/task_cost.hpp>
#include <lepton/order/tenant_table.hpp>
#include <lepton/order/weighted_fair_queueing.hpp>

#include "catch.hpp"

namespace order = lepton::order;
using lepton::at;
using lepton::resources;
using lepton::tenant_id;
using namespace std::chrono_literals;

namespace {

using vec = resources<2>;
using task = lepton::task<2>;
using queued = order::queued<task>;

static_assert(order::share<order::drf<vec>, task>);
static_assert(order::share<order::hierarchical_drf<vec>, task>);
static_assert(order::share<order::kueue_share<vec>, task>);
static_assert(order::share<order::lottery, task>);
static_assert(order::share<order::stride<>, task>);
static_assert(order::share<order::weighted_fair_queueing<>, task>);
static_assert(order::share<order::fair_share<>, task>);
static_assert(order::share<order::fair_tree<>, task>);
static_assert(order::share<order::condor_priority<>, task>);
static_assert(order::looks_at_heads<order::kueue_share<vec>, task>);
static_assert(!order::looks_at_heads<order::weighted_fair_queueing<>, task>);
static_assert(order::looks_at_heads<
              order::weighted_fair_queueing<order::task_size, order::fair_tag::finish>, task>);

// Near misses: each lacks one call.
struct has_all {
  auto slot(tenant_id) -> order::tenant_slot { return 0; }
  void join(order::tenant_slot) {}
  void leave(order::tenant_slot) {}
  void begin_pass(lepton::time_point) {}
  auto next() -> order::tenant_slot { return order::no_slot; }
  void hold(order::tenant_slot) {}
  void charge(order::tenant_slot, const queued&, lepton::time_point) {}
  void refund(order::tenant_slot, const queued&, lepton::time_point) {}
};
struct without_hold : has_all {
  void hold(order::tenant_slot) = delete;
};
struct without_refund : has_all {
  void refund(order::tenant_slot, const queued&, lepton::time_point) = delete;
};
struct with_wide_slots : has_all {
  auto slot(tenant_id) -> std::uint64_t { return 0; }
};
static_assert(order::share<has_all, task>);
static_assert(!order::share<without_hold, task>);
static_assert(!order::share<without_refund, task>);
static_assert(!order::share<with_wide_slots, task>);
static_assert(!order::share<order::fcfs, task>);

/// Higher priority first.
struct by_priority {
  [[nodiscard]] auto before(const queued& a, const queued& b) const -> bool {
    return a.what.priority > b.what.priority;
  }
};
/// Shorter first, and changing with time as far as the queue knows.
struct by_estimate_now {
  [[nodiscard]] auto rank(const queued& q, lepton::time_point) const -> std::int64_t {
    return q.what.estimate.count();
  }
};

template <class Policy>
class line {
 public:
  explicit line(Policy p) : queue(std::move(p)) {}
  auto push(tenant_id tenant, vec demand = {1, 1}, std::int64_t priority = 0,
            lepton::duration estimate = 1s) -> queued& {
    queued q;
    q.what.tenant = tenant;
    q.what.demand = demand;
    q.what.priority = priority;
    q.what.estimate = estimate;
    q.id = q.sequence = tasks.size();
    tasks.push_back(q);
    queue.push(tasks.back(), at(0s));
    return tasks.back();
  }
  /// The ids offered in a pass, of which the first `take` start.
  auto pass(int take = 0, lepton::duration now = 0s) -> std::vector<std::uint64_t> {
    std::vector<std::uint64_t> ids;
    queue.begin_pass(at(now));
    while (const auto* q = queue.next()) {
      ids.push_back(q->id);
      if (take-- > 0) queue.take();
    }
    return ids;
  }
  order::queue_of_t<task, Policy> queue;
  std::deque<queued> tasks;
};
using ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("per_tenant: a task that is passed over blocks its tenant for the pass") {
  line l{order::per_tenant{order::drf{vec{10, 10}}}};
  static_assert(order::discipline<decltype(l.queue), task>);
  for (const tenant_id t : {7U, 7U, 7U, 3U, 3U}) l.push(t);
  CHECK(l.queue.size() == 5);
  CHECK(l.queue.size(7) == 3);
  CHECK(l.queue.size(99) == 0);
  CHECK(l.pass() == ids{3, 0});
  CHECK(l.pass() == ids{3, 0});  // every pass begins afresh
  CHECK(l.pass(3) == ids{3, 0, 4, 1});
  CHECK(l.queue.size() == 2);
  CHECK(l.pass(9) == ids{1, 2});
  CHECK(l.queue.size() == 0);
  CHECK(l.pass().empty());
}

TEST_CASE("per_tenant: or its tenant goes on with its next task") {
  line l{order::per_tenant{order::drf{vec{10, 10}}, order::fcfs{}, order::passed_over::tries_next}};
  for (const tenant_id t : {7U, 7U, 3U, 3U}) l.push(t);
  CHECK(l.pass() == ids{2, 3, 0, 1});  // nothing starts, so it stays tenant 3's turn
  CHECK(l.pass(1) == ids{2, 0, 1, 3});
  CHECK(l.queue.size() == 3);
}

TEST_CASE("per_tenant: tasks leave the queue and end") {
  order::drf<vec> share{vec{10, 10}};
  line l{order::per_tenant{share}};
  auto& first = l.push(1, {4, 1});
  auto& second = l.push(1, {1, 1});
  auto& third = l.push(2, {1, 3});
  l.queue.erase(first);
  CHECK(l.pass() == ids{1, 2});
  CHECK(l.pass(9) == ids{1, 2});
  auto& policy = l.queue.share_policy();
  CHECK(policy.used(policy.slot(1)) == vec{1, 1});
  CHECK(policy.used(policy.slot(2)) == vec{1, 3});
  CHECK(policy.share_of(policy.slot(2)) == order::share_ratio{3, 10, 1});
  l.queue.ended(third, at(1s));
  CHECK(policy.used(policy.slot(2)) == vec{});
  l.queue.ended(second, at(1s));
  l.queue.push(second, at(1s));  // it may wait again
  CHECK(l.pass() == ids{1});
  l.queue.erase(second);
  CHECK(l.queue.size() == 0);
  CHECK(l.pass().empty());
}

TEST_CASE("per_tenant: a tenant's own tasks have an order of their own") {
  line fixed{order::per_tenant{order::stride<>{}, by_priority{}}};
  fixed.push(1, {1, 1}, 0);
  fixed.push(1, {1, 1}, 5);
  fixed.push(2, {1, 1}, 1);
  CHECK(fixed.pass(9) == ids{1, 2, 0});

  line timed{order::per_tenant{order::stride<>{}, by_estimate_now{}}};
  timed.push(1, {1, 1}, 0, 9s);
  timed.push(1, {1, 1}, 0, 2s);
  timed.push(1, {1, 1}, 0, 3s);
  CHECK(timed.pass(2) == ids{1, 2, 0});
}

TEST_CASE("per_tenant: policies that look at the next tasks see them change") {
  using finish = order::weighted_fair_queueing<order::task_size, order::fair_tag::finish>;
  SECTION("in a fixed order") {
    line l{order::per_tenant{finish{}, by_priority{}}};
    l.push(1, {5, 0});
    auto& short_one = l.push(2, {3, 0});
    CHECK(l.pass() == ids{1, 0});
    l.push(1, {2, 0}, 9);  // overtakes within tenant 1, and so does tenant 1
    CHECK(l.pass() == ids{2, 1});
    l.queue.erase(short_one);
    l.push(2, {1, 0});
    CHECK(l.pass() == ids{3, 2});
    CHECK(l.pass(9) == ids{3, 2, 0});
  }
  SECTION("in one that changes with time") {
    line l{order::per_tenant{finish{}, by_estimate_now{}}};
    l.push(1, {5, 0}, 0, 1s);
    l.push(1, {1, 0}, 0, 9s);
    l.push(2, {3, 0});
    CHECK(l.pass() == ids{2, 0});
    CHECK(l.pass(1) == ids{2, 0});
    CHECK(l.pass(9) == ids{0, 1});
  }
  SECTION("when the first is passed over") {
    line l{order::per_tenant{finish{}, order::fcfs{}, order::passed_over::tries_next}};
    l.push(1, {2, 0});
    l.push(1, {9, 0});
    l.push(2, {5, 0});
    CHECK(l.pass() == ids{0, 2, 1});
    CHECK(l.pass() == ids{0, 2, 1});
  }
}

TEST_CASE("per_tenant: tenants of tenants") {
  order::per_tenant inner{order::stride<>{}};
  line l{order::per_tenant{order::drf{vec{10, 10}}, inner}};
  for (const tenant_id t : {1U, 1U, 2U}) l.push(t);
  CHECK(l.pass(9) == ids{0, 2, 1});
  for (auto& q : l.tasks) l.queue.ended(q, at(1s));
}

TEST_CASE("lottery: the same seed draws the same, and who is held is not drawn") {
  const auto draw = [](std::uint64_t seed) {
    line l{order::per_tenant{order::lottery{seed}}};
    for (tenant_id t = 0; t < 20; ++t) l.push(t);
    return l.pass();
  };
  CHECK(draw(5) == draw(5));
  CHECK(draw(5) != draw(6));
  CHECK(draw(5).size() == 20);

  order::lottery without;
  without.set_tickets(1, 0);
  without.set_tickets(2, 0);
  without.set_tickets(3, 1);
  line l{order::per_tenant{without}};
  for (const tenant_id t : {1U, 2U, 3U}) l.push(t);
  CHECK(l.pass(1).front() == 2);  // the only one with a ticket
  CHECK(l.pass().size() == 2);    // then the others have their turns
}

TEST_CASE("stride: costs, tickets that change, and coming back") {
  order::stride<order::task_size> by_size;
  line l{order::per_tenant{by_size}};
  for (int i = 0; i < 4; ++i) l.push(1, {1, 0});
  for (int i = 0; i < 2; ++i) l.push(2, {3, 0});
  CHECK(l.pass(9) == ids{0, 4, 1, 2, 3, 5});

  order::stride<> s;
  const auto a = s.slot(1);
  const auto b = s.slot(2);
  s.join(a);
  s.join(b);
  const queued q{};
  s.charge(a, q, at(0s));
  const order::service unit{order::service_unit};
  CHECK(s.pass_of(a) == 2 * unit);  // the global pass is at a half
  CHECK(s.next() == b);
  s.set_tickets(1, 4);  // what it is ahead shrinks with its stride
  CHECK(s.pass_of(a) == unit / 2 + unit * 3 / 8);
  CHECK(s.next() == a);
  s.leave(a);
  s.join(a);  // at once: as before
  CHECK(s.pass_of(a) == unit / 2 + unit * 3 / 8);
}

TEST_CASE("weighted_fair_queueing: whoever had nothing to run gets no credit for it") {
  order::weighted_fair_queueing<> s;
  s.set_weight(1, 1);
  s.set_weight(2, 1);
  const auto a = s.slot(1);
  const auto b = s.slot(2);
  queued q;
  q.what.demand = {1, 0};
  s.join(a);
  for (int i = 0; i < 10; ++i) s.charge(a, q, at(0s));
  s.join(b);
  CHECK(s.virtual_time() == 9 * order::service{order::service_unit});
  CHECK(s.next() == b);
  s.charge(b, q, at(0s));
  CHECK(s.next() == a);  // not ten times b
  s.leave(a);
  s.leave(b);
  CHECK(s.virtual_time() == 10 * order::service{order::service_unit});
}

TEST_CASE("drf: no capacity, large amounts, weights") {
  order::drf<vec> s{vec{0, 10}};
  const auto a = s.slot(1);
  const auto b = s.slot(2);
  s.join(a);
  s.join(b);
  CHECK(s.next() == a);
  queued q;
  q.what.demand = {1, 0};
  s.charge(a, q, at(0s));  // what does not exist is more than all there is
  q.what.demand = {0, 9};
  s.charge(b, q, at(0s));
  CHECK(s.next() == b);
  s.set_capacity({10, 10});
  CHECK(s.next() == a);
  s.set_weight(2, 0);  // as 1
  CHECK(s.next() == a);
  s.set_weight(2, 100);
  CHECK(s.next() == b);

  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  order::drf<vec> large{vec{most, most - 1}};
  const auto c = large.slot(1);
  const auto d = large.slot(2);
  large.join(c);
  large.join(d);
  q.what.demand = {most - 1, 0};  // the share of c is smaller by 1 in 2^126
  large.charge(c, q, at(0s));
  q.what.demand = {0, most - 2};
  large.charge(d, q, at(0s));
  CHECK(large.next() == d);
}

TEST_CASE("fraction: exact up to the largest numbers") {
  using lepton::detail::fraction;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  constexpr auto heavy = std::numeric_limits<std::uint32_t>::max();
  CHECK(fraction{1, 3, 1} == fraction{2, 6, 1});
  CHECK(fraction{1, 3, 2} == fraction{1, 6, 1});
  CHECK(fraction{most - 1, most, heavy} < fraction{most, most, heavy});
  CHECK(fraction{most, most, heavy} == fraction{most - 1, most - 1, heavy});
  CHECK(fraction{most - 1, most, heavy} > fraction{most - 2, most - 1, heavy});
  CHECK(fraction{most, 1, 1} < fraction{1, 0, 1});
  CHECK(fraction{most, 1, 1} < fraction{1, 1, 0});
  CHECK(fraction{} < fraction{1, most, heavy});
}

TEST_CASE("account_tree: says what is wrong") {
  order::account_tree tree;
  const auto group = *tree.add_account(0, 2);
  CHECK(tree.add_tenant(5, group));
  CHECK(tree.add_tenant(5, 0).error().message.find("tenant 5 has a place already") !=
        std::string::npos);
  CHECK(tree.add_account(17).error().message.find("no account 17") != std::string::npos);
  CHECK(!tree.add_account(tree.slot(5)));  // a tenant is no account
  const auto six = tree.slot(6);
  CHECK(tree.find(6) == six);
  CHECK(tree[tree.slot(6)].parent == order::account_tree::root);
  CHECK(tree[0].children_shares == 3);
  tree.set_shares(group, 7);
  CHECK(tree[0].children_shares == 8);
  CHECK(tree.size() == 4);
  CHECK(tree.tenant_count() == 2);
  CHECK(tree.find(1234) == order::no_slot);
}

TEST_CASE("fair_share: factors") {
  order::account_tree tree;
  REQUIRE(tree.add_tenant(1));
  REQUIRE(tree.add_tenant(2));
  const auto nobody = *tree.add_tenant(3, 0, 0);
  order::fair_share<>::options o;
  o.half_life = 0s;
  order::fair_share<> fair{tree, o};
  CHECK(fair.factor(1, at(0s)) == 1);
  CHECK(fair.factor(77, at(0s)) == 1);
  CHECK(fair.factor_of(nobody, at(0s)) == 0);  // no shares
  queued q;
  q.what.tenant = 1;
  q.what.demand = {10, 1};
  fair.started(q, at(10s));
  CHECK(fair.factor(1, at(10s)) == 1);
  CHECK(fair.usage().used(0, at(12s)) == lepton_test::approx(20));
  CHECK(fair.factor(1, at(12s)) == lepton_test::approx(0.25));  // all of it, of half the machine
  CHECK(fair.factor(2, at(12s)) == 1);
  fair.ended(q, at(20s));
  q.what.tenant = 2;
  fair.started(q, at(20s));
  CHECK(fair.factor(2, at(30s)) == lepton_test::approx(0.5));  // just its part
  CHECK(fair.usage().used(0, at(1000s)) == lepton_test::approx(100 + 9800));
  o.dampening = 2;
  order::fair_share<> damped{tree, o};
  q.what.tenant = 1;
  damped.started(q, at(0s));
  CHECK(damped.factor(1, at(1s)) == lepton_test::approx(0.5));
}

TEST_CASE("fair_share: old usage is forgotten, also before the epoch") {
  order::fair_share<>::options o;
  o.half_life = 10s;
  order::fair_share<> fair{order::account_tree{}, o};
  queued q;
  q.what.tenant = 1;
  q.what.demand = {1, 1};
  fair.started(q, at(-100s));
  fair.ended(q, at(-90s));
  const auto used = fair.usage().used(0, at(-90s));
  CHECK(used == lepton_test::approx(10 * 0.5 / 0.69314718056));
  CHECK(fair.usage().used(0, at(-80s)) == lepton_test::approx(used / 2));
  CHECK(fair.usage().used(0, at(-80s + 24h)) == 0);
}

TEST_CASE("fair_tree: all of a better account come first, equal ones share a rank") {
  order::account_tree tree;
  const auto poor = *tree.add_account(0, 1);
  const auto rich = *tree.add_account(0, 1);
  REQUIRE(tree.add_tenant(1, poor));
  REQUIRE(tree.add_tenant(2, poor));
  REQUIRE(tree.add_tenant(3, rich));
  REQUIRE(tree.add_tenant(4, rich));
  order::fair_tree<> fair{tree, 0s};
  CHECK(fair.factor(1, at(0s)) == 1);  // nothing is used: all are equal
  CHECK(fair.factor(4, at(0s)) == 1);
  CHECK(fair.factor(77, at(0s)) == 1);
  fair.usage().add(fair.slot(1), 5, at(0s));
  fair.usage().add(fair.slot(3), 9, at(0s));
  CHECK(fair.factor(2, at(0s)) == 1);
  CHECK(fair.factor(1, at(0s)) == 0.75);
  CHECK(fair.factor(4, at(0s)) == 0.5);
  CHECK(fair.factor(3, at(0s)) == 0.25);
  line l{order::per_tenant{fair}};
  for (const tenant_id t : {3U, 1U, 4U, 2U}) l.push(t);
  CHECK(l.pass() == ids{3, 1, 2, 0});
}

TEST_CASE("condor_priority: nobody is starved when all have more than their slices") {
  order::condor_priority<> s{2, 24h};  // a pool that is said to be smaller than it is
  line l{order::per_tenant{s}};
  for (int i = 0; i < 6; ++i) l.push(static_cast<tenant_id>(i % 2));
  CHECK(l.pass(6).size() == 6);
}

TEST_CASE("kueue_share: who is within its quota goes before who borrows") {
  order::kueue_share<vec> s;
  order::kueue_terms<vec> t;
  t.nominal = {4, 4};
  REQUIRE(s.add_tenant(1, 0, t));
  REQUIRE(s.add_tenant(2, 0, t));
  CHECK(!s.add_tenant(2, 0, t));
  CHECK(!s.add_cohort(55, t));
  line l{order::per_tenant{s}};
  for (int i = 0; i < 4; ++i) l.push(1, {2, 1});
  for (int i = 0; i < 3; ++i) l.push(2, {2, 1});
  l.push(3, {1, 1});  // unheard of: everything it uses is borrowed
  CHECK(l.pass(7) == ids{0, 1, 4, 5, 7, 2, 6, 3});
}

TEST_CASE("task costs") {
  task t;
  t.demand = {3, 7};
  t.estimate = 1500ms;
  CHECK(order::task_count{}(t) == 1);
  CHECK(order::task_size{}(t) == 3);
  CHECK(order::task_size{1}(t) == 7);
  CHECK(order::task_seconds{}(t) == 2);
  CHECK(order::task_area{1}(t) == 14);
  t.estimate = lepton::duration::max();
  t.demand = {lepton::max_amount, -1};
  CHECK(order::task_area{}(t) == static_cast<std::uint64_t>(lepton::max_amount));
  CHECK(order::task_size{1}(t) == 0);
}

TEST_CASE("keyed_heap and sum_tree beside plain lists") {
  struct entry {
    std::uint32_t key, item;
  };
  struct before {
    auto operator()(const entry& a, const entry& b) const -> bool {
      return a.key != b.key ? a.key < b.key : a.item < b.item;
    }
  };
  lepton::detail::keyed_heap<entry, before> heap;
  lepton::detail::sum_tree tree;
  std::vector<std::uint32_t> keys(100, 0);  // 0: not in
  lepton::detail::pcg32 random{7};
  bool same = true;
  CHECK(tree.total() == 0);
  for (int step = 0; step < 20'000; ++step) {
    const auto item = random.below(1 + static_cast<std::uint32_t>(step) / 200);
    keys[item] = random.below(3) == 0 ? 0 : 1 + random.below(50);
    if (keys[item] == 0) {
      heap.erase(item);
    } else {
      heap.set({keys[item], item});
    }
    if (step % 1000 == 999) {
      for (auto& k : keys) k = k == 0 ? 0 : 60 - k;
      heap.change_all([&](entry& e) { e.key = keys[e.item]; });
      for (std::uint32_t i = 0; i < 100; ++i) tree.set(i, keys[i]);
    }
    tree.set(item, keys[item]);
    std::uint32_t first = 100, sum = 0;
    std::size_t in = 0;
    for (std::uint32_t i = 0; i < 100; ++i) {
      sum += keys[i];
      in += keys[i] != 0 ? 1U : 0U;
      if (keys[i] != 0 && (first == 100 || keys[i] < keys[first])) first = i;
      same &= heap.contains(i) == (keys[i] != 0);
    }
    same &= tree.total() == sum && heap.size() == in;
    if (in == 0) continue;
    same &= heap.top().item == first;
    auto place = random.below(sum);
    const auto found = tree.find(place);
    std::size_t i = 0;
    while (place >= keys[i]) place -= keys[i++];
    same &= found == i;
  }
  CHECK(same);
}

TEST_CASE("tenant_table: numbers come in order and stay") {
  order::tenant_table table;
  bool same = true;
  for (tenant_id t = 0; t < 5000; ++t) same &= table.slot(t * t * 0x9e3779b9) == t;
  for (tenant_id t = 0; t < 5000; ++t) same &= table.slot(t * t * 0x9e3779b9) == t;
  CHECK(same);
  CHECK(table.size() == 5000);
  CHECK(table.find(3) == order::no_slot);
  CHECK(table.id(2) == 4ULL * 0x9e3779b9);
}
