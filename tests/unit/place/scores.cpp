// SPDX-License-Identifier: Apache-2.0
// The corners of scores; their figures are pinned in tests/golden.

#include <cstdint>
#include <vector>

#include <lepton/place/balanced_allocation.hpp>
#include <lepton/place/best_fit_percent.hpp>
#include <lepton/place/dot_product.hpp>
#include <lepton/place/fragmentation_gradient.hpp>
#include <lepton/place/gpu_clustering.hpp>
#include <lepton/place/gpu_packing.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/least_allocated.hpp>
#include <lepton/place/most_allocated.hpp>
#include <lepton/place/nomad_fit.hpp>
#include <lepton/place/requested_to_capacity_ratio.hpp>
#include <lepton/place/topology_spread.hpp>
#include <lepton/place/typical_tasks.hpp>
#include <lepton/place/weighted_sum.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
namespace place = lepton::place;
using lepton::device_request;
using lepton::device_set;

namespace {

/// A score of the program's own that chooses devices, or cares for something else of the task.
struct chooser {
  static constexpr auto kind = place::score_kind::local;
  template <class Node>
  auto operator()(const task&, const Node&) const -> std::int32_t {
    return 1;
  }
  template <class Node>
  [[nodiscard]] auto choose_devices(const task&, const Node&) const -> lepton::device_mask {
    return mask;
  }
  lepton::device_mask mask = 0b10;
};

auto one(lepton::node_spec<2> s) -> cluster { return cluster_of({std::move(s)}); }

}  // namespace

TEST_CASE("Kubernetes' scores: weights choose and weigh, what a node lacks is left out") {
  const auto c = one(node_spec({4000, 10000}));
  const auto t = some_task({3000, 5000});
  place::dimension_weights w;
  w.resource = {1, 0, 0, 0, 0, 0, 0, 0};
  CHECK(place::least_allocated{w}(t, c[0]) == 25);
  CHECK(place::most_allocated{w}(t, c[0]) == 75);
  CHECK(place::balanced_allocation{w}(t, c[0]) == 100);
  w.resource = {};
  w.devices = 0;
  CHECK(place::least_allocated{w}(t, c[0]) == 0);
  CHECK(place::most_allocated{w}(t, c[0]) == 0);
  CHECK(place::balanced_allocation{w}(t, c[0]) == 100);

  const auto no_memory = one(node_spec({4000, 0}));
  CHECK(place::least_allocated{}(some_task({3000, 0}), no_memory[0]) == 25);
  const auto nothing = one(node_spec({0, 0}));
  CHECK(place::least_allocated{}(some_task({0, 0}), nothing[0]) == 0);
  CHECK(place::balanced_allocation{}(some_task({0, 0}), nothing[0]) == 100);
  CHECK(place::requested_to_capacity_ratio{{0, 3}}(some_task({0, 0}), nothing[0]) == 0);
}

TEST_CASE("devices count as one more dimension of Kubernetes' scores") {
  auto c = one(node_spec({100, 100}, {}, device_set{4, 0}));
  REQUIRE(c.allocate(0, {10, 20}, device_request::share(500)));
  const auto t = some_task({10, 20}, device_request::whole(1));
  // Used with the task: 20 %, 40 %, 37 % (1500 of 4000).
  CHECK(place::least_allocated{}(t, c[0]) == (80 + 60 + 62) / 3);
  CHECK(place::most_allocated{}(t, c[0]) == (20 + 40 + 37) / 3);
  CHECK(place::balanced_allocation{}(t, c[0]) == 91);
}

TEST_CASE("the largest amounts do not overflow") {
  constexpr auto most = lepton::max_amount;
  auto c = one(node_spec({most, most}));
  REQUIRE(c.allocate(0, {most / 2, most / 4}));
  const auto t = some_task({most / 4, most / 4});
  place::dimension_weights heavy;
  heavy.resource.fill(1000);
  CHECK(place::least_allocated{heavy}(t, c[0]) == 38 - 1);
  CHECK(place::most_allocated{heavy}(t, c[0]) == 61);
  CHECK(place::balanced_allocation{heavy}(t, c[0]) == 87);
  CHECK(place::nomad_bin_pack{}(t, c[0]) > 0);
}

TEST_CASE("gpu_packing: tasks in use before free devices in use before idle nodes") {
  const auto on = [](std::uint8_t devices, std::uint16_t used, const device_request& r) {
    auto c = one(node_spec({9, 9}, {}, device_set{devices, 0}));
    if (used != 0) REQUIRE(c.allocate(0, {0, 0}, device_request::share(used)));
    return place::gpu_packing{}(some_task({1, 1}, r), c[0]);
  };
  CHECK(on(4, 0, {}) == 0);
  CHECK(on(0, 0, {}) == 0);
  CHECK(on(4, 0, device_request::share(1)) == 29);
  CHECK(on(8, 0, device_request::whole(8)) == 25);
  CHECK(on(16, 0, device_request::whole(1)) == 17);
  CHECK(on(1, 0, device_request::whole(1)) == 32);
  CHECK(on(4, 300, device_request::whole(1)) == 49);
  CHECK(on(16, 300, device_request::whole(15)) == 35);
  CHECK(on(4, 300, device_request::share(701)) == 49);
  CHECK(on(4, 300, device_request::share(700)) == 93);
  CHECK(on(4, 999, device_request::share(1)) == 99);
  CHECK(on(4, 1, device_request::share(1)) == 90);
}

TEST_CASE("gpu_clustering: the same kind comes together") {
  auto c = one(node_spec({9, 9}, {}, device_set{8, 0}));
  const place::gpu_clustering score;
  const auto share = some_task({1, 1}, device_request::share(500));
  const auto two = some_task({1, 1}, device_request::whole(2));
  CHECK(score(some_task(), c[0]) == 0);
  CHECK(score(share, c[0]) == 25);
  REQUIRE(c.allocate(0, {0, 0}, device_request::whole(2)));
  CHECK(score(two, c[0]) == 75 + 6);  // u = 6.25
  CHECK(score(share, c[0]) == 6);
  REQUIRE(c.allocate(0, {0, 0}, device_request::share(500)));
  CHECK(score(two, c[0]) == 50 + 7);  // u = 7.8
  CHECK(score(share, c[0]) == 50 + 7);
  CHECK(score(some_task({1, 1}, device_request::whole(1)), c[0]) == 7);
  // A node with fewer devices than the scale has less left to give.
  const auto small = one(node_spec({9, 9}, {}, device_set{2, 0}));
  CHECK(score(share, small[0]) == 25 + 18);
}

TEST_CASE("best_fit_percent and dot_product leave out what the scale leaves out") {
  const auto c = one(node_spec({64000, 500}, {}, device_set{4, 0}));
  const auto t = some_task({32000, 100}, device_request::whole(2));
  place::percent_scale scale;
  scale.resource[0] = 128000;
  scale.devices = 8000;
  // Left after: a quarter of the CPU and of the devices.
  CHECK(place::best_fit_percent{scale}(t, c[0]) == 75);
  CHECK(place::dot_product{scale}(t, c[0]) == 12);  // 100 · 1/2 · 1/4
  CHECK(place::dot_product{scale, place::dot_product::preference::tightness}(t, c[0]) == 87);
  place::percent_scale of_memory;
  of_memory.resource[1] = 1000;
  CHECK(place::best_fit_percent{of_memory}(t, c[0]) == 60);
  CHECK(place::dot_product{of_memory}(t, c[0]) == 5);
}

TEST_CASE("typical tasks: the most frequent shapes that cover the workload") {
  std::vector<task> tasks;
  const auto add = [&](int times, lepton::amount cpu, device_request r) {
    for (int i = 0; i < times; ++i) tasks.push_back(some_task({cpu, i}, r));
  };
  add(60, 1000, device_request::share(500));
  add(30, 2000, {});
  add(5, 1000, device_request::whole(1));
  add(4, 3000, {});
  add(1, 9000, {});
  const auto read = [](const task& t) -> const task& { return t; };
  const auto most = place::typical_tasks(tasks, read);
  REQUIRE(most.size() == 3);  // exactly 95 %
  CHECK(most[0] == place::typical_task{1000, device_request::share(500), 60});
  CHECK(most[1] == place::typical_task{2000, {}, 30});
  CHECK(most[2] == place::typical_task{1000, device_request::whole(1), 5});
  CHECK(place::typical_tasks(tasks, read, 90).size() == 2);
  CHECK(place::typical_tasks(tasks, read, 91).size() == 3);
  CHECK(place::typical_tasks(tasks, read, 96).size() == 4);
  CHECK(place::typical_tasks(tasks, read, 100).size() == 5);
  CHECK(place::typical_tasks(tasks, read, 0).empty());
  CHECK(place::typical_tasks(std::vector<task>{}, read).empty());
  // By another resource.
  CHECK(place::typical_tasks(tasks, read, 100, 1).size() > 60);

  // Equally frequent shapes: by demand, then devices.
  tasks.clear();
  add(2, 7, device_request::whole(2));
  add(2, 7, {});
  add(2, 5, device_request::share(9));
  const auto equal = place::typical_tasks(tasks, read, 100);
  REQUIRE(equal.size() == 3);
  CHECK(equal[0].demand == 5);
  CHECK(equal[1].devices.none());
}

TEST_CASE("the fragment of a node: what typical tasks cannot use") {
  const std::vector<place::typical_task> typical{{1000, device_request::share(500), 3},
                                                 {4000, device_request::whole(2), 1}};
  const place::fragment_measure m{typical};
  CHECK(m.total_count() == 4);
  device_set d{3, 0};
  CHECK(m.fragment(8000, d) == 0);         // both can use all
  CHECK(m.fragment(3999, d) == 1 * 3000);  // the second lacks CPU
  CHECK(m.fragment(999, d) == 4 * 3000);   // nobody can run
  d.take(device_request::share(600), 0b001);
  CHECK(m.fragment(8000, d) == 4 * 400);  // too small a rest for both
  d.take(device_request::share(500), 0b010);
  CHECK(m.fragment(8000, d) == 3 * 400 + 1 * 1900);  // one whole device left: the second cannot run
  CHECK(m.fragment(8000, device_set{}) == 0);
  CHECK(place::fragment_measure{}.fragment(8000, d) == 0);

  // Only acceptable types are of use.
  const auto only_1 = lepton::device_types::only(1);
  const std::vector<place::typical_task> picky{{0, device_request::share(500, only_1), 1}};
  const place::fragment_measure of_type{picky};
  CHECK(of_type.fragment(1, device_set{2, 0}) == 2000);
  CHECK(of_type.fragment(1, device_set{2, 1}) == 0);
}

TEST_CASE("fragmentation_gradient avoids what breaks up devices") {
  const std::vector<place::typical_task> typical{{1000, device_request::share(500), 1},
                                                 {1000, device_request::whole(1), 1}};
  place::greedy policy{place::fragmentation_gradient{typical}};
  auto c = cluster_of(
      {node_spec({9000, 9}, {}, device_set{2, 0}), node_spec({9000, 9}, {}, device_set{2, 0})});
  REQUIRE(c.allocate(1, {0, 0}, device_request::share(500)));
  // The half that is left on node 1 is the best place for a half.
  const auto half = policy.pick(some_task({1000, 1}, device_request::share(500)), c);
  CHECK(half == lepton::decision::placed(1, 0b01));
  CHECK(place::fragmentation_gradient{typical}(some_task(), c[0]) == 50);  // nothing changes
}

TEST_CASE("topology_spread prefers the emptiest domain, required or not") {
  auto c = zones({"x", "y", "", "y"});
  auto t = of_app("web");
  place::greedy policy{place::topology_spread{}};
  CHECK(policy.pick(t, c).node() == 0);
  t.rules.spread = {{app("web"), "zone", 1, false}};
  CHECK(policy.pick(t, c).node() == 0);
  put(c, t, 0);
  CHECK(policy.pick(t, c).node() == 1);
  put(c, t, 3);
  CHECK(policy.pick(t, c).node() == 0);
  // A node outside the topology comes last.
  REQUIRE(c.drain(0));
  REQUIRE(c.drain(1));
  CHECK(policy.pick(t, c).node() == 3);
  REQUIRE(c.drain(3));
  CHECK(policy.pick(t, c).node() == 2);
}

TEST_CASE("weighted sums") {
  const auto c = one(node_spec({4000, 10000}, {}, device_set{4, 0}));
  place::dimension_weights w;
  w.devices = 0;
  const place::least_allocated least{w};
  const place::balanced_allocation balanced{w};
  const auto t = some_task({3000, 5000});
  CHECK((2 * least + balanced)(t, c[0]) == 2 * 37 + 87);
  CHECK((least + balanced)(t, c[0]) == 37 + 87);
  CHECK((least + 3 * balanced + 0 * place::gpu_packing{})(t, c[0]) == 37 + 3 * 87);
  CHECK((-1 * least + balanced)(t, c[0]) == 87 - 37);
  CHECK((1'000'000 * least + balanced)(t, c[0]) == 37'000'087);
  // The first part that chooses devices decides on them.
  const auto with = some_task({1, 1}, device_request::whole(1));
  CHECK((least + chooser{}).choose_devices(with, c[0]) == 0b10);
  CHECK((place::weighted{chooser{0b1000}} + chooser{}).choose_devices(with, c[0]) == 0b1000);
  CHECK(place::greedy{least + chooser{}}.pick(with, c).devices() == 0b10);
  // A part that looks at other nodes makes the whole sum look at them.
  place::greedy policy{1000 * place::topology_spread{} + least};
  auto z = zones({"x", "y"});
  auto spread = of_app("web");
  spread.rules.spread = {{app("web"), "zone", 1, false}};
  CHECK(policy.pick(spread, z).node() == 0);
  put(z, spread, 0);
  CHECK(policy.pick(spread, z).node() == 1);
}
