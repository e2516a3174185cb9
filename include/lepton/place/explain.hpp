// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <lepton/model/concepts.hpp>
#include <lepton/model/decision.hpp>

namespace lepton::place {

/// A reason in words: "too little memory".
template <resource_vector R>
[[nodiscard]] auto reason_text(reason r) -> std::string {
  const auto number = static_cast<std::size_t>(r);
  const auto first_resource = static_cast<std::size_t>(reason::resource_0);
  if (number >= first_resource && number < first_resource + 8) {
    const auto dimension = number - first_resource;
    return "too little " + (dimension < R::size() ? std::string{R::name(dimension)}
                                                  : "resource " + std::to_string(dimension));
  }
  switch (r) {
    case reason::closed:
      return "draining or gone";
    case reason::device_kind:
      return "no device of an acceptable type";
    case reason::devices:
      return "too few free devices, or too small shares";
    case reason::selector:
      return "labels that match no selector of the task";
    case reason::taint:
      return "a taint that the task does not tolerate";
    case reason::affinity:
      return "no task there that this one must be near";
    case reason::anti_affinity:
      return "a task there that must not be near this one";
    case reason::topology_spread:
      return "a domain that would get too many of these tasks";
    default:
      return "filter " + std::to_string(number - static_cast<std::size_t>(reason::filter_0) + 1);
  }
}

/// A decision in words, as the answer to "why is this task pending?":
/// "busy: 0/1213 nodes: 800 with too little cpu, 413 with no device of an acceptable type".
template <node_view View>
[[nodiscard]] auto explain(const decision& d, const View& v) -> std::string {
  using resources_type = resources_of_t<node_of_t<View>>;
  if (d) {
    std::string text = "placed on node " + std::to_string(d.node());
    if constexpr (requires { std::string{v[0].name()}; })
      text += " (" + std::string{v[d.node()].name()} + ")";
    if (d.devices() == 0) return text;
    text += ", devices";
    for (std::size_t i = 0; i < max_devices; ++i) {
      if (((d.devices() >> i) & 1U) != 0) text += " " + std::to_string(i);
    }
    return text;
  }
  std::string text = d.outcome() == verdict::busy
                         ? "busy (it would fit on an emptier cluster): 0/"
                         : "infeasible (no node could hold it even when empty): 0/";
  text += std::to_string(v.size()) + " nodes";
  auto separator = ": ";
  for (std::size_t i = 0; i < reason_count; ++i) {
    const auto count = d.reasons()[static_cast<reason>(i)];
    if (count == 0) continue;
    text += separator + std::to_string(count) + " with " +
            reason_text<resources_type>(static_cast<reason>(i));
    separator = ", ";
  }
  return text;
}

}  // namespace lepton::place
