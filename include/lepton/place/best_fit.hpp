// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/size_measure.hpp>

namespace lepton::place {

/// Best fit: the node with the least free, by the weighted sum over the dimensions, each in parts
/// of the largest capacity in the view. Keeps large holes for large tasks.
///
/// Use it as `greedy{best_fit{}}`. O(log n + misses) on a cluster.
class best_fit {
 public:
  static constexpr score_kind kind = score_kind::ordered;

  best_fit() = default;
  constexpr explicit best_fit(dimension_weights weights) noexcept : size_(weights) {}

  template <class View>
  auto prepare(const View& v) noexcept -> bool {
    return size_.prepare(v);
  }
  template <class Node>
  [[nodiscard]] auto order_key(const Node& n) const noexcept -> std::int64_t {
    return size_.of_free(n);
  }
  template <class Task>
  [[nodiscard]] auto least_key(const Task& t) const noexcept -> std::int64_t {
    return size_.of_demand(t);
  }
  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task&, const Node& n) const noexcept -> std::int64_t {
    return -order_key(n);
  }

 private:
  size_measure size_{};
};

}  // namespace lepton::place
