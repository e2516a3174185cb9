// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include <lepton/place/concept.hpp>
#include <lepton/place/feasible_nodes.hpp>
#include <lepton/place/none_found.hpp>

namespace lepton::place {

/// Next fit: the first node with room from the one used last, going round. A new policy starts at
/// node 0. O(nodes passed over).
class next_fit {
 public:
  template <class Task, class View>
  [[nodiscard]] auto pick(const Task& t, const View& v) -> decision {
    const auto n = static_cast<std::size_t>(v.size());
    if (n == 0) return decision::infeasible();
    nodes_.look(t, v);
    if (last_ >= n) last_ = 0;
    for (std::size_t step = 0; step < n; ++step) {
      const auto i = static_cast<node_index>(last_ + step < n ? last_ + step : last_ + step - n);
      if (nodes_.failure(t, v, i)) continue;
      last_ = i;
      return detail::placed_tightest(t, v, i);
    }
    return detail::none_found(t, v, [&](node_index i) { return nodes_.failure(t, v, i); });
  }

 private:
  std::size_t last_ = 0;
  detail::feasibility nodes_;
};

}  // namespace lepton::place
