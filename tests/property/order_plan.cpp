// SPDX-License-Identifier: Apache-2.0
// Plans of the future beside slow twins that look at every tick: the profile of what is free, and
// conservative backfilling with reservations, deadlines and each way to keep the plan.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <lepton/schedule/availability_profile.hpp>
#include <lepton/schedule/conservative_scheduler.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using namespace lepton;
using namespace lepton::schedule;
using lepton_test::choices;

namespace {

template <std::size_t N>
using amounts = resources<N>;

auto tick(std::int64_t n) -> time_point { return at(duration{n}); }
auto tick_of(time_point t) -> std::int64_t { return t.time_since_epoch().count(); }
constexpr auto never = time_point::max();

/// As REQUIRE, which would take most of the time.
void must(bool holds, const char* what) {
  if (!holds) FAIL(what);
}

template <std::size_t N>
auto some_demand(choices& c, const amounts<N>& most) -> amounts<N> {
  amounts<N> d;
  for (std::size_t i = 0; i < N; ++i) {
    const auto bound = static_cast<std::uint32_t>(most[i]);
    d[i] = c.chance(60) ? c.below(1 + bound / 3) : c.below(bound + 1);
  }
  if (d == amounts<N>{}) d[0] = 1;
  return d;
}

// --- the profile ---------------------------------------------------------------------------------

/// What is free at each of the ticks [0, size), and from the last one on.
template <std::size_t N>
struct slow_profile {
  std::vector<amounts<N>> free;
  std::int64_t begin = 0;

  void add(const amounts<N>& by, std::int64_t from, time_point to) {
    for (auto t = std::max(from, begin); t < size() && tick(t) < to; ++t) {
      free[static_cast<std::size_t>(t)] += by;
    }
  }
  [[nodiscard]] auto size() const -> std::int64_t { return static_cast<std::int64_t>(free.size()); }
  [[nodiscard]] auto at(std::int64_t t) const -> const amounts<N>& {
    return free[static_cast<std::size_t>(std::min(t, size() - 1))];
  }
  [[nodiscard]] auto earlier(const amounts<N>& demand, std::int64_t length, std::int64_t from,
                             time_point planned) const -> time_point {
    std::int64_t since = from;  // it fits from here on, as far as looked
    for (auto t = from; t < size(); ++t) {
      if (tick(since) >= planned) return planned;
      if (tick(t) >= planned) return tick(since);
      if (!fits(demand, at(t))) since = t + 1;
      if (t + 1 - since >= length) return tick(since);
    }
    return tick(since) < planned && since < size() ? tick(since) : planned;
  }
  [[nodiscard]] auto overdrawn(std::int64_t from) const -> time_point {
    for (auto t = from; t < size(); ++t) {
      if (any_negative(at(t))) return tick(t);
    }
    return never;
  }
  [[nodiscard]] auto most(std::int64_t from, std::int64_t to) const -> amounts<N> {
    auto m = at(from);
    for (auto t = from; t < to; ++t) {
      for (std::size_t i = 0; i < N; ++i) m[i] = std::max(m[i], at(t)[i]);
    }
    return m;
  }
};

template <std::size_t N>
void check_profile(std::uint64_t seed, std::uint32_t ticks, int changes) {
  choices c{seed};
  CAPTURE(seed, N, ticks, lepton_test::how_to_repeat());
  const auto capacity = amounts<N>::filled(10);
  availability_profile<amounts<N>> fast{capacity, tick(0)};
  slow_profile<N> slow{std::vector<amounts<N>>(ticks + 1, capacity)};
  const auto moment = [&] {
    return slow.begin + c.below(static_cast<std::uint32_t>(slow.size() - slow.begin));
  };
  // What does not end before the last tick that is looked at never ends.
  const auto ends = [&](std::int64_t t) { return t < slow.size() ? tick(t) : never; };
  const auto add = [&](const amounts<N>& by, std::int64_t from, time_point end) {
    if (any_negative(by)) {
      fast.take(amounts<N>{} - by, tick(from), end);
    } else {
      fast.give(by, tick(from), end);
    }
    slow.add(by, from, end);
  };
  const auto compare_steps = [&] {
    std::int64_t at = slow.begin;
    bool first = true;
    amounts<N> before{};
    fast.for_each_step([&](time_point begin, const amounts<N>& free) {
      must((begin == tick(slow.begin)) == first, "the first step begins where the profile does");
      must(first || free != before, "equal neighbours are merged");
      for (; at < std::min(tick_of(begin), slow.size()); ++at) {
        must(slow.at(at) == before, "each step holds what is free");
      }
      first = false;
      before = free;
    });
    for (; at < slow.size(); ++at) must(slow.at(at) == before, "each step holds what is free");
  };
  struct held {
    amounts<N> demand{};
    std::int64_t from = 0;
    time_point end{};
  };
  std::vector<held> all;
  for (int i = 0; i < changes || !all.empty(); ++i) {
    const auto demand = some_demand<N>(c, capacity);
    const auto length = 1 + c.below(c.chance(20) ? ticks : 1 + ticks / 20);
    const auto from = moment();
    must(fast.free_at(tick(from)) == slow.at(from), "free alike");
    const auto start = fast.earliest(demand, duration{length}, tick(from));
    must(start == slow.earlier(demand, length, from, never), "the same earliest start");
    const auto planned = moment();
    must(fast.earlier(demand, duration{length}, tick(from), tick(planned)) ==
             (from >= planned ? tick(planned) : slow.earlier(demand, length, from, tick(planned))),
         "the same earlier start");
    must(fast.first_overdrawn(tick(from)) == slow.overdrawn(from), "overdrawn alike");
    if (from < planned)
      must(fast.most(tick(from), tick(planned)) == slow.most(from, planned), "the same most");
    if (i % 16 == 0) compare_steps();

    if (c.chance(2) && slow.begin + ticks / 50 < slow.size() - 1) {
      slow.begin += c.below(1 + ticks / 50);
      fast.advance(tick(slow.begin));
      must(fast.begin() == tick(slow.begin), "the past is forgotten up to now");
    }
    if (i < changes && c.chance(70)) {
      const auto anywhere = c.chance(10);  // without asking
      if (!anywhere && start == never) continue;
      const auto since = anywhere ? from : tick_of(start);
      all.push_back({demand, since, c.chance(2) ? never : ends(since + length)});
      add(amounts<N>{} - demand, since, all.back().end);
    } else if (!all.empty()) {
      std::swap(all[c.below(static_cast<std::uint32_t>(all.size()))], all.back());
      add(all.back().demand, all.back().from, all.back().end);
      all.pop_back();
    }
  }
  compare_steps();
  must(fast.step_count() == 1, "when all is given back there is one step");
}

// --- conservative backfilling --------------------------------------------------------------------

template <std::size_t N>
struct job {
  task_id id = 0;
  amounts<N> demand{};
  duration estimate{};
  time_point deadline = never;
};

struct shortest {
  template <class T>
  auto before(const order::queued<T>& a, const order::queued<T>& b) const -> bool {
    return a.what.estimate < b.what.estimate;
  }
};
struct most_stretched {  // changes with time
  template <class T>
  auto rank(const order::queued<T>& q, time_point now) const -> std::int64_t {
    return -((now - q.submitted).count() * 8 / q.what.estimate.count());
  }
};

/// The rules in so many words: each search looks at each tick, each task is taken out of the plan
/// and put back.
template <std::size_t N, class Order>
struct slow_planner {
  struct entry {
    order::queued<job<N>> task;
    std::int64_t start = 0, length = 0;
    reservation_id in = 0;
    bool running = false;
    [[nodiscard]] auto end() const -> std::int64_t { return start + length; }
  };
  amounts<N> capacity;
  plan_upkeep upkeep;
  Order order{};
  std::int64_t now = 0;
  std::uint64_t sequence = 0;
  std::vector<entry> entries{};  ///< in the order of submission
  std::vector<advance_reservation<amounts<N>>> reservations{};
  std::map<reservation_id, bool> loose{};  ///< something was given back
  bool changed = false;

  [[nodiscard]] auto find(task_id id) -> entry* {
    for (auto& e : entries) {
      if (e.task.id == id) return &e;
    }
    return nullptr;
  }
  void erase(task_id id) {
    entries.erase(std::find_if(entries.begin(), entries.end(),
                               [&](const entry& e) { return e.task.id == id; }));
  }
  [[nodiscard]] auto before(const order::queued<job<N>>& a, const order::queued<job<N>>& b) const
      -> bool {
    if constexpr (requires { order.before(a, b); }) {
      if (order.before(a, b) || order.before(b, a)) return order.before(a, b);
    } else {
      const auto ra = order.rank(a, tick(now));
      const auto rb = order.rank(b, tick(now));
      if (ra != rb) return ra < rb;
    }
    return a.sequence < b.sequence;
  }

  static constexpr std::int64_t unplanned = 1'000'000;  ///< a start that holds nothing
  static constexpr std::int64_t horizon = 900;
  /// What is free from now on, without task `except`.
  [[nodiscard]] auto free(reservation_id in, task_id except) const -> std::vector<amounts<N>> {
    std::vector<amounts<N>> f(horizon, in == 0 ? capacity : amounts<N>{});
    const auto add = [&](const amounts<N>& by, std::int64_t from, std::int64_t to) {
      for (auto t = std::max(from, now); t < std::min(to, now + horizon); ++t)
        f[static_cast<std::size_t>(t - now)] += by;
    };
    for (const auto& r : reservations) {
      if (in == 0) add(amounts<N>{} - r.demand, tick_of(r.begin), tick_of(r.end));
      if (in == r.id) add(r.demand, tick_of(r.begin), tick_of(r.end));
    }
    for (const auto& e : entries) {
      if (e.in == in && e.task.id != except)
        add(amounts<N>{} - e.task.what.demand, e.start, e.end());
    }
    return f;
  }
  [[nodiscard]] auto earliest(const amounts<N>& demand, std::int64_t length, reservation_id in,
                              task_id except, std::int64_t from) const -> std::int64_t {
    const auto f = free(in, except);
    std::int64_t since = from;
    for (auto t = from; t < now + horizon; ++t) {
      if (!fits(demand, f[static_cast<std::size_t>(t - now)])) since = t + 1;
      if (t + 1 - since >= length) return since;
    }
    return unplanned;
  }
  void plan(entry& e) { e.start = earliest(e.task.what.demand, e.length, e.in, e.task.id, now); }

  void catch_up(std::int64_t t, bool pass) {
    now = t;
    std::erase_if(reservations, [&](const auto& r) { return r.end <= tick(now); });
    std::vector<reservation_id> plans{0};
    for (const auto& r : reservations) plans.push_back(r.id);
    for (const auto in : plans) {
      std::vector<entry*> waiting;
      for (auto& e : entries) {
        if (!e.running && e.in == in) waiting.push_back(&e);
      }
      const auto by_start = upkeep == plan_upkeep::compress_by_start;
      std::sort(waiting.begin(), waiting.end(), [&](const entry* a, const entry* b) {
        if (!by_start) return before(a->task, b->task);
        return a->start != b->start ? a->start < b->start : a->task.sequence < b->task.sequence;
      });
      if (upkeep == plan_upkeep::replan && in == 0) {
        if (!pass) continue;
        for (auto* e : waiting) e->start = unplanned;
      } else if (!by_start && !loose[in]) {
        continue;
      }
      for (auto* e : waiting) {
        const auto old = e->start;
        if (old > now) plan(*e);
        must(e->start <= old, "a plan that is compressed puts nothing off");
      }
      loose[in] = false;
    }
  }

  /// Where it would start, or nothing if it is turned away.
  auto admit(const job<N>& j, reservation_id in) -> std::int64_t {
    const auto start = earliest(j.demand, j.estimate.count(), in, 0, now);
    return start + j.estimate.count() > tick_of(j.deadline) ? unplanned : start;
  }
  void submit(const job<N>& j, reservation_id in) {
    entries.push_back({{j, j.id, tick(now), sequence++}, 0, j.estimate.count(), in, false});
    plan(entries.back());
  }
  void remove(task_id id, std::int64_t t) {
    const auto& e = *find(id);
    if (e.end() > t) loose[e.in] = true;
    erase(id);
  }
  auto reserve(const advance_reservation<amounts<N>>& r) -> bool {
    std::vector<entry*> waiting;
    if (upkeep == plan_upkeep::replan) {
      for (auto& e : entries) {
        if (!e.running && e.in == 0) waiting.push_back(&e);
      }
      for (auto* e : waiting) e->start = unplanned;
    }
    const auto good =
        earliest(r.demand, (r.end - r.begin).count(), 0, 0, tick_of(r.begin)) == tick_of(r.begin);
    if (good) reservations.push_back(r);
    std::sort(waiting.begin(), waiting.end(),
              [&](const entry* a, const entry* b) { return before(a->task, b->task); });
    for (auto* e : waiting) plan(*e);
    return good;
  }
  void cancel_reservation(reservation_id id) {
    std::erase_if(reservations, [&](const auto& r) { return r.id == id; });
    loose[0] = true;
    std::vector<entry*> waiting;
    for (auto& e : entries) {
      if (e.in == id && e.running) e.in = 0;
      if (e.in == id) waiting.push_back(&e);
    }
    std::sort(waiting.begin(), waiting.end(), [](const entry* a, const entry* b) {
      return a->start != b->start ? a->start < b->start : a->task.sequence < b->task.sequence;
    });
    for (auto* e : waiting) {
      e->in = 0;
      plan(*e);
    }
  }
  auto run() -> std::vector<batch_start> {
    std::vector<const entry*> begun;
    for (auto& e : entries) {
      if (e.running || e.start > now) continue;
      must(e.start == now, "nothing starts late");
      e.running = true;
      begun.push_back(&e);
    }
    std::sort(begun.begin(), begun.end(),
              [&](const entry* a, const entry* b) { return before(a->task, b->task); });
    std::vector<batch_start> starts;
    for (const auto* s : begun) {
      const auto passed = std::any_of(entries.begin(), entries.end(), [&](const entry& e) {
        return !e.running && before(e.task, s->task);
      });
      starts.push_back({s->task.id, passed});
    }
    return starts;
  }
};

template <std::size_t N, class Order>
void check_planner(std::uint64_t seed, plan_upkeep upkeep, int steps) {
  choices c{seed};
  CAPTURE(seed, N, static_cast<int>(upkeep), lepton_test::how_to_repeat());
  const auto capacity = amounts<N>::filled(1 + c.below(9));
  conservative_scheduler<job<N>, Order> fast{capacity, {}, upkeep};
  slow_planner<N, Order> slow{capacity, upkeep};
  const bool keeps_promises = upkeep != plan_upkeep::replan;
  const auto lengths = 1 + c.below(12);
  const auto rate = 1 + c.below(3);
  const auto reserving = c.chance(40) ? 6U : 0U;
  std::map<task_id, std::int64_t> promised;
  std::map<task_id, std::int64_t> due;
  task_id next = 1;
  const auto same_plan = [&] {
    for (const auto& e : slow.entries) {
      const auto start = fast.planned_start(e.task.id);
      must(start.has_value(), "it is known");
      must(*start == tick(e.start), "planned alike");
      if (keeps_promises && promised.count(e.task.id) != 0)
        must(e.start <= promised[e.task.id], "no promise is put off");
      promised[e.task.id] = e.start;
    }
  };
  for (std::int64_t now = 0, step = 0; step < steps || !slow.entries.empty(); ++step) {
    CAPTURE(now, step);
    const auto over = step >= steps;
    std::vector<task_id> ended, all;
    for (const auto& e : slow.entries) {
      all.push_back(e.task.id);
      if (e.running && (e.end() == now || c.chance(8))) ended.push_back(e.task.id);
    }
    for (const auto id : ended) {
      must(fast.finish(id, tick(now)).has_value(), "it runs");
      slow.remove(id, now);
      if (due.count(id) != 0) must(now <= due[id], "a task that was admitted meets its deadline");
    }
    if (!all.empty() && c.chance(6)) {
      const auto id = all[c.below(static_cast<std::uint32_t>(all.size()))];
      const auto there = slow.find(id) != nullptr;
      must(fast.cancel(id, tick(now)).has_value() == there, "cancelled alike");
      if (there) slow.remove(id, now);
    }
    if (!over && c.chance(reserving)) {
      const auto begin = now + c.below(20);
      const advance_reservation<amounts<N>> r{next++, some_demand<N>(c, capacity), tick(begin),
                                              tick(begin + 1 + c.below(15))};
      slow.catch_up(now, false);
      must(fast.reserve(r, tick(now)).has_value() == slow.reserve(r), "reserved alike");
      if (!keeps_promises) promised.clear();
      same_plan();
    }
    if (!slow.reservations.empty() && c.chance(4)) {
      slow.catch_up(now, false);
      const auto k = c.below(static_cast<std::uint32_t>(slow.reservations.size()));
      const auto id = slow.reservations.empty() ? 0 : slow.reservations[k].id;
      must(fast.cancel_reservation(id, tick(now)).has_value() == (id != 0),
           "the reservation is known alike");
      if (id != 0) {
        for (const auto& e : slow.entries) {
          if (e.in != id) continue;
          promised.erase(e.task.id);  // these are broken by that
          due.erase(e.task.id);
        }
        slow.cancel_reservation(id);
      }
    }
    for (auto n = over ? 0 : c.below(1 + rate); n > 0; --n) {
      job<N> j{next++, some_demand<N>(c, capacity), duration{1 + c.below(lengths)}};
      if (c.chance(20)) j.deadline = tick(now + c.below(40));
      slow.catch_up(now, false);
      reservation_id in = 0;
      if (!slow.reservations.empty() && c.chance(50))
        in = slow.reservations[c.below(static_cast<std::uint32_t>(slow.reservations.size()))].id;
      const auto start = slow.admit(j, in);
      const auto admitted = fast.admit(j, tick(now), in);
      must(admitted.has_value() == (start != slow.unplanned), "turned away alike");
      if (admitted) must(*admitted == tick(start), "admitted alike");
      must(fast.submit(j, tick(now), in).has_value() == admitted.has_value(),
           "submit does what admit says");
      if (!admitted) continue;
      slow.submit(j, in);
      if (keeps_promises && j.deadline != never) due[j.id] = tick_of(j.deadline);
    }
    slow.catch_up(now, true);
    const auto starts = fast.run(tick(now));
    must(starts == slow.run(), "the same start");
    same_plan();
    // What is held is there, and what is free is the rest.
    amounts<N> held{};
    std::size_t running = 0;
    for (const auto& e : slow.entries) {
      if (e.running) held += e.task.what.demand;
      running += e.running ? 1U : 0U;
    }
    must(fits(held, capacity), "nothing is overcommitted");
    must(fast.free() == capacity - held, "what is free is the rest");
    must(fast.running_count() == running, "running tasks are counted");
    must(fast.waiting_count() == slow.entries.size() - running, "waiting tasks are counted");
    if (step % 4 == 0) {
      const auto free = slow.free(0, 0);
      for (std::int64_t t = 0; t < 60; ++t)
        must(fast.profile().free_at(tick(now + t)) == free[static_cast<std::size_t>(t)],
             "what is free beside the plan is alike");
    }
    auto then = std::min(tick(now + 1 + c.below(4)), fast.wakes_at());
    for (const auto& e : slow.entries) {
      if (e.running) then = std::min(then, tick(e.end()));
    }
    now = tick_of(then);
  }
}

// --- estimates that are wrong --------------------------------------------------------------------

/// Guesses at random, too short as a rule.
struct wild_guess {
  choices* source = nullptr;
  template <class T>
  auto predict(const T& t, time_point) -> duration {
    return duration{source->below(static_cast<std::uint32_t>(t.estimate.count())) + 1};
  }
  template <class T>
  void observe(const T&, duration, time_point) {}
  template <class T>
  auto correct(const T& t, duration ran, duration) -> duration {
    return std::min(t.estimate, ran + duration{1 + source->below(3)});
  }
};

/// Tasks that outlive guesses, estimates and reservations, and nobody stops them.
template <std::size_t N, class Order, class Runtime>
void check_overruns(std::uint64_t seed, plan_upkeep upkeep, int steps, Runtime guess) {
  choices c{seed};
  CAPTURE(seed, N, static_cast<int>(upkeep), lepton_test::how_to_repeat());
  if constexpr (requires { guess.source; }) guess.source = &c;
  const auto capacity = amounts<N>::filled(1 + c.below(9));
  conservative_scheduler<job<N>, Order, Runtime> s{capacity, {}, upkeep, guess};
  struct known {
    amounts<N> demand{};
    std::int64_t run = 0, end = -1, not_before = 0;
  };
  std::map<task_id, known> tasks;
  std::vector<advance_reservation<amounts<N>>> reservations;
  amounts<N> held{};
  const auto lengths = 1 + c.below(12);
  const auto reserving = c.chance(40) ? 6U : 0U;
  std::int64_t now = 0;
  int passes = 0;
  for (task_id next = 1; next <= static_cast<task_id>(steps) || !tasks.empty(); ++next) {
    CAPTURE(now);
    must(++passes < 100 * steps, "everything ends, and nobody is woken up all the time");
    for (auto t = tasks.begin(); t != tasks.end();) {
      const auto stopped = c.chance(1);
      if (t->second.end != now && !stopped) {
        ++t;
        continue;
      }
      must((stopped ? s.cancel(t->first, tick(now)) : s.finish(t->first, tick(now))).has_value(),
           "it is known");
      if (t->second.end >= 0) held -= t->second.demand;
      t = tasks.erase(t);
    }
    std::erase_if(reservations, [&](const auto& r) { return r.end <= tick(now); });
    if (next <= static_cast<task_id>(steps)) {
      if (c.chance(reserving)) {
        const auto begin = now + c.below(20);
        reservations.push_back(
            {next, some_demand<N>(c, capacity), tick(begin), tick(begin + 1 + c.below(15))});
        if (!s.reserve(reservations.back(), tick(now))) reservations.pop_back();
      }
      if (!reservations.empty() && c.chance(3)) {
        must(s.cancel_reservation(reservations.back().id, tick(now)).has_value(), "it is there");
        for (auto& [id, t] : tasks) t.not_before = 0;
        reservations.pop_back();
      }
      const job<N> j{next, some_demand<N>(c, capacity), duration{1 + c.below(lengths)}};
      const auto inside = !reservations.empty() && c.chance(50);
      if (s.submit(j, tick(now), inside ? reservations.back().id : 0)) {
        tasks[next] = {j.demand, 1 + c.below(static_cast<std::uint32_t>(3 * j.estimate.count())),
                       -1, inside ? tick_of(reservations.back().begin) : 0};
      } else {
        must(inside, "a task that asks for no more than there is is taken");
      }
    }
    for (const auto& started : s.run(tick(now))) {
      auto& t = tasks.at(started.id);
      must(t.end < 0, "it did not run before");
      must(now >= t.not_before, "a task in a reservation does not start before it");
      held += t.demand;
      t.end = now + t.run;
    }
    must(fits(held, capacity), "nothing is overcommitted");
    must(s.free() == capacity - held, "what is free is the rest");
    if (reservations.empty())
      must(s.profile().first_overdrawn(tick(now)) == never, "the plan is repaired");
    auto then = s.wakes_at();
    must(then > tick(now), "it wakes up later");
    for (const auto& [id, t] : tasks) {
      if (t.end >= 0) then = std::min(then, tick(t.end));
    }
    if (next <= static_cast<task_id>(steps)) then = std::min(then, tick(now + c.below(4)));
    must(then != never || tasks.empty(), "what waits is going to start");
    if (then != never) now = tick_of(then);
  }
  s.run(tick(now + 1000));
  must(s.profile().step_count() == 1 && s.profile().free_at(tick(now + 1000)) == capacity,
       "in the end all is given back");
}

auto histories() -> std::uint64_t { return LEPTON_PROPERTY_DECISIONS / 1000; }

}  // namespace

TEST_CASE("plans: the profile of what is free against one that keeps every tick") {
  for (std::uint64_t i = 0; i < 3 * histories(); ++i) {
    const std::uint32_t ticks = i % 8 == 0 ? 1500 : i % 2 == 0 ? 12 : 150;
    const int changes = ticks == 1500 ? 600 : 100;
    check_profile<1>(lepton_test::seed_for("profile 1", i), ticks, changes);
    check_profile<3>(lepton_test::seed_for("profile 3", i), ticks, changes);
  }
}

TEST_CASE("plans: conservative backfilling against planning tick by tick") {
  using enum plan_upkeep;
  for (std::uint64_t i = 0; i < 8 * histories(); ++i) {
    const auto seed = lepton_test::seed_for("conservative", i);
    const int steps = i % 16 == 0 ? 120 : 30;
    const plan_upkeep all[] = {compress_by_start, compress_by_order, replan, compress_by_start};
    check_planner<1, submission_order>(seed, all[i % 4], steps);
    check_planner<2, shortest>(seed, all[(i / 4) % 4], steps);
    check_planner<2, most_stretched>(seed, all[1 + i % 2], steps);
  }
}

TEST_CASE("plans: tasks that outlive guesses, estimates and reservations") {
  using enum plan_upkeep;
  for (std::uint64_t i = 0; i < 10 * histories(); ++i) {
    const auto seed = lepton_test::seed_for("overruns", i);
    const plan_upkeep all[] = {compress_by_start, compress_by_order, replan};
    check_overruns<1, submission_order>(seed, all[i % 3], 40, requested_time{});
    check_overruns<2, shortest>(seed, all[i % 3], 40, wild_guess{});
  }
}
