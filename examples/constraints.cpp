// SPDX-License-Identifier: Apache-2.0
// Where a task may go: selectors, taints, affinity to other tasks, spread over zones.

#include <cstdio>
#include <string>

#include <lepton/lepton.hpp>

using lepton::label_selector;

int main() {
  lepton::cluster<2> nodes;
  for (const char* name : {"a1", "a2", "b1", "b2"}) {
    const std::string zone(1, name[0]);
    (void)nodes.add({.name = name,
                     .capacity = {8000, 16384},
                     .own_labels = {{"zone", zone}, {"disk", name[1] == '1' ? "ssd" : "hdd"}}});
  }
  (void)nodes.retaint(0, {lepton::taint{.key = "dedicated", .value = "batch"}});

  lepton::task<2> web{.id = 1, .demand = {1000, 1024}, .own_labels = {{"app", "web"}}};
  web.rules.node_selectors = {label_selector::equals("disk", "ssd")};
  web.rules.spread = {{.tasks = label_selector::equals("app", "web"), .topology_key = "zone"}};

  lepton::place::greedy policy{lepton::place::first_fit{}};
  int placed = 0;
  for (int i = 0; i < 3; ++i) {
    const auto d = policy.pick(web, nodes);
    std::printf("web %d: %s\n", i + 1, lepton::place::explain(d, nodes).c_str());
    if (d && nodes.allocate(web, d)) ++placed;
    // The second would make zone b two ahead of zone a, whose only ssd node is tainted: tolerate
    // it.
    if (!d) web.rules.tolerations = {{.key = "dedicated", .value = "batch"}};
  }
  return placed == 2 ? 0 : 1;
}
