// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include <lepton/place/concept.hpp>

namespace lepton::place {

/// Prefers nodes with few `prefer_no_schedule` taints that the task does not tolerate: minus their
/// number. Kubernetes counts the same and then stretches the counts to 0 … 100 over the nodes,
/// which does not change the winner; in a sum, give it a weight.
struct taint_toleration {
  static constexpr score_kind kind = score_kind::local;

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    const auto& marks = taints_of(n);
    const auto& rules = constraints_of(t);
    return -static_cast<std::int32_t>(
        std::count_if(marks.begin(), marks.end(), [&](const taint& mark) {
          return mark.effect == taint_effect::prefer_no_schedule &&
                 !tolerated(mark, rules.tolerations);
        }));
  }
};

}  // namespace lepton::place
