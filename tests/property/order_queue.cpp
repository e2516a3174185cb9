// SPDX-License-Identifier: Apache-2.0
// The queues of fixed, timed and linear orderings against a list that is sorted anew for every
// pass: random pushes, erasures, passes that stop anywhere and take some, re-keyings, time going
// on by jumps of all sizes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <lepton/detail/block_tree.hpp>
#include <lepton/order/ageing.hpp>
#include <lepton/order/dynamic_priority.hpp>
#include <lepton/order/fcfs.hpp>
#include <lepton/order/fixed_priority.hpp>
#include <lepton/order/lifo.hpp>
#include <lepton/order/multifactor.hpp>
#include <lepton/order/queue_of.hpp>
#include <lepton/order/shortest_first.hpp>
#include <lepton/order/then_by.hpp>
#include <lepton/order/unicef.hpp>
#include <lepton/order/wfp3.hpp>

#include "catch.hpp"
#include "choices.hpp"

namespace {

namespace order = lepton::order;
using lepton::at;
using lepton::duration;
using lepton::time_point;
using lepton_test::choices;

struct job {
  lepton::resources<1> demand{1};
  duration estimate{};
  std::int64_t priority = 0;
  lepton::tenant_id tenant = 0;
};
using waiting = order::queued<job>;

/// What may change from outside.
std::map<lepton::tenant_id, double> shares;

struct unkeyed {
  [[nodiscard]] auto before(const waiting& a, const waiting& b) const -> bool {
    return a.what.estimate < b.what.estimate;
  }
};

/// Rises, rests and falls: lines of several slopes that end at different moments.
struct zigzag {
  [[nodiscard]] static auto span(const waiting& q) -> std::int64_t {
    return 1000 + 500 * (q.what.priority & 3);
  }
  [[nodiscard]] auto line(const waiting& q, time_point now) const -> order::priority_line {
    const auto since = q.submitted.time_since_epoch().count();
    const auto phase = (now - q.submitted).count() / span(q);
    const auto slope = (q.what.priority % 7) * (phase % 3 - 1);
    const auto begin = since + phase * span(q);
    return {lepton::detail::wide_integer{q.what.priority * 100 + phase * 37} -
                lepton::detail::wide_integer::product(slope, begin),
            slope, at(duration{begin + span(q)})};
  }
  [[nodiscard]] auto rank(const waiting& q, time_point now) const {
    return lepton::detail::descending{line(q, now).at(now)};
  }
};

/// The tenant with the least running is next.
struct least_running {
  [[nodiscard]] auto rank(const waiting& q, time_point) const -> std::int64_t {
    const auto of = running.find(q.what.tenant);
    return of == running.end() ? 0 : of->second;
  }
  void started(const waiting& q, time_point) { ++running[q.what.tenant]; }
  void ended(const waiting& q, time_point) { --running[q.what.tenant]; }
  std::map<lepton::tenant_id, std::int64_t> running;
};

struct share_table {
  [[nodiscard]] auto operator()(lepton::tenant_id t) const -> double { return shares[t]; }
};
struct some_facts {
  [[nodiscard]] auto operator()(const job& j) const -> order::multifactor_facts {
    order::multifactor_facts f;
    f.processors = j.demand[0];
    f.nodes = 1 + j.demand[0] / 4;
    f.partition = static_cast<double>(j.priority % 5) / 4;
    f.nice = j.priority * 3;
    return f;
  }
};

template <class Order>
void sort(std::vector<waiting*>& tasks, const Order& o, time_point now) {
  std::sort(tasks.begin(), tasks.end(),
            [](const auto* a, const auto* b) { return a->sequence < b->sequence; });
  std::stable_sort(tasks.begin(), tasks.end(), [&](const waiting* a, const waiting* b) {
    if constexpr (order::fixed_ordering<Order, job>) {
      return o.before(*a, *b);
    } else {
      return o.rank(*a, now) < o.rank(*b, now);
    }
  });
}

struct habits {
  std::uint32_t pushes = 60;  ///< of a hundred steps
  std::uint32_t passes = 10;
  std::uint32_t kinds = 1000;  ///< of sizes and estimates
  std::uint32_t step = 400;    ///< of the clock
  std::size_t steps = 2000;
};

/// Whether the queue gives what sorting gives.
template <class Order>
auto agrees(choices& choose, const habits& h, const Order& first) -> bool {
  using queue = order::queue_of_t<job, Order>;
  static_assert(order::discipline<queue, job>);
  shares.clear();
  queue q{first};
  Order twin = first;
  std::deque<waiting> owner;
  std::vector<waiting*> inside;
  std::vector<waiting*> running;
  std::uint64_t sequence = 0;
  auto now = at(duration{choose.below(1000)});
  // What has left the queue may change, and nobody may look at it any more.
  const auto spoil = [&](waiting& w) {
    w.what.estimate = duration{choose.below(h.kinds)};
    w.what.priority = choose.below(std::min(h.kinds, 40U));
  };
  const auto remove = [](auto& from, std::size_t i) {
    from[i] = from.back();
    from.pop_back();
  };
  for (std::size_t step = 0; step < h.steps && !choose.exhausted(); ++step) {
    now += duration{choose.chance(3) ? choose.below(100 * h.step) : choose.below(h.step)};
    const auto what = choose.below(100);
    const auto some = [&] { return choose.below(static_cast<std::uint32_t>(inside.size())); };
    if (what < h.pushes) {
      job j;
      j.demand = lepton::resources<1>{1 + choose.below(std::min(h.kinds, 16U))};
      j.estimate = duration{choose.below(h.kinds)};
      j.priority = choose.below(std::min(h.kinds, 40U));
      j.tenant = choose.below(5);
      // Now and then one that comes back: it keeps its old submission.
      const auto back = choose.chance(5) ? duration{choose.below(5 * h.step)} : duration{};
      owner.push_back({j, sequence, now - back, sequence});
      ++sequence;
      q.push(owner.back(), now);
      order::tell_queued(twin, owner.back(), now);
      inside.push_back(&owner.back());
    } else if (what < 100 - h.passes) {
      if (!running.empty() && choose.chance(50)) {
        const auto i = choose.below(static_cast<std::uint32_t>(running.size()));
        q.ended(*running[i], now);
        order::tell_ended(twin, *running[i], now);
        if (choose.chance(30)) {  // stopped: it waits again
          q.push(*running[i], now);
          order::tell_queued(twin, *running[i], now);
          inside.push_back(running[i]);
        }
        remove(running, i);
      } else if (!inside.empty() && choose.chance(70)) {
        const auto i = some();
        q.erase(*inside[i]);
        spoil(*inside[i]);
        remove(inside, i);
      } else if constexpr (requires { Order::by_tenant; }) {
        const auto tenant = choose.below(5);
        shares[tenant] = choose.below(101) / 100.0;
        if constexpr (requires { q.rekey_all(now); }) {
          if (choose.chance(20)) {
            q.rekey_all(now);
          } else {
            if constexpr (Order::by_tenant) q.rekey_tenant(tenant, now);
            if constexpr (!Order::by_tenant) {
              for (const auto* w : inside) q.rekey(*w, now);
            }
          }
        }
      }
    } else {
      auto rest = inside;
      sort(rest, twin, now);
      q.begin_pass(now);
      const auto all = static_cast<std::uint32_t>(inside.size()) + 2;
      const auto offers = choose.chance(20) ? all : choose.below(choose.chance(50) ? 5 : all);
      const auto takes = choose.chance(60) ? choose.below(6) : choose.below(101);
      std::size_t passed = 0;
      for (std::uint32_t i = 0; i < offers; ++i) {
        const auto* const got = q.next();
        if (got != (passed == rest.size() ? nullptr : rest[passed])) return false;
        if (got == nullptr) break;
        ++passed;
        if (!choose.chance(takes)) continue;
        q.take();
        order::tell_started(twin, *got, now);
        if constexpr (requires { twin.started(*got, now); }) {
          rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(passed));
          passed = 0;
          sort(rest, twin, now);
        }
        const auto at = std::find(inside.begin(), inside.end(), got);
        spoil(**at);
        running.push_back(*at);
        inside.erase(at);
      }
    }
    if (q.size() != inside.size()) return false;
  }
  return true;
}

constexpr auto part = static_cast<std::size_t>(LEPTON_PROPERTY_DECISIONS) / 25;

template <class Order>
void check(const char* name, const Order& o) {
  const habits all[] = {
      {60, 10, 1000, 400, part},
      {70, 5, 8, 1, part},
      {50, 10, 3, 4000, part},
      {80, 2, 100000, 10, part},
      {45, 40, 50, 50, part},
      {85, 1, 20, 1, part},
      {97, 1, 2000, 3,
       order::fixed_ordering<Order, job> || order::linear_ordering<Order, job> ? 3 * part
                                                                               : part / 2}};
  for (std::size_t i = 0; i < std::size(all); ++i) {
    choices choose{lepton_test::seed_for(name, i)};
    INFO(name << ", habits " << i << ", " << lepton_test::how_to_repeat());
    REQUIRE(agrees(choose, all[i], o));
  }
}

auto slurm_options() -> order::multifactor_options {
  order::multifactor_options o;
  o.age = 1000;
  o.fair_share = 400;
  o.job_size = 100;
  o.partition = 50;
  o.max_age = std::chrono::seconds{100};
  o.processors = 16;
  o.nodes = 4;
  return o;
}

/// Time in seconds instead of nanoseconds, as Slurm's age counts them.
template <class Order>
struct slow_clock {
  Order inner;
  static constexpr bool by_tenant = Order::by_tenant;
  [[nodiscard]] static auto slowed(const waiting& q) -> waiting {
    auto s = q;
    s.submitted = slowed(q.submitted);
    return s;
  }
  [[nodiscard]] static auto slowed(time_point t) -> time_point {
    return at(t.time_since_epoch() * 10'000'000);
  }
  [[nodiscard]] auto rank(const waiting& q, time_point now) const {
    return inner.rank(slowed(q), slowed(now));
  }
  [[nodiscard]] auto priority(const waiting& q, time_point now) const {
    return inner.priority(slowed(q), slowed(now));
  }
  [[nodiscard]] auto line(const waiting& q, time_point now) const -> order::priority_line {
    auto l = inner.line(slowed(q), slowed(now));
    l.slope *= 10'000'000;
    if (l.until != time_point::max()) {
      const auto t = l.until.time_since_epoch().count();
      l.until = at(duration{(t + 9'999'999) / 10'000'000});
    }
    return l;
  }
  [[nodiscard]] auto ceiling(lepton::detail::wide_integer v) const { return inner.ceiling(v); }
};

}  // namespace

TEST_CASE("queues of fixed orderings give what sorting gives") {
  check("fcfs", order::fcfs{});
  check("lifo", order::lifo{});
  check("unkeyed", unkeyed{});
  check("shortest first", order::shortest_first<>{});
  check("classes, then shortest", order::then_by{order::fixed_priority<>{}, unkeyed{}});
}

TEST_CASE("queues of timed orderings give what sorting gives") {
  check("wfp3", order::wfp3<>{});
  check("classes, then unicef",
        order::then_by{order::fixed_priority<>{}, unkeyed{}, order::unicef<>{}});
  check("least running, then shortest", order::then_by{least_running{}, order::shortest_first<>{}});
}

TEST_CASE("queues of linear orderings give what sorting gives") {
  static_assert(order::linear_ordering<zigzag, job>);
  check("ageing", order::ageing{duration{70}});
  check("ageing that ends", order::dynamic_priority{order::ageing{duration{70}, duration{900}}});
  check("zigzag", zigzag{});
  const order::multifactor slurm{slurm_options(), some_facts{}, share_table{}};
  static_assert(order::linear_ordering<slow_clock<std::remove_cv_t<decltype(slurm)>>, job>);
  check("multifactor", slow_clock<std::remove_cv_t<decltype(slurm)>>{slurm});
}

TEST_CASE("a block tree keeps its items in order through growth and decline") {
  // Items compare by what they point at, which is spoilt when they have left: the tree must not
  // look at them any more.
  struct cell {
    std::uint32_t value = 0;
    std::uint32_t block = 0;
  };
  struct rules {
    static auto before(const cell* a, const cell* b) -> bool { return a->value < b->value; }
    static void set_block(cell* i, std::uint32_t b) { i->block = b; }
    static auto block_of(const cell* i) -> std::uint32_t { return i->block; }
  };
  constexpr std::uint32_t bound = 40'000;
  std::vector<cell> cells(bound);
  lepton::detail::block_tree<cell*, rules> tree;
  std::set<std::uint32_t> twin;
  choices choose{lepton_test::seed_for("block tree", 0)};
  const auto is_right = [&] {
    if (tree.size() != twin.size()) return false;
    auto c = tree.begin();
    for (const auto value : twin) {
      if (c.is_end() || tree[c]->value != value) return false;
      c = tree.after(c);
    }
    return c.is_end();
  };
  const auto insert = [&](std::uint32_t value) {
    if (!twin.insert(value).second) return;
    cells[value].value = value;
    tree.insert(&cells[value]);
  };
  const auto erase = [&](std::uint32_t value) {
    if (twin.erase(value) == 0) return true;
    const auto c = tree.erase(tree.find(&cells[value]));
    cells[value].value = choose.below(bound);
    const auto next = twin.upper_bound(value);
    return next == twin.end() ? c.is_end() : !c.is_end() && tree[c]->value == *next;
  };
  // Growth in three orders, each with decline in three orders, and some coming while it declines.
  for (std::uint32_t round = 0; round < 9; ++round) {
    for (std::uint32_t i = 0; i < bound; ++i)
      insert(round % 3 == 0 ? i : round % 3 == 1 ? bound - 1 - i : choose.below(bound));
    REQUIRE(is_right());
    bool right = true;
    for (std::uint32_t i = 0; i < bound && right; ++i) {
      right = erase(round / 3 == 0 ? i : round / 3 == 1 ? bound - 1 - i : choose.below(bound));
      if (i % 8 == 0) insert(choose.below(bound));
      if (i % 4'000 == 0) right = right && is_right();
    }
    REQUIRE(right);
    REQUIRE(is_right());
  }
}

TEST_CASE("random histories of order queues, to be shrunk") {
  REQUIRE(rc::check("ageing and zigzag", [](const std::vector<std::uint8_t>& bytes) {
    choices choose{bytes};
    const habits h{50, 30, 8, 500, 200};
    RC_ASSERT(agrees(choose, h, order::ageing{duration{70}, duration{900}}));
    choices again{bytes};
    RC_ASSERT(agrees(again, h, zigzag{}));
  }));
}
