// SPDX-License-Identifier: Apache-2.0
#include <lepton/place/taint_toleration.hpp>

#include <lepton/model/cluster.hpp>
#include <lepton/model/task.hpp>
#include <lepton/place/greedy.hpp>

#include "catch.hpp"

using lepton::taint;
using lepton::taint_effect;

TEST_CASE("nodes that would rather not have the task come last, but take it") {
  lepton::cluster<2> nodes;
  const auto soft = taint_effect::prefer_no_schedule;
  REQUIRE(nodes.add({.capacity = {4, 4}, .taints = {{"old", "", soft}, {"slow", "", soft}}}));
  REQUIRE(nodes.add({.capacity = {4, 4}, .taints = {{"old", "", soft}}}));
  REQUIRE(nodes.add({.capacity = {1, 1}}));

  lepton::place::greedy policy{lepton::place::taint_toleration{}};
  lepton::task<2> t{.demand = {1, 1}};
  CHECK(policy.pick(t, nodes).node() == 2);
  t.demand = {2, 2};
  CHECK(policy.pick(t, nodes).node() == 1);
  t.rules.tolerations = {{.effect = soft, .any_value = true}};
  CHECK(policy.pick(t, nodes).node() == 0);
}
