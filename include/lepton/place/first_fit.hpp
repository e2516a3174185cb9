// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/place/concept.hpp>

namespace lepton::place {

/// First fit: every node is as good as any other, so the first in the order of ties wins.
///
/// Use it as `greedy{first_fit{}}`. O(log n + misses) on a cluster.
struct first_fit {
  static constexpr score_kind kind = score_kind::ordered;

  template <class Task, class Node>
  [[nodiscard]] constexpr auto operator()(const Task&, const Node&) const noexcept -> std::int32_t {
    return 0;
  }
  template <class Node>
  [[nodiscard]] constexpr auto order_key(const Node&) const noexcept -> std::int64_t {
    return 0;
  }
};

}  // namespace lepton::place
