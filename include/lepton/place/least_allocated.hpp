// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <lepton/place/concept.hpp>
#include <lepton/place/utilisation.hpp>

namespace lepton::place {

/// Kubernetes' LeastAllocated: the emptiest node after the task is on it. For each dimension
/// (capacity − requested) · 100 / capacity in integer arithmetic, then the weighted mean, rounded
/// down; the same numbers as kube-scheduler's NodeResourcesFit plugin.
class least_allocated {
 public:
  static constexpr score_kind kind = score_kind::local;

  least_allocated() = default;
  constexpr explicit least_allocated(dimension_weights weights) noexcept : weights_(weights) {}

  /// Score of one dimension.
  [[nodiscard]] static constexpr auto of(amount requested, amount capacity) noexcept
      -> std::int64_t {
    return capacity == 0 || requested > capacity ? 0 : (capacity - requested) * 100 / capacity;
  }

  template <class Task, class Node>
  [[nodiscard]] auto operator()(const Task& t, const Node& n) const noexcept -> std::int32_t {
    return detail::weighted_mean(t, n, weights_, &of);
  }

 private:
  dimension_weights weights_{};
};

}  // namespace lepton::place
