// SPDX-License-Identifier: Apache-2.0
// How nodes are measured and ordered: tie_order, size_measure with best_fit and worst_fit,
// topology.

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/place/best_fit.hpp>
#include <lepton/place/greedy.hpp>
#include <lepton/place/size_measure.hpp>
#include <lepton/place/tie_order.hpp>
#include <lepton/place/topology.hpp>
#include <lepton/place/worst_fit.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
namespace place = lepton::place;

namespace {

auto order_of(place::tie_order& ties, std::size_t n) -> std::vector<lepton::node_index> {
  ties.resize(n);
  REQUIRE(ties.size() == n);
  std::vector<lepton::node_index> nodes;
  for (std::size_t p = 0; p < n; ++p) {
    nodes.push_back(ties.node_at(p));
    REQUIRE(ties.position_of(nodes.back()) == p);
  }
  auto sorted = nodes;
  std::sort(sorted.begin(), sorted.end());
  std::vector<lepton::node_index> all(n);
  std::iota(all.begin(), all.end(), 0U);
  REQUIRE(sorted == all);
  return nodes;
}

struct ten_names {
  static constexpr std::array<std::string_view, 10> names{"a", "b", "c", "d", "e",
                                                          "f", "g", "h", "i", "j"};
};
using wide = lepton::resources<10, ten_names>;
struct wide_host {
  wide free;
};
struct wide_task {
  wide demand;
};

}  // namespace

TEST_CASE("ties go to the lowest index unless there is a seed") {
  place::tie_order plain;
  const auto order = order_of(plain, 5);
  CHECK(order == std::vector<lepton::node_index>{0, 1, 2, 3, 4});
}

TEST_CASE("a seeded order is a random one, and stays when nodes join") {
  place::tie_order a{1};
  place::tie_order b{2};
  const auto small = order_of(a, 100);
  CHECK(small != order_of(b, 100));
  auto large = order_of(a, 150);
  std::erase_if(large, [](auto i) { return i >= 100; });
  CHECK(large == small);
  CHECK(order_of(a, 100) == small);
  order_of(a, 0);
  order_of(a, 1);

  // Each node is equally likely to come first.
  std::array<int, 5> first{};
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    place::tie_order t{seed};
    t.resize(5);
    ++first[t.node_at(0)];
  }
  for (const auto count : first) CHECK((count > 880 && count < 1120));
}

TEST_CASE("best fit and worst fit by the weighted sum, in parts of the largest node") {
  const auto c = cluster_of({node_spec({100, 10}), node_spec({50, 10}), node_spec({100, 4})});
  // Sizes 2.0, 1.5, 1.4.
  CHECK(place::greedy{place::best_fit{}}.pick(some_task(), c).node() == 2);
  CHECK(place::greedy{place::best_fit{}}.pick(some_task({1, 5}), c).node() == 1);
  CHECK(place::greedy{place::worst_fit{}}.pick(some_task(), c).node() == 0);
  place::dimension_weights cpu_only;
  cpu_only.resource = {1, 0, 0, 0, 0, 0, 0, 0};
  CHECK(place::greedy{place::best_fit{cpu_only}}.pick(some_task(), c).node() == 1);
  CHECK(place::greedy{place::worst_fit{cpu_only}}.pick(some_task(), c).node() == 0);
}

TEST_CASE("devices are one more dimension of the size") {
  auto c = cluster_of({node_spec({100, 100}, {}, lepton::device_set{8, 0}),
                       node_spec({100, 100}, {}, lepton::device_set{2, 0}), node_spec({100, 100})});
  CHECK(place::greedy{place::best_fit{}}.pick(some_task(), c).node() == 2);
  const auto with_device = some_task({1, 1}, lepton::device_request::whole(1));
  CHECK(place::greedy{place::best_fit{}}.pick(with_device, c).node() == 1);
  CHECK(place::greedy{place::worst_fit{}}.pick(with_device, c).node() == 0);
  place::dimension_weights without;
  without.devices = 0;
  CHECK(place::greedy{place::best_fit{without}}.pick(some_task(), c).node() == 0);
}

TEST_CASE("a size says whether preparing changed it, and a demand is no larger than its room") {
  place::size_measure m;
  const auto c = cluster_of({node_spec({30, 70}), node_spec({7, 90})});
  CHECK(m.prepare(c));
  CHECK_FALSE(m.prepare(c));
  for (lepton::amount cpu = 0; cpu <= 30; ++cpu) {
    for (lepton::amount memory = 0; memory <= 70; memory += 7) {
      REQUIRE(m.of_demand(some_task({cpu, memory})) <= m.of_free(c[0]));
    }
  }
  CHECK(m.of_demand(some_task({30, 70})) == m.of_free(c[0]));
  CHECK(m.prepare(cluster_of({node_spec({31, 70})})));
}

TEST_CASE("dimensions from eight on count as the last named, however large they are") {
  wide_host small;
  wide_host large;
  for (std::size_t d = 0; d < 10; ++d) {
    small.free[d] = 1000;
    large.free[d] = d < 8 ? 1000 : lepton::max_amount;
  }
  const std::vector<wide_host> hosts{large, small};
  CHECK(place::greedy{place::best_fit{}}.pick(wide_task{}, hosts).node() == 1);
  CHECK(place::greedy{place::worst_fit{}}.pick(wide_task{}, hosts).node() == 0);
}

TEST_CASE("capacities in bytes count as those in MiB do") {
  for (const lepton::amount unit : {1LL, 1LL << 10, 1LL << 20, 1LL << 30}) {
    CAPTURE(unit);
    // Of half a million MiB: sizes 1 + 0.125, 0.5 + 0.5 and 0.25 + 1.
    const auto c =
        cluster_of({node_spec({1000, (1LL << 16) * unit}), node_spec({500, (1LL << 18) * unit}),
                    node_spec({250, (1LL << 19) * unit})});
    CHECK(place::greedy{place::best_fit{}}.pick(some_task(), c).node() == 1);
    CHECK(place::greedy{place::worst_fit{}}.pick(some_task(), c).node() == 2);
    CHECK(place::greedy{place::best_fit{}}.pick(some_task({1, 300'000 * unit}), c).node() == 2);
  }
}

TEST_CASE("a topology: nodes with the same value of a label") {
  const auto c = zones({"x", "", "y", "x"});
  const auto by_zone = place::topology::read("zone", c);
  CHECK(by_zone.domains == 2);
  CHECK(by_zone.domain_of[0] == by_zone.domain_of[3]);
  CHECK(by_zone.domain_of[0] != by_zone.domain_of[2]);
  CHECK(by_zone.domain_of[1] == place::topology::none);
  const auto by_node = place::topology::read("", c);
  CHECK(by_node.domains == 4);
  CHECK(by_node.domain_of == std::vector<std::uint32_t>{0, 1, 2, 3});
  const auto none = place::topology::read("rack", c);
  CHECK(none.domains == 0);
  CHECK(none.domain_of == std::vector<std::uint32_t>(4, place::topology::none));
}

TEST_CASE("topologies are read anew when nodes or labels change, and for another cluster") {
  auto c = zones({"x", "y"});
  place::topology_cache cache;
  CHECK(cache.find("zone", c).domains == 2);
  put(c, some_task(), 0);
  CHECK(cache.find("zone", c).domains == 2);
  REQUIRE(c.relabel(1, {{"zone", "x"}, {"rack", "1"}}));
  CHECK(cache.find("zone", c).domains == 1);
  CHECK(cache.find("rack", c).domains == 1);
  CHECK(cache.find("", c).domains == 2);
  CHECK(cache.find("zone", zones({"a", "b", "c"})).domains == 3);
  CHECK(cache.find("zone", c).domains == 1);
  // More keys than it keeps.
  for (int i = 0; i < 40; ++i) CHECK(cache.find("k" + std::to_string(i), c).domains == 0);
  CHECK(cache.find("zone", c).domains == 1);

  struct host {
    resources free;
    lepton::labels own_labels;
  };
  std::vector<host> hosts{{{}, {{"zone", "x"}}}};
  CHECK(cache.find("zone", hosts).domains == 1);
  hosts.push_back({{}, {{"zone", "y"}}});
  CHECK(cache.find("zone", hosts).domains == 2);
}
