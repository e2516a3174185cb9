// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/size_measure.hpp>

namespace lepton::place {

/// Worst fit: the node with the most free, measured as by `best_fit`. Spreads the load.
///
/// Use it as `greedy{worst_fit{}}`. O(log n + misses) on a cluster.
class worst_fit {
 public:
  static constexpr score_kind kind = score_kind::ordered;

  worst_fit() = default;
  constexpr explicit worst_fit(dimension_weights weights) noexcept : size_(weights) {}

  template <class View>
  auto prepare(const View& v) noexcept -> bool {
    return size_.prepare(v);
  }
  template <class Node>
  [[nodiscard]] auto order_key(const Node& n) const noexcept -> std::int64_t {
    return -size_.of_free(n);
  }
  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task&, const Node& n) const noexcept -> std::int64_t {
    return size_.of_free(n);
  }

 private:
  size_measure size_{};
};

}  // namespace lepton::place
