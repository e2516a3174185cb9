// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <lepton/model/labels.hpp>
#include <lepton/model/selector.hpp>
#include <lepton/model/taint.hpp>

namespace lepton {

/// Tasks with matching labels, in the same topology domain.
struct affinity_term {
  label_selector tasks;        ///< which tasks are meant, by their labels
  std::string topology_key{};  ///< node label that names the domain; empty: the node itself

  friend auto operator==(const affinity_term&, const affinity_term&) -> bool = default;
};

/// Matching tasks spread evenly over the domains of a topology.
///
/// A node is ruled out when, with the task on it, its domain would hold over `max_skew` more
/// matching tasks than the emptiest domain that the task may use. Nodes without the label are
/// ruled out.
struct spread_constraint {
  label_selector tasks;      ///< which tasks are counted, by their labels
  std::string topology_key;  ///< node label that names the domain
  std::uint32_t max_skew = 1;
  bool required = true;  ///< false: only a preference (see `place::topology_spread`)

  friend auto operator==(const spread_constraint&, const spread_constraint&) -> bool = default;
};

/// Where a task may go, apart from what it needs. Empty means anywhere.
struct constraints {
  std::vector<label_selector>
      node_selectors{};  ///< the node must match one of them, if there are any
  std::vector<toleration> tolerations{};
  std::vector<affinity_term> affinity{};       ///< each needs a matching task in the domain
  std::vector<affinity_term> anti_affinity{};  ///< none may have a matching task in the domain
  std::vector<spread_constraint> spread{};

  [[nodiscard]] auto empty() const noexcept -> bool {
    return node_selectors.empty() && tolerations.empty() && affinity.empty() &&
           anti_affinity.empty() && spread.empty();
  }
  friend auto operator==(const constraints&, const constraints&) -> bool = default;
};

}  // namespace lepton
