// SPDX-License-Identifier: Apache-2.0
// A filter and a score of your own. The score says that it looks at one node and the task's class
// only, so that on a cluster Lepton keeps a winner tree for each class: no decision looks at all
// nodes, and the answer is the same as if it did.

#include <cstdint>
#include <cstdio>
#include <string>

#include <lepton/lepton.hpp>

namespace place = lepton::place;

/// Rules out nodes in maintenance.
struct not_in_maintenance {
  template <class Task, class Node>
  auto operator()(const Task&, const Node& n) const noexcept -> bool {
    return n.own_labels().find("maintenance") == nullptr;
  }
};

/// Prefers cheap nodes; the price stands in a label.
struct cheapest {
  static constexpr auto kind = place::score_kind::local;

  template <class Task, class Node>
  auto operator()(const Task&, const Node& n) const noexcept -> std::int32_t {
    const auto* price = n.own_labels().find("cents-per-hour");
    return price == nullptr ? -1'000'000 : -std::stoi(*price);
  }
};

int main() {
  lepton::cluster<2> nodes;
  (void)nodes.add(
      {.name = "dear", .capacity = {8000, 8192}, .own_labels = {{"cents-per-hour", "90"}}});
  (void)nodes.add(
      {.name = "cheap", .capacity = {8000, 8192}, .own_labels = {{"cents-per-hour", "20"}}});
  (void)nodes.add({.name = "cheapest",
                   .capacity = {8000, 8192},
                   .own_labels = {{"cents-per-hour", "10"}, {"maintenance", "yes"}}});

  place::greedy policy{not_in_maintenance{}, cheapest{}};
  const lepton::task<2> t{.id = 1, .demand = {1000, 1024}};
  const auto first = policy.pick(t, nodes);
  std::printf("%s\n", place::explain(first, nodes).c_str());

  // Price first; among equal prices, the node that stays most evenly used.
  place::greedy mixed{place::weighted{cheapest{}, 100} + place::balanced_allocation{}};
  const auto second = mixed.pick(t, nodes);
  std::printf("%s\n", place::explain(second, nodes).c_str());
  return first && nodes[first.node()].name() == "cheap" && second &&
                 nodes[second.node()].name() == "cheapest"
             ? 0
             : 1;
}
