// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/explain.hpp>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <lepton/place/first_fit.hpp>
#include <lepton/place/greedy.hpp>

#include "catch.hpp"
#include "unit/place/some_cluster.hpp"

using namespace lepton_test;
using lepton::decision;
using lepton::reason;
using lepton::place::explain;
using lepton::place::reason_text;

namespace {

struct host {
  resources free;
};
struct ten_names {
  static constexpr std::array<std::string_view, 10> names{"a", "b", "c", "d", "e",
                                                          "f", "g", "h", "i", "j"};
};

}  // namespace

TEST_CASE("a placed decision in words") {
  const auto c = cluster_of({node_spec({1, 1}), node_spec({1, 1})});
  CHECK(explain(decision::placed(1), c) == "placed on node 1 (b)");
  CHECK(explain(decision::placed(0, 0b101), c) == "placed on node 0 (a), devices 0 2");
  CHECK(explain(decision::placed(0, 0x8000), std::vector<host>(1)) ==
        "placed on node 0, devices 15");
}

TEST_CASE("why a task is pending, in words") {
  auto c = cluster_of({node_spec({10, 1}), node_spec({1, 10}), node_spec({1, 10})});
  lepton::place::greedy policy{lepton::place::first_fit{}};
  CHECK(explain(policy.pick(some_task({11, 1}), c), c) ==
        "infeasible (no node could hold it even when empty): 0/3 nodes: 3 with too little cpu");
  REQUIRE(c.drain(0));
  CHECK(explain(policy.pick(some_task({5, 1}), c), c) ==
        "busy (it would fit on an emptier cluster): 0/3 nodes: 1 with draining or gone, "
        "2 with too little cpu");
  CHECK(explain(policy.pick(some_task(), cluster{}), cluster{}) ==
        "infeasible (no node could hold it even when empty): 0/0 nodes");
}

TEST_CASE("every reason has words of its own") {
  using r = lepton::resources<10, ten_names>;
  CHECK(reason_text<resources>(lepton::resource_reason(1)) == "too little memory");
  CHECK(reason_text<resources>(lepton::resource_reason(5)) == "too little resource 5");
  CHECK(reason_text<r>(lepton::resource_reason(7)) == "too little h");
  CHECK(reason_text<r>(lepton::filter_reason(0)) == "filter 1");
  CHECK(reason_text<r>(lepton::filter_reason(7)) == "filter 8");
  std::vector<std::string> seen;
  for (std::size_t i = 0; i < lepton::reason_count; ++i) {
    const auto text = reason_text<r>(static_cast<reason>(i));
    for (const auto& other : seen) CHECK(text != other);
    seen.push_back(text);
  }
}
