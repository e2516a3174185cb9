// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <lepton/place/concept.hpp>
#include <lepton/place/topology.hpp>

namespace lepton::place {

/// Prefers domains with few matching tasks: minus the sum, over the task's spread constraints
/// (required or not), of the matching tasks in the node's domain. Nodes outside a topology count as
/// the fullest domain plus one. Without such constraints all nodes are equal.
///
/// Use it as `greedy{topology_spread{}}`, or in a sum. O(n + labelled tasks) a decision.
class topology_spread {
 public:
  static constexpr score_kind kind = score_kind::global;

  /// Counts the tasks that matter for one decision.
  template <class Task, class View>
  void look(const Task& t, const View& v) {
    penalty_.assign(static_cast<std::size_t>(v.size()), 0);
    for (const auto& spread : constraints_of(t).spread) {
      const auto& where = topologies_.find(spread.topology_key, v);
      std::vector<std::int64_t> in_domain(where.domains, 0);
      for (std::size_t i = 0; i < penalty_.size(); ++i) {
        if (where.domain_of[i] == topology::none) continue;
        const auto& there = residents_of(v[i]);
        in_domain[where.domain_of[i]] +=
            std::count_if(there.begin(), there.end(),
                          [&](const resident& r) { return spread.tasks.matches(r.own_labels); });
      }
      const auto fullest =
          in_domain.empty() ? 0 : *std::max_element(in_domain.begin(), in_domain.end());
      for (std::size_t i = 0; i < penalty_.size(); ++i) {
        const auto domain = where.domain_of[i];
        penalty_[i] += domain == topology::none ? fullest + 1 : in_domain[domain];
      }
    }
  }

  template <class Task, class View>
  [[nodiscard]] auto operator()(const Task&, const View&, node_index i) const noexcept
      -> std::int64_t {
    return -penalty_[i];
  }

 private:
  topology_cache topologies_;
  std::vector<std::int64_t> penalty_;
};

}  // namespace lepton::place
