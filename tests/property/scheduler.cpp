// SPDX-License-Identifier: Apache-2.0
// The scheduler beside a model that keeps plain lists, asks for every waiting task in every pass,
// and takes its decisions from the definitions.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <lepton/order/fcfs.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/schedule/scheduler.hpp>

#include "catch.hpp"
#include "property/oracle.hpp"

using namespace lepton_test;
namespace place = lepton::place;

namespace {

/// Colour 2 first; equals by submission.
struct by_colour {
  [[nodiscard]] auto before(const lepton::order::queued<job>& a,
                            const lepton::order::queued<job>& b) const -> bool {
    return a.what.colour > b.what.colour;
  }
};

struct model_task {
  job what;
  std::uint64_t sequence = 0;
  lepton::node_index node = 0;  // while it runs
};

auto emptied(choices& c, world& w) -> nodes_type {
  while (!w.held.empty()) w.release_one(c);
  return w.nodes;
}

template <class Order, class Place>
class comparison {
 public:
  comparison(choices& c, Order order, Place place, oracle::rule rule, lepton::place::tie_order ties,
             std::size_t most_nodes)
      : c_(c),
        world_(c, most_nodes, c.chance(30) ? rules_kind::across_nodes : rules_kind::of_one_node),
        order_(order),
        live_(lepton::make_scheduler<job>(emptied(c, world_), std::move(order), std::move(place))),
        rule_(std::move(rule)),
        ties_(ties) {}

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
  void expect(bool holds, const std::string& what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  auto do_something() -> std::string {
    const auto what = c_.below(100);
    const auto i = c_.below(static_cast<std::uint32_t>(live_.nodes().size()));
    if (what < 35) return submit(), "submit";
    if (what < 60) return pass(), "run";
    if (what < 78) return finish(), "finish";
    if (what < 84) return cancel(), "cancel";
    if (what < 88) return lose(i), "lose_node";
    if (what < 91) return (void)live_.nodes().drain(i), "drain";
    if (what < 95) return (void)live_.nodes().resume(i), "resume";
    if (what < 97) return (void)live_.nodes().relabel(i, world::node_labels(c_)), "relabel";
    if (what < 98) return (void)live_.nodes().retaint(i, world::node_taints(c_)), "retaint";
    if (live_.nodes().size() < 60) (void)live_.nodes().add(world_.some_spec(c_));
    return "add";
  }

  void submit() {
    auto j = world_.some_job(c_);
    j.id = c_.chance(90) ? next_id_++ : c_.below(static_cast<std::uint32_t>(next_id_ + 1));
    if (c_.chance(2)) j.demand[1] = -1;
    const bool fine = j.demand[1] >= 0 && !waits(j.id) && running_.count(j.id) == 0;
    expect(live_.submit(j, lepton::time_point{}).has_value() == fine, "accepted or refused");
    if (!fine) return;
    insert({j, next_sequence_++, 0});
  }

  auto waits(lepton::task_id id) const -> bool {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const auto& t) { return t.what.id == id; });
  }
  void insert(model_task t) {
    waiting_.push_back(std::move(t));
    std::sort(waiting_.begin(), waiting_.end(), [&](const model_task& a, const model_task& b) {
      const lepton::order::queued<job> qa{a.what, a.what.id, {}, a.sequence};
      const lepton::order::queued<job> qb{b.what, b.what.id, {}, b.sequence};
      if (order_.before(qa, qb)) return true;
      return !order_.before(qb, qa) && a.sequence < b.sequence;
    });
  }

  void pass() {
    auto shadow = live_.nodes();
    std::vector<std::pair<lepton::task_id, lepton::decision>> wanted;
    std::vector<model_task> left;
    for (auto& t : waiting_) {
      const auto d = oracle::decide(rule_, t.what, shadow, ties_);
      if (d.outcome() == lepton::verdict::busy) {
        left.push_back(std::move(t));
        continue;
      }
      wanted.emplace_back(t.what.id, d);
      if (!d) continue;
      expect(shadow.allocate(t.what, d).has_value(), "the model's own decision");
      t.node = d.node();
      running_.emplace(t.what.id, std::move(t));
    }
    waiting_ = std::move(left);
    const auto& found = live_.run(lepton::time_point{});
    expect(found.size() == wanted.size(),
           "number of tasks that leave the queue: " + std::to_string(found.size()) + ", not " +
               std::to_string(wanted.size()));
    for (std::size_t i = 0; i < std::min(found.size(), wanted.size()); ++i) {
      expect(found[i].id == wanted[i].first, "order of the tasks");
      expect(found[i].what == wanted[i].second, "decision");
    }
  }

  /// An id of a task that runs, mostly.
  auto some_running() -> lepton::task_id {
    if (running_.empty() || c_.chance(5)) return c_.below(static_cast<std::uint32_t>(next_id_ + 1));
    auto at = running_.begin();
    std::advance(at, c_.below(static_cast<std::uint32_t>(running_.size())));
    return at->first;
  }
  void finish() {
    const auto id = some_running();
    expect(live_.finish(id, lepton::time_point{}).has_value() == (running_.erase(id) == 1),
           "finished or refused");
  }
  void cancel() {
    auto id = some_running();
    if (!waiting_.empty() && c_.chance(60)) {
      id = waiting_[c_.below(static_cast<std::uint32_t>(waiting_.size()))].what.id;
    }
    const auto known = std::erase_if(waiting_, [&](const auto& t) { return t.what.id == id; }) +
                       running_.erase(id);
    expect(live_.cancel(id, lepton::time_point{}).has_value() == (known == 1),
           "cancelled or refused");
  }
  void lose(lepton::node_index i) {
    const auto present = live_.nodes()[i].present();
    const auto back = live_.lose_node(i, lepton::time_point{});
    expect(back.has_value() == present, "lost or refused");
    if (!back) return;
    std::vector<model_task> lost;
    for (auto at = running_.begin(); at != running_.end();) {
      if (at->second.node == i) {
        lost.push_back(std::move(at->second));
        at = running_.erase(at);
      } else {
        ++at;
      }
    }
    std::sort(lost.begin(), lost.end(),
              [](const auto& a, const auto& b) { return a.sequence < b.sequence; });
    expect(lost.size() == back->size(), "number of lost tasks");
    for (std::size_t k = 0; k < std::min(lost.size(), back->size()); ++k) {
      expect(lost[k].what.id == (*back)[k], "lost task");
    }
    for (auto& t : lost) insert(std::move(t));
  }

  /// No task lost or run twice, nothing overcommitted, every unit accounted for.
  void check() {
    expect(live_.waiting_count() == waiting_.size(), "waiting_count");
    expect(live_.running_count() == running_.size(), "running_count");
    const auto& nodes = live_.nodes();
    expect(nodes.allocation_count() == running_.size(), "allocation_count");
    std::vector<lepton::resources<2>> taken(nodes.size());
    std::vector<std::int64_t> milli(nodes.size(), 0);
    for (const auto& [id, t] : running_) {
      const auto* held = live_.find_running(id);
      expect(held != nullptr && held->node == t.node, "find_running");
      taken[t.node] += t.what.demand;
      milli[t.node] += t.what.devices.total_milli();
    }
    for (const auto& t : waiting_) expect(live_.find_running(t.what.id) == nullptr, "not running");
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto& n = nodes[i];
      if (!n.present()) continue;
      // Of CPU, others use a third of some nodes.
      const auto others = n.capacity() - n.free() - taken[i];
      expect(others == lepton::resources<2>{} ||
                 others == lepton::resources<2>{n.capacity()[0] / 3, 0},
             "free amounts");
      expect(!any_negative(n.free()), "overcommitted");
      expect(n.devices().free_milli() == n.devices().capacity_milli() - milli[i], "devices");
    }
  }

  choices& c_;
  world world_;
  Order order_;
  lepton::scheduler<nodes_type, Order, Place, job> live_;
  oracle::rule rule_;
  lepton::place::tie_order ties_;
  std::vector<model_task> waiting_;
  std::map<lepton::task_id, model_task> running_;
  lepton::task_id next_id_ = 1;
  std::uint64_t next_sequence_ = 0;
  std::string problem_;
};

auto first_fit_rule() -> oracle::rule {
  return {[](const job&, const nodes_type&, lepton::node_index) { return 0; }};
}
auto least_rule() -> oracle::rule {
  return {[](const job& j, const nodes_type& v, lepton::node_index i) {
    return std::int64_t{place::least_allocated{}(j, v[i])};
  }};
}

}  // namespace

TEST_CASE("a scheduler and a model of plain lists agree on everything") {
  constexpr std::size_t steps = 300;
  constexpr auto histories = std::max<std::size_t>(4, LEPTON_PROPERTY_DECISIONS / 10 / steps / 2);
  for (std::uint64_t number = 0; number < histories; ++number) {
    INFO("history " << number << ", " << how_to_repeat());
    choices c{seed_for("scheduler", number)};
    const auto size = 1 + c.below(24);
    comparison first{c,
                     lepton::order::fcfs{},
                     place::greedy{place::first_fit{}}.with_ties(9),
                     first_fit_rule(),
                     place::tie_order{9},
                     size};
    REQUIRE(first.run(steps) == "");
    comparison second{c,  by_colour{}, place::greedy{place::least_allocated{}}, least_rule(),
                      {}, size};
    REQUIRE(second.run(steps) == "");
  }
}

TEST_CASE("a scheduler and a model of plain lists agree, shrinking") {
  CHECK(rc::check("scheduler", [](const std::vector<std::uint8_t>& bytes) {
    choices c{bytes};
    comparison all{c, by_colour{}, place::greedy{place::first_fit{}}, first_fit_rule(), {}, 4};
    RC_ASSERT(all.run(bytes.size()) == "");
  }));
}
