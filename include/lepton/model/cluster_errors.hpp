// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <lepton/config.hpp>
#include <lepton/model/expected.hpp>
#include <lepton/model/fwd.hpp>

// What a cluster says when a call cannot be carried out.

namespace lepton::detail {

template <class Spec>
[[nodiscard]] LEPTON_COLD auto impossible_amounts(const Spec& spec, std::size_t dimension)
    -> unexpected<error> {
  return failure("node '" + spec.name + "': " + std::string{spec.capacity.name(dimension)} +
                 " must satisfy 0 <= used <= capacity <= 2^53 - 1; capacity is " +
                 std::to_string(spec.capacity[dimension]) + ", used is " +
                 std::to_string(spec.used[dimension]));
}

template <class Nodes>
[[nodiscard]] LEPTON_COLD auto no_such_node(const Nodes& nodes, node_index i) -> unexpected<error> {
  if (i < nodes.size() && nodes[i].present())
    return failure("node '" + nodes[i].name() + "' is draining");
  return failure("there is no node " + std::to_string(i) + " in the cluster");
}

[[nodiscard]] LEPTON_COLD inline auto no_such_allocation(const std::string& call)
    -> unexpected<error> {
  return failure(call + ": no such allocation; it was released before, or its node was removed");
}

template <class Node, class Resources>
[[nodiscard]] LEPTON_COLD auto does_not_fit(const Node& n, const Resources& demand)
    -> unexpected<error> {
  std::string text = "node '" + n.name() + "': the demand does not fit:";
  for (std::size_t i = 0; i < Resources::size(); ++i) {
    if (demand[i] >= 0 && demand[i] <= n.free()[i]) continue;
    text += " " + std::string{Resources::name(i)} + " " + std::to_string(demand[i]) + " asked, " +
            std::to_string(n.free()[i]) + " free;";
  }
  text.pop_back();
  return failure(std::move(text));
}

template <class Node>
[[nodiscard]] LEPTON_COLD auto devices_do_not_fit(const Node& n) -> unexpected<error> {
  return failure("node '" + n.name() +
                 "': the device request is invalid, or does not fit on the chosen devices");
}

}  // namespace lepton::detail
