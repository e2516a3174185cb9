// SPDX-License-Identifier: Apache-2.0
// The batch scheduler beside a model that keeps plain lists and takes every decision from the
// definitions; and simulations of both.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <lepton/schedule/batch_scheduler.hpp>
#include <lepton/simulate/queue_simulation.hpp>

#include "catch.hpp"
#include "property/choices.hpp"

using namespace lepton_test;
namespace schedule = lepton::schedule;
namespace simulate = lepton::simulate;
using lepton::duration;
using lepton::time_point;

namespace {

template <std::size_t N>
struct job {
  lepton::task_id id = 0;
  lepton::resources<N> demand{};
  duration estimate{};
  std::uint32_t colour = 0;
};
template <class Task>
using queued = lepton::order::queued<Task>;

// --- orders ------------------------------------------------------------------------------------

/// Larger colours first.
struct by_colour {
  template <class Task>
  auto before(const queued<Task>& a, const queued<Task>& b) const -> bool {
    return a.what.colour > b.what.colour;
  }
};
/// The longer it waits and the shorter it is, the sooner: turns over with time.
struct by_slowdown {
  template <class Task>
  auto rank(const queued<Task>& q, time_point now) const -> double {
    return -static_cast<double>((now - q.submitted).count()) /
           static_cast<double>(lepton::estimate_of(q.what).count());
  }
};
/// The colour of which the fewest run or wait first: told of everything, also within a pass.
struct by_usage {
  template <class Task>
  auto rank(const queued<Task>& q, time_point) const -> std::int64_t {
    return usage[q.what.colour % 4];
  }
  template <class Task>
  void queued(const lepton::order::queued<Task>& q, time_point) {
    usage[q.what.colour % 4] += 1;
  }
  template <class Task>
  void started(const lepton::order::queued<Task>& q, time_point) {
    usage[q.what.colour % 4] += 3;
  }
  template <class Task>
  void ended(const lepton::order::queued<Task>& q, time_point) {
    usage[q.what.colour % 4] -= 4;
  }
  std::int64_t usage[4] = {0, 1, 0, 0};
};

// --- a predictor -------------------------------------------------------------------------------

/// The last run of that colour; often out of bounds.
struct last_run {
  template <class Task>
  auto predict(const Task& t, time_point) const -> duration {
    return last[t.colour % 4];
  }
  template <class Task>
  void observe(const Task& t, duration ran, time_point) {
    last[t.colour % 4] = ran;
  }
  template <class Task>
  auto correct(const Task& t, duration ran, duration expired) const -> duration {
    return t.colour % 2 == 0 ? expired + duration{2} : 2 * ran;
  }
  duration last[4] = {duration{3}, duration{0}, duration{1'000'000}, duration{2}};
};

// --- the model ---------------------------------------------------------------------------------

template <class Task, class Order, class Backfill, class Runtime>
class model {
 public:
  using resources = lepton::resources_of_t<Task>;
  using core = schedule::detail::batch_core<Task, Order, Backfill, Runtime>;
  using candidates_type = typename core::candidates_type;
  struct waiting {
    queued<Task> q;
    duration predicted{};
  };
  struct running {
    queued<Task> q;
    time_point started{}, end{};
    duration predicted{};
    std::size_t number = 0;
  };

  explicit model(const resources& capacity) : capacity_(capacity) {}

  auto submit(const Task& t, time_point now) -> lepton::status {
    bool fine = lepton::estimate_of(t) > duration{} && lepton::demand_of(t) != resources{} &&
                !any_negative(lepton::demand_of(t)) && fits(lepton::demand_of(t), capacity_);
    for (const auto& w : queue) fine = fine && w.q.id != t.id;
    for (const auto& r : run_list) fine = fine && r.q.id != t.id;
    if (!fine) return lepton::failure("no");
    queue.push_back({{t, t.id, now, sequence_++}, guess(t, now)});
    lepton::order::tell_queued(order, queue.back().q, now);
    tell([&](auto& o) { lepton::order::tell_queued(o, queue.back().q, now); });
    return {};
  }
  auto cancel(lepton::task_id id, time_point now) -> lepton::status {
    if (std::erase_if(queue, [&](const auto& w) { return w.q.id == id; }) == 1) return {};
    return stop(id, now, false);
  }
  auto finish(lepton::task_id id, time_point now) -> lepton::status { return stop(id, now, true); }

  auto run(time_point now) -> const std::vector<schedule::batch_start>& {
    started_.clear();
    for (auto& r : run_list) {
      const auto estimate = lepton::estimate_of(r.q.what);
      while (r.end <= now && r.predicted < estimate) {
        const auto ran = now - r.started;
        r.predicted = ran >= estimate ? estimate
                                      : std::clamp(runtime.correct(r.q.what, ran, r.predicted),
                                                   ran + duration{1}, estimate);
        r.end = end_of(r.started, r.predicted);
      }
    }
    if (observed_) {
      for (auto& w : queue) w.predicted = guess(w.q.what, now);
    }
    observed_ = false;
    // Heads, while they fit.
    while (!queue.empty() && fits(demand(queue[head(now)]), free())) start(head(now), now, false);
    if (!core::backfills || queue.empty()) return started_;
    const auto first = queue[head(now)].q.id;
    const auto shadow = shadow_of(first);
    auto extra = free_at(shadow) - demand_of_waiting(first);
    // Candidates, one by one, each once.
    std::vector<lepton::task_id> tried{first};
    for (;;) {
      const auto at = next_candidate(tried, now);
      if (at == queue.size()) break;
      tried.push_back(queue[at].q.id);
      const auto d = demand(queue[at]);
      if (!fits(d, free())) continue;
      const bool ends = end_of(now, queue[at].predicted) <= shadow;
      if (!ends && !fits(d, extra)) continue;
      if (!ends) extra -= d;
      start(at, now, true);
    }
    delayed_head = shadow_of(first) > shadow;
    return started_;
  }

  auto wakes_at() const -> time_point {
    auto first = time_point::max();
    if (!core::backfills || queue.size() < 2) return first;
    for (const auto& r : run_list) {
      if (r.predicted < lepton::estimate_of(r.q.what)) first = std::min(first, r.end);
    }
    return first;
  }
  auto free() const -> resources {
    auto left = capacity_;
    for (const auto& r : run_list) left -= lepton::demand_of(r.q.what);
    return left;
  }
  auto waiting_count() const -> std::size_t { return queue.size(); }
  /// The queue is in the order of submission, so the first of equals is found.
  auto head(time_point now) const -> std::size_t {
    std::size_t best = 0;
    for (std::size_t i = 1; i < queue.size(); ++i) {
      if (precedes(order, queue[i].q, queue[best].q, now)) best = i;
    }
    return best;
  }

  std::vector<waiting> queue{};  // in the order of submission
  std::vector<running> run_list{};
  Order order{};
  Backfill backfill{};
  Runtime runtime{};
  bool delayed_head = false;

 private:
  static auto end_of(time_point from, duration length) -> time_point {
    return length > time_point::max() - from ? time_point::max() : from + length;
  }
  static auto demand(const waiting& w) -> resources { return lepton::demand_of(w.q.what); }
  auto demand_of_waiting(lepton::task_id id) const -> resources {
    for (const auto& w : queue) {
      if (w.q.id == id) return demand(w);
    }
    return {};
  }
  auto guess(const Task& t, time_point now) -> duration {
    return std::clamp<duration>(runtime.predict(t, now), duration{1}, lepton::estimate_of(t));
  }
  template <class Tell>
  void tell(Tell call) {
    if constexpr (core::backfills) call(backfill.candidates);
  }

  template <class O>
  static auto precedes(const O& o, const queued<Task>& a, const queued<Task>& b, time_point now)
      -> bool {
    if constexpr (lepton::order::fixed_ordering<O, Task>) {
      return o.before(a, b);
    } else {
      return o.rank(a, now) < o.rank(b, now);
    }
  }
  auto next_candidate(const std::vector<lepton::task_id>& tried, time_point now) const
      -> std::size_t {
    auto best = queue.size();
    for (std::size_t i = 0; i < queue.size(); ++i) {
      if (std::find(tried.begin(), tried.end(), queue[i].q.id) != tried.end()) continue;
      if (best == queue.size() || candidate_precedes(queue[i], queue[best], now)) best = i;
    }
    return best;
  }
  auto candidate_precedes(const waiting& a, const waiting& b, time_point now) const -> bool {
    if constexpr (std::is_same_v<candidates_type, schedule::shortest_first>) {
      if (a.predicted != b.predicted) return a.predicted < b.predicted;
    } else if constexpr (!std::is_same_v<candidates_type, schedule::in_queue_order>) {
      if (precedes(backfill.candidates, a.q, b.q, now)) return true;
      if (precedes(backfill.candidates, b.q, a.q, now)) return false;
    }
    return precedes(order, a.q, b.q, now);
  }

  /// What is predicted to be free at a moment.
  auto free_at(time_point when) const -> resources {
    auto sum = free();
    for (const auto& r : run_list) {
      if (r.end <= when) sum += lepton::demand_of(r.q.what);
    }
    return sum;
  }
  /// The first predicted end at which a waiting task fits.
  auto shadow_of(lepton::task_id id) const -> time_point {
    auto first = time_point::max();
    for (const auto& r : run_list) {
      if (fits(demand_of_waiting(id), free_at(r.end))) first = std::min(first, r.end);
    }
    return first;
  }

  void start(std::size_t at, time_point now, bool backfilled) {
    const auto w = queue[at];
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
    run_list.push_back({w.q, now, end_of(now, w.predicted), w.predicted});
    started_.push_back({w.q.id, backfilled});
    lepton::order::tell_started(order, w.q, now);
    tell([&](auto& o) { lepton::order::tell_started(o, w.q, now); });
  }
  auto stop(lepton::task_id id, time_point now, bool by_itself) -> lepton::status {
    for (auto at = run_list.begin(); at != run_list.end(); ++at) {
      if (at->q.id != id) continue;
      lepton::order::tell_ended(order, at->q, now);
      tell([&](auto& o) { lepton::order::tell_ended(o, at->q, now); });
      if (by_itself) {
        runtime.observe(at->q.what, now - at->started, now);
        observed_ = true;
      }
      run_list.erase(at);
      return {};
    }
    return lepton::failure("no");
  }

  resources capacity_;
  std::vector<schedule::batch_start> started_{};
  std::uint64_t sequence_ = 0;
  bool observed_ = false;
};

// --- histories ---------------------------------------------------------------------------------

template <std::size_t N, class Order, class Backfill, class Runtime>
class comparison {
 public:
  using task = job<N>;
  static constexpr bool steady =
      lepton::order::fixed_ordering<Order, task> &&
      !lepton::order::timed_ordering<typename schedule::detail::candidates_of<Backfill>::type,
                                     task>;

  explicit comparison(choices& c)
      : c_(c),
        large_(c.chance(4)),
        machine_(some_machine(c, large_)),
        busy_(c.below(3)),
        live_(machine_),
        model_(machine_) {}

  /// The first difference, or an empty text.
  auto run(std::size_t steps) -> std::string {
    for (std::size_t step = 0; step < steps && !c_.exhausted(); ++step) {
      const auto what = do_something();
      if (problem_.empty()) check();
      if (!problem_.empty()) return "step " + std::to_string(step) + ", " + what + ": " + problem_;
    }
    return {};
  }

 private:
  static auto some_machine(choices& c, bool large) -> lepton::resources<N> {
    lepton::resources<N> r;
    for (auto& a : r) a = large ? 100 : 1 + c.below(12);
    return r;
  }
  void expect(bool holds, const std::string& what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  auto do_something() -> std::string {
    const bool crowded = model_.queue.size() > (large_ ? 70 + 10 * busy_ : 4 + 8 * busy_);
    const auto what = crowded && c_.chance(80) ? 50 + c_.below(50) : c_.below(100);
    if (what < 30 + 10 * busy_) return submit(), "submit";
    if (what < 70) {
      if (c_.chance(60)) now_ += duration{c_.below(4)};
      return pass(), "run";
    }
    if (what < 92) return finish(), "finish";
    if (what < 95) return cancel(), "cancel";
    now_ += duration{c_.below(9)};
    return "wait";
  }

  void submit() {
    task t;
    t.id = c_.chance(95) ? next_id_++ : c_.below(static_cast<std::uint32_t>(next_id_ + 1));
    for (std::size_t i = 0; i < N; ++i) {
      const auto most = static_cast<std::uint32_t>(machine_[i]);
      t.demand[i] = c_.chance(large_ ? 8 : 25) ? most : c_.below((large_ ? 4 : most / 2) + 2);
    }
    if (c_.chance(2)) t.demand[0] = c_.chance(50) ? -1 : machine_[0] + 1;
    t.estimate = duration{1 + c_.below(c_.chance(50) ? 4 : 20)};
    if (large_) t.estimate *= 10;
    if (c_.chance(1)) t.estimate = duration::max();
    if (c_.chance(1)) t.estimate = duration{};
    t.colour = c_.below(4);
    changed_ = true;
    expect(live_.submit(t, now_).has_value() == model_.submit(t, now_).has_value(),
           "accepted or refused");
  }
  void pass() {
    const auto wanted = model_.run(now_);
    const auto found = live_.run(now_);
    expect(found == wanted, "starts: " + text(found) + ", not " + text(wanted));
    expect(!model_.delayed_head, "the head is delayed");
    if (steady && !changed_ && now_ < wakes_at_)
      expect(found.empty(), "a pass starts something though nothing happened");
    changed_ = false;
    wakes_at_ = live_.wakes_at();
    expect(wakes_at_ == model_.wakes_at(), "wakes_at");
  }
  static auto text(const std::vector<schedule::batch_start>& starts) -> std::string {
    std::string all;
    for (const auto& s : starts) all += std::to_string(s.id) + (s.backfilled ? "b " : " ");
    return all;
  }
  auto some_running() -> lepton::task_id {
    if (model_.run_list.empty() || c_.chance(2))
      return c_.below(static_cast<std::uint32_t>(next_id_ + 1));
    const auto& r = model_.run_list[c_.below(static_cast<std::uint32_t>(model_.run_list.size()))];
    // Mostly no later than its estimate.
    if (c_.chance(80)) {
      for (const auto& one : model_.run_list) {
        if (now_ - one.started >= one.q.what.estimate) return one.q.id;
      }
    }
    return r.q.id;
  }
  void finish() {
    const auto id = some_running();
    changed_ = true;
    expect(live_.finish(id, now_).has_value() == model_.finish(id, now_).has_value(),
           "finished or refused");
  }
  void cancel() {
    auto id = some_running();
    if (!model_.queue.empty() && c_.chance(80)) {
      const auto any = c_.below(static_cast<std::uint32_t>(model_.queue.size()));
      id = model_.queue[c_.chance(40) ? model_.head(now_) : any].q.id;
    }
    changed_ = true;
    expect(live_.cancel(id, now_).has_value() == model_.cancel(id, now_).has_value(),
           "cancelled or refused");
  }
  void check() {
    expect(live_.waiting_count() == model_.queue.size(), "waiting_count");
    expect(live_.running_count() == model_.run_list.size(), "running_count");
    expect(live_.free() == model_.free() && !any_negative(live_.free()), "free");
  }

  choices& c_;
  bool large_;  // enough tasks for trees of several levels
  lepton::resources<N> machine_;
  std::uint32_t busy_;
  schedule::batch_scheduler<task, Order, Backfill, Runtime> live_;
  model<task, Order, Backfill, Runtime> model_;
  time_point now_{};
  lepton::task_id next_id_ = 1;
  bool changed_ = true;
  time_point wakes_at_ = time_point::max();
  std::string problem_;
};

// --- the parts ---------------------------------------------------------------------------------

struct ticket {
  std::uint32_t key = 0;
  std::uint32_t weight = 0;
};
struct weights {
  weights() = default;
  explicit weights(const ticket& t) : sum(t.weight), least(t.weight) {}
  void add(const weights& other) {
    sum += other.sum;
    least = std::min(least, other.least);
  }
  std::uint64_t sum = 0;
  std::uint32_t least = 0xffff'ffff;
};
constexpr auto by_key = [](const ticket& a, const ticket& b) { return a.key < b.key; };

struct light_search {
  std::uint32_t bound;
  auto block(const weights& w) const -> bool { return w.least > bound; }
  auto entry(const ticket& t) const -> bool { return t.weight > bound; }
};
struct sum_search {
  std::uint64_t left;
  auto block(const weights& w) -> bool { return take(w.sum); }
  auto entry(const ticket& t) -> bool { return take(t.weight); }
  auto take(std::uint64_t w) -> bool {
    if (w > left) return false;
    left -= w;
    return true;
  }
};

using fcfs = schedule::submission_order;
using stated = schedule::requested_time;
template <class Order>
using easy = schedule::easy<Order>;
using schedule::in_queue_order;
using schedule::shortest_first;

// --- simulations -------------------------------------------------------------------------------

auto some_workload(choices& c) -> simulate::queue_workload {
  simulate::queue_workload w;
  w.processors = 1 + c.below(10);
  std::int64_t now = 0;
  const auto n = 1 + c.below(50);
  for (std::uint32_t i = 0; i < n; ++i) {
    if (c.chance(50)) now += c.below(c.chance(20) ? 40 : 4);
    simulate::queue_job j;
    j.id = i;
    j.submitted = time_point{duration{now}};
    const auto most = static_cast<std::uint32_t>(w.processors);
    j.demand = simulate::processors{1 + (c.chance(25) ? most - 1 : c.below(most / 2 + 1))};
    if (c.chance(3)) j.demand = simulate::processors{w.processors + 1};
    j.estimate = duration{1 + c.below(c.chance(50) ? 5 : 25)};
    j.run = c.chance(40) ? j.estimate : duration{1 + c.below(30)};
    j.tenant = c.below(4);
    w.jobs.push_back(j);
  }
  return w;
}

/// Plans on the free processors of each nanosecond, as the simulators do that `m0` names: a job
/// lies there up to its estimated end, its rest is taken out when it ends earlier.
class profile_model {
 public:
  enum policy { fcfs, easy, sjbf };
  profile_model(const simulate::queue_workload& w, policy p)
      : w_(w), policy_(p), free_(3000, w.processors), starts(w.jobs.size(), -1) {}

  void run(simulate::queue_ties ties) {
    const bool each = ties == simulate::queue_ties::pass_per_event;
    for (std::int64_t now = 0; now < 2000; ++now) {
      if (each) {
        for (const auto& j : w_.jobs) {
          if (submit(j, now)) pass(now);
        }
        const auto order = running_;
        for (const auto id : order) {
          if (end(id, now)) pass(now);
        }
      } else {
        const auto order = running_;
        for (const auto id : order) end(id, now);
        for (const auto& j : w_.jobs) submit(j, now);
        pass(now);
      }
    }
  }

 private:
  auto submit(const simulate::queue_job& j, std::int64_t now) -> bool {
    if (j.submitted.time_since_epoch().count() != now) return false;
    if (j.demand[0] <= w_.processors) queue_.push_back(j.id);
    return true;
  }
  auto end(std::size_t id, std::int64_t now) -> bool {
    const auto& j = w_.jobs[id];
    const auto ran = std::min(j.run, j.estimate).count();
    if (starts[id] + ran != now) return false;
    add(now, j.estimate.count() - ran, j.demand[0]);
    std::erase(running_, id);
    return true;
  }
  void add(std::int64_t from, std::int64_t length, std::int64_t amount) {
    for (auto t = from; t < from + length; ++t) free_[static_cast<std::size_t>(t)] += amount;
  }
  auto fits_at(std::size_t id, std::int64_t when) const -> bool {
    const auto& j = w_.jobs[id];
    const auto from = free_.begin() + when;
    return std::all_of(from, from + j.estimate.count(),
                       [&](std::int64_t free) { return free >= j.demand[0]; });
  }
  void place(std::size_t id, std::int64_t when) {
    add(when, w_.jobs[id].estimate.count(), -w_.jobs[id].demand[0]);
  }
  void start(std::size_t id, std::int64_t now) {
    place(id, now);
    starts[id] = now;
    running_.push_back(id);
    std::erase(queue_, id);
  }
  void pass(std::int64_t now) {
    const auto demand = [&](std::size_t id) { return w_.jobs[id].demand[0]; };
    while (!queue_.empty() && free_[static_cast<std::size_t>(now)] >= demand(queue_[0]))
      start(queue_[0], now);
    if (policy_ == fcfs || queue_.empty()) return;
    const auto head = queue_[0];
    auto reserved = now;
    while (!fits_at(head, reserved)) ++reserved;
    place(head, reserved);
    auto candidates = std::vector<std::size_t>(queue_.begin() + 1, queue_.end());
    if (policy_ == sjbf) {
      std::stable_sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
        return w_.jobs[a].estimate < w_.jobs[b].estimate;
      });
    }
    for (const auto id : candidates) {
      if (fits_at(id, now)) start(id, now);
    }
    add(reserved, w_.jobs[head].estimate.count(), demand(head));
  }

  const simulate::queue_workload& w_;
  policy policy_;
  std::vector<std::int64_t> free_;
  std::vector<std::size_t> queue_;
  std::vector<std::size_t> running_;  // in the order of the starts

 public:
  std::vector<std::int64_t> starts;
};

template <class Scheduler>
auto starts_of(const simulate::queue_workload& w, Scheduler s, simulate::queue_ties ties)
    -> std::vector<std::int64_t> {
  simulate::queue_simulation_options options;
  options.ties = ties;
  const auto run = simulate::simulate_queue(w, s, options);
  REQUIRE(run);
  std::vector<std::int64_t> starts;
  for (const auto& o : run->jobs)
    starts.push_back(o.fate == simulate::job_fate::rejected ? -1
                                                            : o.start.time_since_epoch().count());
  return starts;
}

template <std::size_t N, class Order, class Backfill, class Runtime = stated>
void compare(const char* name) {
  constexpr std::size_t steps = 400;
  constexpr auto histories = std::max<std::uint64_t>(8, LEPTON_PROPERTY_DECISIONS / steps / 4);
  for (std::uint64_t number = 0; number < histories; ++number) {
    INFO(name << ", history " << number << ", " << how_to_repeat());
    choices c{seed_for(name, number)};
    REQUIRE(comparison<N, Order, Backfill, Runtime>{c}.run(steps) == "");
  }
}

}  // namespace

TEST_CASE("a summary tree and a sorted list agree") {
  choices c{seed_for("summary tree", 0)};
  lepton::detail::summary_tree<ticket, weights> tree;
  std::vector<ticket> list;
  std::uint32_t wanted = 0;
  for (int i = 0; i < LEPTON_PROPERTY_DECISIONS / 2; ++i) {
    if (i % 5000 == 0) wanted = c.below(i % 10000 == 0 ? 60 : 3000);
    if (list.size() < wanted ? c.chance(90) : c.chance(20)) {
      const bool at_end = c.chance(50) && !list.empty();
      const ticket t{at_end ? list.back().key + 1 : c.below(1 << 20), c.below(1 << 20)};
      const auto at = std::lower_bound(list.begin(), list.end(), t, by_key);
      if (at != list.end() && at->key == t.key) continue;
      list.insert(at, t);
      tree.insert(t, by_key);
    } else if (!list.empty()) {
      const auto n = c.below(static_cast<std::uint32_t>(list.size()));
      const auto at = list.begin() + (c.chance(30) ? n / 8 : n);
      tree.erase(*at, by_key);
      list.erase(at);
    }
    REQUIRE(tree.size() == list.size());
    if (list.empty()) continue;
    REQUIRE(tree.first().key == list.front().key);
    const light_search light{c.below(1 << 20) >> c.below(16)};
    const auto* first = tree.visit(light);
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&](const ticket& t) { return t.weight <= light.bound; });
    REQUIRE((first == nullptr) == (found == list.end()));
    if (first != nullptr) REQUIRE(first->key == found->key);
    if (i % 16 != 0) continue;
    sum_search search{std::uint64_t{c.below(1 << 20)} << c.below(12)};
    auto left = search.left;
    const auto* last = tree.visit(search);
    std::uint64_t sum = 0;
    auto at = list.begin();
    for (; at != list.end() && at->weight <= left; ++at) left -= at->weight;
    REQUIRE((last == nullptr) == (at == list.end()));
    if (last != nullptr) REQUIRE(last->key == at->key);
    for (const auto& t : list) sum += t.weight;
    REQUIRE(tree.total().sum == sum);
  }
}

TEST_CASE("an id map and a list agree") {
  choices c{seed_for("id map", 0)};
  lepton::detail::id_map map;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> list;
  for (int i = 0; i < LEPTON_PROPERTY_DECISIONS / 5; ++i) {
    const auto key = std::uint64_t{c.below(300)} << c.below(2) * 40;
    const auto at =
        std::find_if(list.begin(), list.end(), [&](const auto& e) { return e.first == key; });
    REQUIRE(map.find(key) == (at == list.end() ? map.none : at->second));
    if (c.chance(50)) {
      const auto value = c.below(1000);
      REQUIRE(map.insert(key, value) == (at == list.end()));
      if (at == list.end()) list.emplace_back(key, value);
    } else if (at != list.end()) {
      map.erase(key);
      list.erase(at);
    }
    REQUIRE(map.size() == list.size());
  }
}

TEST_CASE("batch scheduling without and with backfilling agrees with the definitions") {
  compare<1, fcfs, schedule::no_backfill>("fcfs");
  compare<1, fcfs, easy<in_queue_order>>("easy");
  compare<2, fcfs, schedule::sjbf>("sjbf, two resources");
  compare<1, by_colour, easy<in_queue_order>>("by colour");
  compare<2, by_colour, easy<by_colour>>("by colour twice");
}

TEST_CASE("batch scheduling in orders that change agrees with the definitions") {
  compare<1, by_slowdown, easy<in_queue_order>>("by slowdown");
  compare<2, by_usage, easy<in_queue_order>>("by usage, two resources");
  compare<1, fcfs, easy<by_usage>>("candidates by usage");
  compare<1, by_usage, schedule::sjbf, last_run>("by usage, sjbf, predicted");
}

TEST_CASE("batch scheduling with predicted run times agrees with the definitions") {
  compare<1, fcfs, easy<in_queue_order>, last_run>("easy, predicted");
  compare<1, fcfs, schedule::sjbf, last_run>("sjbf, predicted");
  compare<2, by_colour, schedule::sjbf, last_run>("by colour, sjbf, predicted");
}

TEST_CASE("simulated queues agree with planning on the profile of free processors") {
  constexpr auto workloads = std::max<std::uint64_t>(20, LEPTON_PROPERTY_DECISIONS / 300);
  using simulate::queue_job;
  using plain = schedule::batch_scheduler<queue_job, fcfs, schedule::no_backfill>;
  using backfilling = schedule::batch_scheduler<queue_job>;
  using shortest = schedule::batch_scheduler<queue_job, fcfs, schedule::sjbf>;
  for (std::uint64_t number = 0; number < workloads; ++number) {
    INFO("workload " << number << ", " << how_to_repeat());
    choices c{seed_for("simulated queues", number)};
    const auto w = some_workload(c);
    const simulate::processors all{w.processors};
    for (const auto ties :
         {simulate::queue_ties::pass_per_event, simulate::queue_ties::pass_per_moment}) {
      for (const auto policy : {profile_model::fcfs, profile_model::easy, profile_model::sjbf}) {
        INFO("m" << static_cast<int>(ties) << ", policy " << policy);
        profile_model slow{w, policy};
        slow.run(ties);
        const auto fast = policy == profile_model::fcfs   ? starts_of(w, plain{all}, ties)
                          : policy == profile_model::easy ? starts_of(w, backfilling{all}, ties)
                                                          : starts_of(w, shortest{all}, ties);
        REQUIRE(fast == slow.starts);
      }
    }
  }
}

TEST_CASE("batch scheduling agrees with the definitions, shrinking") {
  CHECK(rc::check("batch scheduler", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    comparison<1, fcfs, schedule::sjbf, last_run> all{c};
    RC_ASSERT(all.run(bytes.size()) == "");
  }));
}
