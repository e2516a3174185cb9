// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>

#include "catch.hpp"

namespace lepton_test {

using cluster = lepton::cluster<2>;
using task = lepton::task<2>;
using resources = lepton::resources<2>;

inline auto node_spec(resources capacity, lepton::labels own = {}, lepton::device_set devices = {})
    -> lepton::node_spec<2> {
  lepton::node_spec<2> s;
  s.name = "n";
  s.capacity = capacity;
  s.own_labels = std::move(own);
  s.devices = devices;
  return s;
}

/// A cluster of such nodes, named a, b, c, …
inline auto cluster_of(std::vector<lepton::node_spec<2>> specs) -> cluster {
  cluster c;
  char name = 'a';
  for (auto& s : specs) {
    s.name = std::string(1, name++);
    REQUIRE(c.add(std::move(s)));
  }
  return c;
}
/// A cluster of equal roomy nodes, each in the zone of that name (empty: in none).
inline auto zones(std::initializer_list<const char*> names) -> cluster {
  std::vector<lepton::node_spec<2>> specs;
  for (const auto* name : names) {
    specs.push_back(node_spec({100, 100}));
    if (*name != '\0') specs.back().own_labels = {{"zone", name}};
  }
  return cluster_of(std::move(specs));
}

inline auto some_task(resources demand = {1, 1}, lepton::device_request devices = {}) -> task {
  task t;
  t.demand = demand;
  t.devices = devices;
  return t;
}
inline auto app(const char* name) -> lepton::label_selector {
  return lepton::label_selector::equals("app", name);
}
/// A task of that app.
inline auto of_app(const char* name) -> task {
  auto t = some_task();
  t.own_labels = {{"app", name}};
  return t;
}

inline void put(cluster& c, const task& t, lepton::node_index i) {
  REQUIRE(c.allocate(t, lepton::decision::placed(i)));
}

}  // namespace lepton_test
