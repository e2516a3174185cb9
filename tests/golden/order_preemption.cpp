// SPDX-License-Identifier: Apache-2.0
// kube-scheduler's choice of victims. The scenes and their outcomes are those of the tests of
// Kubernetes (pkg/scheduler/framework/plugins/defaultpreemption/default_preemption_test.go:
// TestDryRunPreemption, TestSelectBestCandidate, TestPostFilter), of which only the facts are
// taken: nodes of 500, small, medium, large and very large pods of 100, 200, 300 and 500,
// priorities of -100, 0, 100, 1000 and 10000. Turning red is legitimate only when Kubernetes
// changes its rules and Lepton follows.

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/feasible_nodes.hpp>
#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/schedule/kubernetes_preemption.hpp>

#include "catch.hpp"

namespace schedule = lepton::schedule;

namespace {

constexpr std::int64_t negative = -100;
constexpr std::int64_t low = 0;
constexpr std::int64_t mid = 100;
constexpr std::int64_t high = 1000;
constexpr std::int64_t very_high = 10000;
constexpr lepton::amount small = 100;
constexpr lepton::amount medium = 200;
constexpr lepton::amount large = 300;
constexpr lepton::amount very_large = 500;

struct pod {
  std::size_t node;
  std::int64_t priority;
  lepton::amount size;
  std::int64_t started = 0;
  std::vector<schedule::budget_index> budgets{};
  lepton::labels own{};
  std::vector<lepton::affinity_term> anti_affinity{};
};

/// The library's own tests of a node, as kube-scheduler's filters.
struct filters {
  template <class Task, class Cluster>
  auto operator()(const Task& t, const Cluster& nodes, lepton::node_index i) const -> bool {
    lepton::place::detail::feasibility rules;
    rules.look(t, nodes);
    return !rules.failure(t, nodes, i).has_value();
  }
};

class scene {
 public:
  scene(std::size_t nodes, std::vector<pod> pods, lepton::amount capacity = 500)
      : scene(std::vector<std::string>(nodes, "zone"), std::move(pods), capacity) {}

  scene(const std::vector<std::string>& zones, std::vector<pod> pods, lepton::amount capacity = 500)
      : pods_(std::move(pods)) {
    for (const auto& zone : zones) {
      lepton::node_spec<2> spec;
      spec.name = "node" + std::to_string(nodes_.size() + 1);
      spec.capacity = {capacity, capacity};
      spec.own_labels = lepton::labels{{"hostname", spec.name}, {"zone", zone}};
      REQUIRE(nodes_.add(spec));
    }
    for (const auto& p : pods_) {
      const auto receipt = nodes_.allocate(static_cast<lepton::node_index>(p.node - 1),
                                           {p.size, p.size}, {}, 0, p.own, p.anti_affinity);
      REQUIRE(receipt);
      schedule::running_task r;
      r.allocation = *receipt;
      r.id = running_.size();
      r.priority = p.priority;
      r.started = lepton::at(lepton::duration{p.started});
      r.budgets = p.budgets;
      running_.push_back(r);
    }
  }

  /// "1: 0 2 (1)": from node 1 the first and the third pod, one against its budget. For each node
  /// that is a candidate.
  auto candidates(const lepton::task<2>& preemptor, std::vector<std::int64_t> allowed = {})
      -> std::string {
    std::string all;
    schedule::transaction tx{nodes_};
    for (lepton::node_index i = 0; i < nodes_.size(); ++i) {
      const auto plan = policy_.plan_on(i, preemptor, tx, filters{}, running_, allowed);
      if (plan) all += in_words(*plan) + ";";
    }
    return all;
  }

  /// The chosen one, the same whoever is asked what fits.
  auto chosen(const lepton::task<2>& preemptor, std::vector<std::int64_t> allowed = {})
      -> std::string {
    schedule::transaction tx{nodes_};
    const auto plan = policy_.plan(preemptor, tx, filters{}, running_, allowed);
    lepton::place::greedy first{lepton::place::first_fit{}};
    const auto placed =
        policy_.plan(preemptor, tx, schedule::fits_by_placing{first}, running_, allowed);
    REQUIRE(plan.has_value() == placed.has_value());
    if (!plan) return "none";
    CHECK(in_words(*plan) == in_words(*placed));
    return in_words(*plan);
  }

 private:
  static auto in_words(const schedule::preemption_plan& plan) -> std::string {
    auto text = std::to_string(plan.node + 1) + ":";
    for (const auto& v : plan.victims) text += " " + std::to_string(v.id);
    if (plan.violations != 0) text += " (" + std::to_string(plan.violations) + ")";
    return text;
  }

  std::vector<pod> pods_;
  lepton::cluster<2> nodes_;
  std::vector<schedule::running_task> running_;
  schedule::kubernetes_preemption policy_;
};

auto preemptor(std::int64_t priority, lepton::amount size) -> lepton::task<2> {
  lepton::task<2> t;
  t.demand = {size, size};
  t.priority = priority;
  return t;
}

}  // namespace

TEST_CASE("golden preemption: the node of the lowest highest priority") {
  scene s{3,
          {{1, mid, medium},
           {1, mid, large},
           {2, mid, medium},
           {2, low, medium},
           {3, low, medium},
           {3, low, medium}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "3: 4 5");
  CHECK(s.candidates(preemptor(high, very_large)) == "1: 0 1;2: 2 3;3: 4 5;");
}

TEST_CASE("golden preemption: then the smallest sum of priorities") {
  scene s{3,
          {{1, mid, medium},
           {1, mid, large},
           {2, mid, large},
           {2, low, medium},
           {3, mid, medium},
           {3, mid, medium}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "2: 2 3");
}

TEST_CASE("golden preemption: then the fewest victims") {
  scene s{3,
          {{1, mid, small},
           {1, negative, small},
           {1, mid, small},
           {1, negative, small},
           {2, mid, large},
           {2, negative, medium},
           {3, mid, medium},
           {3, negative, small},
           {3, low, small}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "2: 4 5");
}

TEST_CASE("golden preemption: negative priorities count as if they were not") {
  scene s{3,
          {{1, mid, small},
           {1, negative, small},
           {1, negative, small},
           {2, mid, large},
           {2, negative, medium},
           {3, mid, medium},
           {3, negative, small},
           {3, low, small}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "2: 3 4");
}

TEST_CASE("golden preemption: each criterion would choose another node") {
  scene s{4,
          {{1, mid, small},
           {1, low, small},
           {1, low, small},
           {2, high, large},
           {3, mid, medium},
           {3, low, small},
           {3, low, small},
           {3, low, small},
           {4, mid, medium},
           {4, mid, small},
           {4, mid, small},
           {4, negative, small}}};
  CHECK(s.chosen(preemptor(very_high, very_large)) == "1: 0 1 2");
}

TEST_CASE("golden preemption: then the latest start") {
  scene s{3,
          {{1, mid, medium, 2},
           {1, mid, medium, 2},
           {2, mid, medium, 3},
           {2, mid, medium, 3},
           {3, mid, medium, 1},
           {3, mid, medium, 1}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "2: 2 3");
}

TEST_CASE("golden preemption: the earliest start of a node counts") {
  scene s{3,
          {{1, mid, medium, 4},
           {1, mid, medium, 2},
           {2, mid, medium, 5},
           {2, mid, medium, 1},
           {3, mid, medium, 3},
           {3, mid, medium, 6}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "3: 4 5");
}

TEST_CASE("golden preemption: the start of the highest priority only") {
  scene s{3,
          {{1, low, medium, 4},
           {1, mid, medium, 2},
           {2, mid, medium, 6},
           {2, low, medium, 1},
           {3, low, medium, 3},
           {3, mid, medium, 5}}};
  CHECK(s.chosen(preemptor(high, very_large)) == "2: 2 3");
}

TEST_CASE("golden preemption: equal nodes, the first") {
  scene s{2, {{1, mid, large}, {2, mid, large}}};
  CHECK(s.chosen(preemptor(high, large)) == "1: 0");
  CHECK(s.candidates(preemptor(high, large)) == "1: 0;2: 1;");
}

TEST_CASE("golden preemption: a task that fits without preemption has no candidate") {
  scene s{2, {{1, mid, 0}, {2, mid, 0}}};
  CHECK(s.candidates(preemptor(high, 0)).empty());
  CHECK(s.chosen(preemptor(high, 0)) == "none");
}

TEST_CASE("golden preemption: those of higher priority stay") {
  scene s{2, {{1, mid, large}, {2, mid, large}}};
  CHECK(s.candidates(preemptor(low, large)).empty());
}

TEST_CASE("golden preemption: those of equal priority stay") {
  scene s{1, {{1, low, 1}}, 1};
  CHECK(s.chosen(preemptor(low, 1)) == "none");
  CHECK(s.chosen(preemptor(high, 1)) == "1: 0");
}

TEST_CASE("golden preemption: a small task of low priority is reprieved") {
  scene s{2, {{1, low, small}, {1, mid, large}, {2, mid, large}}};
  CHECK(s.candidates(preemptor(high, large)) == "1: 1;2: 2;");
}

TEST_CASE("golden preemption: mixed priorities") {
  scene s{2,
          {{1, mid, small}, {1, low, small}, {1, mid, medium}, {1, high, small}, {2, high, large}}};
  CHECK(s.candidates(preemptor(high, large)) == "1: 2 1;");
}

TEST_CASE("golden preemption: of equal priority the one that started later goes") {
  scene s{2,
          {{1, low, small, 5},
           {1, low, small, 4},
           {1, mid, medium, 3},
           {1, high, small, 2},
           {2, high, large, 1}}};
  CHECK(s.candidates(preemptor(high, large)) == "1: 2 0;");
}

TEST_CASE("golden preemption: a task whose anti-affinity is in the way") {
  const std::vector<lepton::affinity_term> away{
      {{{{"foo", lepton::label_operator::exists, {}}}}, "hostname"}};
  const lepton::labels foo{{"foo", ""}};
  scene s{2,
          {{1, low, small, 0, {}, foo, away}, {1, mid, small}, {1, high, small}, {2, high, small}}};
  auto p = preemptor(high, small);
  p.own_labels = foo;
  CHECK(s.candidates(p) == "1: 0;");
}

TEST_CASE("golden preemption: a spread that is in the way") {
  const lepton::labels foo{{"foo", ""}};
  const lepton::label_selector has_foo{{{"foo", lepton::label_operator::exists, {}}}};
  scene s{{"zone1", "zone1", "zone2"},
          {{1, mid, 0, 0, {}, foo},
           {1, low, 0, 0, {}, foo},
           {2, low, 0, 0, {}, foo},
           {3, high, 0, 0, {}, foo},
           {3, high, 0, 0, {}, foo}}};
  auto p = preemptor(high, 0);
  p.own_labels = foo;
  p.rules.spread = {{has_foo, "zone", 1}, {has_foo, "hostname", 1}};
  CHECK(s.candidates(p) == "1: 1;2: 2;");
}

TEST_CASE("golden preemption: two victims of a budget that allows one") {
  scene s{1, {{1, mid, medium, 0, {0}}, {1, mid, medium, 0, {0}}}};
  CHECK(s.candidates(preemptor(high, very_large), {1}) == "1: 0 1 (1);");
  CHECK(s.candidates(preemptor(high, very_large), {2}) == "1: 0 1;");
  CHECK(s.candidates(preemptor(high, very_large), {0}) == "1: 0 1 (2);");
}

TEST_CASE("golden preemption: a task on its way out counts against no budget") {
  scene two{1, {{1, mid, medium, 0, {0}}, {1, mid, medium}}};
  CHECK(two.candidates(preemptor(high, very_large), {1}) == "1: 0 1;");
  scene three{1, {{1, mid, small, 0, {0}}, {1, mid, medium, 0, {0}}, {1, mid, medium}}};
  CHECK(three.candidates(preemptor(high, very_large), {1}) == "1: 0 1 2 (1);");
}

TEST_CASE("golden preemption: the fewest broken budgets before the lowest priority") {
  scene s{5,
          {{1, mid, large, 0, {0}},
           {2, very_high, large, 0, {0}},
           {3, mid, large},
           {4, mid, large, 0, {0}},
           {5, mid, large, 0, {0}}}};
  CHECK(s.chosen(preemptor(high, large), {0}) == "3: 2");
  CHECK(s.candidates(preemptor(high, large), {0}) == "1: 0 (1);3: 2;4: 3 (1);5: 4 (1);");
  scene lower{2, {{1, negative, large, 0, {0}}, {2, mid, large}}};
  CHECK(lower.chosen(preemptor(high, large), {0}) == "2: 1");
}

TEST_CASE("golden preemption: as many broken budgets, so the lowest highest priority") {
  // The high one has a budget with room, the two others share one with none; a pod a node.
  scene s{2, {{1, high, 1, 0, {1}}, {1, low, 1, 0, {0}}, {2, mid, 2, 0, {0}}}, 2};
  CHECK(s.chosen(preemptor(very_high, 2), {0, 1000}) == "2: 2 (1)");
}

TEST_CASE("golden preemption: what breaks a budget is reprieved before what is more important") {
  scene s{1, {{1, mid, medium}, {1, low, medium, 0, {0}}}};
  CHECK(s.candidates(preemptor(high, large), {0}) == "1: 0;");
  CHECK(s.candidates(preemptor(high, large), {1}) == "1: 1;");
}

TEST_CASE("golden preemption: no node is large enough") {
  scene s{2, {{1, low, 0}, {2, low, 0}}, 200};
  CHECK(s.chosen(preemptor(high, large)) == "none");
}
